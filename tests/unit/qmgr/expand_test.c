/* SPDX-License-Identifier: ISC */
/*
 * expand_test.c - distribution lists: who gets what, and who hears of it
 */
#include <stdlib.h>

#include "base/fault.h"
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/sending/expand.h"
#include "tests/unit/qmgr/remote.h"

#define ACME   "C=DE;A=VIAT;P=ACME;"
#define PO1    ACME "O=PO1;"
#define PARIS  "C=FR;A=ATLAS;"
#define ROME   "C=IT;A=GARR;"
#define NOBODY "C=XX;A=X;S=Gone"
#define LISTS  ACME "O=LISTS;S="

#define RECORDS_MAX 64

static const char head[] =
    "mta {\n"
    " name = \"MTA-TEST\"\n"
    " domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    "}\n"
    "link \"paris\" {\n"
    " remote-mta = \"MTA-PARIS\" remote-password = \"pw-paris\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"}\n"
    "}\n"
    "link \"rome\" {\n"
    " remote-mta = \"MTA-ROME\" remote-password = \"pw-rome\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"}\n"
    "}\n"
    "msmail \"po1\" {\n"
    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    " redirect = {\"" PO1 "S=Away -> " PARIS "S=Deputy\",\n"
    "   \"" PO1 "S=Moved -> " LISTS "three\"}\n"
    "}\n";

#define LIST(name, settings) \
	"list \"" name "\" { address = \"" LISTS name "\" " settings " }\n"
#define OWNER "owner = \"" PO1 "S=Owner\" "

static const char lists[] = LIST("three",
    "members = {\"" PARIS "S=Dupont\", \"" ROME "S=Rossi\", \"" PO1 "S=Doe\"}")
    LIST("twice",
	"members = {\"" PO1 "S=Doe\", \"c=de;a=viat;p=acme;o=po1;s=DOE\"}")
	LIST("away", "members = {\"" PO1 "S=Away\"}")
    /* Nested, in a circle, and of itself. */
    LIST("outer", "members = {\"" LISTS "inner\", \"" PARIS "S=Outer\"}")
	LIST("inner", "members = {\"" LISTS "outer\", \"" ROME "S=Inner\"}")
	    LIST("self", "members = {\"" LISTS "self\", \"" PO1 "S=Self\"}")
    /* Who may write. */
    LIST("closed", "members = {\"" PO1 "S=Doe\"} submit = {\"C=FR\"} " OWNER)
	LIST("within",
	    "members = {\"" LISTS "closed\"} submit = {\"" ACME "O=PO1\"}")
	    LIST("mine",
		"members = {\"" PO1 "S=Doe\"} submit = {\"C=FR\"} "
		"owner = \"" PO1 "S=Sender\"")
    /* Reports. */
    LIST("tell", "members = {\"" NOBODY "\"} reports = originator")
	LIST("owned", "members = {\"" NOBODY "\"} reports = owner " OWNER)
	    LIST("silent", "members = {\"" NOBODY "\"} reports = none")
		LIST("over-tell",
		    "members = {\"" LISTS "tell\"} reports = originator")
		    LIST("over-owned",
			"members = {\"" LISTS "tell\"} reports = owner " OWNER);

/* What a sender asks for. */
#define PROHIBITS 1 /* expansion */
#define CONFIRM	  2 /* a delivery report */
#define PROBE	  4
#define EXEMPTS	  8  /* some members, by their names */
#define AGAIN	  16 /* by naming the list again: a delivery report */

/* A message to a list, and the records that there are in the end: the link, and
 * the surname of the recipient or, of a report, "report" and that of who gets
 * it. */
