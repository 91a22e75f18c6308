/* SPDX-License-Identifier: ISC */
/*
 * list_test.c - lists, redirections and alternates by a whole suite: what lies
 * in the mailboxes in the end
 *
 * What x4send cannot ask for comes from a peer, as octets of the test's own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "mhs/p1.h"
#include "mhs/transfer.h"
#include "tests/system/postoffice.h"
#include "tests/system/raw_peer.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define PO1   "C=DE;A=VIAT;P=ACME;O=PO1;S="
#define LISTS "C=DE;A=VIAT;P=ACME;O=LISTS;CN="

#define APDU_MAX ((size_t)64 * 1024)

static struct suite tested;

/* The mailboxes, and who is redirected. */
static const char map[] =
    PO1 "Anna = ACME/PO1/ANNA\n" PO1 "Bert = ACME/PO1/BERT\n" PO1
	"Carl = ACME/PO1/CARL\n" PO1 "Owner = ACME/PO1/OWNER\n" PO1
	"Sender = ACME/PO1/SENDER\n"
	"redirect " PO1 "Away -> " PO1 "Bert\n"
	"redirect " PO1 "Far -> " PO1 "Away\n"
	"redirect " PO1 "Ring1 -> " PO1 "Ring2\n"
	"redirect " PO1 "Ring2 -> " PO1 "Ring1\n"
	"redirect " PO1 "Staff -> " LISTS "three\n";

static const char members[] = "# of the list three\n" PO1 "Bert\n" PO1 "Carl\n";

#define LIST(name, settings) \
	"list \"" name "\" { address = \"" LISTS name "\" " settings " }\n"

/* write_lists - write the sections of the lists */
static void
write_lists(char *text, size_t size)
{
	(void)snprintf(text, size,
	    LIST("three", "members = {\"" PO1 "Anna\"} members-file = \"%s\"")
		LIST("outer", "members = {\"" LISTS "inner\", \"" PO1 "Anna\"}")
		    LIST("inner",
			"members = {\"" LISTS "outer\", \"" PO1
			"Bert\"}") LIST("closed",
			"members = {\"" PO1 "Anna\"} submit = {\"C=FR\"}")
			LIST("tell",
			    "members = {\"" PO1 "Nobody\", \"" PO1 "Anna\"}")
			    LIST("owned",
				"members = {\"" PO1 "Nobody\"} reports = owner "
				"owner = \"" PO1 "Owner\"") LIST("silent",
				"members = {\"" PO1 "Nobody\"} reports = none"),
	    suite_path(&tested, "members"));
}

/* start - start a suite with a postoffice and the lists */
static void
start(void)
{
	static char sections[8192];
	size_t len;

	suite_begin("list");
	snprintf(tested.directory, sizeof(tested.directory), "%s/t",
	    suite_directory());
	ck_assert_int_eq(mkdir(tested.directory, 0755), 0);
	postoffice_make(suite_path(&tested, "po"));
	suite_write(suite_path(&tested, "map"), map, strlen(map));
	suite_write(suite_path(&tested, "members"), members, strlen(members));
	len = (size_t)snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=ZZ\"}"
	    " schedule = \"never\" }\n"
	    "msmail \"po1\" {\n  postoffice = \"%s\" network = \"ACME\"\n"
	    "  name = \"PO1\" directory = \"%s\"\n"
	    "  address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n}\n",
	    suite_path(&tested, "po"), suite_path(&tested, "map"));
	write_lists(sections + len, sizeof(sections) - len);
	suite_configure(&tested, "t", "C=DE;A=VIAT;P=ACME",
	    "alternate-recipient = \"" PO1 "Carl\"", sections);
	suite_start(&tested);
}

/* What an originator asks for, other than an alternate. */
#define STAYS	BER_BIT(0) /* recipient-reassignment-prohibited */
#define CLOSES	BER_BIT(1) /* dl-expansion-prohibited */
#define ALLOWS	BER_BIT(2) /* alternate-recipient-allowed */
#define EXEMPTS BER_BIT(3) /* dl-exempted-recipients: Bert */

/* A message, with its address as the subject, and the mailboxes that have it in
 * the end; recipients that get a report are in brackets. */
