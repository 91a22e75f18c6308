/* SPDX-License-Identifier: ISC */
/*
 * damage_test.c - one damaged record costs that record alone
 *
 * Five messages for a link are queued, 2 with a content of its own; one value
 * of the database is changed behind the store's back, and the queue manager is
 * started again.  It starts, all that is whole is sent, the list shows what is
 * not, which is set aside with an event and can be deleted, and the counts are
 * right in the end.
 */
#include <lmdb.h>

#include "qmgr/links/link.h"
#include "qmgr/sweep.h"
#include "store/db.h"
#include "tests/unit/qmgr/link_bench.h"

#define MESSAGES 5
#define LARGE	 9000
#define NOTHING	 0

/* The damage, and its cost. */
struct damage {
	const char *database;
	enum {
		REMOVE,
		SPOIL
	} how;
	uint64_t number; /* of the value; its key is made by kind_key */
	uint64_t costs;	 /* the message that is not sent; NOTHING */
};

static const struct damage damages[] = {
    {"messages", SPOIL, 1, 1},
    {"messages", SPOIL, 3, 3},
    {"messages", REMOVE, 3, 3},
    {"ready", REMOVE, 1, 1},
    {"ready", REMOVE, 4, 4},
    {"objects", REMOVE, 1, 2},
    {"objects", SPOIL, 1, 2},
    {"slices", REMOVE, 1, 2},
    {"counts", SPOIL, 0, NOTHING},
    {"links", SPOIL, 5, NOTHING},
    {"header", SPOIL, 0, NOTHING},
    {"header", REMOVE, 0, NOTHING},
    {"batches", SPOIL, 1, NOTHING},
    {"sessions", SPOIL, 1, NOTHING},
    {"intake", SPOIL, 1, NOTHING},
};
#define DAMAGES (sizeof(damages) / sizeof(damages[0]))

/* key_of - get the key of the value to be changed; counts: the first */
static struct db_key
key_of(const struct damage *d, uint32_t link)
{
	if (strcmp(d->database, "messages") == 0)
		return key_message(d->number, 0);
	if (strcmp(d->database, "ready") == 0)
		return key_ready(link, STORE_NORMAL, d->number);
	if (strcmp(d->database, "slices") == 0)
		return key_slice(d->number, 1);
	if (strcmp(d->database, "links") == 0)
		return key_link((uint32_t)d->number);
	if (strcmp(d->database, "header") == 0)
		return key_name("header");
	if (strcmp(d->database, "sessions") == 0)
		return key_session(d->number, 0);
	return key_id(d->number);
}