static const struct row {
	const char *to;
	unsigned asks;
	const char *records; /* in order of the alphabet, "; " between */
	const char *log;     /* or NULL */
} rows[] = {
    {"three", 0, "msmail/po1 Doe; paris Dupont; rome Rossi",
	"list=three members=3"},
    {"twice", 0, "msmail/po1 Doe", "list=twice members=1"},
    {"away", 0, "paris Deputy", NULL},
    {"outer", 0, "paris Outer; rome Inner", "a list was expanded before"},
    {"self", 0, "msmail/po1 Self", "a list was expanded before"},
    {"three", PROHIBITS, "msmail/po1 report Sender",
	"diagnostic=dl-expansion-prohibited"},
    {"closed", 0, "msmail/po1 report Sender",
	"diagnostic=no-dl-submit-permission"},
    /* The list that sends it on is who writes to the inner one; who wrote to
     * the outer one hears of that by its policy. */
    {"within", 0, "msmail/po1 report Sender",
	"diagnostic=no-dl-submit-permission"},
    {"mine", 0, "msmail/po1 Doe", NULL},
    {"tell", 0, "msmail/po1 report Sender", NULL},
    {"owned", 0, "msmail/po1 report Owner", NULL},
    {"silent", 0, "", "diagnostic=unrecognised-OR-name"},
    {"over-tell", 0, "msmail/po1 report Sender", NULL},
    {"over-owned", 0, "msmail/po1 report Owner", NULL},
    /* A delivery report on the list, where its members' go elsewhere. */
    {"owned", CONFIRM, "msmail/po1 report Owner; msmail/po1 report Sender",
	NULL},
    {"silent", CONFIRM, "msmail/po1 report Sender", NULL},
    {"silent", AGAIN, "msmail/po1 report Sender", NULL},
    {"three", AGAIN, "msmail/po1 Doe; paris Dupont; rome Rossi", NULL},
    {"three", CONFIRM, "msmail/po1 Doe; paris Dupont; rome Rossi", NULL},
    {"three", PROBE, "msmail/po1 report Sender", NULL},
    /* Exempted: Dupont, "inner", Doe and somebody who is no member. */
    {"three", EXEMPTS, "rome Rossi", "list=three members=1"},
    {"outer", EXEMPTS, "paris Outer", "list=outer members=1"},
    {"inner", EXEMPTS, "paris Outer; rome Inner", "list=outer members=1"},
    {"twice", EXEMPTS, "", "list=twice members=0"},
};

/* surname_of - name whom an address is of */
static const char *
surname_of(struct harness *h, const struct or_address *address)
{
	const char *name =
	    arena_string(&h->arena, address->attribute[OR_SURNAME]);

	ck_assert_ptr_nonnull(name);
	return name;
}

/* describe - describe a record for each recipient that it is responsible for */
static void
describe(struct harness *h, uint64_t id, char *lines[], size_t *count)
{
	struct store_message m;
	struct p1_envelope e;
	const char *link;

	ck_assert_int_eq(
	    store_message_get(h->qmgr.store, id, STORE_WHOLE, &h->arena, &m),
	    0);
	ck_assert_int_eq(p1_decode(m.kind, m.envelope, &h->arena, &e, NULL), 0);
	link = link_get(&h->qmgr.links, m.link)->name;
	if (m.kind == MTS_REPORT)
		lines[(*count)++] = arena_printf(&h->arena, "%s report %s",
		    link, surname_of(h, &e.originator.address));
	for (size_t i = 0; i < e.recipient_count; i++) {
		/* Members of other links are not told. */
		ck_assert_uint_ne(
		    e.recipients[i].indicators & P1_RESPONSIBILITY, 0);
		lines[(*count)++] = arena_printf(&h->arena, "%s %s", link,
		    surname_of(h, &e.recipients[i].name.address));
	}
	ck_assert_uint_lt(*count, RECORDS_MAX);
}

/* by_text - order lines */
static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* records - write down all records of the queue */
static const char *
records(struct harness *h)
{
	static char text[8192];
	char *lines[RECORDS_MAX];
	size_t count = 0;
	uint64_t id = 0;

	while (store_message_next(h->qmgr.store, id, &id) == 0)
		describe(h, id, lines, &count);
	qsort(lines, count, sizeof(lines[0]), by_text);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		(void)strlcat(text, i == 0 ? "" : "; ", sizeof(text));
		(void)strlcat(text, lines[i], sizeof(text));
	}
	return text;
}

