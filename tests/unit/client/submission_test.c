/* SPDX-License-Identifier: ISC */
/*
 * submission_test.c - what a submission gives to qmgr, and when it waits
 */
#include "client/submission.h"

#include <string.h>

#include "client/limits.h"
#include "tests/unit/test.h"

/* The records that were given, in order. */
static struct {
	unsigned starts, pieces, ends, cancels;
	uint64_t octets, last;
	bool kept;
	unsigned waits;
	struct submission *submission; /* that a wait makes progress with */
	enum ipc_submit_result refuse;
} given;

static struct submitter submitter;
static struct submission submission;

static int
give(void *arg, const struct ipc_record *record)
{
	ck_assert_ptr_eq(arg, &given);
	switch ((int)record->type) {
	case IPC_SUBMIT_START:
		given.starts++;
		given.last = record->submit_start.submit;
		break;
	case IPC_SUBMIT_DATA:
		given.pieces++;
		given.octets += record->submit_data.data.len;
		ck_assert_uint_le(record->submit_data.data.len, IPC_PIECE_MAX);
		break;
	case IPC_SUBMIT_END:
		given.ends++;
		given.last = record->submit_end.content_length;
		break;
	case IPC_SUBMIT_CANCEL:
		given.cancels++;
		given.kept = record->submit_cancel.keep;
		break;
	default:
		ck_abort_msg("%s", ipc_type_name(record->type));
	}
	return 0;
}

/* answer - answer a submission as qmgr does */
static void
answer(struct submission *to, uint64_t number, enum ipc_submit_result result)
{
	submission_take(to,
	    &(struct ipc_record){.type = IPC_SUBMIT_ANSWER,
		.submit_answer = {.submit = number,
		    .result = result,
		    .message = 42,
		    .mts_id = slice_of_string("A;1"),
		    .text = slice_of_string("why\n")}});
}

/* progress - tell that qmgr has committed so much */
static void
progress(struct submission *to, uint64_t offset)
{
	submission_take(to,
	    &(struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
		.submit_progress = {
		    .submit = to->number, .offset = offset, .marked = 7}});
}

static int
wait_progress(void *arg)
{
	ck_assert_ptr_eq(arg, &given);
	given.waits++;
	if (given.refuse != IPC_SUBMIT_ACCEPTED)
		answer(&submission, submission.number, given.refuse);
	else
		progress(&submission, submission.sent);
	return 0;
}

static int
wait_failing(void *arg)
{
	(void)arg;
	return ERR_CLOSED;
}

/* begin - begin a submission */
static void
begin(submission_wait_fn *wait)
{
	const struct ipc_submit_start start = {.kind = MTS_MESSAGE};

	memset(&given, 0, sizeof(given));
	submitter_init(&submitter, give, wait, &given);
	submission_init(&submitter, &submission);
	ck_assert_uint_eq(submission.number, 1);
	ck_assert_int_eq(submission.state, SUBMISSION_IDLE);
	ck_assert_int_eq(submission_start(&submitter, &submission, &start), 0);
	ck_assert_int_eq(submission.state, SUBMISSION_OPEN);
	ck_assert_uint_eq(given.last, 1);
}

static int
push(size_t len)
{
	static uint8_t octets[4 * IPC_UNANSWERED_MAX];

	ck_assert_uint_le(len, sizeof(octets));
	return submission_body(&submitter, &submission, slice_of(octets, len));
}

