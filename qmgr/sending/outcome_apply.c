/* SPDX-License-Identifier: ISC */
/*
 * outcome_apply.c - an outcome in the transaction: what is written
 */
#include <stdio.h>

#include "base/clock.h"
#include "mhs/cause.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/report.h"
#include "qmgr/sending/alternate.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome_apply.h"
#include "qmgr/sending/outcome_told.h"
#include "qmgr/sending/suspect.h"
#include "qmgr/sending/tagging.h"
#include "store/store.h"

/* outcome_of - find the outcome that a member is a part of */
struct outcome *
outcome_of(struct commit_member *member)
{
	return (struct outcome *)((char *)member -
	    offsetof(struct outcome, member));
}

/* set_reason - set the reason of a record; the text is ours, and bounded */
static void
set_reason(struct store_message *message, const char *text)
{
	message->reason = slice_of_string(text);
}

/* verdict_on - find what became of one recipient */
static struct verdict
verdict_on(const struct outcome *outcome, uint32_t index)
{
	for (size_t i = 0; i < outcome->recipient_count; i++) {
		const struct outcome_recipient *r = &outcome->recipients[i];

		if (r->index == index)
			return (struct verdict){.index = index,
			    .reason = r->reason,
			    .diagnostic = r->diagnostic,
			    .text = slice_of_string(r->text)};
	}
	return (struct verdict){
	    .index = index,
	    .delivered = outcome->kind == OUTCOME_TRANSFERRED,
	    .reason = outcome->reason,
	    .diagnostic = outcome->diagnostic,
	    .text = slice_of_string(outcome->text),
	};
}

/* verdicts_on - collect what became of the recipients that a report may be
 * owed on */
static size_t
verdicts_on(const struct outcome *outcome, const struct p1_envelope *envelope,
    bool passed_on, struct verdict *verdicts)
{
	size_t count = 0;

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		struct verdict verdict;

		/* Another copy of the message carries this recipient; its fate
		 * is decided there. */
		if ((envelope->recipients[i].indicators & P1_RESPONSIBILITY) ==
		    0)
			continue;
		verdict = verdict_on(outcome, (uint32_t)i);
		/* The MTA that took it over reports on its delivery. */
		if (verdict.delivered && passed_on)
			continue;
		if (verdict.delivered)
			verdict.text = slice_of(NULL, 0);
		verdicts[count++] = verdict;
	}
	return count;
}

/* content_for_return - read the content, if it is to be returned */
static int
content_for_return(struct qmgr *qmgr, const struct store_message *message,
    const struct p1_envelope *envelope, struct slice *content)
{
	*content = message->content;
	if (message->content_id == 0 ||
	    !report_wants_content(envelope, message->content_length))
		return 0;
	/* Only large contents lie outside the record, and only a report that
	 * returns the content needs its octets. */
	buffer_reset(&qmgr->scratch);
	if (store_content_read(qmgr->store, message->content_id, 0,
		(size_t)message->content_length, &qmgr->scratch, NULL) < 0)
		return 0; /* a report without it is better than none */
	*content = buffer_slice(&qmgr->scratch);
	return 0;
}

/*
 * settle_message - place the copies for alternates and the report that this
 * outcome owes
 *
 * What is in the queue was decoded when it came in; if it cannot be decoded
 * now there is nobody to report to.
 */