/* is_settled - tell whether nothing is queued for a list */
static bool
is_settled(struct harness *h)
{
	for (struct link *link = link_first(&h->qmgr.links); link != NULL;
	     link = link_next(&h->qmgr.links, link))
		if (link->kind == LINK_LIST &&
		    store_link_total(h->qmgr.store, link->number).messages > 0)
			return false;
	return true;
}

/* settle - turn the loop until the lists have sent on what they have */
static void
settle(struct harness *h)
{
	for (int i = 0; i < 1000 && !is_settled(h); i++)
		harness_step(h);
	ck_assert(is_settled(h));
	/* Events stand in the log once done is called. */
	harness_steps(h, 2);
}

/* Members that are exempted, in other letters than the list's. */
static const char *const exempted[] = {
    "c=fr;a=atlas;s=DUPONT", LISTS "Inner", PO1 "S=doe", PO1 "S=Other"};

/* exempt - exempt members, and what is no name */
static void
exempt(struct harness *h, struct p1_envelope *e, const char *const *members,
    size_t count)
{
	struct ber_writer writer;
	struct buffer out;
	struct slice value;

	buffer_init(&out, 1 << 20);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	ber_put_integer(&writer, BER_UNI(BER_INTEGER), 1);
	for (size_t i = 0; i < count; i++) {
		struct or_name name = harness_name(h, members[i]);

		or_name_encode(&writer, OR_NAME_TAG, &name);
	}
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(&h->arena, buffer_slice(&out), &value), 0);
	buffer_fini(&out);
	ck_assert_int_eq(extension_set(&e->extensions, &h->arena,
			     EXTENSION_DL_EXEMPTED_RECIPIENTS, 0, value),
	    0);
}

/* asked - make the message of a row */
static struct slice
asked(struct harness *h, const struct row *row)
{
	static const uint8_t yes[] = {0x0a, 0x01, 0x01};
	const char *to = arena_printf(&h->arena, LISTS "%s", row->to);
	const char *twice[] = {to, to};
	struct p1_envelope e;

	harness_envelope(h, &e, (row->asks & AGAIN) != 0 ? 2 : 1, twice);
	if ((row->asks & AGAIN) != 0)
		e.recipients[1].indicators |= P1_ORIGINATOR_REPORT;
	if ((row->asks & PROBE) != 0)
		e.kind = MTS_PROBE;
	if ((row->asks & CONFIRM) != 0)
		e.recipients[0].indicators |= P1_ORIGINATOR_REPORT;
	if ((row->asks & PROHIBITS) != 0)
		ck_assert_int_eq(
		    extension_set(&e.extensions, &h->arena,
			EXTENSION_DL_EXPANSION_PROHIBITED,
			CRITICAL_FOR_DELIVERY, slice_of(yes, sizeof(yes))),
		    0);
	if ((row->asks & EXEMPTS) != 0)
		exempt(h, &e, exempted, sizeof(exempted) / sizeof(exempted[0]));
	return harness_octets(h, &e);
}

