/* SPDX-License-Identifier: ISC */
/*
 * dispatch.c - jobs to the workers
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/demand.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/body.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/expand.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/outcome_apply.h"
#include "qmgr/sending/passed.h"
#include "qmgr/sending/retag.h"
#include "qmgr/sending/suspect.h"
#include "qmgr/sending/wanted.h"
#include "store/store.h"

/* With more than this unread before a worker it gets no further job. */
#define UNREAD_MAX (IPC_UNANSWERED_MAX - IPC_RECORD_MAX)

/* The beginning of the body that goes with a job. */
#define BODY_START IPC_PIECE_MAX

/* note_of - read what a worker had noted of an earlier try of a large
 * message */
static int
note_of(struct qmgr *qmgr, const struct link *link,
    const struct store_message *message, struct slice *note)
{
	struct store_delivery delivery;
	int rc;

	*note = slice_of(NULL, 0);
	/* Small contents are sent again as a whole: nothing is noted of
	 * them. */
	if (link->kind != LINK_MSMAIL && link->kind != LINK_APPLICATION &&
	    message->content_id == 0)
		return 0;
	rc = store_delivery_get(
	    qmgr->store, message->id, &qmgr->arena, &delivery);
	if (rc == 0)
		*note = delivery.name;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* key_of_report - find the key under which an application submitted what a
 * report to it is about; empty: another did, or it is not known any more */
static struct slice
key_of_report(struct qmgr *qmgr, const struct link *link,
    const struct store_message *message)
{
	/* A report that returns a large content has its own outside; its
	 * program goes by the identifier of the subject. */
	return link->kind != LINK_APPLICATION || message->kind != MTS_REPORT ||
		message->content_id != 0
	    ? slice_of(NULL, 0)
	    : passed_key(qmgr, link, message->content);
}

/* How a worker is to treat a job. */
enum job_use {
	JOB_SENT,
	JOB_ONLY_ASKED /* the peer may have it, and is not sent it again */
};

/* send_job - hand a message to a worker */
static int
send_job(struct qmgr *qmgr, struct assoc *assoc,
    const struct store_message *message, enum job_use use)
{
	struct ipc_record record = {
	    .type = IPC_JOB, .job = {.only_asked = use == JOB_ONLY_ASKED}};
	struct ipc_job *out = &record.job;
	struct job *job;
	int rc;

	/* The record of a job is sent at once, so whatever can fail is done
	 * before the message is claimed. */
	rc = note_of(qmgr, assoc->link, message, &out->note);
	if (rc == 0)
		rc = batch_prepare(assoc);
	/* Nothing was claimed yet; the caller resets the list that is read
	 * ahead, and the message is found again. */
	if (rc < 0)
		return rc;
	job = dispatch_claim(qmgr, assoc->link, message);
	if (job == NULL)
		return ERR_NOMEM;
	/* A first piece goes along, so that a small message needs no
	 * question. */
	rc = body_start(qmgr, job, message, BODY_START, &out->body);
	if (rc < 0) {
		dispatch_release(qmgr, job);
		return rc;
	}
	out->job = job->id;
	out->message = message->id;
	out->kind = message->kind;
	out->priority = (uint32_t)message->priority;
	out->envelope_length = job->envelope_length;
	out->content_length = message->content_length;
	out->mts_id = message->mts_id;
	out->submission = key_of_report(qmgr, assoc->link, message);
	/* From here on the job belongs to the association: if that ends,
	 * return_jobs takes it back. */
	job->assoc = assoc;
	TAILQ_INSERT_TAIL(&assoc->jobs, job, entry);
	assoc->job_count++;
	assoc->given++;
	/* Names are given in the order of sending, which is the order in which
	 * the worker will number its activities. */
	batch_add(assoc, job, out);
	client_send(assoc->client, &record);
	return 0;
}

/* dispatch_reads - tell whether a worker reads what it is sent */
bool
dispatch_reads(const struct assoc *assoc)
{
	return ipc_channel_pending(&assoc->client->channel) <= UNREAD_MAX;
}

/*
 * has_room - tell whether an association can take one more job now
 *
 * One that is busy is given more when it has half a batch left, so that no
 * batch is written for each.
 */
static bool
has_room(const struct assoc *assoc)
{
	uint32_t outstanding = assoc->link->policy.outstanding;

	return (outstanding == 0 || assoc->job_count < outstanding) &&
	    (!assoc->asks || assoc->given < assoc->wanted) &&
	    assoc->state == ASSOC_BOUND && assoc->job_count < ASSOC_JOBS_MAX &&
	    (assoc->connection == NULL || batch_open(assoc) ||
		assoc->job_count <= ASSOC_JOBS_MAX / 2) &&
	    dispatch_reads(assoc);
}

/* Which associations of a link are given jobs. */
enum lane {
	LANE_COMMON,
	LANE_URGENT /* the one for urgent messages and reports */
};

/* choose_assoc - find the association with the fewest jobs that can take one,
 * or NULL */
static struct assoc *
choose_assoc(const struct link *link, enum lane lane)
{
	struct assoc *assoc, *best = NULL;

	TAILQ_FOREACH(assoc, &link->assocs, entry) {
		/* The association for urgent messages stays free of others, or
		 * an urgent one would wait behind a large ordinary one. */
		if (assoc->urgent != (lane == LANE_URGENT) || !has_room(assoc))
			continue;
		if (best == NULL || assoc->job_count < best->job_count)
			best = assoc;
	}
	return best;
}

/* set_aside - set a record aside that cannot be read, before it stops the
 * others */
static void
set_aside(struct qmgr *qmgr, struct link *link, uint64_t id, const char *why)
{
	struct store_message stub = {.id = id, .priority = STORE_NORMAL};
	struct job *job = dispatch_claim(qmgr, link, &stub);

	/* Without memory the message is found again, as unreadable as
	 * before. */
	if (job != NULL)
		outcome_unusable(qmgr, job, why);
}

/* The verdicts on a message whose turn it is. */
enum turn {
	TURN_SEND,
	TURN_ASK, /* whether the peer has it: it is over otherwise */
	TURN_WAIT,
	TURN_EXPIRE,
	TURN_EXHAUST
};

/* judge_turn - decide what is to be done with a message; one that is over, and
 * that the peer may have, ends only by the peer's word */
static enum turn
judge_turn(
    struct qmgr *qmgr, struct link *link, const struct store_message *message)
{
	bool doubtful = doubtful_is(qmgr, message->id);

	if (message->expires != 0 && message->expires <= clock_wall() &&
	    !timekeeper_doubts(&qmgr->time)) {
		/* A worker that writes files looks for this one first. */
		if (doubtful_has_file(qmgr, link, message->id))
			return TURN_SEND;
		return doubtful ? TURN_ASK : TURN_EXPIRE;
	}
	switch (suspect_judge(qmgr, link, message)) {
	case SUSPECT_WAITS:
		return TURN_WAIT;
	case SUSPECT_EXHAUSTED:
		return doubtful ? TURN_ASK : TURN_EXHAUST;
	case SUSPECT_GOES:
		break;
	}
	return doubtful && outcome_tries_over(&link->policy, message, 1)
	    ? TURN_ASK
	    : TURN_SEND;
}

/* is_plain - tell whether a message is new and only to be sent */
static bool
is_plain(
    struct qmgr *qmgr, struct link *link, const struct store_message *message)
{
	return message->attempts == 0 && message->transfer_attempts == 0 &&
	    message->crashes == 0 &&
	    (message->expires == 0 || message->expires > clock_wall()) &&
	    suspect_find(link, message->id) == NULL &&
	    !doubtful_is(qmgr, message->id) &&
	    !retag_is_due(qmgr, link, message);
}

/* end_message - end a message whose time or tries are over */
static int
end_message(struct qmgr *qmgr, struct link *link,
    const struct store_message *message, enum turn turn)
{
	struct job *job = dispatch_claim(qmgr, link, message);
	char reason[STORE_REASON_MAX];

	if (job == NULL)
		return ERR_NOMEM;
	/* The reason comes from a peer, and goes into a report and the log. */
	escape_text(reason, sizeof(reason), message->reason);
	if (turn == TURN_EXPIRE)
		outcome_expired(qmgr, job);
	else
		outcome_exhausted(qmgr, job, reason);
	return 0;
}

/* do_turn - do what is to be done with a message whose turn it is */
static int
do_turn(struct qmgr *qmgr, struct link *link, struct assoc *assoc,
    const struct store_message *message)
{
	enum turn turn;
	int rc;

	/* Whatever is not plainly to be sent changes memory that an undone
	 * transaction would have to give back. */
	if (qmgr->commit.early && !is_plain(qmgr, link, message))
		return ERR_AGAIN;
	turn = judge_turn(qmgr, link, message);
	switch (turn) {
	case TURN_SEND:
		rc = retag_message(qmgr, link, message);
		return rc != 0 ? rc : send_job(qmgr, assoc, message, JOB_SENT);
	case TURN_ASK:
		return send_job(qmgr, assoc, message, JOB_ONLY_ASKED);
	case TURN_WAIT:
		break;
	case TURN_EXPIRE:
	case TURN_EXHAUST:
		return end_message(qmgr, link, message, turn);
	}
	return 0;
}

/*
 * dispatch_one - give a message to an association
 *
 * 0, or an error: no more now, and the message is to be found again.
 */
static int
dispatch_one(
    struct qmgr *qmgr, struct link *link, struct assoc *assoc, uint64_t id)
{
	struct store_message message;
	int rc;

	arena_reset(&qmgr->arena);
	/* Named for the watchdog and for a crash: if reading this record ends
	 * the process, the next start knows which one it was. */
	qmgr_item(qmgr, id);
	rc = store_message_get(
	    qmgr->store, id, STORE_BRIEF, &qmgr->arena, &message);
	/* Expiry is not judged while the clock is in doubt: a wrong clock would
	 * return the whole queue to its senders. */
	if (rc == 0 &&
	    (message.state != STORE_READY || message.link != link->number))
		return 0; /* it has changed since it was read ahead */
	/* Deleted since it was read ahead. */
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc == 0)
		rc = do_turn(qmgr, link, assoc, &message);
	/* Memory returns; the message must not be set aside for the want of
	 * it.  One that cannot be read is set aside when it is committed. */
	if (rc == ERR_NOMEM || rc == ERR_AGAIN ||
	    (rc < 0 && qmgr->commit.early))
		return rc;
	/* Unreadable records would be found first in each step, and nothing
	 * behind them would ever leave. */
	if (rc < 0)
		set_aside(qmgr, link, id,
		    rc == ERR_NOTFOUND ? "its content is missing"
				       : store_reason(qmgr->store));
	return 0;
}