static int
settle_message(struct qmgr *qmgr, struct outcome *outcome,
    const struct store_message *message, bool passed_on)
{
	struct alternate alternate = {.message = message};
	struct report_subject subject = {.message = message->id,
	    .arrival = message->arrival,
	    .source = store_source_of(message)};
	struct p1_envelope envelope;
	int rc;

	rc = p1_decode(
	    message->kind, message->envelope, &qmgr->arena, &envelope, NULL);
	/* Without memory the outcome is tried again, and reported then. */
	if (rc < 0)
		return rc == ERR_NOMEM ? rc : 0;
	subject.envelope = &envelope;
	/* A report that cannot be delivered is never reported on: two failing
	 * MTAs would write to each other for ever. */
	if (envelope.kind == MTS_REPORT) {
		struct verdict none = {0};

		rc = passed_on || outcome->kind == OUTCOME_TRANSFERRED
		    ? 0
		    : report_add(qmgr, &subject, &none, 1, &outcome->reports);
		return rc < 0 ? rc : 0;
	}
	alternate.envelope = &envelope;
	alternate.verdicts = arena_array(&qmgr->arena, envelope.recipient_count,
	    sizeof(*alternate.verdicts));
	if (alternate.verdicts == NULL)
		return arena_error(&qmgr->arena);
	alternate.verdict_count =
	    verdicts_on(outcome, &envelope, passed_on, alternate.verdicts);
	/* An administrator who returns a message wants its originator to know,
	 * not somebody else to get it. */
	rc = outcome->kind == OUTCOME_RETURNED
	    ? 0
	    : alternate_place(qmgr, &alternate, &outcome->reports);
	if (rc == 0)
		/* After the alternates: both use the scratch memory, and the
		 * content must be intact when the report copies it. */
		rc = content_for_return(
		    qmgr, message, &envelope, &subject.content);
	if (rc == 0)
		rc = report_add(qmgr, &subject, alternate.verdicts,
		    alternate.verdict_count, &outcome->reports);
	return rc < 0 ? rc : 0;
}

/* write_placed - write the copies, which share the content, and the reports */
static int
write_placed(struct qmgr *qmgr, struct outcome *outcome,
    const struct store_message *message)
{
	const struct placing_content content = {.id = message->content_id,
	    .length = message->content_length,
	    .octets = message->content};

	return placing_write(qmgr, &outcome->reports, &content);
}

/* count_sent - count a message that was transferred or delivered */
static int
count_sent(struct qmgr *qmgr, const struct outcome *outcome)
{
	const struct job *job = outcome->job;

	if (outcome->kind != OUTCOME_TRANSFERRED || outcome->link == NULL ||
	    job == NULL)
		return 0;
	return store_link_passed(qmgr->store, outcome->link->number,
	    &(struct store_traffic){.messages_out = 1,
		.octets_out = job->content_length,
		.reports_out = job->kind == MTS_REPORT});
}

/* leave_queue - redirect or report if need be, and take it out of the queue */
static int
leave_queue(struct qmgr *qmgr, struct outcome *outcome)
{
	bool passed_on = outcome->kind == OUTCOME_TRANSFERRED &&
	    outcome->link != NULL && outcome->link->kind != LINK_MSMAIL;
	struct store_message message;
	struct track_record told;
	int rc = 0;

	/* Set first: a transaction that is undone and applied again must not
	 * start from the fate of the attempt before. */
	outcome->fate = FATE_LEFT;
	placing_reset(&outcome->reports);
	/* The ordinary case: nothing is owed, and nothing is read. */
	if (!passed_on || outcome->recipient_count > 0) {
		arena_reset(&qmgr->arena);
		rc = store_message_get(qmgr->store, outcome->message,
		    STORE_WHOLE, &qmgr->arena, &message);
		if (rc == 0)
			rc = settle_message(qmgr, outcome, &message, passed_on);
		if (rc == 0)
			/* Copies and reports before the deletion, in the same
			 * transaction: the content that they share loses its
			 * last user only afterwards. */
			rc = write_placed(qmgr, outcome, &message);
	}
	if (rc < 0)
		return rc;
	rc = count_sent(qmgr, outcome);
	if (rc < 0)
		return rc;
	told = outcome_told(outcome);
	return ledger_delete(qmgr, outcome->message, &told);
}

/* read_head - read a record without its body */
static int
read_head(struct qmgr *qmgr, const struct outcome *outcome,
    struct store_message *message)
{
	arena_reset(&qmgr->arena);
	return store_message_get(
	    qmgr->store, outcome->message, STORE_HEAD, &qmgr->arena, message);
}

/* set_state - keep a message in the queue, in another state */
static int
set_state(struct qmgr *qmgr, struct outcome *outcome,
    struct store_message *message, enum store_state state,
    enum outcome_fate fate)
{
	const struct track_record held = {.event = TRACK_HOLD},
				  aside = {.event = TRACK_QUARANTINE};

