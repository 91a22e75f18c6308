/* SPDX-License-Identifier: ISC */
/*
 * outcome_apply.c - an outcome in the transaction: what is written
 */
#include <stdio.h>

#include "base/clock.h"
#include "mhs/cause.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome_apply.h"
#include "qmgr/sending/settle.h"
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

/* outcome_succeeds - tell whether a worker is rid of the message as it should
 * be */
bool
outcome_succeeds(const struct outcome *outcome)
{
	return outcome->kind == OUTCOME_TRANSFERRED ||
	    outcome->kind == OUTCOME_DELIVERED;
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
	if (outcome->link == NULL || !outcome->link->policy.hold_refused ||
	    fates_have_other(&outcome->fates))
		return settle_message(qmgr, outcome);
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

/* hold_message - have an administrator look at a message */
static int
hold_message(struct qmgr *qmgr, struct outcome *outcome)
{
	struct store_message message;
	int rc = read_head(qmgr, outcome, &message);

	if (rc == 0)
		rc = set_state(qmgr, outcome, &message, STORE_HELD, FATE_HELD);
	/* A program that did not answer three times is given the message as
	 * often again once it is released. */
	if (rc == 0 && outcome->link != NULL &&
	    outcome->link->kind == LINK_APPLICATION) {
		rc = store_delivery_forget(qmgr->store, message.id);
		if (rc == ERR_NOTFOUND)
			rc = 0;
	}
	return rc;
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

	/* Made in steps, they are what is written. */
	if (outcome->large == NULL)
		placing_reset(&outcome->reports);
	outcome->settled = false;
	outcome->why = outcome->text;
	outcome->served = 0;
	qmgr_item(qmgr, outcome->message);
	rc = learn_tagging(qmgr, outcome);
	if (rc < 0)
		return rc;
	switch (outcome->kind) {
	case OUTCOME_TRANSFERRED:
	case OUTCOME_DELIVERED:
	case OUTCOME_LATER:
	case OUTCOME_EXPIRED:
	case OUTCOME_RETURNED:
	case OUTCOME_UNROUTABLE:
		rc = settle_message(qmgr, outcome);
		break;
	case OUTCOME_HELD:
		rc = hold_message(qmgr, outcome);
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
