/* SPDX-License-Identifier: ISC */
/*
 * selectors_test.c - which link a peer is, by the selectors that it calls
 *
 * Two links are of one remote name and password and differ in our selectors;
 * a third sets one of the three.  The test plays the workers of callers.
 */
#include "mhs/bind.h"
#include "qmgr/receiving/caller.h"
#include "tests/references.h"
#include "tests/unit/qmgr/harness.h"
#include "tests/unit/qmgr/remote.h"

static struct harness h;

/* configure - make the links, with more for the third */
static struct conf *
configure(const char *more)
{
	char text[2048];
	struct diag diag = {0};
	struct conf *conf = NULL;

	snprintf(text, sizeof(text),
	    "mta { name = \"MTA-TEST\" domain = \"C=DE;A=VIAT;P=ACME\""
	    " password = \"secret\" state-directory = \"/tmp\""
	    " run-directory = \"/tmp\" queue-size = \"64M\" }\n"
	    "link \"day\" { remote-mta = \"TWO\" remote-password = \"p\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"}"
	    " local-tsel = \"D\" local-ssel = \"S\" }\n"
	    "link \"night\" { remote-mta = \"TWO\" remote-password = \"p\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"}"
	    " local-tsel = \"N\" local-ssel = \"S\" }\n"
	    "link \"third\" { remote-mta = \"THIRD\""
	    " remote-password = \"p\" address = {\"127.0.0.1:1\"}"
	    " address-space = {\"C=ES\"} local-tsel = \"N\" %s }\n",
	    more);
	ck_assert_msg(conf_parse_text(slice_of_string(text), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	return conf;
}

/* begin - start with these links */
static void
begin(const char *more)
{
	struct diag diag = {0};

	harness_init(&h);
	ck_assert_int_eq(loop_reload(&h.qmgr, configure(more), &diag), 0);
}

/* check_of - make the bind of a peer that calls these selectors */
static struct ipc_record
check_of(const char *name, const char *tsel, const char *ssel, const char *psel)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(name);
	record.bind_check.password = slice_of_string("p");
	record.bind_check.address = slice_of_string("127.0.0.1:4711");
	record.bind_check.references =
	    references_of("one", "261122200000Z", "");
	record.bind_check.called_tsel = slice_of_string(tsel);
	record.bind_check.called_ssel = slice_of_string(ssel);
	record.bind_check.called_psel = slice_of_string(psel);
	return record;
}

/* call - bind; the link's name is in the answer, "": refused */
static void
call(struct remote *r, const struct ipc_record *check, const char *link)
{
	struct ipc_record answer;

	remote_connect_as(&h, r, IPC_ROLE_X400IN, "");
	remote_send(r, check);
	remote_expect(r, IPC_BIND_ANSWER, &answer);
	ck_assert_int_eq(answer.bind_answer.accepted, link[0] != '\0');
	if (link[0] != '\0')
		ck_assert(slice_equal_string(answer.bind_answer.link, link));
	else
		ck_assert_int_eq(
		    answer.bind_answer.bind_error, BIND_ERROR_AUTHENTICATION);
}

/* sessions - count the sessions that are remembered */
static unsigned
sessions(void)
{
	struct store_session session = {.id = 0};
	unsigned count = 0;

	while (store_session_next(h.qmgr.store, session.id, &session) == 0)
		count++;
	return count;
}

/* The selectors say which of the links of one name it is. */
START_TEST(tells_links_apart)
{
	struct ipc_record day = check_of("TWO", "D", "S", "");
	struct ipc_record night = check_of("TWO", "N", "S", "whatever");
	struct remote r[2];

	begin("");
	call(&r[0], &night, "night");
	call(&r[1], &day, "day");
	/* The same references: the sessions are two all the same. */
	ck_assert_uint_eq(harness_link(&h, "day")->callers, 1);
	ck_assert_uint_eq(harness_link(&h, "night")->callers, 1);
	ck_assert_uint_eq(sessions(), 2);
	remote_close(&r[0]);
	remote_close(&r[1]);
	harness_fini(&h);
}
END_TEST

/* A peer that calls in another mode than its link's is refused, whatever else
 * is right; of two links of one name the mode decides. */