	outcome->fate = fate;
	message->state = state;
	set_reason(message, outcome->text);
	return ledger_update(qmgr, message,
	    fate == FATE_HELD		   ? &held
		: fate == FATE_QUARANTINED ? &aside
					   : NULL);
}

/* give_up - report a message that the peer will not have, or hold it */
static int
give_up(
    struct qmgr *qmgr, struct outcome *outcome, struct store_message *message)
{
	/* The administrator asked to look at refused messages first. The record
	 * stays, with the peer's reason. */
	if (outcome->link == NULL || !outcome->link->policy.hold_refused)
		return leave_queue(qmgr, outcome);
	return set_state(qmgr, outcome, message, STORE_HELD, FATE_HELD);
}

/* out_of_tries - give it up after its last try */
static int
out_of_tries(
    struct qmgr *qmgr, struct outcome *outcome, struct store_message *message)
{
	/* The peer's last reason is the text; the codes tell the originator
	 * that we stopped trying. */
	outcome->reason = cause_reason(CAUSE_TRIES);
	outcome->diagnostic = cause_diagnostic(CAUSE_TRIES);
	return give_up(qmgr, outcome, message);
}

/* refuse_message - give up what the peer refuses */
static int
refuse_message(struct qmgr *qmgr, struct outcome *outcome)
{
	struct store_message message;
	int rc = read_head(qmgr, outcome, &message);

	return rc < 0 ? rc : give_up(qmgr, outcome, &message);
}

/* outcome_tries_over - tell whether a message has had all its tries, or those
 * of its line */
bool
outcome_tries_over(const struct link_policy *policy,
    const struct store_message *message, unsigned rounds)
{
	return message->transfer_attempts >=
	    rounds * ((uint64_t)policy->transfer_retries + 1) ||
	    message->attempts >= rounds * ((uint64_t)policy->open_retries + 1);
}

/* is_over - tell whether a message that was not transferred is to end now; one
 * that the peer may have is asked for as often as it was tried */
static bool
is_over(const struct qmgr *qmgr, const struct outcome *outcome,
    const struct store_message *message)
{
	bool doubtful =
	    outcome->doubtful && doubtful_is(qmgr, outcome->message);

	return outcome_tries_over(
	    &outcome->link->policy, message, doubtful ? 2 : 1);
}

/*
 * count_try - count a try that failed in the record
 *
 * An association that ends within a transfer speaks against the message only
 * if others pass before its next try (suspect_settle); until then it counts as
 * an open that failed.  One on which the peer confirmed more of the message
 * than before speaks against nobody.
 */
static void
count_try(struct outcome *outcome, struct store_message *message)
{
	outcome->pending = false;
	/* Judged first: a loss of the last time may turn out to be the
	 * message's own by now, and then counts against its tries. */
	suspect_settle(outcome->link, message);
	if (outcome->kind == OUTCOME_TRANSIENT)
		message->transfer_attempts++;
	else if (!suspect_advanced(
		     outcome->link, message->id, outcome->octets)) {
		message->attempts++;
		outcome->pending = true;
	}
	outcome->tries =
	    (uint64_t)message->attempts + message->transfer_attempts;
}

/*
 * defer_message - have a message tried again, or give it up
 *
 * After the first loss it is tried again as soon as others have passed, since
 * a line that was cut is no reason to wait.  Later tries keep the interval.
 */
static int
defer_message(struct qmgr *qmgr, struct outcome *outcome)
{
	const struct link_policy *policy = &outcome->link->policy;
	struct store_message message;
	int rc = read_head(qmgr, outcome, &message);

	if (rc < 0)
		return rc;
	count_try(outcome, &message);
	/* Checked before the message is put behind others, or a message that
	 * always ends its association would go round for ever. */
	if (is_over(qmgr, outcome, &message))
		return out_of_tries(qmgr, outcome, &message);
	if (outcome->kind == OUTCOME_INTERRUPTED &&
	    (!outcome->pending || outcome->tries <= 1))
		return set_state(
		    qmgr, outcome, &message, STORE_READY, FATE_BEHIND);
	/* The queue's own clock, so that a message is not tried at once, or
	 * never, when the wall clock is set. */
	outcome->next_try =
	    timekeeper_now(&qmgr->time) + (int64_t)policy->transfer_interval;
	message.next_try = outcome->next_try;
	return set_state(
	    qmgr, outcome, &message, STORE_DEFERRED, FATE_DEFERRED);
}

