/* SPDX-License-Identifier: ISC */
/*
 * batch_many_test.c - much that is on its way: large messages, many batches
 */
#include "qmgr/links/job.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/batches.h"
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

/* references_by - make references of a number */
static struct session_references
references_by(unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return references_of(text, "", "");
}

/* Batches that have ended leave as fast as others are written. */
START_TEST(many_ended)
{
	struct store_batch batch;
	struct harness h;

	harness_init(&h);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	for (unsigned i = 0; i < 500; i++) {
		batch = (struct store_batch){
		    .link = harness_link(&h, "rome")->number,
		    .references = references_by(i),
		    .first_activity = 1,
		    .count = 1,
		    .messages = {1000000 + i}};
		ck_assert_int_eq(store_batch_add(h.qmgr.store, &batch), 0);
	}
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	harness_close(&h);
	harness_open(&h);
	batches_tick(&h.qmgr);
	harness_step(&h);
	ck_assert_int_eq(
	    store_batch_next(h.qmgr.store, 0, &h.arena, &batch), ERR_NOTFOUND);
	harness_fini(&h);
}
END_TEST

/* note_batch - put a message for a link in the store, with a name */
static uint64_t
note_batch(struct harness *h, const char *link, unsigned number)
{
	struct store_message m = {.kind = MTS_MESSAGE,
	    .state = STORE_HELD,
	    .priority = STORE_NORMAL,
	    .link = harness_link(h, link)->number,
	    .arrival = clock_wall(),
	    .mts_id = slice_of_string("x"),
	    .envelope = slice_of_string("e")};
	struct store_batch batch = {.link = m.link,
	    .references = references_by(number),
	    .first_activity = 1,
	    .time = m.arrival,
	    .count = 1};

	ck_assert_int_eq(store_message_add(h->qmgr.store, &m), 0);
	batch.messages[0] = m.id;
	ck_assert_int_eq(store_batch_add(h->qmgr.store, &batch), 0);
	return m.id;
}

/* The oldest name of a link that has too many goes, and not the oldest of
 * all. */
START_TEST(many_of_one_link)
{
	struct harness h;
	uint64_t lyon, first, last = 0;
	unsigned count = STORE_BATCHES_MAX - CLIENTS_MAX;

	harness_init(&h);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	lyon = note_batch(&h, "lyon", 0);
	first = note_batch(&h, "paris", 1);
	for (unsigned i = 2; i <= count; i++)
		last = note_batch(&h, "paris", i);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	harness_close(&h);
	harness_open(&h);
	ck_assert_uint_gt(h.qmgr.batches->kept, count);
	batches_make_room(&h.qmgr);
	ck_assert_ptr_null(batch_name_get(&h.qmgr, first));
	ck_assert_ptr_nonnull(batch_name_get(&h.qmgr, lyon));
	ck_assert_ptr_nonnull(batch_name_get(&h.qmgr, last));
	harness_fini(&h);
}
END_TEST

#define LARGE	 400000
#define LARGES	 16
#define ASKED_AT ((uint64_t)4 * IPC_PIECE_MAX) /* as much as x400out */

/* A worker that is given large messages, as x400out is. */
struct large {
	struct remote r;
	struct ipc_job jobs[LARGES + 1];
	unsigned come, done;
	uint64_t asked, got; /* of the body of the first that is not done */
};

/* ask_ahead - ask for what of the first job's body it may have before it */
static void
ask_ahead(struct large *l)
{
	const struct ipc_job *job = &l->jobs[l->done];
	uint64_t whole = job->envelope_length + job->content_length;

	while (l->done < l->come && l->asked < whole &&
	    l->asked - l->got + IPC_PIECE_MAX <= ASKED_AT) {
		struct ipc_record record = {.type = IPC_BODY_REQUEST};
		uint64_t left = whole - l->asked;

		record.body_request.job = job->job;
		record.body_request.offset = l->asked;
		record.body_request.length =
		    left < IPC_PIECE_MAX ? (uint32_t)left : IPC_PIECE_MAX;
		l->asked += record.body_request.length;
		remote_send(&l->r, &record);
	}
}

/* large_take - take one record of qmgr's */
static void
large_take(struct large *l, const struct ipc_record *record)
{
	const struct ipc_job *job = &l->jobs[l->done];

	if (record->type == IPC_JOB) {
		ck_assert_uint_lt(l->come, LARGES);
		l->jobs[l->come++] = record->job;
		if (l->come - l->done == 1)
			l->asked = l->got = record->job.body.len;
	} else {
		ck_assert_int_eq(record->type, IPC_BODY);
		ck_assert_uint_eq(record->body.offset, l->got);
		l->got += record->body.data.len;
	}
	if (l->got < job->envelope_length + job->content_length)
		return;
	remote_outcome(&l->r, job->job, IPC_TRANSFERRED);
	l->done++;
	l->asked = l->got = IPC_PIECE_MAX; /* came with the job */
}

/* A worker never has more unread than it is allowed, of jobs given before they
 * are noted and of the bodies that it asks for meanwhile. */
START_TEST(large_ones)
{
	static struct large l;
	const char *to = TO_LYON;
	uint8_t *content = calloc(1, LARGE);
	struct ipc_record record;
	struct p1_envelope e;
	struct bench b;

	bench_init(&b, "lyon");
	ck_assert_ptr_nonnull(content);
	for (int i = 0; i < LARGES; i++) {
		harness_envelope(&b.h, &e, 1, &to);
		remote_submit(&b.tool, harness_octets(&b.h, &e),
		    slice_of(content, LARGE), &record);
	}
	l = (struct large){.come = 0};
	bench_open_by(&b, &l.r, "aa");
	for (int i = 0; i < 10000 && l.done < LARGES; i++) {
		while (remote_try(&l.r, &record))
			large_take(&l, &record);
		ck_assert_msg(
		    !l.r.closed, "closed with %u of %u done", l.done, l.come);
		ask_ahead(&l);
		harness_step(&b.h);
	}
	ck_assert_uint_eq(l.done, LARGES);
	free(content);
	remote_close(&l.r);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/batch/many", TEST(large_ones), TEST(many_ended);
	  TEST(many_of_one_link))
