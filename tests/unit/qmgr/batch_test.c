/* SPDX-License-Identifier: ISC */
/*
 * batch_test.c - what is on its way bears a name, before it is sent and until
 * its fate is settled
 */
#include "qmgr/links/link.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/sequence.h"
#include "tests/references.h"
#include "tests/unit/qmgr/batch_bench.h"

/* sequence - name a sequence: from this job on, this number of that session */
static void
sequence(struct remote *r, uint64_t job, uint64_t activity, const char *name)
{
	struct ipc_record record = {.type = IPC_SEQUENCE};

	record.sequence.job = job;
	record.sequence.name.activity = activity;
	record.sequence.name.references =
	    references_of("MTA-TEST", "261127091831Z", name);
	remote_send(r, &record);
}

/* sequence_answered - check that the same sequence comes back */
static void
sequence_answered(
    struct remote *r, uint64_t job, uint64_t activity, const char *name)
{
	struct ipc_record record;

	remote_expect(r, IPC_SEQUENCE, &record);
	ck_assert_uint_eq(record.sequence.job, job);
	ck_assert_uint_eq(record.sequence.name.activity, activity);
	ck_assert(reference_is(
	    &record.sequence.name.references, SESSION_CALLING, "MTA-TEST"));
	ck_assert(reference_is(
	    &record.sequence.name.references, SESSION_ADDITIONAL, name));
}

/* When the worker sees the first job the batch of all is in the store; with
 * their outcomes it leaves. */