/* exhaust_message - give up a message whose tries were all its own */
static int
exhaust_message(struct qmgr *qmgr, struct outcome *outcome)
{
	struct store_message message;
	int rc = read_head(qmgr, outcome, &message);

	if (rc < 0)
		return rc;
	suspect_settle(outcome->link, &message);
	outcome->tries = (uint64_t)message.attempts + message.transfer_attempts;
	return out_of_tries(qmgr, outcome, &message);
}

/* count_crash - count that a process ended on a message */
static int
count_crash(struct qmgr *qmgr, struct outcome *outcome)
{
	struct store_message message;
	int rc = read_head(qmgr, outcome, &message);

	if (rc < 0)
		return rc;
	if (++message.crashes >= OUTCOME_CRASHES_MAX)
		/* Three processes ended on it: the fourth would too. Nothing is
		 * reported, since the fault is probably ours and the message
		 * can be repaired. */
		return set_state(qmgr, outcome, &message, STORE_QUARANTINED,
		    FATE_QUARANTINED);
	/* The state stays, whatever it is: the message may be with another
	 * worker at this moment. */
	return set_state(qmgr, outcome, &message, message.state, FATE_COUNTED);
}

/* quarantine_message - set a record aside that cannot be read whole */
static int
quarantine_message(struct qmgr *qmgr, struct outcome *outcome)
{
	outcome->fate = FATE_QUARANTINED;
	/* Only the index of the queue is changed, since the record itself
	 * cannot be read. */
	return ledger_aside(qmgr, outcome->message, outcome->text);
}

/* write_note - write what msmi-out wants kept */
static int
write_note(struct qmgr *qmgr, const struct outcome *outcome)
{
	/* "Prepared" means that files may exist at the destination: the next
	 * worker looks for them before it writes again. */
	struct store_delivery delivery = {
	    .message = outcome->message,
	    .state = STORE_DELIVERY_PREPARED,
	    .name = slice_of(outcome->text, outcome->note_len),
	};

	return store_delivery_note(qmgr->store, &delivery);
}

/* learn_tagging - learn how the peer takes extensions */
static int
learn_tagging(struct qmgr *qmgr, const struct outcome *outcome)
{
	if (outcome->link == NULL ||
	    (outcome->kind != OUTCOME_TRANSFERRED && !outcome->user_error))
		return 0;
	return tagging_learn(qmgr, outcome->link, outcome->message,
	    outcome->kind == OUTCOME_TRANSFERRED ? TAGGING_TAKEN
						 : TAGGING_ABORTED);
}

/* outcome_apply - apply an outcome */
int
outcome_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct outcome *outcome = outcome_of(member);
	int rc;

	placing_reset(&outcome->reports);
	qmgr_item(qmgr, outcome->message);
	rc = learn_tagging(qmgr, outcome);
	if (rc < 0)
		return rc;
	switch (outcome->kind) {
	case OUTCOME_TRANSFERRED:
	case OUTCOME_EXPIRED:
	case OUTCOME_RETURNED:
	case OUTCOME_UNROUTABLE:
		rc = leave_queue(qmgr, outcome);
		break;
	case OUTCOME_INTERRUPTED:
	case OUTCOME_TRANSIENT:
		rc = defer_message(qmgr, outcome);
		break;
	case OUTCOME_REFUSED:
		rc = refuse_message(qmgr, outcome);
		break;
	case OUTCOME_EXHAUSTED:
		rc = exhaust_message(qmgr, outcome);
		break;
	case OUTCOME_UNUSABLE:
		rc = quarantine_message(qmgr, outcome);
		break;
	case OUTCOME_CRASHED:
		rc = count_crash(qmgr, outcome);
		break;
	case OUTCOME_NOTE:
		rc = write_note(qmgr, outcome);
		break;
	}
	if (rc == ERR_NOTFOUND) {
		/* Deleted by an administrator while a worker had it. The rest
		 * of the step must not be undone for that. */
		outcome->fate = FATE_GONE;
		return 0;
	}
	return rc;
}