/* first_key - get the key of the first value of a database */
static MDB_val
first_key(MDB_txn *txn, MDB_dbi dbi)
{
	MDB_cursor *cursor;
	MDB_val key, value;

	ck_assert_int_eq(mdb_cursor_open(txn, dbi, &cursor), 0);
	ck_assert_int_eq(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
	mdb_cursor_close(cursor);
	return key;
}

/* spoil - change the value */
static void
spoil(const struct harness *h, const struct damage *d, uint32_t link)
{
	struct db_key at = key_of(d, link);
	MDB_val key = {at.len, at.octets};
	uint8_t junk[] = {0x30};
	MDB_val value = {sizeof(junk), junk};
	char path[128];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	snprintf(path, sizeof(path), "%s/queue", h->directory);
	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_maxdbs(env, 32), 0);
	ck_assert_int_eq(mdb_env_open(env, path, 0, 0600), 0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	ck_assert_int_eq(mdb_dbi_open(txn, d->database, 0, &dbi), 0);
	if (strcmp(d->database, "counts") == 0)
		key = first_key(txn, dbi);
	if (d->how == REMOVE)
		ck_assert_int_eq(mdb_del(txn, dbi, &key, NULL), 0);
	else
		ck_assert_int_eq(mdb_put(txn, dbi, &key, &value, 0), 0);
	ck_assert_int_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* fill - store five messages, and one each of all other records */
static void
fill(struct bench *b)
{
	static uint8_t octets[LARGE];
	const char *to = TO_PARIS;
	struct session_references r = {.calling = "a", .calling_len = 1};
	struct store_batch batch = {
	    .references = r, .count = 1, .link = 1, .messages = {1}};
	struct store_file file = {
	    .postoffice = 1, .name = slice_of_string("A.P1")};
	struct store *store = b->h.qmgr.store;
	struct ipc_record record;
	struct p1_envelope e;
	uint64_t session;

	for (uint64_t i = 1; i <= MESSAGES; i++) {
		if (i != 2) {
			ck_assert_uint_eq(bench_submit(b, TO_PARIS), i);
			continue;
		}
		harness_envelope(&b->h, &e, 1, &to);
		remote_submit(&b->tool, harness_octets(&b->h, &e),
		    slice_of(octets, sizeof(octets)), &record);
		ck_assert_int_eq(
		    record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	}
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_session_open(store, slice_of_string("P"),
			     b->link->number, &r, &session, NULL, NULL),
	    0);
	batch.link = b->link->number;
	ck_assert_int_eq(store_batch_add(store, &batch), 0);
	ck_assert_int_eq(store_intake_note(store, &file, 1), 0);
	ck_assert_int_eq(store_commit(store), 0);
}

/* The rows of a list. */
struct listed {
	unsigned rows;
	char state[MESSAGES + 1][32];
};

/* ask - send a request about messages: its exit status */
static int
ask(struct bench *b, const char *command, const char *argument,
    struct listed *listed)
{
	struct slice arguments[1];
	struct ipc_record record = {.type = IPC_REQUEST};
	int64_t id = 0;

	memset(listed, 0, sizeof(*listed));
	record.request.command = slice_of_string(command);
	record.request.arguments = arguments;
	record.request.argument_count = argument != NULL;
	if (argument != NULL)
		arguments[0] = slice_of_string(argument);
	remote_send(&b->tool, &record);
	for (;;) {
		remote_next(&b->tool, &record);
		if (record.type == IPC_DONE)
			return record.done.status;
		for (size_t i = 0; i < record.row.field_count; i++) {
			const struct ipc_field *f = &record.row.fields[i];

			if (slice_equal_string(f->name, "id"))
				id = f->number;
			if (slice_equal_string(f->name, "state") && id > 0 &&
			    id <= MESSAGES)
				snprintf(listed->state[id],
				    sizeof(listed->state[id]), "%.*s",
				    (int)f->octets.len,
				    (const char *)f->octets.data);
		}
		listed->rows++;
	}
}

/* send_all - act as a worker that takes all there is: which messages came */
static void
send_all(struct bench *b, bool sent[MESSAGES + 1])
{
	struct remote worker;
	struct ipc_record record;
	int idle = 0;

	bench_open(b, &worker);
	while (idle < 50) {
		if (!remote_try(&worker, &record)) {
			idle++;
			harness_step(&b->h);
			continue;
		}
		idle = 0;
		if (record.type != IPC_JOB)
			continue;
		ck_assert_uint_le(record.job.message, MESSAGES);
		ck_assert(!sent[record.job.message]);
		sent[record.job.message] = true;
		remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	}
	remote_close(&worker);
	harness_steps(&b->h, 10);
}

START_TEST(a_record_costs_itself_alone)
{
	const struct damage *d = &damages[_i];
	bool sent[MESSAGES + 1] = {false};
	struct listed listed;
	struct bench b;
	struct remote worker;
	char id[16];
	uint32_t link;

	bench_init(&b, "paris");
	fill(&b);
	link = b.link->number;
	remote_close(&b.tool);
	harness_steps(&b.h, 10);
	harness_close(&b.h);
	/* The connection for the first message ended with its queue manager. */
	while (remote_accept(&b.h, b.listener, &worker))
		remote_close(&worker);
	spoil(&b.h, d, link);
	harness_open(&b.h);
	b.link = harness_link(&b.h, b.name);
	remote_connect_as(&b.h, &b.tool, IPC_ROLE_TOOL, "x4queue");
	/* The list steps over it, and shows it. */
	ck_assert_int_eq(ask(&b, "list", NULL, &listed), 0);
	ck_assert_uint_ge(listed.rows,
	    d->how == REMOVE && strcmp(d->database, "messages") == 0
		? MESSAGES - 1
		: MESSAGES);
	send_all(&b, sent);
	sweep_tick(&b.h.qmgr);
	harness_steps(&b.h, 10);
	for (uint64_t i = 1; i <= MESSAGES; i++)
		ck_assert_msg(sent[i] == (i != d->costs), "message %d: sent %d",
		    (int)i, sent[i]);
	if (d->costs != NOTHING) {
		ck_assert_int_eq(ask(&b, "list", NULL, &listed), 0);
		if (listed.rows > 0) {
			ck_assert_uint_eq(listed.rows, 1);
			ck_assert(
			    strcmp(listed.state[d->costs], "damaged") == 0 ||
			    strcmp(listed.state[d->costs], "quarantined") == 0);
			ck_assert(harness_log_has(&b.h, " 20022 "));
			snprintf(id, sizeof(id), "%d", (int)d->costs);
			ck_assert_int_eq(ask(&b, "hold", id, &listed), 0);
			ck_assert_int_eq(ask(&b, "delete", id, &listed), 0);
		}
	} else {
		ck_assert(harness_log_has(&b.h, " 2015"));
	}
	/* x4ctl status has a line on it. */
	ck_assert_int_eq(ask(&b, "problems", NULL, &listed), 0);
	if (harness_log_has(&b.h, " 20150 "))
		ck_assert_uint_ge(listed.rows, 1);
	ck_assert_int_eq(ask(&b, "list", NULL, &listed), 0);
	ck_assert_uint_eq(listed.rows, 0);
	ck_assert_uint_eq(b.h.qmgr.active.count, 0);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/damage", TEST_LOOP(a_record_costs_itself_alone, DAMAGES))
