/* SPDX-License-Identifier: ISC */
/*
 * intake_store.c - submissions and transfers into the queue: the commit
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mhs/report.h"
#include "qmgr/engine/memory.h"
#include "qmgr/queue/placing_stage.h"
#include "qmgr/queue/share.h"
#include "qmgr/receiving/intake_result.h"
#include "qmgr/receiving/intake_store.h"
#include "qmgr/receiving/keyed.h"
#include "store/store.h"

/* submit_of - find the submission that a member is a part of */
static struct submit *
submit_of(struct commit_member *member)
{
	return (
	    struct submit *)((char *)member - offsetof(struct submit, member));
}

/* refuse_for_now - decide that a submission cannot be had now */
static void
refuse_for_now(struct submit *submit, const char *why)
{
	submit->result = IPC_SUBMIT_UNAVAILABLE;
	snprintf(submit->text, sizeof(submit->text), "%s", why);
}

/* may_wait - decide whether a submission waits for its source's octets to be
 * reaped, and from when on it does not */
static bool
may_wait(struct submit *submit)
{
	uint64_t now = clock_monotonic();

	/* The first time only, so that a source that never gets room does not
	 * wait for ever. */
	if (submit->reap_until == 0)
		submit->reap_until = now + SUBMIT_REAP_TIME;
	return now < submit->reap_until;
}

/* is_over_share - refuse what is more than its source may have, or let it
 * wait */
static bool
is_over_share(
    struct qmgr *qmgr, struct submit *submit, const struct share_request *want)
{
	enum share_answer answer = share_ask(qmgr, want);

	if (answer == SHARE_FITS) {
		submit->reap_until = 0;
		return false;
	}
	if (answer == SHARE_SOON && may_wait(submit)) {
		submit->waits = true;
		return true;
	}
	if (answer == SHARE_SOON)
		answer = SHARE_LATER;
	share_text(qmgr, answer, submit->text, sizeof(submit->text));
	submit->result = IPC_SUBMIT_UNAVAILABLE;
	submit->over_share = answer == SHARE_LATER;
	if (answer == SHARE_NEVER) {
		submit->result = IPC_SUBMIT_REFUSED;
		submit->reason = REASON_UNABLE_TO_TRANSFER;
		submit->diagnostic = DIAGNOSTIC_CONTENT_TOO_LONG;
	}
	return true;
}

/* stage_content - write the content that is here to an object of the store */
static int
stage_content(struct qmgr *qmgr, struct submit *submit)
{
	int rc = 0;

	/* Where the piece would go, whether or not the transaction succeeds. */
	submit->pending_id = submit->content_id;
	submit->pending_len = buffer_length(&submit->content);
	if (submit->pending_len == 0)
		return 0;
	if (submit->pending_id == 0)
		rc = store_content_create(
		    qmgr->store, submit->from_link, &submit->pending_id);
	if (rc == 0)
		rc = store_content_append(qmgr->store, submit->pending_id,
		    buffer_slice(&submit->content));
	return rc;
}

/* put_mark - write how far the transfer came, in the transaction that holds
 * it */
static int
put_mark(struct qmgr *qmgr, struct submit *submit)
{
	const struct store_partial partial = {.content = submit->pending_id,
	    .session = submit->session,
	    .activity = submit->activity,
	    .old_session = submit->old_session,
	    .old_activity = submit->old_activity,
	    .link = submit->from_link,
	    .kind = submit->kind,
	    .time = timekeeper_latest(&qmgr->time),
	    .offset = submit->mark,
	    .envelope = buffer_slice(&submit->envelope),
	    .state = buffer_slice(&submit->mark_state)};

	submit->pending_mark = submit->marked;
	/* No mark yet, or nothing new to mark. */
	if (submit->mark <= submit->marked || submit->pending_id == 0)
		return 0;
	/* Only after the commit may a checkpoint be confirmed, so the mark is
	 * noted there. */
	submit->pending_mark = submit->mark;
	return store_partial_mark(qmgr->store, &partial);
}

/* is_drained - refuse a submission that is new while the queue is drained: not
 * one that began before, nor a transfer that was cut, and goes on */
static bool
is_drained(struct qmgr *qmgr, struct submit *submit)
{
	int64_t since = store_drain(qmgr->store)->since;

	if (since == 0 || submit->arrival < since || submit->old_session != 0)
		return false;
	refuse_for_now(submit, "this MTA is being drained");
	return true;
}