START_TEST(tells_modes_apart)
{
	struct ipc_record check = check_of("THIRD", "N", "", "");
	struct remote r[4];

	begin("} link \"fourth\" { remote-mta = \"THIRD\" "
	      "remote-password = \"p\" address = {\"127.0.0.1:1\"} "
	      "local-tsel = \"N\" remote-domain = \"C=ES;A=MENSA\" "
	      "mode = \"1988-x410\"");
	call(&r[0], &check, "third");
	check.bind_check.mode = ASSOCIATION_X410;
	call(&r[1], &check, "fourth");
	check.bind_check.mode = ASSOCIATION_1984;
	call(&r[2], &check, "");
	check = check_of("TWO", "D", "S", "");
	check.bind_check.mode = ASSOCIATION_X410;
	call(&r[3], &check, "");
	ck_assert_ptr_nonnull(
	    strstr(caller_why_unknown(&h.qmgr, &check.bind_check, "127.0.0.1"),
		"it calls in mode 1988-x410"));
	for (size_t i = 0; i < 4; i++)
		remote_close(&r[i]);
	harness_fini(&h);
}
END_TEST

/* A caller of another link's selectors is refused, and event 51 says which of
 * them is wrong. */
START_TEST(says_which_is_wrong)
{
	const struct {
		struct ipc_record check;
		const char *why;
	} cases[] = {
	    {check_of("THIRD", "D", "", ""), "transport selector"},
	    {check_of("THIRD", "", "", ""), "transport selector"},
	    {check_of("TWO", "D", "", ""), "session selector"},
	    {check_of("THIRD", "N", "", "X"), "presentation selector"},
	};
	struct remote r[4];

	begin("local-psel = \"P\"");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		call(&r[i], &cases[i].check, "");
		ck_assert_msg(
		    harness_log_has(&h, cases[i].why), "%s", cases[i].why);
		remote_close(&r[i]);
	}
	ck_assert(harness_log_has(&h, ": 51 "));
	harness_fini(&h);
}
END_TEST

/* A selector that a link does not set may be anything. */
START_TEST(unset_is_anything)
{
	struct ipc_record check = check_of("THIRD", "N", "any", "any");
	struct remote r;

	begin("");
	call(&r, &check, "third");
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

/* The link that sets most of what was called is the one, in whatever order. */
START_TEST(most_exact_link)
{
	const char *sections = "} link \"other\" { remote-mta = \"THIRD\""
			       " remote-password = \"p\" address ="
			       " {\"127.0.0.1:1\"} address-space = {\"C=GB\"}"
			       " local-tsel = \"N\" local-psel = \"P\"";
	struct ipc_record exact = check_of("THIRD", "N", "", "P");
	struct ipc_record loose = check_of("THIRD", "N", "", "");
	struct remote r[2];

	begin(sections);
	call(&r[0], &exact, "other");
	call(&r[1], &loose, "third");
	remote_close(&r[0]);
	remote_close(&r[1]);
	harness_fini(&h);
}
END_TEST

/* settings_of - connect as a worker of callers, and read what it is told */
static void
settings_of(struct remote *r, struct ipc_record *record)
{
	struct ipc_hello hello =
	    harness_hello(harness_announce(&h, IPC_ROLE_X400IN, "", 0),
		IPC_ROLE_X400IN, "", 0);

	remote_connect(&h, r, CLIENT_QMGR_SOCKET);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
	remote_expect(r, IPC_HELLO, record);
	remote_expect(r, IPC_SETTINGS, record);
}

/* A layer that every link sets is told to workers, each selector once; one
 * that a link leaves out is not. */
START_TEST(told_to_workers)
{
	struct ipc_record record;
	struct remote r;

	begin("");
	settings_of(&r, &record);
	ck_assert(slice_equal_string(record.settings.transport, "\1D\1N"));
	ck_assert_uint_eq(record.settings.session.len, 0);
	ck_assert_uint_eq(record.settings.presentation.len, 0);
	remote_close(&r);
	harness_fini(&h);
	begin("local-ssel = \"S\"");
	settings_of(&r, &record);
	ck_assert(slice_equal_string(record.settings.session, "\1S"));
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

/* With another configuration a worker that waits has to ask again. */
START_TEST(reload)
{
	struct diag diag = {0};
	struct ipc_record record;
	struct remote r;

	begin("");
	settings_of(&r, &record);
	ck_assert_int_eq(
	    loop_reload(&h.qmgr, configure("local-ssel = \"S\""), &diag), 0);
	remote_dropped(&r);
	settings_of(&r, &record);
	ck_assert(slice_equal_string(record.settings.session, "\1S"));
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/selectors", TEST(tells_links_apart), TEST(tells_modes_apart),
    TEST(says_which_is_wrong), TEST(unset_is_anything), TEST(most_exact_link),
    TEST(told_to_workers), TEST(reload))