/* fill_assocs - give associations of one sort what they can take; an urgent
 * message does not go behind others where one of its own is about to be
 * opened */
static void
fill_assocs(struct qmgr *qmgr, struct link *link, enum lane lane)
{
	bool reserves = lane == LANE_COMMON && demand_reserves(qmgr, link);
	struct assoc *assoc;
	uint64_t id;

	while ((assoc = choose_assoc(link, lane)) != NULL) {
		/* Where the demand for an urgent association is not yet met, an
		 * urgent message waits for it rather than behind a job at work
		 * here. */
		enum store_priority first = reserves && assoc->job_count > 0
		    ? STORE_NORMAL
		    : STORE_URGENT;

		enum store_priority last = lane == LANE_URGENT
		    ? STORE_URGENT
		    : demand_lets(qmgr, link);

		if (ready_take(qmgr, link, first, last, &id) < 0)
			return;
		if (dispatch_one(qmgr, link, assoc, id) < 0) {
			/* The list read ahead has lost an id that was taken
			 * and not sent; reading it again from the store
			 * finds it. */
			ready_reset(link);
			return;
		}
	}
}

/* fill_last - give what stepped back to associations that can take more */
static void
fill_last(struct qmgr *qmgr, struct link *link)
{
	struct assoc *assoc;
	uint64_t id;

	/* Suspects go last, and never over the urgent association, which they
	 * might end. */
	while ((assoc = choose_assoc(link, LANE_COMMON)) != NULL &&
	    (id = suspect_next(qmgr, link)) != 0)
		if (dispatch_one(qmgr, link, assoc, id) < 0) {
			ready_reset(link);
			return;
		}
}