/* may_stage - ask for room: a large content must not fill the queue while it
 * arrives */
static bool
may_stage(struct qmgr *qmgr, struct submit *submit)
{
	uint64_t octets = buffer_length(&submit->content);
	const struct share_request want = {.source = submit->from_link,
	    .octets = octets,
	    .content = submit->staged + octets};

	/* A source at its share may not fill the queue by pieces either. */
	if (is_drained(qmgr, submit) || is_over_share(qmgr, submit, &want))
		return false;
	if (store_room(qmgr->store, STORE_INTAKE_UP, octets) == 0)
		return true;
	refuse_for_now(submit, store_reason(qmgr->store));
	return false;
}

/* drop_content - discard what was staged */
static int
drop_content(struct qmgr *qmgr, struct submit *submit)
{
	int rc;

	if (submit->content_id == 0)
		return 0;
	rc = store_content_discard(qmgr->store, submit->content_id);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* apply_stage - write what came of a content, and its mark */
static int
apply_stage(struct qmgr *qmgr, struct submit *submit)
{
	int rc;

	submit->result = IPC_SUBMIT_ACCEPTED;
	submit->over_share = false;
	/* The content does not fit: what came is thrown away and the rest read
	 * and ignored. */
	if (submit->length != SUBMIT_LENGTH_FITS) {
		submit->pending_id = 0;
		submit->pending_len = 0;
		submit->pending_mark = submit->marked;
		return drop_content(qmgr, submit);
	}
	if (!may_stage(qmgr, submit)) {
		submit->pending_id = submit->content_id;
		submit->pending_len = 0;
		return 0;
	}
	rc = stage_content(qmgr, submit);
	return rc == 0 ? put_mark(qmgr, submit) : rc;
}

/* is_duplicate - tell whether we had a submission already */
static bool
is_duplicate(struct qmgr *qmgr, struct submit *submit)
{
	struct store_transfer transfer;

	/* A file that was stored before is the same mail again, whatever its
	 * octets are. */
	if (submit->has_file &&
	    store_intake_find(qmgr->store, &submit->file, &submit->message) ==
		0)
		return true;
	/* A key of the same source that was seen before is a transfer that was
	 * confirmed, and not heard. */
	if (submit->origin != IPC_TRANSFER || !submit->has_key ||
	    store_transfer_find(
		qmgr->store, submit->from_link, &submit->key, &transfer) < 0)
		return false;
	submit->message = transfer.message;
	return true;
}

/* no_room - tell whether its source, the queue or the disk is full for a
 * submission */
static bool
no_room(struct qmgr *qmgr, struct submit *submit)
{
	uint64_t octets = placing_size(&submit->placing);
	struct share_request want = {.source = submit->from_link,
	    .content = submit->shares_content ? submit->content_length : 0,
	    .waiting = submit->for_waiting};

	if (submit->shares_content)
		octets += buffer_length(&submit->content);
	want.octets = octets;
	if (is_over_share(qmgr, submit, &want))
		return true;
	if (store_room(qmgr->store,
		submit->for_waiting ? STORE_INTAKE_WAITING : STORE_INTAKE_UP,
		octets) == 0)
		return false;
	refuse_for_now(submit, store_reason(qmgr->store));
	return true;
}

/* write_content - write the content as the records will share it */
static int
write_content(
    struct qmgr *qmgr, struct submit *submit, struct placing_content *content)
{
	int rc;

	content->length = submit->content_length;
	/* Small enough to lie beside its record: no object, and one value less
	 * to read. */
	if (submit->content_id == 0 &&
	    submit->content_length <= STORE_INLINE_MAX) {
		content->octets = buffer_slice(&submit->content);
		return 0;
	}
	rc = stage_content(qmgr, submit);
	if (rc == 0)
		rc = store_content_seal(
		    qmgr->store, submit->pending_id, submit->content_length);
	content->id = submit->pending_id;
	return rc;
}

/* remember_submit - remember what came, in the transaction that holds the
 * message */
static int
remember_submit(struct qmgr *qmgr, struct submit *submit)
{
	int rc = 0;

	if (submit->has_file)
		rc = store_intake_note(
		    qmgr->store, &submit->file, submit->message);
	/* The same commit that stores the message stores how its sender may ask
	 * for it. */
	if (rc == 0 && submit->origin == IPC_TRANSFER && submit->has_key)
		rc = store_session_note_transfer(qmgr->store, submit->session,
		    submit->activity, &submit->key, submit->message);
	/* The sender may ask by the name that it had before it was cut. */
	if (rc == 0 && submit->old_session != 0 && submit->has_key)
		rc = store_session_note_transfer(qmgr->store,
		    submit->old_session, submit->old_activity, &submit->key,
		    submit->message);
	memory_put(qmgr, submit->mts_id, buffer_slice(&submit->notes));
	/* A session that was forgotten meanwhile forgets this one too. */
	return rc == 0 || rc == ERR_NOTFOUND ? keyed_note(qmgr, submit) : rc;
}

/* count_received - count a message for the link that it came from */
static int
count_received(struct qmgr *qmgr, const struct submit *submit)
{
	const struct store_traffic more = {.messages_in = 1,
	    .octets_in = submit->content_length,
	    .recipients_in = submit->recipients};

	/* Tools are no link. */
	return submit->from_link == STORE_LINK_NONE
	    ? 0
	    : store_link_passed(qmgr->store, submit->from_link, &more);
}

/* enter_queue - write a submission into the queue */
static int
enter_queue(struct qmgr *qmgr, struct submit *submit)
{
	struct placing_content content = {0};
	int rc;

	if (submit->shares_content)
		rc = write_content(qmgr, submit, &content);
	else
		rc = drop_content(qmgr, submit);
	if (rc == 0)
		rc = placing_write(qmgr, &submit->placing, &content);
	if (rc < 0)
		return rc;
	/* The first copy stands for the message: it is what a duplicate is
	 * told. */
	submit->message =
	    submit->placing.count > 0 ? submit->placing.items[0].message.id : 0;
	rc = count_received(qmgr, submit);
	return rc < 0 ? rc : remember_submit(qmgr, submit);
}

/* apply_finish - put a submission that is complete into the queue, or refuse
 * it */
static int
apply_finish(struct qmgr *qmgr, struct submit *submit)
{
	int rc;

	submit->message = 0;
	submit->over_share =
	    submit->decided == IPC_SUBMIT_UNAVAILABLE && submit->full_share;
	submit->result = submit->decided;
	/* Even if routes are others by now, the answer is the first one. */
	if (!keyed_find(qmgr, submit) &&
	    submit->result == IPC_SUBMIT_ACCEPTED && is_duplicate(qmgr, submit))
		submit->result = IPC_SUBMIT_DUPLICATE;
	/* Else what is staged could be all of its source's share, and leave no
	 * room for the report. */
	if (submit->length != SUBMIT_LENGTH_FITS &&
	    (rc = drop_content(qmgr, submit)) < 0)
		return rc;
	if (submit->result == IPC_SUBMIT_ACCEPTED &&
	    !is_drained(qmgr, submit) && !no_room(qmgr, submit))
		return enter_queue(qmgr, submit);
	/* Waiting keeps the content, since the same submission is tried
	 * again. */
	return submit->waits ? 0 : drop_content(qmgr, submit);
}

/* submit_apply - apply the next step of a submission */
static int
submit_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct submit *submit = submit_of(member);

	/* The step that is applied now: the state may have changed before done
	 * runs. */
	submit->applied = submit->state;
	submit->waits = false;
	switch (submit->state) {
	case SUBMIT_RECEIVING:
		return apply_stage(qmgr, submit);
	case SUBMIT_ENDED:
		return apply_finish(qmgr, submit);
	case SUBMIT_PARKED:
		return 0;
	case SUBMIT_FORGOTTEN:
		break;
	}
	return drop_content(qmgr, submit);
}

