/* SPDX-License-Identifier: ISC */
/*
 * settle_judge.c - what becomes of each recipient of a message
 */
#include "qmgr/sending/settle_judge.h"

#include "base/clock.h"
#include "base/escape.h"
#include "store/store.h"

/* settle_common_fate - find the fate of the recipients that were not named */
enum ipc_fate
settle_common_fate(const struct outcome *outcome)
{
	switch (outcome->kind) {
	case OUTCOME_TRANSFERRED:
		return IPC_FATE_TRANSFERRED;
	case OUTCOME_DELIVERED:
		return IPC_FATE_DELIVERED;
	case OUTCOME_LATER:
		return IPC_FATE_LATER;
	case OUTCOME_HELD:
	case OUTCOME_INTERRUPTED:
	case OUTCOME_TRANSIENT:
	case OUTCOME_REFUSED:
	case OUTCOME_EXHAUSTED:
	case OUTCOME_EXPIRED:
	case OUTCOME_RETURNED:
	case OUTCOME_UNROUTABLE:
	case OUTCOME_UNUSABLE:
	case OUTCOME_CRASHED:
	case OUTCOME_NOTE:
		break;
	}
	return IPC_FATE_FAILED;
}

/* fate_of - find what became of one recipient */
static struct fate
fate_of(const struct outcome *outcome, uint32_t index)
{
	const struct fate *named = fates_find(&outcome->fates, index);

	if (named != NULL)
		return *named;
	return (struct fate){.index = index,
	    .fate = settle_common_fate(outcome),
	    .reason = outcome->reason,
	    .diagnostic = outcome->diagnostic,
	    .time = outcome->time};
}

/* believed_time - keep the time of a delivery between the arrival of the
 * message and now: the clock of a program may be wrong */
static int64_t
believed_time(int64_t time, int64_t arrival)
{
	int64_t now = clock_wall() / 1000;

	if (time == 0 || time > now)
		return now;
	return time < arrival / 1000 ? arrival / 1000 : time;
}

/* text_of - find the text about a recipient: its own, or that of all */
static const char *
text_of(const struct outcome *outcome, uint32_t index)
{
	const struct fate *named = fates_find(&outcome->fates, index);

	return named != NULL ? named->text : outcome->text;
}

/* add_verdict - note what a report may be owed on */
static void
add_verdict(struct settling *s, const struct fate *fate, const char *text)
{
	struct verdict *verdict = &s->verdicts[s->verdict_count++];

	*verdict = (struct verdict){.index = fate->index,
	    .delivered = fate->fate == IPC_FATE_DELIVERED,
	    .text = slice_of_string(text)};
	if (verdict->delivered)
		verdict->time = believed_time(fate->time, s->message.arrival);
	else {
		verdict->reason = fate->reason;
		verdict->diagnostic = fate->diagnostic;
	}
}

/* judge_recipient - note what became of a recipient */
static void
judge_recipient(struct settling *s, uint32_t index)
{
	const struct fate fate = fate_of(s->outcome, index);
	const char *text = text_of(s->outcome, index);

	s->fates[index] = fate.fate;
	s->counts[fate.fate]++;
	switch (fate.fate) {
	case IPC_FATE_FAILED:
	case IPC_FATE_DELIVERED:
		add_verdict(s, &fate, text);
		break;
	case IPC_FATE_TRANSFERRED:
		/* The MTA that took it over reports on its delivery. */
		break;
	case IPC_FATE_LATER:
		/* The last text of one stands for all: it is what a report says
		 * when the time is over. */
		s->outcome->why = s->why = text;
		break;
	}
}

/* settle_is_ours - tell whether a recipient is one that this copy of the
 * message has to serve; another copy has the others */
bool
settle_is_ours(const struct settling *s, size_t index)
{
	return (s->recipients[index].indicators & P1_RESPONSIBILITY) != 0;
}

/* settle_room - make room for what becomes of each recipient */
int
settle_room(struct settling *s, struct arena *arena)
{
	size_t count = s->envelope.recipient_count;

	s->recipients = arena_array(arena, count, sizeof(*s->recipients));
	s->fates = arena_array(arena, count, sizeof(*s->fates));
	s->verdicts = arena_array(arena, count, sizeof(*s->verdicts));
	return s->recipients == NULL || s->fates == NULL || s->verdicts == NULL
	    ? arena_error(arena)
	    : 0;
}

/* settle_judge - note what becomes of the next recipients */
bool
settle_judge(struct settling *s, size_t most)
{
	size_t count = s->envelope.recipient_count;

	for (; most > 0 && s->judged < count; most--) {
		size_t i = s->judged++;

		/* Kept apart, because a redirection writes to the envelope. */
		s->recipients[i] = s->envelope.recipients[i];
		if (settle_is_ours(s, i))
			judge_recipient(s, (uint32_t)i);
	}
	s->outcome->served =
	    s->counts[IPC_FATE_DELIVERED] + s->counts[IPC_FATE_TRANSFERRED];
	return s->judged < count;
}

/* settle_content - read the content, if it is to be returned */
void
settle_content(struct settling *s, struct slice *content)
{
	struct qmgr *qmgr = s->qmgr;
	const struct store_message *message = &s->message;

	*content = message->content;
	if (message->content_id == 0 ||
	    !report_wants_content(&s->envelope, message->content_length))
		return;
	/* Only large contents lie outside the record, and only a report that
	 * returns the content needs its octets. */
	buffer_reset(&qmgr->scratch);
	if (store_content_read(qmgr->store, message->content_id, 0,
		(size_t)message->content_length, &qmgr->scratch, NULL) < 0)
		return; /* a report without it is better than none */
	*content = buffer_slice(&qmgr->scratch);
}

/* settle_keep_text - say in the report on a message whose time is over why its
 * recipients could not have it, where a worker had said so */
void
settle_keep_text(struct settling *s)
{
	struct outcome *outcome = s->outcome;

	if (outcome->kind == OUTCOME_EXPIRED && s->message.deferrals > 0 &&
	    s->message.reason.len > 0)
		escape_text(
		    outcome->text, sizeof(outcome->text), s->message.reason);
}