/* dispatch_link - give the link's associations what they can take */
void
dispatch_link(struct qmgr *qmgr, struct link *link)
{
	/* Lists have no association; the queue manager is its own worker for
	 * them. */
	if (link->kind == LINK_LIST)
		expand_link(qmgr, link);
	/* A worker of the qmgr before may be sending what an association that
	 * the peer has opened would be given now. */
	if (link->bound == 0 || link->left > 0 || qmgr->stopping)
		return;
	/* The urgent association first, so that urgent messages are not taken
	 * by the common ones. */
	fill_assocs(qmgr, link, LANE_URGENT);
	fill_assocs(qmgr, link, LANE_COMMON);
	fill_last(qmgr, link);
	/* A job that is given early may be taken back. */
	if (link->kind == LINK_APPLICATION && !qmgr->commit.early)
		wanted_answer(qmgr, link);
}

/* dispatch_early - give what the transaction under way puts into the queue to
 * associations that can take it */
static void
dispatch_early(struct qmgr *qmgr)
{
	struct link *link;

	qmgr->commit.early = true;
	/* The links stay touched: what is not given now is looked at after the
	 * commit. */
	TAILQ_FOREACH(link, &qmgr->links.touched, touched_entry)
		if (link->kind != LINK_LIST)
			dispatch_link(qmgr, link);
	qmgr->commit.early = false;
}