/* drop_length - drop a content that can never fit: a peer would send what is
 * refused again, so the message is reported on when all has come */
static void
drop_length(struct qmgr *qmgr, struct submit *submit)
{
	intake_log(qmgr, submit);
	submit->length = SUBMIT_LENGTH_OVER_QUEUE;
	buffer_reset(&submit->content);
	/* The staged octets give their room back, however long the rest
	 * takes. */
	if (submit->content_id != 0)
		intake_queue(submit);
}

/* intake_too_large - decide whether a content of so many octets can never
 * fit */
bool
intake_too_large(struct submit *submit, uint64_t length)
{
	struct qmgr *qmgr = submit->qmgr;
	const struct share_request want = {
	    .source = submit->from_link, .content = length};

	if (share_ask(qmgr, &want) != SHARE_NEVER ||
	    !is_over_share(qmgr, submit, &want))
		return false;
	drop_length(qmgr, submit);
	return true;
}

/* done_stage - go on with content that is safe, or has no room */
static void
done_stage(struct qmgr *qmgr, struct submit *submit)
{
	submit->content_id = submit->pending_id;
	submit->staged += submit->pending_len;
	if (submit->result == IPC_SUBMIT_ACCEPTED)
		/* A mark counts once it is on disk; from then on a checkpoint
		 * may be confirmed. */
		submit->marked = submit->pending_mark;
	buffer_consume(&submit->content, submit->pending_len);
	submit->pending_len = 0;
	if (submit->result == IPC_SUBMIT_REFUSED &&
	    submit->origin == IPC_TRANSFER) {
		drop_length(qmgr, submit);
		submit->result = IPC_SUBMIT_ACCEPTED;
	}
	if (submit->result == IPC_SUBMIT_ACCEPTED) {
		intake_staged(submit);
		return;
	}
	intake_log(qmgr, submit);
	intake_answer(submit);
	submit_detach(submit);
	submit->state = SUBMIT_FORGOTTEN;
}