/* submit_octets - submit a message or probe of these octets as a tool */
static void
submit_octets(struct harness *h, enum mts_kind kind, struct slice envelope)
{
	struct ipc_submit_start start = {
	    .kind = kind, .origin = IPC_SUBMISSION};
	struct ipc_record record;
	struct remote tool;
	uint64_t number;

	remote_connect_as(h, &tool, IPC_ROLE_TOOL, "x4send");
	number = remote_submit_begin(&tool, start, envelope);
	if (kind == MTS_MESSAGE)
		remote_data(&tool, number, slice_of_string("text"));
	remote_submit_end(&tool, number, kind == MTS_MESSAGE ? 4 : 0, NULL);
	remote_expect(&tool, IPC_SUBMIT_ANSWER, &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	remote_close(&tool);
}

/* Each row, in a queue of its own. */
START_TEST(expanded)
{
	char *conf;

	ck_assert_int_ge(asprintf(&conf, "%s%s", head, lists), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct harness h;

		harness_init_conf(&h, conf);
		submit_octets(&h,
		    (rows[i].asks & PROBE) != 0 ? MTS_PROBE : MTS_MESSAGE,
		    asked(&h, &rows[i]));
		settle(&h);
		ck_assert_msg(strcmp(records(&h), rows[i].records) == 0,
		    "row %zu, %s: \"%s\"", i, rows[i].to, records(&h));
		ck_assert_msg(
		    rows[i].log == NULL || harness_log_has(&h, rows[i].log),
		    "row %zu, %s", i, rows[i].to);
		harness_fini(&h);
	}
	free(conf);
}
END_TEST

/* A copy has the list in its history, notes it in the trace, and asks for
 * reports as the list has it. */
START_TEST(marked)
{
	struct harness h;
	const struct row row = {.to = "three"};
	struct store_message m;
	struct p1_envelope e;
	struct dl_history history;
	char *conf;
	uint64_t id = 0;

	ck_assert_int_ge(asprintf(&conf, "%s%s", head, lists), 0);
	harness_init_conf(&h, conf);
	submit_octets(&h, MTS_MESSAGE, asked(&h, &row));
	settle(&h);
	while (store_message_next(h.qmgr.store, id, &id) == 0) {
		ck_assert_int_eq(store_message_get(h.qmgr.store, id,
				     STORE_WHOLE, &h.arena, &m),
		    0);
		ck_assert_int_eq(
		    p1_decode(m.kind, m.envelope, &h.arena, &e, NULL), 0);
		ck_assert_int_eq(
		    dl_history_last(&e.extensions, &h.arena, &history), 0);
		ck_assert_str_eq(
		    surname_of(&h, &history.list.address), "three");
		ck_assert_uint_eq(
		    e.trace.elements[0].other_actions, TRACE_DL_OPERATION);
		ck_assert_uint_eq(e.internal_trace.elements[0].other_actions,
		    TRACE_DL_OPERATION);
		ck_assert(slice_equal_string(m.content, "text"));
		ck_assert_str_eq(
		    link_get(&h.qmgr.links, m.from_link)->name, "list/three");
	}
	harness_fini(&h);
	free(conf);
}
END_TEST

#define MANY (5 * EXPAND_STEP + 17)

/* many_conf - configure a list of many members on two links and a postoffice;
 * without every `left_out`th */
static char *
many_conf(unsigned left_out)
{
	size_t size = 256 + sizeof(head) + (size_t)MANY * 64, len;
	char *conf = malloc(size);

	ck_assert_ptr_nonnull(conf);
	len = (size_t)snprintf(conf, size,
	    "%slist \"many\" { address = \"" LISTS "many\" members = {", head);
	for (unsigned i = 0; i < MANY; i++)
		if (left_out == 0 || i % left_out != 0)
			len += (size_t)snprintf(conf + len, size - len,
			    "\"%sS=M%u\",\n",
			    i % 3 == 0	     ? PARIS
				: i % 3 == 1 ? ROME
					     : PO1,
			    i);
	(void)snprintf(conf + len, size - len, "} }\n");
	return conf;
}

/* count_members - count for each member how many copies name it */
static void
count_members(struct harness *h, unsigned counts[MANY])
{
	uint64_t id = 0;

	memset(counts, 0, MANY * sizeof(counts[0]));
	while (store_message_next(h->qmgr.store, id, &id) == 0) {
		struct store_message m;
		struct p1_envelope e;
		struct arena arena;
		unsigned n;

		arena_init(&arena, 64 << 20);
		ck_assert_int_eq(store_message_get(h->qmgr.store, id,
				     STORE_WHOLE, &arena, &m),
		    0);
		ck_assert_int_eq(
		    p1_decode(m.kind, m.envelope, &arena, &e, NULL), 0);
		ck_assert_uint_le(e.recipient_count, EXPAND_STEP);
		for (size_t i = 0; i < e.recipient_count; i++)
			if (sscanf((const char *)e.recipients[i]
				       .name.address.attribute[OR_SURNAME]
				       .data,
				"M%u", &n) == 1)
				counts[n]++;
		arena_fini(&arena);
	}
}

/* A list of many members takes several commits.  Ended after any of them, by a
 * crash or a change of the list, nobody who is a member all the time is left
 * out or gets it twice. */
START_TEST(interrupted)
{
	static unsigned counts[MANY];
	char *all = many_conf(0), *less = many_conf(7);
	const struct row row = {.to = "many"};

	for (int steps = 1; steps < 8; steps++) {
		struct harness h;

		harness_init_conf(&h, all);
		submit_octets(&h, MTS_MESSAGE, asked(&h, &row));
		harness_steps(&h, steps - 1);
		harness_close(&h);
		h.conf = steps % 2 == 0 ? all : less;
		harness_open(&h);
		settle(&h);
		count_members(&h, counts);
		for (unsigned i = 0; i < MANY; i++)
			ck_assert_msg(counts[i] == 1 ||
				(steps % 2 == 1 && i % 7 == 0 &&
				    counts[i] == 0),
			    "%d steps, M%u: %u", steps, i, counts[i]);
		harness_fini(&h);
	}
	free(all);
	free(less);
}
END_TEST

/* Members that are exempted are left out of each step. */
START_TEST(exempted_of_many)
{
	static unsigned counts[MANY];
	const char *members[MANY / 50 + 1], *to = LISTS "many";
	char *all = many_conf(0);
	struct harness h;
	struct p1_envelope e;
	size_t count = 0;

	harness_init_conf(&h, all);
	for (unsigned i = 0; i < MANY; i += 50)
		members[count++] = arena_printf(&h.arena, "%sS=M%u",
		    i % 3 == 0	     ? PARIS
			: i % 3 == 1 ? ROME
				     : PO1,
		    i);
	harness_envelope(&h, &e, 1, &to);
	exempt(&h, &e, members, count);
	submit_octets(&h, MTS_MESSAGE, harness_octets(&h, &e));
	settle(&h);
	count_members(&h, counts);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_msg(
		    counts[i] == (i % 50 != 0), "M%u: %u", i, counts[i]);
	harness_fini(&h);
	free(all);
}
END_TEST

/* A commit that fails is undone whole: the step is done again. */
START_TEST(failed_commit)
{
	static unsigned counts[MANY];
	char *all = many_conf(0);
	const struct row row = {.to = "many"};

	for (int n = 1; n <= 4; n++) {
		struct harness h;
		char fault[64];

		harness_init_conf(&h, all);
		submit_octets(&h, MTS_MESSAGE, asked(&h, &row));
		snprintf(fault, sizeof(fault), "store.commit:%d:fail", n);
		ck_assert_int_eq(fault_arm(fault), 0);
		harness_steps(&h, 12);
		ck_assert_int_eq(fault_arm(NULL), 0);
		h.qmgr.commit.restarts = 0;
		harness_close(&h);
		harness_open(&h);
		settle(&h);
		count_members(&h, counts);
		for (unsigned i = 0; i < MANY; i++)
			ck_assert_msg(
			    counts[i] == 1, "%d, M%u: %u", n, i, counts[i]);
		harness_fini(&h);
	}
	free(all);
}
END_TEST

/* A report that comes for a list, and where it goes. */
static const struct report_row {
	const char *list;   /* that it is for */
	const char *before; /* who stands before it in the history, or NULL */
	const char *link;   /* it goes to; NULL: it ends */
	const char *name;   /* to whom */
	const char *from;   /* reporting-DL-name, or NULL */
} report_rows[] = {
    {"tell", ROME "S=Rossi", "rome", "Rossi", NULL},
    {"tell", LISTS "owned", "msmail/po1", "Owner", "owned"},
    {"tell", LISTS "silent", NULL, NULL, NULL},
    {"tell", NULL, NULL, NULL, NULL},
    {"owned", ROME "S=Rossi", "msmail/po1", "Owner", "owned"},
    {"silent", ROME "S=Rossi", NULL, NULL, NULL},
};

/* history_with - make originator-and-DL-expansion-history of two entries */
static struct slice
history_with(struct harness *h, const char *before, const char *list)
{
	struct extension_list scratch = {.count = 0};
	struct or_name originator = harness_name(h, before);
	struct or_name name = harness_name(h, list);
	struct dl_history history;
	struct slice value;

	ck_assert_int_eq(
	    dl_history_append(&scratch, &h->arena, &name, 1795953600), 0);
	ck_assert_int_eq(dl_history_last(&scratch, &h->arena, &history), 0);
	ck_assert_int_eq(dl_history_of_report(&history, &originator, 1795953600,
			     &h->arena, &value),
	    0);
	return value;
}

/* report_for - make a report, as a peer in France sends it to a list */
static struct slice
report_for(struct harness *h, const struct report_row *row)
{
	const char *list = arena_printf(&h->arena, LISTS "%s", row->list);
	struct p1_envelope e;

	p1_init(&e, MTS_REPORT);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=FR;A=ATLAS"),
			     &h->arena, &e.identifier.domain, NULL),
	    0);
	e.identifier.local = slice_of_string("r");
	e.originator = harness_name(h, list);
	ck_assert_int_eq(p1_trace_append(&e, &h->arena, &e.identifier.domain,
			     1795953600, TRACE_RELAYED, NULL),
	    0);
	if (row->before != NULL)
		ck_assert_int_eq(
		    extension_set(&e.extensions, &h->arena,
			EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY, 0,
			history_with(h, row->before, list)),
		    0);
	return harness_octets(h, &e);
}