START_TEST(noted_before_sent)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t ids[5], jobs[5];

	batch_bench_begin(&b, &r, ids, 5);
	jobs[0] = batch_bench_take(&r, ids[0], 1);
	ck_assert(batch_bench_stored(&b, 0, &batch));
	ck_assert_uint_eq(batch.link, b.link->number);
	ck_assert_uint_eq(batch.first_activity, 1);
	ck_assert_int_gt(batch.time, clock_wall() - 60000);
	ck_assert_int_le(batch.time, clock_wall());
	ck_assert(reference_is(&batch.references, SESSION_CALLING, "MTA-TEST"));
	ck_assert(reference_is(&batch.references, SESSION_ADDITIONAL, "1"));
	ck_assert_uint_eq(batch.count, 5);
	for (int i = 0; i < 5; i++)
		ck_assert_uint_eq(batch.messages[i], ids[i]);
	for (unsigned i = 1; i < 5; i++)
		jobs[i] = batch_bench_take(&r, ids[i], i + 1);
	for (int i = 0; i < 4; i++)
		remote_outcome(&r, jobs[i], IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	batches_tick(&b.h.qmgr);
	harness_steps(&b.h, 10);
	ck_assert(batch_bench_stored(&b, 0, &batch));
	remote_outcome(&r, jobs[4], IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	/* the numbers go on */
	batch_bench_submit(&b, ids, 1);
	batch_bench_take(&r, ids[0], 6);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* Without references it is as ever. */
START_TEST(no_references)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t id;

	bench_init(&b, "rome");
	batch_bench_submit(&b, &id, 1);
	bench_open(&b, &r);
	batch_bench_take(&r, id, 0);
	ck_assert(!batch_bench_stored(&b, 0, &batch));
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* The jobs of a worker that went are handed out with the name that they may
 * have been sent by; others get numbers after it. The name stays until its fate
 * is settled, whoever asks. */
START_TEST(worker_dies)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t ids[3], more, job;

	batch_bench_begin(&b, &r, ids, 3);
	job = batch_bench_take(&r, ids[0], 1);
	batch_bench_take(&r, ids[1], 2);
	batch_bench_take(&r, ids[2], 3);
	remote_outcome(&r, job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	remote_close(&r);
	batch_bench_submit(&b, &more, 1);
	for (int round = 0; round < 2; round++) {
		bench_open_by(&b, &r, round == 0 ? "2" : "3");
		batch_bench_take_old(&r, ids[1], 1, "1", 2);
		job = batch_bench_take_old(&r, ids[2], 2, "1", 3);
		if (round == 0) {
			batch_bench_take(&r, more, 3);
			ck_assert(batch_bench_stored(&b, 1, &batch));
			ck_assert_uint_eq(batch.messages[0], 0);
			ck_assert_uint_eq(batch.messages[1], 0);
			ck_assert_uint_eq(batch.messages[2], more);
		} else
			batch_bench_take_old(&r, more, 3, "2", 3);
		/* a capability that says nothing of an earlier try */
		remote_outcome(&r, job, IPC_UNSTARTED);
		batch_bench_take_old(&r, ids[2], 4, "1", 3);
		remote_close(&r);
	}
	bench_open_by(&b, &r, "4");
	remote_outcome(
	    &r, batch_bench_take_old(&r, ids[1], 1, "1", 2), IPC_TRANSFERRED);
	remote_outcome(
	    &r, batch_bench_take_old(&r, ids[2], 2, "1", 3), IPC_TRANSFERRED);
	remote_outcome(
	    &r, batch_bench_take_old(&r, more, 3, "2", 3), IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* Names outlive the queue manager; those of messages that have left go. */
START_TEST(manager_dies)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t ids[3], job;

	batch_bench_begin(&b, &r, ids, 3);
	job = batch_bench_take(&r, ids[0], 1);
	batch_bench_take(&r, ids[1], 2);
	batch_bench_take(&r, ids[2], 3);
	remote_outcome(&r, job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	bench_reopen(&b);
	ck_assert_uint_eq(b.h.qmgr.batches->names.count, 2);
	remote_close(&r);
	bench_open_by(&b, &r, "2");
	batch_bench_take_old(&r, ids[1], 1, "1", 2);
	batch_bench_take_old(&r, ids[2], 2, "1", 3);
	ck_assert(batch_bench_stored(&b, 0, &batch));
	/* nothing of the new one was worth noting */
	ck_assert(!batch_bench_stored(&b, 1, &batch));
	ck_assert_int_eq(store_begin(b.h.qmgr.store), 0);
	ck_assert_int_eq(store_message_delete(b.h.qmgr.store, ids[1]), 0);
	ck_assert_int_eq(store_message_delete(b.h.qmgr.store, ids[2]), 0);
	ck_assert_int_eq(store_commit(b.h.qmgr.store), 0);
	bench_reopen(&b);
	remote_close(&r);
	batch_bench_none_left(&b);
	bench_fini(&b);
}
END_TEST

/* Some outcomes leave a message its name, others end it. */
START_TEST(outcomes)
{
	static const struct {
		enum ipc_result result;
		bool doubtful, keeps;
	} cases[] = {{IPC_TRANSFERRED, false, false},
	    {IPC_UNSTARTED, false, false}, {IPC_TRANSIENT, false, false},
	    {IPC_TRANSIENT, true, true}, {IPC_REFUSED, false, false},
	    {IPC_INTERRUPTED, true, true}, {IPC_INTERRUPTED, false, false}};
	struct bench b;
	struct remote r;
	uint64_t id, job;

	batch_bench_begin(&b, &r, &id, 1);
	job = batch_bench_take(&r, id, 1);
	/* lest what comes back is dispatched at once */
	b.h.qmgr.stopping = true;
	remote_send(&r,
	    &(struct ipc_record){.type = IPC_OUTCOME,
		.outcome = {.job = job,
		    .result = cases[_i].result,
		    .doubtful = cases[_i].doubtful}});
	harness_steps(&b.h, 10);
	b.h.qmgr.stopping = false;
	ck_assert_uint_eq(
	    b.h.qmgr.batches->names.count, cases[_i].keeps ? 1 : 0);
	if (!cases[_i].keeps)
		batch_bench_none_left(&b);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* An association that is busy gets no batch for each message. */
START_TEST(half_a_batch)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t ids[24], jobs[24];

	batch_bench_begin(&b, &r, ids, 24);
	for (unsigned i = 0; i < 16; i++)
		jobs[i] = batch_bench_take(&r, ids[i], i + 1);
	for (int i = 0; i < 7; i++)
		remote_outcome(&r, jobs[i], IPC_TRANSFERRED);
	remote_quiet(&r);
	remote_outcome(&r, jobs[7], IPC_TRANSFERRED);
	for (unsigned i = 16; i < 24; i++)
		jobs[i] = batch_bench_take(&r, ids[i], i + 1);
	ck_assert(batch_bench_stored(&b, 1, &batch));
	ck_assert_uint_eq(batch.count, 8);
	ck_assert_uint_eq(batch.first_activity, 17);
	for (int i = 8; i < 24; i++)
		remote_outcome(&r, jobs[i], IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A worker that went before its batch was committed has seen nothing of it:
 * there is nothing to ask for. */
START_TEST(lost_before_commit)
{
	struct bench b;
	struct remote r;
	struct ipc_record record;
	uint64_t ids[2], job;

	batch_bench_begin(&b, &r, ids, 1);
	job = batch_bench_take(&r, ids[0], 1);
	remote_outcome(&r, job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	/* Answered with its commit and given after that, as what has waited
	 * is. */
	b.h.qmgr.commit.hooks = NULL;
	batch_bench_submit(&b, ids + 1, 1);
	ck_assert(commit_pending(&b.h.qmgr));
	ck_assert(!remote_try(&r, &record));
	remote_close(&r);
	batch_bench_none_left(&b);
	bench_open_by(&b, &r, "2");
	batch_bench_take(&r, ids[1], 1);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A batch that cannot be noted is not sent: the worker is ended, its jobs come
 * back. */
START_TEST(not_noted)
{
	struct store_batch batch = {.count = 1, .messages = {1}};
	struct bench b;
	struct remote r;
	uint64_t id;

	bench_init(&b, "rome");
	batch_bench_submit(&b, &id, 1);
	ck_assert_int_eq(store_begin(b.h.qmgr.store), 0);
	for (int i = 0; i < STORE_BATCHES_MAX; i++)
		ck_assert_int_eq(store_batch_add(b.h.qmgr.store, &batch), 0);
	ck_assert_int_eq(store_commit(b.h.qmgr.store), 0);
	bench_open_by(&b, &r, "1");
	remote_dropped(&r);
	ck_assert(harness_log_has(&b.h, "a batch could not be noted"));
	ck_assert_uint_eq(b.h.qmgr.batches->kept, 0);
	ck_assert_int_eq(store_begin(b.h.qmgr.store), 0);
	for (uint64_t i = 1; i <= STORE_BATCHES_MAX; i++)
		ck_assert_int_eq(store_batch_remove(b.h.qmgr.store, i), 0);
	ck_assert_int_eq(store_commit(b.h.qmgr.store), 0);
	bench_open_by(&b, &r, "2");
	batch_bench_take(&r, id, 1);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A worker that begins its jobs by other names than were noted says so; when
 * it is answered these are in the store, and hold. */
START_TEST(sequences)
{
	struct bench b;
	struct remote r;
	struct store_batch batch;
	uint64_t ids[3], more, jobs[3];

	batch_bench_begin(&b, &r, ids, 2);
	batch_bench_take(&r, ids[0], 1);
	batch_bench_take(&r, ids[1], 2);
	remote_close(&r);
	batch_bench_submit(&b, ids + 2, 1);
	bench_open_by(&b, &r, "2");
	jobs[0] = batch_bench_take_old(&r, ids[0], 1, "1", 1);
	jobs[1] = batch_bench_take_old(&r, ids[1], 2, "1", 2);
	jobs[2] = batch_bench_take(&r, ids[2], 3);
	/* the first was completed, the second is not known to the peer */
	remote_outcome(&r, jobs[0], IPC_TRANSFERRED);
	sequence(&r, jobs[1], 5, "3");
	sequence_answered(&r, jobs[1], 5, "3");
	ck_assert(batch_bench_stored(&b, 0, &batch));
	while (
	    store_batch_next(b.h.qmgr.store, batch.id, &b.h.arena, &batch) == 0)
		continue;
	ck_assert_uint_eq(batch.first_activity, 5);
	ck_assert(reference_is(&batch.references, SESSION_ADDITIONAL, "3"));
	ck_assert_uint_eq(batch.count, 2);
	ck_assert_uint_eq(batch.messages[0], ids[1]);
	ck_assert_uint_eq(batch.messages[1], ids[2]);
	/* and what comes after goes on from there */
	batch_bench_submit(&b, &more, 1);
	batch_bench_take(&r, more, 7);
	bench_reopen(&b);
	remote_close(&r);
	bench_open_by(&b, &r, "4");
	batch_bench_take_old(&r, ids[1], 1, "3", 5);
	batch_bench_take_old(&r, ids[2], 2, "3", 6);
	batch_bench_take_old(&r, more, 3, "3", 7);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A number that one message was to have and another was given is no name of
 * the first any more, whenever the queue manager dies. */
START_TEST(numbers_taken)
{
	struct bench b;
	struct remote r;
	uint64_t ids[3], jobs[3];

	batch_bench_begin(&b, &r, ids, 3);
	for (unsigned i = 0; i < 3; i++)
		jobs[i] = batch_bench_take(&r, ids[i], i + 1);
	b.h.qmgr.stopping = true;
	remote_outcome(&r, jobs[1], IPC_UNSTARTED);
	sequence(&r, jobs[2], 2, "1");
	sequence_answered(&r, jobs[2], 2, "1");
	bench_reopen(&b);
	remote_close(&r);
	bench_open_by(&b, &r, "2");
	batch_bench_take_old(&r, ids[0], 1, "1", 1);
	batch_bench_take(&r, ids[1], 2);
	batch_bench_take_old(&r, ids[2], 3, "1", 2);
	remote_quiet(&r);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* refused - send a sequence as it may not be; return the error */
static int
refused(struct bench *b, uint64_t job, uint64_t activity, const char *name)
{
	struct ipc_record record = {.type = IPC_SEQUENCE};
	struct diag diag = {0};

	record.sequence.job = job;
	record.sequence.name.activity = activity;
	if (*name != '\0')
		record.sequence.name.references =
		    references_of("MTA-TEST", "261127091831Z", name);
	return sequence_take(
	    TAILQ_FIRST(&b->link->assocs)->client, &record, &diag);
}

/* A false sequence costs the worker its connection, and changes nothing. */
START_TEST(bad_sequences)
{
	struct bench b;
	struct remote r;
	uint64_t ids[3], jobs[2];

	batch_bench_begin(&b, &r, ids, 2);
	jobs[0] = batch_bench_take(&r, ids[0], 1);
	jobs[1] = batch_bench_take(&r, ids[1], 2);
	ck_assert_int_eq(refused(&b, jobs[1] + 9, 3, "1"), ERR_NOTFOUND);
	ck_assert_int_eq(refused(&b, jobs[1], 0, "1"), ERR_VALUE);
	ck_assert_int_eq(refused(&b, jobs[1], INT64_MAX, "1"), ERR_VALUE);
	/* the job before has it */
	ck_assert_int_eq(refused(&b, jobs[1], 1, "1"), ERR_VALUE);
	ck_assert_int_eq(refused(&b, jobs[1], 3, ""), ERR_VALUE);
	ck_assert(!commit_pending(&b.h.qmgr));
	sequence(&r, jobs[1] + 9, 3, "1");
	remote_dropped(&r);
	/* the names that were noted hold */
	bench_open_by(&b, &r, "2");
	batch_bench_take_old(&r, ids[0], 1, "1", 1);
	batch_bench_take_old(&r, ids[1], 2, "1", 2);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A name is not kept beyond the memory of the peer, nor beyond the link. */
START_TEST(forgotten)
{
	struct bench b;
	struct remote r;
	int64_t written;
	uint64_t id;

	batch_bench_begin(&b, &r, &id, 1);
	batch_bench_take(&r, id, 1);
	remote_close(&r);
	written = clock_wall();
	ck_assert_uint_eq(b.h.qmgr.batches->names.count, 1);
	if (_i == 0) {
		b.h.qmgr.conf->mta.duplicate_memory = 0;
		/* the name is older than that when the clock has moved */
		while (clock_wall() <= written)
			continue;
		b.h.qmgr.batches->pause = 0;
		batches_tick(&b.h.qmgr);
	} else {
		enum link_kind kind = b.link->kind;

		b.link->kind = LINK_GONE;
		batches_forget_gone(&b.h.qmgr);
		b.link->kind = kind;
	}
	batch_bench_none_left(&b);
	bench_open_by(&b, &r, "2");
	batch_bench_take(&r, id, 1);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A message that its peer may have takes no other route by itself: its peer
 * alone can be asked. */
START_TEST(stays_in_doubt)
{
	struct bench b;
	struct remote r;
	struct store_message message;
	uint64_t id;

	bench_init(&b, "paris");
	id = bench_submit(&b, TO_PARIS);
	bench_open_by(&b, &r, "1");
	batch_bench_take(&r, id, 1);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_DISABLE);
	remote_close(&r);
	harness_steps(&b.h, 20);
	ck_assert_int_eq(store_message_get(b.h.qmgr.store, id, STORE_HEAD,
			     &b.h.arena, &message),
	    0);
	ck_assert_uint_eq(message.link, b.link->number);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_ENABLE);
	bench_open_by(&b, &r, "2");
	batch_bench_take_old(&r, id, 1, "1", 1);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* set_expired - let the time of a message be over */
static void
set_expired(struct bench *b, uint64_t id)
{
	struct store *store = b->h.qmgr.store;
	struct store_message message;

	ck_assert_int_eq(
	    store_message_get(store, id, STORE_HEAD, &b->h.arena, &message), 0);
	message.expires = 1;
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_message_update(store, &message), 0);
	ck_assert_int_eq(store_commit(store), 0);
}

/* A message whose time is over, and that its peer may have, is asked for and
 * not sent again. */
START_TEST(asked_at_last)
{
	struct bench b;
	struct remote r;
	struct ipc_record record;
	uint64_t id;

	batch_bench_begin(&b, &r, &id, 1);
	batch_bench_take(&r, id, 1);
	set_expired(&b, id);
	remote_close(&r);
	bench_open_by(&b, &r, "2");
	remote_expect(&r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.old.activity, 1);
	ck_assert(record.job.only_asked);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* Two associations are never the same session connection. */
START_TEST(same_references)
{
	struct bench b;
	struct remote r, other;
	uint64_t ids[80];

	batch_bench_begin(&b, &r, ids, 80);
	batch_bench_take(&r, ids[0], 1);
	bench_open_by(&b, &other, "1");
	remote_dropped(&other);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/batch", TEST(noted_before_sent), TEST(no_references),
    TEST(worker_dies), TEST(manager_dies), TEST_LOOP(outcomes, 7),
    TEST(half_a_batch), TEST(lost_before_commit), TEST(not_noted),
    TEST(sequences), TEST(numbers_taken), TEST(bad_sequences),
    TEST_LOOP(forgotten, 2), TEST(same_references), TEST(stays_in_doubt),
    TEST(asked_at_last))
