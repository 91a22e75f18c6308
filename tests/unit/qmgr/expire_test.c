/* SPDX-License-Identifier: ISC */
/*
 * expire_test.c - messages whose time is over, found without a walk over all
 */
#include "qmgr/expire.h"
#include "qmgr/links/link.h"
#include "tests/unit/qmgr/remote.h"

#define EACH	40
#define MINUTES (60 * 1000) /* ms */

static const char conf[] =
    "mta {\n"
    " name = \"MTA-TEST\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    " message-lifetime-normal = \"10m\"\n"
    "}\n"
    "link \"rome\" { remote-mta = \"R\" remote-password = \"p\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"} }\n"
    "link \"paris\" { remote-mta = \"P\" remote-password = \"p\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"} }\n";

/* submit - submit messages to one address */
static void
submit(struct harness *h, struct remote *tool, const char *to, int count)
{
	while (count-- > 0) {
		arena_reset(&h->arena);
		remote_submit_to(h, tool, to);
	}
}

/* expire_all - have all that is due returned */
static void
expire_all(struct harness *h)
{
	struct expire expire = {.due = true};

	while (expire.due) {
		expire_step(&h->qmgr, &expire);
		harness_step(h);
	}
	while (commit_pending(&h->qmgr))
		harness_step(h);
}

/* expired - read from the log which messages expired, in that order: whether
 * they were for Rome; their number */
static unsigned
expired(const struct harness *h, bool rome[2 * EACH])
{
	char path[128], line[4096];
	unsigned count = 0;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", h->directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (fgets(line, sizeof(line), log) != NULL) {
		if (strstr(line, "maximum-time-expired") == NULL)
			continue;
		ck_assert_uint_lt(count, 2 * EACH);
		rome[count++] = strstr(line, "C=IT") != NULL;
	}
	fclose(log);
	return count;
}

/* What is due is returned, the links in turn: none waits for all of another. */
START_TEST(links_in_turn)
{
	struct harness h;
	struct remote tool;
	bool rome[2 * EACH];
	unsigned early = 0;

	clock_shift(0);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	submit(&h, &tool, TO_ROME, EACH);
	submit(&h, &tool, TO_PARIS, EACH);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 0);
	clock_shift(11 * MINUTES);
	harness_steps(&h, 3);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 2 * EACH);
	for (int i = 0; i < EACH; i++)
		early += rome[i];
	ck_assert_uint_gt(early, 0);
	ck_assert_uint_lt(early, EACH);
	ck_assert_uint_eq(harness_queued(&h), 0);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* What comes behind something that is not due yet is found at its time. */
START_TEST(young_behind_old)
{
	struct harness h;
	struct remote tool;
	bool rome[2 * EACH];

	clock_shift(0);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	submit(&h, &tool, TO_ROME, 3);
	clock_shift(6 * MINUTES);
	harness_steps(&h, 3);
	submit(&h, &tool, TO_ROME, 4);
	clock_shift(11 * MINUTES);
	harness_steps(&h, 3);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 3);
	clock_shift(17 * MINUTES);
	harness_steps(&h, 3);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 7);
	ck_assert_uint_eq(harness_queued(&h), 0);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* Nothing more is returned while the disk has not taken what was. */
START_TEST(waits_for_disk)
{
	struct commit_member refused = {.order = COMMIT_BACKGROUND};
	struct expire expire = {.due = true};
	struct harness h;
	struct remote tool;
	bool rome[2 * EACH];

	clock_shift(0);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	submit(&h, &tool, TO_ROME, 3);
	clock_shift(11 * MINUTES);
	harness_steps(&h, 3);
	TAILQ_INSERT_TAIL(&h.qmgr.put_off, &refused, entry);
	expire_step(&h.qmgr, &expire);
	ck_assert(!expire.due);
	ck_assert(!commit_pending(&h.qmgr));
	TAILQ_REMOVE(&h.qmgr.put_off, &refused, entry);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 3);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/expire", TEST(links_in_turn), TEST(young_behind_old),
    TEST(waits_for_disk))
