/* SPDX-License-Identifier: ISC */
/*
 * backlog_test.c - a link's backlog costs neither start-up nor other links
 *
 * 50,000 messages (long form: 1,000,000), put in through the store's
 * interface, wait for a disabled link.  qmgr is killed and is ready again
 * with little memory; the summary is right; another link's traffic flows at
 * its usual rate, also while all of the backlog is listed.  Times and rates are
 * printed, not asserted.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "mhs/p1.h"
#include "store/store.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define RSS_MAX	  SUITE_MEMORY(64)
#define QUEUE_MAX ((uint64_t)8 << 30)
#define GROUP	  500
#define TRAFFIC	  "10000"

static struct suite tested;
static char sink_out[SUITE_PATH], listed_out[SUITE_PATH];

/* parse - parse an O/R address that cannot fail */
static void
parse(const char *text, struct arena *arena, struct or_name *name)
{
	ck_assert_int_eq(or_address_parse(slice_of_string(text), arena,
			     &name->address, NULL),
	    0);
}

/* envelope - write the envelope of every message of the backlog */
static void
envelope(struct arena *arena, struct buffer *out)
{
	struct p1_envelope e;
	struct p1_recipient recipient = {.number = 1,
	    .explicit_conversion = -1,
	    .indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT};

	p1_init(&e, MTS_MESSAGE);
	e.identifier.domain = (struct global_domain){
	    .country = slice_of_string("XX"), .admd = slice_of_string("TEST")};
	e.identifier.local = slice_of_string("backlog");
	parse("C=XX;A=LOAD;S=Source", arena, &e.originator);
	parse("C=ZZ;A=DEAD;S=Nobody", arena, &recipient.name);
	e.recipients = &recipient;
	e.recipient_count = 1;
	ck_assert_int_eq(p1_trace_append(&e, arena, &e.identifier.domain,
			     time(NULL), TRACE_RELAYED, NULL),
	    0);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, out), 0);
}

/* fill_queue - put n messages for the link "dead", which is disabled */
static void
fill_queue(unsigned n)
{
	const struct store_options options = {.queue_size = QUEUE_MAX};
	struct store_message message = {.state = STORE_READY,
	    .priority = STORE_NORMAL,
	    .arrival = (int64_t)time(NULL) * 1000,
	    .mts_id = slice_of_string("[C=XX;A=TEST;backlog]")};
	char path[SUITE_PATH + 32];
	struct diag diag = {0};
	struct store *store;
	struct buffer encoded;
	struct arena arena;
	uint8_t content[1000] = {0};

	arena_init(&arena, 1 << 20);
	buffer_init(&encoded, P1_ENVELOPE_MAX);
	envelope(&arena, &encoded);
	snprintf(path, sizeof(path), "%s/state/queue", tested.directory);
	ck_assert_msg(store_open(path, &options, &store, &diag) == 0, "%s",
	    diag_text(&diag));
	message.expires = message.arrival + INT64_C(864000000);
	message.envelope = buffer_slice(&encoded);
	message.content = slice_of(content, sizeof(content));
	message.content_length = sizeof(content);
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_link_create(store, "dead", &message.link), 0);
	ck_assert_int_eq(
	    store_link_set_flags(store, message.link, STORE_LINK_DISABLED), 0);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_int_eq(store_message_add(store, &message), 0);
		if (i % GROUP == GROUP - 1) {
			ck_assert_int_eq(store_commit(store), 0);
			ck_assert_int_eq(store_begin(store), 0);
		}
	}
	ck_assert_int_eq(store_commit(store), 0);
	store_close(store);
	buffer_fini(&encoded);
	arena_fini(&arena);
}

/* queued_for - read what the summary says of a link */
static int64_t
queued_for(const char *link)
{
	json_t *rows = suite_rows(&tested, "x4queue", "-j", "summary", NULL);
	json_t *row;
	int64_t n = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "link"));

		if (name != NULL && strcmp(name, link) == 0)
			n = json_integer_value(
			    json_object_get(row, "messages"));
	}
	json_decref(rows);
	return n;
}

/* sink_empty - tell whether nothing is queued for the healthy link */
static bool
sink_empty(void *arg)
{
	(void)arg;
	return queued_for("sink") == 0;
}

/* traffic - send messages over the healthy link; measure the rate at the far
 * end */
static double
traffic(void)
{
	char address[32], output[SUITE_PATH];
	double begun = suite_now();
	pid_t source;

	snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	snprintf(output, sizeof(output), "%s/source", suite_directory());
	source = suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=S", "-t",
	    "C=YY;A=SINK;S=T", "-A", "4", "-m", TRAFFIC, NULL);
	ck_assert_int_eq(suite_wait_exit(source, 120), 0);
	suite_wait("the healthy link to be empty", 60, sink_empty, NULL);
	return atof(TRAFFIC) / (suite_now() - begun);
}