/* check_report - check where the report of a row goes */
static void
check_report(struct harness *h, const struct report_row *row,
    const struct submit *submit)
{
	const struct placed *placed = submit->placing.items;
	const struct extension *from;
	struct slice copy;
	struct p1_envelope e;

	ck_assert_msg(submit->placing.count == (row->link != NULL),
	    "%s after %s", row->list, row->before);
	if (row->link == NULL)
		return;
	ck_assert_str_eq(
	    link_get(&h->qmgr.links, placed->message.link)->name, row->link);
	ck_assert_int_eq(
	    arena_slice(&h->arena,
		slice_of(submit->placing.octets.data + placed->envelope.at,
		    placed->envelope.len),
		&copy),
	    0);
	ck_assert_int_eq(p1_decode(MTS_REPORT, copy, &h->arena, &e, NULL), 0);
	ck_assert_str_eq(surname_of(h, &e.originator.address), row->name);
	ck_assert_uint_eq(e.trace.elements[e.trace.count - 1].other_actions,
	    TRACE_DL_OPERATION);
	from = extension_find(&e.extensions, EXTENSION_REPORTING_DL_NAME);
	ck_assert_int_eq(from != NULL, row->from != NULL);
	if (from != NULL)
		ck_assert_ptr_nonnull(memmem(from->value.data, from->value.len,
		    row->from, strlen(row->from)));
}

