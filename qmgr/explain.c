/* SPDX-License-Identifier: ISC */
/*
 * explain.c - what a ready or active message waits for, in one sentence
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "conf/conf_schedule.h"
#include "qmgr/explain.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/suspect.h"
#include "store/store.h"
#include "view/why.h"

#define AHEAD_MAX 1000 /* of those before it, so many are counted */
#define TIMES_MAX 24
/* A transfer in which nothing moved for so long may have stopped, ms. */
#define STILL_TIME 3000

/* times - write "once", "twice", "17 times" */
static const char *
times(unsigned n, char text[TIMES_MAX])
{
	if (n == 1)
		return "once";
	if (n == 2)
		return "twice";
	snprintf(text, TIMES_MAX, "%u times", n);
	return text;
}

/* error_of - give the last error of a link, or say that there is none */
static const char *
error_of(const struct link *link)
{
	return link->last_error[0] != '\0' ? link->last_error : "no reason";
}

/* waiting - explain that a link waits for its next attempt */
static void
waiting(const struct link *link, char text[VIEW_TEXT_MAX])
{
	int64_t wait = (link->next_open - clock_wall() + 999) / 1000;
	char number[TIMES_MAX];

	snprintf(text, VIEW_TEXT_MAX,
	    "it waits for link %s, which could not be opened %s (%s); "
	    "the next attempt is in %lld s",
	    link->name, times(link->open_failures, number), error_of(link),
	    (long long)(wait > 0 ? wait : 0));
}

/* connecting - explain that a link opens its first association */
static void
connecting(const struct link *link, char text[VIEW_TEXT_MAX])
{
	char number[TIMES_MAX];

	if (link->open_failures == 0)
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s, which is being opened", link->name);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s, which is being opened again after "
		    "it could not be opened %s (%s)",
		    link->name, times(link->open_failures, number),
		    error_of(link));
}

/* recovering - explain that a link recovers its association */
static void
recovering(const struct link *link, char text[VIEW_TEXT_MAX])
{
	snprintf(text, VIEW_TEXT_MAX,
	    "it waits for link %s, whose association was lost within a "
	    "transfer and is being recovered (%s)",
	    link->name, error_of(link));
}

/* next_schedule - format when the schedule of a link begins; false: never */
static bool
next_schedule(const struct link *link, char *when, size_t size)
{
	struct tm tm;
	time_t next;

	return conf_schedule_next(
		   &link->policy.schedule, clock_wall() / 1000, &next) &&
	    localtime_r(&next, &tm) != NULL &&
	    strftime(when, size, "%A %H:%M", &tm) != 0;
}

/* closed - explain that the schedule of a link has not begun */
static void
closed(const struct link *link, char text[VIEW_TEXT_MAX])
{
	char when[64];

	if (!next_schedule(link, when, sizeof(when)))
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s, which is scheduled never",
		    link->name);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s, whose schedule does not allow it "
		    "before %s",
		    link->name, when);
}

/* ahead - count the messages that go before one, at most AHEAD_MAX */
static unsigned
ahead(const struct qmgr *qmgr, const struct link *link,
    const struct store_message *message)
{
	unsigned count = 0;

	/* A bound, because an administrator wants to know whether the queue is
	 * long, and counting a million entries would hold up the loop. */
	for (int p = STORE_URGENT; p <= (int)message->priority; p++) {
		uint64_t id = 0;

		while (count < AHEAD_MAX &&
		    store_ready_next(qmgr->store, link->number,
			(enum store_priority)p, id, &id) == 0) {
			if (p == (int)message->priority && id >= message->id)
				break;
			count++;
		}
	}
	return count;
}

/* limited - say why a link may have no further association; empty: it may */
static const char *
limited(const struct qmgr *qmgr, const struct link *link)
{
	if (link->assoc_count >= link->policy.associations)
		return ", which has all its associations open";
	if (link->assoc_count > 0 &&
	    qmgr->associations_extra >= qmgr->conf->mta.max_associations)
		return ", which gets no further association while "
		       "max-associations are open";
	return "";
}

/* in_turn - explain that others go before a message */
static void
in_turn(const struct qmgr *qmgr, const struct link *link,
    const struct store_message *message, char text[VIEW_TEXT_MAX])
{
	unsigned before = ahead(qmgr, link, message);
	const char *limit = limited(qmgr, link);

	if (before == 0)
		snprintf(text, VIEW_TEXT_MAX,
		    "it is the next to be sent on link %s%s", link->name,
		    limit);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for its turn behind %s%u other%s on link %s%s",
		    before == AHEAD_MAX ? "at least " : "", before,
		    before == 1 ? "" : "s", link->name, limit);
}

/* behind - explain that a message goes after those that waited when it
 * failed */
static void
behind(const struct link *link, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	unsigned tries = message->attempts + message->transfer_attempts;
	char number[TIMES_MAX];

	snprintf(text, VIEW_TEXT_MAX,
	    "its transfer failed %s (%.*s); it goes after the others on link "
	    "%s",
	    times(tries, number), (int)message->reason.len,
	    (const char *)message->reason.data, link->name);
}

/* explain_active - say how far the transfer of a message is, or how many go
 * before it on the same association */