/* take_phantoms - take back the jobs of an association whose messages are not
 * in the queue; tell whether there were any */
static bool
take_phantoms(struct qmgr *qmgr, struct assoc *assoc, uint64_t last)
{
	struct job *job, *next;
	bool any = false;

	for (job = TAILQ_FIRST(&assoc->jobs); job != NULL; job = next) {
		next = TAILQ_NEXT(job, entry);
		if (job->message <= last)
			continue;
		dispatch_release(qmgr, job);
		any = true;
	}
	return any;
}

/* dispatch_undone - take back what was given of a transaction that is undone */
static void
dispatch_undone(struct qmgr *qmgr)
{
	uint64_t last = store_message_last(qmgr->store);

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		struct assoc *assoc, *next;

		/* The ids will be given again, behind what was read ahead. */
		ready_reset(link);
		for (assoc = TAILQ_FIRST(&link->assocs); assoc != NULL;
		     assoc = next) {
			next = TAILQ_NEXT(assoc, entry);
			/* The worker has not seen the job, which lies in the
			 * channel and goes with it. */
			if (take_phantoms(qmgr, assoc, last))
				client_close(assoc->client,
				    "what it was given could not be "
				    "committed");
		}
	}
}

const struct commit_hooks dispatch_hooks = {
    .applied = dispatch_early, .undone = dispatch_undone};

/* dispatch_resumption - give an association this message */
void
dispatch_resumption(struct assoc *assoc, uint64_t message)
{
	struct qmgr *qmgr = assoc->client->qmgr;

	/* A message that is active has a worker already: the second one would
	 * ask under the same name while the first still sends. */
	if (table_find(&qmgr->active, message) == NULL)
		(void)!dispatch_one(qmgr, assoc->link, assoc, message);
}

/* dispatch_touched - dispatch on every link that was touched */
void
dispatch_touched(struct qmgr *qmgr)
{
	struct link *link;
	size_t left = 0;

	/* Links that are touched meanwhile are looked at in the next step. */
	TAILQ_FOREACH(link, &qmgr->links.touched, touched_entry)
		left++;
	while (
	    left-- > 0 && (link = TAILQ_FIRST(&qmgr->links.touched)) != NULL) {
		/* Cleared before dispatching, since that may touch the link
		 * again, for the next step. */
		TAILQ_REMOVE(&qmgr->links.touched, link, touched_entry);
		link->touched = false;
		dispatch_link(qmgr, link);
		schedule_link(qmgr, link);
	}
}