/* Reports of others on what a list sent on go where its policy says. */
START_TEST(forwarded)
{
	struct harness h;
	char *conf;

	ck_assert_int_ge(asprintf(&conf, "%s%s", head, lists), 0);
	harness_init_conf(&h, conf);
	for (size_t i = 0; i < sizeof(report_rows) / sizeof(report_rows[0]);
	     i++) {
		struct submit submit = {.kind = MTS_REPORT,
		    .origin = IPC_TRANSFER,
		    .from_link = harness_link(&h, "paris")->number,
		    .content_length = 5,
		    .arrival = 1795953600000};
		struct slice octets = report_for(&h, &report_rows[i]);

		placing_init(&submit.placing);
		buffer_init(&submit.envelope, 1 << 20);
		ck_assert_int_eq(
		    buffer_append(&submit.envelope, octets.data, octets.len),
		    0);
		admit(&h.qmgr, &submit);
		ck_assert_msg(
		    submit.decided == IPC_SUBMIT_ACCEPTED, "%s", submit.text);
		check_report(&h, &report_rows[i], &submit);
		placing_committed(&h.qmgr, &submit.placing);
		placing_fini(&submit.placing);
		buffer_fini(&submit.envelope);
	}
	ck_assert(harness_log_has(&h, "report ends at its list"));
	harness_fini(&h);
	free(conf);
}
END_TEST

TEST_MAIN("qmgr/expand", TEST(expanded), TEST(marked), TEST(interrupted),
    TEST(exempted_of_many), TEST(failed_commit), TEST(forwarded))