START_TEST(pieces_are_full)
{
	begin(NULL);
	ck_assert_int_eq(push(100), 0);
	ck_assert_uint_eq(given.pieces, 0);
	ck_assert_int_eq(push(IPC_PIECE_MAX), 0);
	ck_assert_uint_eq(given.pieces, 1);
	ck_assert_uint_eq(submission.sent, IPC_PIECE_MAX);
	ck_assert_int_eq(
	    submission_end(&submitter, &submission, 5, (struct slice){0}), 0);
	ck_assert_uint_eq(given.pieces, 2);
	ck_assert_uint_eq(given.octets, IPC_PIECE_MAX + 100);
	ck_assert_uint_eq(given.ends, 1);
	ck_assert_uint_eq(given.last, 5);
	ck_assert_int_eq(submission.state, SUBMISSION_ENDED);
	answer(&submission, 2, IPC_SUBMIT_REFUSED);
	ck_assert_int_eq(submission.state, SUBMISSION_ENDED);
	answer(&submission, 1, IPC_SUBMIT_DUPLICATE);
	ck_assert_int_eq(submission.state, SUBMISSION_ANSWERED);
	ck_assert_int_eq(submission.result, IPC_SUBMIT_DUPLICATE);
	ck_assert_uint_eq(submission.message, 42);
	ck_assert_str_eq(submission.mts_id, "A;1");
	ck_assert_ptr_null(strchr(submission.text, '\n'));
	submitter_fini(&submitter);
}
END_TEST

/* A full window: wait, where the submitter can. */
START_TEST(window_is_kept)
{
	begin(wait_progress);
	ck_assert_int_eq(push(2 * IPC_UNANSWERED_MAX), 0);
	ck_assert_uint_gt(given.waits, 1);
	ck_assert_uint_le(submission.sent - submission.committed,
	    LIMITS_WINDOW + IPC_PIECE_MAX);
	ck_assert_uint_eq(submission.marked, 7);
	submitter_fini(&submitter);
	begin(NULL);
	ck_assert_int_eq(push(2 * IPC_UNANSWERED_MAX), 0);
	ck_assert(!submission_room(&submission));
	progress(&submission, UINT64_MAX);
	ck_assert_uint_eq(submission.committed, submission.sent);
	ck_assert(submission_room(&submission));
	submitter_fini(&submitter);
	begin(wait_failing);
	ck_assert_int_eq(push(2 * IPC_UNANSWERED_MAX), ERR_CLOSED);
	submitter_fini(&submitter);
}
END_TEST

START_TEST(refusal_before_the_end)
{
	begin(wait_progress);
	given.refuse = IPC_SUBMIT_REFUSED;
	ck_assert_int_eq(push(2 * IPC_UNANSWERED_MAX), ERR_REFUSED);
	ck_assert_int_eq(submission.state, SUBMISSION_ANSWERED);
	/* qmgr has answered: there is nothing to cancel. */
	ck_assert_int_eq(
	    submission_cancel(&submitter, &submission, SUBMISSION_DROP), 0);
	ck_assert_uint_eq(given.cancels, 0);
	submitter_fini(&submitter);
}
END_TEST

START_TEST(cancelled_and_begun_again)
{
	const struct ipc_submit_start start = {.kind = MTS_MESSAGE};

	begin(NULL);
	ck_assert_int_eq(push(IPC_PIECE_MAX + 1), 0);
	ck_assert_int_eq(submission_start(&submitter, &submission, &start), 0);
	ck_assert_uint_eq(submission.sent, 0);
	ck_assert_uint_eq(given.last, 1);
	ck_assert_int_eq(
	    submission_cancel(&submitter, &submission, SUBMISSION_KEEP), 0);
	ck_assert_uint_eq(given.cancels, 1);
	ck_assert(given.kept);
	ck_assert_int_eq(
	    submission_cancel(&submitter, &submission, SUBMISSION_KEEP), 0);
	ck_assert_uint_eq(given.cancels, 1);
	submission_init(&submitter, &submission);
	ck_assert_uint_eq(submission.number, 2);
	submission_continue(&submission, 1000);
	ck_assert_int_eq(submission.state, SUBMISSION_OPEN);
	ck_assert_uint_eq(submission.sent, 1000);
	ck_assert(submission_room(&submission));
	submitter_fini(&submitter);
}
END_TEST

TEST_MAIN("client/submission", TEST(pieces_are_full), TEST(window_is_kept),
    TEST(refusal_before_the_end), TEST(cancelled_and_begun_again))
