/* SPDX-License-Identifier: ISC */
/*
 * suspect.c - messages in whose transfer an association ended, or that failed
 */
#include <stdlib.h>

#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/suspect.h"
#include "store/store.h"

/* So many different messages are lost in a row by a line that is bad. */
#define LINE_LOSSES 3

/* Messages that wait for a link beside its suspects. */
struct others {
	bool any;
	uint64_t oldest[STORE_PRIORITIES]; /* ids; 0: none */
};

/* suspect_find - find the entry of a message, or NULL */
struct suspect *
suspect_find(const struct link *link, uint64_t message)
{
	struct suspect *suspect;

	/* A list is enough: SUSPECTS_MAX is small, and the loop over a link's
	 * ready messages would cost more than the search. */
	TAILQ_FOREACH(suspect, &link->suspects, entry)
		if (suspect->message == message)
			return suspect;
	return NULL;
}

/* drop_suspect - forget an entry; a message that had stepped back is found
 * again */
static void
drop_suspect(struct link *link, struct suspect *suspect)
{
	TAILQ_REMOVE(&link->suspects, suspect, entry);
	link->suspect_count--;
	/* The message was in neither list while it waited, so it is put back,
	 * or nothing would find it before a restart. */
	if (suspect->waits)
		ready_again(link, suspect->priority, suspect->message);
	free(suspect);
}

/* add_suspect - make an entry for a message, or NULL */
static struct suspect *
add_suspect(struct link *link, uint64_t message, enum store_priority priority)
{
	struct suspect *suspect = calloc(1, sizeof(*suspect));

	if (suspect == NULL)
		return NULL;
	/* The oldest goes: its loss is the longest ago, and forgetting it only
	 * lets the message be tried once more. */
	if (link->suspect_count == SUSPECTS_MAX)
		drop_suspect(link, TAILQ_FIRST(&link->suspects));
	suspect->message = message;
	suspect->priority = priority;
	TAILQ_INSERT_TAIL(&link->suspects, suspect, entry);
	link->suspect_count++;
	return suspect;
}

/* blame_line - clear those that were lost since anything passed, if they are
 * too many to be to blame */
static void
blame_line(struct link *link)
{
	uint64_t passed = link->counters.messages_out;
	struct suspect *suspect;
	unsigned lost = 0;

	TAILQ_FOREACH(suspect, &link->suspects, entry)
		lost += suspect->lost && suspect->passed == passed;
	/* A message or two may each be at fault; three different ones in a row
	 * with nothing between are explained by the line alone. */
	if (lost < LINE_LOSSES)
		return;
	TAILQ_FOREACH(suspect, &link->suspects, entry)
		/* Their last tries stay counted against the line
		 * (open-retries), never against the messages. */
		if (suspect->passed == passed)
			suspect->pending = false;
}

/* suspect_note - note that a transfer of a message has failed */
struct suspect *
suspect_note(struct link *link, uint64_t message, enum store_priority priority,
    uint64_t octets, enum suspect_count count)
{
	struct suspect *suspect = suspect_find(link, message);

	if (suspect == NULL)
		suspect = add_suspect(link, message, priority);
	if (suspect == NULL)
		return NULL;
	/* To the end of the list, which is in the order of the last failure. */
	TAILQ_REMOVE(&link->suspects, suspect, entry);
	TAILQ_INSERT_TAIL(&link->suspects, suspect, entry);
	suspect->passed = link->counters.messages_out;
	/* Everything queued up to this id may pass before the suspect is tried
	 * again; mail that comes later may not, or a busy link would never try
	 * it. */
	suspect->behind = store_message_last(link->qmgr->store);
	/* A try that gets further than all before is no loss of the message's
	 * own (suspect_advanced). */
	if (octets > suspect->furthest)
		suspect->furthest = octets;
	suspect->lost = suspect->pending = count == SUSPECT_PENDING;
	suspect->waits = false;
	blame_line(link);
	return suspect;
}

/* suspect_forget - forget a message that has left, or waits for an
 * administrator */
void
suspect_forget(struct link *link, uint64_t message)
{
	struct suspect *suspect = suspect_find(link, message);

	if (suspect == NULL)
		return;
	/* Cleared first: drop_suspect would put a waiting message back into the
	 * queue that it has just left. */
	suspect->waits = false;
	drop_suspect(link, suspect);
}

/* suspect_fini - forget all of a link */
void
suspect_fini(struct link *link)
{
	struct suspect *suspect;

	while ((suspect = TAILQ_FIRST(&link->suspects)) != NULL)
		drop_suspect(link, suspect);
}

/* suspect_advanced - tell whether the peer had confirmed more than ever
 * before */
