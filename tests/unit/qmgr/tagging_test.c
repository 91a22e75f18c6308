/* SPDX-License-Identifier: ISC */
/*
 * tagging_test.c - what is learnt of a peer that aborts, and what it gets then
 */
#include "qmgr/sending/tagging.h"

#include "tests/unit/qmgr/batch_bench.h"

/* A history: t and a letter, that message was taken; a and a letter, it was
 * aborted. */
static const struct {
	const char *history;
	enum store_tagging end;
} histories[] = {
    {"", STORE_TAGGING_UNKNOWN},
    {"aA", STORE_TAGGING_DOUBTED},
    {"aAaAaA", STORE_TAGGING_DOUBTED},
    {"aAaB", STORE_TAGGING_EXPLICIT},
    {"aAaAaB", STORE_TAGGING_EXPLICIT},
    {"tA", STORE_TAGGING_IMPLICIT},
    {"aAtB", STORE_TAGGING_IMPLICIT},
    {"aAtA", STORE_TAGGING_IMPLICIT},
    {"tAaBaCaD", STORE_TAGGING_IMPLICIT},
    {"aAtBaCaD", STORE_TAGGING_IMPLICIT},
    /* Explicit fails as well, or an implicit one that was on its way is taken:
     * there is no way back. */
    {"aAaBaCaDaE", STORE_TAGGING_EXPLICIT},
    {"aAaBtC", STORE_TAGGING_EXPLICIT},
};

START_TEST(history)
{
	struct store_link known = {.number = 1};
	enum store_tagging before;

	for (const char *at = histories[_i].history; *at != '\0'; at += 2) {
		before = known.tagging;
		if (!tagging_next(&known,
			*at == 't' ? TAGGING_TAKEN : TAGGING_ABORTED,
			(uint64_t)at[1]))
			ck_assert_int_eq(known.tagging, before);
	}
	ck_assert_msg(known.tagging == histories[_i].end, "%s: %d",
	    histories[_i].history, known.tagging);
}
END_TEST

/* A job as the worker got it. */
struct got {
	uint64_t job, message;
	bool old; /* the peer is to be asked for it */
	size_t length;
	uint8_t envelope[4096];
};

/* take - take the next job */
static struct got
take(struct remote *r)
{
	struct ipc_record record;
	struct got got;

	remote_expect(r, IPC_JOB, &record);
	got.job = record.job.job;
	got.message = record.job.message;
	got.old = record.job.old.activity != 0;
	got.length = (size_t)record.job.envelope_length;
	ck_assert_uint_le(got.length, sizeof(got.envelope));
	ck_assert_uint_le(got.length, record.job.body.len);
	memcpy(got.envelope, record.job.body.data, got.length);
	return got;
}

/* tagging_of - find how the extensions of a job's envelope are tagged */
static enum extension_tagging
tagging_of(struct bench *b, const struct got *got)
{
	struct slice octets = slice_of(got->envelope, got->length);
	struct p1_envelope envelope;
	struct buffer out;
	bool implicit, explicit;

	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, octets, &b->h.arena, &envelope, NULL), 0);
	buffer_init(&out, sizeof(got->envelope) * 2);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &out), 0);
	implicit = slice_equal(buffer_slice(&out), octets);
	buffer_reset(&out);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_EXPLICIT, &out), 0);
	explicit = slice_equal(buffer_slice(&out), octets);
	buffer_fini(&out);
	ck_assert(implicit != explicit);
	return explicit ? EXTENSION_EXPLICIT : EXTENSION_IMPLICIT;
}

/* end - say how a job ended */
static void
end(struct remote *r, const struct got *got, enum ipc_result result,
    bool user_error)
{
	remote_send(r,
	    &(struct ipc_record){.type = IPC_OUTCOME,
		.outcome = {.job = got->job,
		    .result = result,
		    .doubtful = result == IPC_INTERRUPTED,
		    .user_error = user_error}});
}

/* take_explicit - take so many jobs, which have explicit tags but for the one
 * that the peer may have: that is as it was */
static void
take_explicit(
    struct bench *b, struct remote *r, int count, const struct got *begun)
{
	bool came = false;

	for (int i = 0; i < count; i++) {
		struct got now = take(r);

		if (now.message != begun->message) {
			ck_assert_int_eq(
			    tagging_of(b, &now), EXTENSION_EXPLICIT);
			end(r, &now, IPC_TRANSFERRED, false);
			continue;
		}
		came = true;
		ck_assert(now.old);
		ck_assert_uint_eq(now.length, begun->length);
		ck_assert_mem_eq(now.envelope, begun->envelope, begun->length);
	}
	ck_assert(came);
	remote_quiet(r);
}

/* What waits gets explicit tags, but for what the peer may have; a restart
 * changes nothing. */
START_TEST(what_waits)
{
	struct bench b;
	struct remote r;
	struct got first[4];
	uint64_t ids[4];

	batch_bench_begin(&b, &r, ids, 4);
	for (int i = 0; i < 4; i++) {
		first[i] = take(&r);
		ck_assert_uint_eq(first[i].message, ids[i]);
		ck_assert_int_eq(tagging_of(&b, &first[i]), EXTENSION_IMPLICIT);
	}
	end(&r, &first[0], IPC_TRANSIENT, true);
	harness_steps(&b.h, 10);
	ck_assert(!harness_log_has(&b.h, " 20215 "));
	end(&r, &first[1], IPC_TRANSIENT, true);
	harness_steps(&b.h, 10);
	ck_assert(harness_log_has(&b.h, " 20215 "));
	/* The association ends in one, and before another. */
	b.h.qmgr.stopping = true;
	end(&r, &first[2], IPC_INTERRUPTED, false);
	end(&r, &first[3], IPC_UNSTARTED, false);
	harness_steps(&b.h, 10);
	remote_close(&r);
	b.h.qmgr.stopping = false;
	(void)bench_submit(&b, TO_ROME);
	bench_open_by(&b, &r, "2");
	take_explicit(&b, &r, 3, &first[2]);
	ck_assert_uint_eq(harness_queued(&b.h), 3);
	bench_reopen(&b);
	remote_close(&r);
	(void)bench_submit(&b, TO_ROME);
	bench_open_by(&b, &r, "3");
	take_explicit(&b, &r, 2, &first[2]);
	ck_assert_uint_eq(harness_queued(&b.h), 3);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A peer that took one is not doubted. */
START_TEST(taken_once)
{
	struct bench b;
	struct remote r;
	struct got got[4];
	uint64_t ids[4];

	batch_bench_begin(&b, &r, ids, 4);
	for (int i = 0; i < 4; i++)
		got[i] = take(&r);
	end(&r, &got[0], IPC_TRANSIENT, true);
	end(&r, &got[1], IPC_TRANSFERRED, false);
	end(&r, &got[2], IPC_TRANSIENT, true);
	end(&r, &got[3], IPC_TRANSIENT, true);
	harness_steps(&b.h, 10);
	ck_assert(!harness_log_has(&b.h, " 20215 "));
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/tagging",
	  TEST_LOOP(history, sizeof(histories) / sizeof(histories[0]));
	  TEST(what_waits); TEST(taken_once))