static const struct row {
	const char *to, *boxes;
	const char *alternate; /* or NULL */
	unsigned asks;
} rows[] = {
    {PO1 "Anna", "ANNA", NULL, 0},
    {PO1 "Away", "BERT", NULL, 0},
    {PO1 "Far", "BERT", NULL, 0},
    {PO1 "Ring1", "(SENDER)", NULL, 0},
    {PO1 "Staff", "ANNA BERT CARL", NULL, 0},
    {LISTS "three", "ANNA BERT CARL", NULL, 0},
    {LISTS "outer", "ANNA BERT", NULL, 0},
    {LISTS "inner", "ANNA BERT", NULL, 0},
    {LISTS "closed", "(SENDER)", NULL, 0},
    {LISTS "tell", "(SENDER) ANNA", NULL, 0},
    {LISTS "owned", "(OWNER)", NULL, 0},
    {LISTS "silent", "", NULL, 0},
    {PO1 "Anna", "ANNA", PO1 "Bert", 0},
    {PO1 "Nobody", "BERT", PO1 "Bert", 0},
    {PO1 "Nobody", "BERT", PO1 "Far", 0},
    {PO1 "Nobody", "ANNA BERT CARL", LISTS "three", 0},
    {PO1 "Nobody", "(SENDER)", PO1 "Missing", 0},
    {PO1 "Nobody", "(SENDER)", PO1 "Nobody", 0},
    {PO1 "Nobody", "(SENDER)", PO1 "Ring1", 0},
    {PO1 "Anna", "ANNA", NULL, STAYS | CLOSES | ALLOWS},
    {PO1 "Away", "(SENDER)", NULL, STAYS},
    {PO1 "Away", "BERT", NULL, CLOSES},
    {PO1 "Staff", "(SENDER)", NULL, STAYS},
    {PO1 "Staff", "(SENDER)", NULL, CLOSES},
    {LISTS "three", "ANNA BERT CARL", NULL, STAYS},
    {LISTS "three", "(SENDER)", NULL, CLOSES},
    {LISTS "outer", "(SENDER)", NULL, CLOSES},
    {LISTS "owned", "(SENDER)", NULL, CLOSES},
    /* The domain's alternate, for members too, and for those of a list that
     * tells nobody. */
    {PO1 "Nobody", "CARL", NULL, ALLOWS},
    {LISTS "tell", "ANNA CARL", NULL, ALLOWS},
    {LISTS "owned", "CARL", NULL, ALLOWS},
    {LISTS "silent", "CARL", NULL, ALLOWS},
    {PO1 "Ring1", "(SENDER)", NULL, STAYS | ALLOWS},
    /* Exempted, directly and as a member of a list within. */
    {LISTS "three", "ANNA CARL", NULL, EXEMPTS},
    {LISTS "outer", "ANNA", NULL, EXEMPTS},
    {LISTS "inner", "ANNA", NULL, EXEMPTS},
    {PO1 "Bert", "BERT", NULL, EXEMPTS},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* name_of - make an O/R name from text */
static struct or_name
name_of(const char *text, struct arena *arena)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), arena,
			  &name.address, &diag) == 0,
	    "%s", diag_text(&diag));
	return name;
}

/* exempted - make a set of names with Bert in it */
static struct slice
exempted(struct arena *arena)
{
	const struct or_name bert = name_of(PO1 "Bert", arena);
	struct ber_writer writer;
	struct buffer out;
	struct slice value;

	buffer_init(&out, APDU_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	or_name_encode(&writer, OR_NAME_TAG, &bert);
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(arena, buffer_slice(&out), &value), 0);
	buffer_fini(&out);
	return value;
}

/* ask - write into an envelope what the originator asks for */
static void
ask(struct p1_envelope *e, unsigned asks, struct arena *arena)
{
	static const uint8_t yes[] = {0x0a, 0x01, 0x01};
	const struct slice prohibited = slice_of(yes, sizeof(yes));

	if ((asks & STAYS) != 0)
		ck_assert_int_eq(
		    extension_set(&e->extensions, arena,
			EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED,
			CRITICAL_FOR_DELIVERY, prohibited),
		    0);
	if ((asks & CLOSES) != 0)
		ck_assert_int_eq(extension_set(&e->extensions, arena,
				     EXTENSION_DL_EXPANSION_PROHIBITED,
				     CRITICAL_FOR_DELIVERY, prohibited),
		    0);
	if ((asks & EXEMPTS) != 0)
		ck_assert_int_eq(
		    extension_set(&e->extensions, arena,
			EXTENSION_DL_EXEMPTED_RECIPIENTS, 0, exempted(arena)),
		    0);
	if ((asks & ALLOWS) != 0)
		e->indicators |= P1_ALTERNATE_RECIPIENT_ALLOWED;
}