static void
explain_active(const struct job *job, char text[VIEW_TEXT_MAX])
{
	const char *name = job->link->name;
	int64_t ms = clock_wall() - job->dispatched;
	unsigned long long seconds = ms < 0 ? 0 : (unsigned long long)ms / 1000;
	uint64_t still = clock_monotonic() - job->handed_at;
	const struct job *other;
	/* Workers of the process before still hold their messages: a new
	 * association would send them twice. */
	unsigned before = 0;

	if (job->assoc == NULL) {
		snprintf(
		    text, VIEW_TEXT_MAX, "it is being transferred to %s", name);
		return;
	}
	for (other = TAILQ_FIRST(&job->assoc->jobs);
	     other != NULL && other != job; other = TAILQ_NEXT(other, entry))
		before++;
	if (before > 0)
		snprintf(text, VIEW_TEXT_MAX,
		    "it is with an association of %s, after %u other%s", name,
		    before, before == 1 ? "" : "s");
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it is being transferred to %s: its worker has %llu of "
		    "%llu octets after %llu s (%llu a second), the last since "
		    "%llu s%s%s",
		    name, (unsigned long long)job->handed,
		    (unsigned long long)(job->envelope_length +
			job->content_length),
		    seconds,
		    (unsigned long long)job->handed /
			(seconds == 0 ? 1 : seconds),
		    (unsigned long long)still / 1000,
		    still < STILL_TIME ? "" : " -> x4ping ",
		    still < STILL_TIME ? "" : name);
}

/* explain_link - explain what the link of a message that is ready does about
 * it */
static void
explain_link(const struct qmgr *qmgr, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	const struct link *link = link_get(&qmgr->links, message->link);
	const struct job *job = job_of(&qmgr->active, message->id);

	if (job != NULL) {
		explain_active(job, text);
		return;
	}
	if (link == NULL || link->kind == LINK_GONE) {
		snprintf(text, VIEW_TEXT_MAX,
		    "its link %s is not configured any more",
		    link == NULL ? "?" : link->name);
		return;
	}
	if (link->left > 0) {
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits until what was given to link %s before the queue "
		    "manager was started again has come to its end",
		    link->name);
		return;
	}
	switch (link->state) {
	case LINK_WAITING:
		waiting(link, text);
		return;
	case LINK_RECOVERING:
		recovering(link, text);
		return;
	case LINK_DISABLED:
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s, which an administrator disabled",
		    link->name);
		return;
	case LINK_CLOSED:
		closed(link, text);
		return;
	case LINK_REMOTE:
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for the peer of link %s to call", link->name);
		return;
	case LINK_CONNECTING:
		connecting(link, text);
		return;
	case LINK_IDLE:
		/* Nothing is opened: the program must ask. */
		if (link->policy.asked) {
			snprintf(text, VIEW_TEXT_MAX,
			    "it waits for the program of %s to ask for it",
			    link->name);
			return;
		}
		break;
	case LINK_UP:
	case LINK_STATES:
		break;
	}
	/* A suspect goes after the others, whatever the order of the queue
	 * says. */
	if (suspect_find(link, message->id) != NULL)
		behind(link, message, text);
	else
		in_turn(qmgr, link, message, text);
}

/* brief_waiting - say why a link waits, and until when */
static void
brief_waiting(const struct link *link, char text[VIEW_TEXT_MAX])
{
	char when[WHY_WHEN_MAX];

	why_when(link->next_open, when);
	snprintf(text, VIEW_TEXT_MAX, "waits: %s: %s, next %s", link->name,
	    error_of(link), when);
}

/* brief_closed - say when the schedule of a link begins */
static void
brief_closed(const struct link *link, char text[VIEW_TEXT_MAX])
{
	char when[64];

	snprintf(text, VIEW_TEXT_MAX, "waits: schedule of %s: %s", link->name,
	    next_schedule(link, when, sizeof(when)) ? when : "never");
}

/* explain_brief - say in a few words what a ready message waits for */
void
explain_brief(const struct qmgr *qmgr, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	const struct link *link = link_get(&qmgr->links, message->link);
	const char *before = "waits: ", *after = "";

	if (link == NULL || link->kind == LINK_GONE) {
		snprintf(text, VIEW_TEXT_MAX, "waits: %s is not configured",
		    link == NULL ? "its link" : link->name);
		return;
	}
	switch (link->state) {
	case LINK_WAITING:
		brief_waiting(link, text);
		return;
	case LINK_CLOSED:
		brief_closed(link, text);
		return;
	case LINK_RECOVERING:
		after = " recovers its association";
		break;
	case LINK_DISABLED:
		after = " is disabled";
		break;
	case LINK_REMOTE:
		after = " must call";
		break;
	case LINK_CONNECTING:
		after = " is being opened";
		break;
	case LINK_IDLE:
	case LINK_UP:
	case LINK_STATES:
		if (link->policy.asked)
			after = " must ask";
		else
			before = "in turn for ";
		break;
	}
	snprintf(text, VIEW_TEXT_MAX, "%s%s%s", before, link->name, after);
}

/* explain - explain what the link of a message that is ready does about it, and
 * why it takes no other */
void
explain(const struct qmgr *qmgr, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	size_t len;

	explain_link(qmgr, message, text);
	if (job_of(&qmgr->active, message->id) != NULL ||
	    !doubtful_is(qmgr, message->id))
		return;
	len = strlen(text);
	snprintf(text + len, VIEW_TEXT_MAX - len,
	    "; its peer may have it already and is asked first, so that it "
	    "takes no other route (x4queue reroute)");
}