bool
suspect_advanced(const struct link *link, uint64_t message, uint64_t octets)
{
	const struct suspect *suspect = suspect_find(link, message);

	return octets > (suspect != NULL ? suspect->furthest : 0);
}

/* others_passed - tell whether the last loss of a message is its own by now */
static bool
others_passed(const struct link *link, const struct suspect *suspect)
{
	return suspect != NULL && suspect->pending &&
	    link->counters.messages_out > suspect->passed;
}

/* suspect_settle - count the last loss where it belongs */
void
suspect_settle(const struct link *link, struct store_message *message)
{
	/* The count was never on disk for this message, or an administrator has
	 * reset it. */
	if (!others_passed(link, suspect_find(link, message->id)) ||
	    message->attempts == 0)
		return;
	/* The total stays: only the reason of the last loss is judged
	 * differently. */
	message->attempts--;
	message->transfer_attempts++;
}

/* find_others - find what waits for a link beside its suspects */
static struct others
find_others(struct qmgr *qmgr, const struct link *link)
{
	struct others others = {.any = false};

	/* Urgent first, and only the oldest of each priority: whether anything
	 * precedes the suspect is all that is asked. */
	for (int p = 0; p < STORE_PRIORITIES; p++) {
		uint64_t id = 0;

		while (store_ready_next(qmgr->store, link->number,
			   (enum store_priority)p, id, &id) == 0) {
			if (table_find(&qmgr->active, id) != NULL ||
			    suspect_find(link, id) != NULL)
				continue;
			others.any = true;
			others.oldest[p] = id;
			break;
		}
	}
	return others;
}

/* at_work - tell whether what is to go before a suspect is with a worker */
static bool
at_work(const struct link *link, const struct suspect *suspect)
{
	const struct assoc *assoc;
	const struct job *job;

	/* A job that was queued before the suspect failed is about to prove
	 * whether the line works. */
	TAILQ_FOREACH(assoc, &link->assocs, entry)
		TAILQ_FOREACH(job, &assoc->jobs, entry)
			if (job->message <= suspect->behind)
				return true;
	return false;
}

/* steps_back - tell whether something is to be sent before a suspect */
static bool
steps_back(const struct link *link, const struct suspect *suspect,
    const struct others *others)
{
	bool passed = link->counters.messages_out > suspect->passed;

	if (at_work(link, suspect))
		return true;
	/* Nothing waits, but other transfers are under way: their success or
	 * failure tells more than another try now. */
	if (!others->any)
		return link->active > 0 && !passed;
	for (int p = 0; p < STORE_PRIORITIES; p++)
		if (others->oldest[p] != 0 &&
		    others->oldest[p] <= suspect->behind)
			return true;
	return !passed;
}

/* suspect_judge - decide whether a message that is ready may be sent now */
enum suspect_verdict
suspect_judge(
    struct qmgr *qmgr, struct link *link, const struct store_message *message)
{
	struct suspect *suspect = suspect_find(link, message->id);
	struct others others;

	/*
	 * The entry was lost with an earlier qmgr.  Where entries are as many
	 * as may be the message goes like any other: an entry for it would
	 * cost another message its own, which then were judged again, and so
	 * on without end.
	 */
	if (suspect == NULL && message->attempts > 0 &&
	    link->suspect_count < SUSPECTS_MAX)
		suspect = suspect_note(
		    link, message->id, message->priority, 0, SUSPECT_COUNTED);
	if (suspect == NULL)
		return SUSPECT_GOES;
	/* Judged again each time, since what it waited for may have left or
	 * been deleted. */
	suspect->waits = false;
	/* Others passed since the last loss, so the message itself is the
	 * cause, and this would be one try too many. */
	if (others_passed(link, suspect) &&
	    message->transfer_attempts >= link->policy.transfer_retries)
		return SUSPECT_EXHAUSTED;
	others = find_others(qmgr, link);
	suspect->waits = steps_back(link, suspect, &others);
	return suspect->waits ? SUSPECT_WAITS : SUSPECT_GOES;
}

/* suspect_next - find a message that had stepped back and may be sent now */
uint64_t
suspect_next(struct qmgr *qmgr, struct link *link)
{
	struct others others;
	struct suspect *suspect;
	bool waits = false;

	/* Most links have no suspect that waits, and the search below reads the
	 * queue. */
	TAILQ_FOREACH(suspect, &link->suspects, entry)
		waits |= suspect->waits;
	if (!waits)
		return 0;
	others = find_others(qmgr, link);
	TAILQ_FOREACH(suspect, &link->suspects, entry) {
		if (!suspect->waits || steps_back(link, suspect, &others))
			continue;
		suspect->waits = false;
		return suspect->message;
	}
	return 0;
}
