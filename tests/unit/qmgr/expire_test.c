/* SPDX-License-Identifier: ISC */
/*
 * expire_test.c - messages whose time is over, found without a walk over all
 */
#include <lmdb.h>

#include "qmgr/expire.h"
#include "qmgr/links/link.h"
#include "store/db.h"
#include "tests/unit/qmgr/remote.h"

#define EACH	40
#define GONE	3
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

/* submit_until - submit a message that is of no use after so many minutes; its
 * queue id */
static uint64_t
submit_until(struct harness *h, struct remote *tool, int minutes)
{
	const char *to = TO_ROME;
	struct ipc_record record;
	struct p1_envelope e;

	arena_reset(&h->arena);
	harness_envelope(h, &e, 1, &to);
	ck_assert_int_eq(p1_set_latest_delivery_time(&e.extensions, &h->arena,
			     clock_wall() / 1000 + minutes * 60),
	    0);
	remote_submit(
	    tool, harness_octets(h, &e), slice_of_string("text"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* What has a time of its own is returned then, though what stands before it is
 * not due, and whoever held it meanwhile is not passed over for ever. */
START_TEST(own_time)
{
	struct store_message m;
	struct harness h;
	struct remote tool;
	bool rome[2 * EACH];
	uint64_t held;

	clock_shift(0);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	submit(&h, &tool, TO_ROME, 3);
	(void)submit_until(&h, &tool, 4);
	held = submit_until(&h, &tool, 2);
	(void)submit_until(&h, &tool, 2);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, held, STORE_HEAD, &h.arena, &m), 0);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	m.state = STORE_HELD;
	ck_assert_int_eq(store_message_update(h.qmgr.store, &m), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	clock_shift(3 * MINUTES);
	harness_steps(&h, 3);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 1);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	m.state = STORE_READY;
	ck_assert_int_eq(store_message_update(h.qmgr.store, &m), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	clock_shift(5 * MINUTES);
	harness_steps(&h, 3);
	expire_all(&h);
	ck_assert_uint_eq(expired(&h, rome), 3);
	ck_assert_uint_eq(harness_queued(&h), 3);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* put_entry - put an entry of no message into a queue that is closed */
static void
put_entries(const struct harness *h)
{
	char path[128];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	snprintf(path, sizeof(path), "%s/queue", h->directory);
	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_maxdbs(env, 32), 0);
	ck_assert_int_eq(mdb_env_open(env, path, 0, 0600), 0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	ck_assert_int_eq(mdb_dbi_open(txn, db_name(DB_EXPIRING), 0, &dbi), 0);
	for (uint64_t id = 77; id < 77 + GONE; id++) {
		struct db_key at = key_deferred(1000, id);
		MDB_val key = {at.len, at.octets}, none = {0, NULL};

		ck_assert_int_eq(mdb_put(txn, dbi, &key, &none, 0), 0);
	}
	ck_assert_int_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* Entries of messages that an older release deleted are removed, and not one
 * in each pass. */
START_TEST(own_time_of_nobody)
{
	struct harness h;
	int64_t time = -1;
	uint64_t id = 0;

	clock_shift(0);
	harness_init_conf(&h, conf);
	harness_close(&h);
	put_entries(&h);
	harness_open(&h);
	ck_assert_int_eq(store_expiring_next(h.qmgr.store, &time, &id), 0);
	expire_all(&h);
	time = -1;
	id = 0;
	ck_assert_int_eq(
	    store_expiring_next(h.qmgr.store, &time, &id), ERR_NOTFOUND);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/expire", TEST(links_in_turn), TEST(own_time),
    TEST(own_time_of_nobody), TEST(young_behind_old), TEST(waits_for_disk))
