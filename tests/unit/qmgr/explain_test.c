/* SPDX-License-Identifier: ISC */
/*
 * explain_test.c - what a message waits for is said in each state of its link
 */
#include "qmgr/explain.h"

#include "conf/conf_schedule.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/suspect.h"
#include "tests/unit/qmgr/link_bench.h"

#define LONDON "C=GB;A=X;S=Smith"
#define OSLO   "C=NO;A=X;S=Hansen"
#define EDI    "C=DE;A=VIAT;P=ACME;O=EDI;S=Orders"

static const char more[] =
    "link \"london\" {\n"
    " remote-mta = \"MTA-LONDON\" remote-password = \"pw\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=GB\"}\n"
    " schedule = \"never\"\n"
    "}\n"
    "link \"oslo\" {\n"
    " remote-mta = \"MTA-OSLO\" remote-password = \"pw\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=NO\"}\n"
    " schedule = \"remote-initiated\"\n"
    "}\n"
    "application \"edi\" {\n"
    " socket = \"edi\" address-space = {\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n"
    "}\n";

static struct harness h;
static struct remote tool;
static char text[VIEW_TEXT_MAX], brief[VIEW_TEXT_MAX];

/* begin - make a queue manager */
static void
begin(void)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, more);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
}

/* end - end it */
static void
end(void)
{
	remote_close(&tool);
	harness_fini(&h);
}

/* say - have it said of a message, in a sentence and in a few words */
static void
say(uint64_t id)
{
	struct store_message message;

	arena_reset(&h.arena);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, id, STORE_HEAD, &h.arena, &message),
	    0);
	explain(&h.qmgr, &message, text);
	explain_brief(&h.qmgr, &message, brief);
}

/* expect - check what is said of a message */
static void
expect(uint64_t id, const char *sentence, const char *words)
{
	say(id);
	ck_assert_str_eq(text, sentence);
	ck_assert_str_eq(brief, words);
}

/* A link whose time has not come, a peer that calls, a program that asks. */
START_TEST(others_begin)
{
	begin();
	expect(remote_submit_to(&h, &tool, LONDON),
	    "it waits for link london, which is scheduled never",
	    "waits: schedule of london: never");
	expect(remote_submit_to(&h, &tool, OSLO),
	    "it waits for the peer of link oslo to call",
	    "waits: oslo must call");
	expect(remote_submit_to(&h, &tool, EDI),
	    "it waits for the program of application/edi to ask for it",
	    "waits: application/edi must ask");
	end();
}
END_TEST

/* A schedule that begins some day names when. */
START_TEST(schedule_begins)
{
	struct conf_schedule *schedule;
	struct link *london;
	uint64_t id;

	begin();
	london = harness_link(&h, "london");
	id = remote_submit_to(&h, &tool, LONDON);
	schedule = &london->policy.schedule;
	ck_assert_int_eq(
	    conf_schedule_parse("Mon 00:00-00:30", schedule, NULL), 0);
	say(id);
	ck_assert_ptr_nonnull(
	    strstr(text, "schedule does not allow it before Monday 00:00"));
	ck_assert_str_eq(brief, "waits: schedule of london: Monday 00:00");
	end();
}
END_TEST

/* A link that is opened, and again after it failed. */
START_TEST(link_opens)
{
	struct remote worker;
	struct link *rome;
	uint64_t id;
	int listener;

	begin();
	rome = harness_link(&h, "rome");
	listener = remote_listen(&h, "x400out.rome");
	id = remote_submit_to(&h, &tool, TO_ROME);
	remote_wait_for(&h, listener, &worker);
	expect(id, "it waits for link rome, which is being opened",
	    "waits: rome is being opened");
	rome->open_failures = 2;
	snprintf(rome->last_error, sizeof(rome->last_error), "no answer");
	expect(id,
	    "it waits for link rome, which is being opened again after it "
	    "could not be opened twice (no answer)",
	    "waits: rome is being opened");
	rome->left = 1;
	say(id);
	ck_assert_ptr_nonnull(
	    strstr(text, "until what was given to link rome before"));
	remote_close(&worker);
	close(listener);
	end();
}
END_TEST

/* Behind how many it stands, and why the link has no further association. */
START_TEST(in_turn)
{
	uint64_t first, second, third;
	struct link *rome;

	begin();
	rome = harness_link(&h, "rome");
	first = remote_submit_to(&h, &tool, TO_ROME);
	second = remote_submit_to(&h, &tool, TO_ROME);
	third = remote_submit_to(&h, &tool, TO_ROME);
	rome->state = LINK_UP;
	expect(first, "it is the next to be sent on link rome",
	    "in turn for rome");
	expect(second, "it waits for its turn behind 1 other on link rome",
	    "in turn for rome");
	rome->assoc_count = rome->policy.associations;
	say(third);
	ck_assert_str_eq(text,
	    "it waits for its turn behind 2 others on link rome, which has "
	    "all its associations open");
	rome->assoc_count = 1;
	h.qmgr.associations_extra = (unsigned)h.qmgr.conf->mta.max_associations;
	say(third);
	ck_assert_ptr_nonnull(strstr(text, "while max-associations are open"));
	rome->assoc_count = 0;
	h.qmgr.associations_extra = 0;
	/* A message that has failed goes after the others. */
	ck_assert_ptr_nonnull(
	    suspect_note(rome, first, STORE_NORMAL, 0, SUSPECT_COUNTED));
	say(first);
	ck_assert_ptr_nonnull(strstr(text, "it goes after the others on link"));
	rome->state = LINK_DISABLED;
	expect(first, "it waits for link rome, which an administrator disabled",
	    "waits: rome is disabled");
	rome->kind = LINK_GONE;
	expect(first, "its link rome is not configured any more",
	    "waits: rome is not configured");
	rome->kind = LINK_X400;
	rome->state = LINK_WAITING;
	end();
}
END_TEST

/* Of two that an association has, the second is behind the first. */
START_TEST(behind_another)
{
	struct remote worker;
	struct ipc_record record;
	uint64_t first, second;
	int listener;

	begin();
	listener = remote_listen(&h, "x400out.rome");
	first = remote_submit_to(&h, &tool, TO_ROME);
	remote_open(&h, listener, "rome", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	second = remote_submit_to(&h, &tool, TO_ROME);
	remote_expect(&worker, IPC_JOB, &record);
	say(first);
	ck_assert_ptr_nonnull(strstr(text, "it is being transferred to rome"));
	say(second);
	ck_assert_str_eq(
	    text, "it is with an association of rome, after 1 other");
	remote_close(&worker);
	close(listener);
	end();
}
END_TEST

TEST_MAIN("qmgr/explain", TEST(others_begin); TEST(schedule_begins);
	  TEST(link_opens); TEST(in_turn); TEST(behind_another))