/* send_raw - transfer the message of a row as a peer */
static void
send_raw(struct raw_call *call, size_t row)
{
	/* An interpersonal message; its subject is the four octets "r 00". */
	static const char format[] = "\xa0%%\x31\x11\x6b\x07\x13\x05ipm-1"
				     "\xa8\x06\x14\x04r %02zu"
				     "\x30\x10\xa0\x0e\x31\x03\x80\x01\x05"
				     "\x16\x07hello\r\n";
	struct p1_recipient to = {.number = 1,
	    .explicit_conversion = -1,
	    .indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT};
	struct p1_envelope e;
	struct buffer envelope, apdu;
	struct arena arena;
	char content[64];
	int len = snprintf(content, sizeof(content), format, row);

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&envelope, APDU_MAX);
	buffer_init(&apdu, APDU_MAX);
	p1_init(&e, MTS_MESSAGE);
	e.identifier.domain = (struct global_domain){
	    .country = slice_of_string("XX"), .admd = slice_of_string("LOAD")};
	e.content_identifier = e.identifier.local =
	    slice_of_string(arena_printf(&arena, "r %02zu", row));
	e.originator = name_of(PO1 "Sender", &arena);
	e.content_type.built_in = P1_CONTENT_P22;
	to.name = name_of(rows[row - 1].to, &arena);
	e.recipients = &to;
	e.recipient_count = 1;
	ck_assert_int_eq(p1_trace_append(&e, &arena, &e.identifier.domain,
			     clock_wall() / 1000, TRACE_RELAYED, NULL),
	    0);
	ask(&e, rows[row - 1].asks, &arena);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, &envelope), 0);
	ck_assert_int_eq(transfer_prefix(MTS_MESSAGE, buffer_slice(&envelope),
			     (uint64_t)len, TRANSFER_NO_EXTERNAL, &apdu),
	    0);
	ck_assert_int_eq(buffer_append(&apdu, content, (size_t)len), 0);
	ck_assert_msg(raw_send(call, buffer_slice(&apdu)) == 0, "row %zu: %s",
	    row, call->association.failure.text);
	buffer_fini(&apdu);
	buffer_fini(&envelope);
	arena_fini(&arena);
}

/* send_row - send the message of a row by x4send */
static void
send_row(size_t row)
{
	const struct row *r = &rows[row - 1];
	char subject[32];

	(void)snprintf(subject, sizeof(subject), "row %zu", row);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", PO1 "Sender", "-t", r->to,
		"--subject", subject, "--body", suite_path(&tested, "members"),
		r->alternate == NULL ? NULL : "--alternate", r->alternate,
		NULL),
	    0);
}

/* send_all - send the messages of all rows */
static void
send_all(void)
{
	struct raw_call call;

	raw_open(&call, tested.port);
	for (size_t i = 1; i <= ROWS; i++)
		if (rows[i - 1].asks != 0)
			send_raw(&call, i);
		else
			send_row(i);
	raw_release(&call);
}

/* delivered - write a line "ROW BOX" for each recipient of a file in OUT, the
 * box in brackets where the file is a report; to be freed */
static char *
delivered(void)
{
	char *output;

	suite_shell(&output,
	    "cd '%s' && for f in *; do tr -d '\\r' <\"$f\" | awk '"
	    "/^TO:ACME.PO1./ {sub(/^TO:ACME.PO1./, \"\"); to[++n] = $0} "
	    "/^SUBJECT:/ && !r {r = $NF + 0; b = $0 ~ /NDR/} "
	    "END {for (i = 1; i <= n; i++) "
	    "print r, b ? \"(\" to[i] \")\" : to[i]}'; done",
	    suite_path(&tested, "po/OUT"));
	return output;
}

/* check_row - check that each box of a row has its message once; return how
 * many they are */
static size_t
check_row(size_t row, const char *lines)
{
	char boxes[64], line[64], *box, *rest = boxes;
	size_t count = 0;

	(void)strlcpy(boxes, rows[row - 1].boxes, sizeof(boxes));
	while ((box = strsep(&rest, " ")) != NULL && *box != '\0') {
		const char *at;

		(void)snprintf(line, sizeof(line), "\n%zu %s\n", row, box);
		at = strstr(lines, line);
		ck_assert_msg(at != NULL, "%s: not for %s:%s", rows[row - 1].to,
		    box, lines);
		ck_assert_msg(strstr(at + 1, line) == NULL, "%s: twice for %s",
		    rows[row - 1].to, box);
		count++;
	}
	return count;
}

/* Nested lists, lists and redirections in circles, who may write, reports by
 * each policy, alternates of a mailbox that is not there; what an originator
 * prohibits, allows and exempts. */
START_TEST(mailboxes)
{
	char *output, *lines;
	size_t wanted = 0, found = 0;

	start();
	send_all();
	suite_wait_empty(&tested, 60);
	output = delivered();
	ck_assert_int_ge(asprintf(&lines, "\n%s", output), 0);
	for (size_t i = 1; i <= ROWS; i++)
		wanted += check_row(i, lines);
	for (const char *at = output; (at = strchr(at, '\n')) != NULL; at++)
		found++;
	ck_assert_msg(found == wanted, "%zu, not %zu:%s", found, wanted, lines);
	free(output);
	free(lines);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/list", TEST_LONG(mailboxes, 120))