/* print_beside - print what the far end of the traffic beside lists saw */
static void
print_beside(void)
{
	char *figures = suite_read(listed_out, NULL);
	const char *at = strstr(figures, "latency_median_ms=");

	ck_assert_ptr_nonnull(at);
	printf(
	    "figure: mail beside the list: %.*s\n", (int)strcspn(at, "\n"), at);
	free(figures);
}

/* list_all - list all of the backlog while other mail flows, and print how long
 * that takes */
static void
list_all(unsigned n)
{
	char address[32], output[SUITE_PATH], path[SUITE_PATH + 8], *text;
	unsigned rows = 0;
	double begun;
	pid_t source;

	snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	snprintf(output, sizeof(output), "%s/beside", suite_directory());
	snprintf(path, sizeof(path), "%s/rows", suite_directory());
	source = suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=S", "-t",
	    "C=VV;A=SINK;S=T", "-A", "2", "-m", "1000000", "-r", "200", NULL);
	begun = suite_now();
	ck_assert_int_eq(suite_shell(NULL, "%s/bin/x4queue -c %s list >'%s'",
			     suite_build(), tested.conf, path),
	    0);
	begun = suite_now() - begun;
	ck_assert_int_eq(kill(source, SIGUSR1), 0);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	text = suite_read(path, NULL);
	for (const char *at = text; (at = strstr(at, "dead")) != NULL; at++)
		rows++;
	free(text);
	ck_assert_uint_ge(rows, n);
	printf("figure: %u listed as text in %.2f s\n", n, begun);
}

/* configure - configure a healthy link, one for traffic beside lists, and a
 * dead one */
static pid_t
configure(pid_t *listed)
{
	char sections[2048];
	pid_t sink;

	snprintf(
	    listed_out, sizeof(listed_out), "%s/listed", suite_directory());
	*listed = suite_spawn(
	    listed_out, "peers/x4sink", "-n", "LISTED", "-w", "s", NULL);
	snprintf(sink_out, sizeof(sink_out), "%s/sink", suite_directory());
	sink = suite_spawn(
	    sink_out, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=XX;A=LOAD\"} }\n"
	    "link \"dead\" { remote-mta = \"DEAD\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=ZZ\"} }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"}"
	    " associations = 4 }\n"
	    "link \"listed\" { remote-mta = \"LISTED\" remote-password = "
	    "\"s\" address = {\"127.0.0.1:%u\"} address-space = {\"C=VV\"} }\n",
	    suite_port_of(sink_out), suite_port_of(listed_out));
	suite_configure(&tested, "k", "C=XX;A=TEST;P=K",
	    "  queue-size = \"8G\"\n", sections);
	return sink;
}

/* qmgr_is_new - tell whether qmgr is another process than before */
static bool
qmgr_is_new(void *arg)
{
	pid_t pid = suite_pid(&tested, "qmgr");

	return pid != 0 && pid != *(pid_t *)arg;
}

START_TEST(backlog)
{
	unsigned n = suite_long() ? 1000000 : 50000;
	double before, after, begun;
	uint64_t rss;
	pid_t sink, listed, qmgr;
	char *figures;

	suite_begin("backlog");
	sink = configure(&listed);
	suite_start(&tested);
	before = traffic();
	suite_stop(&tested);
	fill_queue(n);
	suite_start(&tested);
	ck_assert_int_eq(queued_for("dead"), n);

	qmgr = suite_pid(&tested, "qmgr");
	begun = suite_now();
	kill(qmgr, SIGKILL);
	suite_wait("a new qmgr", 60, qmgr_is_new, &qmgr);
	ck_assert_int_eq(queued_for("dead"), n);
	printf("figure: %u queued; new qmgr and summary after %.2f s", n,
	    suite_now() - begun);
	begun = suite_now();
	ck_assert_int_eq(queued_for("dead"), n);
	printf(", summary %.3f s", suite_now() - begun);
	after = traffic();
	rss = suite_rss_anon(suite_pid(&tested, "qmgr"));
	printf(", RssAnon %.1f MB, traffic %.0f/s before, %.0f/s after\n",
	    (double)rss / 1e6, before, after);
	ck_assert_uint_gt(rss, 0);
	ck_assert_uint_le(rss, RSS_MAX);
	ck_assert_int_eq(queued_for("dead"), n);
	list_all(n);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_reap(sink), 0);
	ck_assert_int_eq(suite_reap(listed), 0);
	print_beside();
	figures = suite_read(sink_out, NULL);
	ck_assert_ptr_nonnull(strstr(figures, "messages=20000 "));
	free(figures);
	suite_end();
}
END_TEST

TEST_MAIN("system/backlog", TEST_LONG(backlog, 900))