/* Nothing of it was ever promised, and its content is of no use. */
/* wait_for_reaping - try a submission again when a piece was reaped */
static void
wait_for_reaping(struct qmgr *qmgr, struct submit *submit)
{
	submit->reaping = true;
	TAILQ_INSERT_TAIL(&qmgr->reaping, submit, reaping_entry);
}

/* done_finish - answer a submission that has entered the queue, or has not */
static void
done_finish(struct qmgr *qmgr, struct submit *submit, int result)
{
	intake_log(qmgr, submit);
	intake_prove(submit);
	if (submit->result == IPC_SUBMIT_ACCEPTED)
		placing_committed(qmgr, &submit->placing);
	else
		placing_unstage(qmgr, &submit->placing);
	intake_answer(submit);
	submit_detach(submit);
	/* The staged content of a failed submission is of no use. */
	if (result < 0)
		submit->state = SUBMIT_FORGOTTEN;
}

/* go_on - decide what follows a transaction: its client may have gone in it */
static void
go_on(struct submit *submit)
{
	switch (submit->state) {
	case SUBMIT_RECEIVING:
		return;
	case SUBMIT_ENDED:
	case SUBMIT_PARKED:
		submit_free(submit);
		return;
	case SUBMIT_FORGOTTEN:
		intake_discard(submit);
		return;
	}
}

/* submit_done - go on with a submission whose transaction is committed, or
 * failed */
static void
submit_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct submit *submit = submit_of(member);

	if (submit->applied == SUBMIT_FORGOTTEN) {
		submit_free(submit);
		return;
	}
	if (result < 0) {
		/* A transaction that failed has put everything back, so this
		 * stands where it stood before. */
		submit->waits = submit->over_share = false;
		placing_unstage(qmgr, &submit->placing);
		placing_reset(&submit->placing);
		refuse_for_now(submit, store_reason(qmgr->store));
		if (submit->applied == SUBMIT_RECEIVING)
			submit->pending_id = submit->content_id;
		submit->pending_len = 0;
		submit->pending_mark = submit->marked;
	}
	/* A wait that is not over keeps the submission in line for the octets
	 * that are reaped. */
	if (submit->waits && submit->state == submit->applied) {
		wait_for_reaping(qmgr, submit);
		return;
	}
	if (submit->applied == SUBMIT_ENDED)
		done_finish(qmgr, submit, result);
	else if (!submit->waits)
		done_stage(qmgr, submit);
	go_on(submit);
}

/* intake_queue - have a submission take part in the next transaction */
void
intake_queue(struct submit *submit)
{
	if (submit->reaping) {
		submit->reaping = false;
		TAILQ_REMOVE(&submit->qmgr->reaping, submit, reaping_entry);
	}
	if (submit->member.queued)
		return;
	submit->member.order = COMMIT_INTAKE;
	submit->member.apply = submit_apply;
	submit->member.done = submit_done;
	commit_add(submit->qmgr, &submit->member);
}

/* intake_discard - give a submission up */
void
intake_discard(struct submit *submit)
{
	submit->state = SUBMIT_FORGOTTEN;
	/* While its transaction is under way done sees to it. */
	if (submit->member.applied)
		return;
	if (submit->content_id != 0) {
		intake_queue(submit);
		return;
	}
	commit_remove(submit->qmgr, &submit->member);
	submit_free(submit);
}
