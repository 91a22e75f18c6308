/* SPDX-License-Identifier: ISC */
/*
 * resume.c - transfers of the peer that were cut, and go on (X.228 7.8, 8.6)
 */
#include "traffic/incoming/resume.h"

#include "base/log.h"
#include "traffic/incoming/mark.h"
#include "traffic/incoming/submit.h"

/* resume_ask - ask qmgr what it knows of the transfer that the peer resumes */
int
resume_ask(struct traffic *traffic, const struct association_event *event)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	struct ipc_record record = {.type = IPC_RESUME_CHECK};
	struct ipc_resume_check *check = &record.resume_check;

	submit_begin(traffic, event->activity);
	/* The association stays in the transfer without confirming anything
	 * until qmgr has answered. */
	t->state = INCOMING_ASKED;
	t->old_activity = event->old_activity;
	t->old_serial = event->serial;
	check->submit = t->submission.number;
	check->session = traffic->session.number;
	check->activity = event->activity;
	check->old.activity = event->old_activity;
	if (event->old_references != NULL)
		check->old.references = *event->old_references;
	return traffic_give(traffic, &record);
}

/* resume_mark - continue the transfer behind its mark; an error: that cannot
 * be done */
static int
resume_mark(struct traffic *traffic, const struct ipc_resume_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	struct association_receive_state state;
	int error;

	/* From here on qmgr has it under way, whatever fails. */
	submission_continue(&t->submission, answer->offset);
	error = mark_restore(traffic, answer->state, &state);
	if (error == 0)
		error =
		    association_resume_accept(&traffic->association, &state);
	if (error != 0)
		return error;
	t->kind = answer->kind;
	t->envelope_length = answer->envelope_length;
	t->content_length = traffic->in.reader.content_length;
	t->too_large = true; /* the octets before the mark are not here */
	t->commit = INCOMING_MARKED;
	return 0;
}

/* log_resumed - log what became of a transfer that the peer resumes */
static void
log_resumed(const struct traffic *traffic, const char *what)
{
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("activity", traffic->in.transfer.activity),
	    LOG_INT("offset", traffic->in.transfer.submission.sent),
	    LOG_STRING("message", what));
}

/*
 * begin_again - take all of a transfer that the peer resumes from its start
 *
 * The peer asks by its former name if it is cut once more, so qmgr is told
 * that name too.
 */
static void
begin_again(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t session = t->old_session;
	uint32_t activity = t->old_activity;

	if (association_resume_accept(&traffic->association, NULL) != 0) {
		submit_abort(traffic, ASSOCIATION_ABORT_LOCAL,
		    "a transfer cannot begin again");
		return;
	}
	submit_begin(traffic, t->activity);
	t->old_session = session;
	t->old_activity = activity;
	log_resumed(traffic, "it begins again");
}

/* resume_answered - continue the transfer as qmgr says */
void
resume_answered(struct traffic *traffic, const struct ipc_resume_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* The answer belongs to a transfer that has ended meanwhile. */
	if (t->state != INCOMING_ASKED ||
	    answer->submit != t->submission.number)
		return;
	t->state = INCOMING_COMING;
	t->old_session = answer->old_session;
	if (answer->result == IPC_RESUME_PARTIAL &&
	    resume_mark(traffic, answer) == 0) {
		log_resumed(traffic, "it goes on");
		return;
	}
	/* The peer lost our confirmation, not the message: confirming again
	 * ends its doubt. */
	if (answer->result == IPC_RESUME_COMPLETED &&
	    association_resume_completed(&traffic->association) == 0) {
		t->state = INCOMING_NONE;
		log_resumed(traffic, "it had been completed");
		return;
	}
	/* The transfer that qmgr had under way by this number is dropped; it
	 * goes on under another one or not at all. */
	submit_forget(traffic, SUBMISSION_DROP);
	/* A peer that resumes from the very start loses nothing by beginning
	 * again in this activity. */
	if (t->old_serial == 0 && answer->result != IPC_RESUME_COMPLETED &&
	    answer->result != IPC_RESUME_REFUSED) {
		begin_again(traffic);
		return;
	}
	log_resumed(traffic, "it is not known");
	/* The abort tells the peer that we know nothing of it, so that it
	 * begins anew (X.228 8.6). */
	(void)!association_resume_unknown(&traffic->association);
	traffic_enter(traffic, TRAFFIC_OVER);
}
