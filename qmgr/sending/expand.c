/* SPDX-License-Identifier: ISC */
/*
 * expand.c - what is queued for distribution lists becomes messages to their
 * members
 */
#include "qmgr/sending/expand.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/expand_apply.h"
#include "qmgr/sending/outcome.h"
#include "store/store.h"

/* Messages that are expanded at a time: the members of a step are of so many
 * at most. */
#define EXPANSIONS_MAX 64

/* A full queue is asked again. */
#define ROOM_WAIT 1000 /* ms */

struct expander {
	struct expansion *expansions[EXPANSIONS_MAX];
	size_t count;
	uint32_t link;	     /* that was looked at last */
	bool wanted;	     /* a list has work */
	uint64_t not_before; /* monotonic ms: the queue was full */
};

/* expand_new - make the expander */
struct expander *
expand_new(void)
{
	return calloc(1, sizeof(struct expander));
}

/* free_expansion - free an expansion, whose job has ended */
static void
free_expansion(struct expansion *expansion)
{
	placing_fini(&expansion->placing);
	free(expansion);
}

/* expand_free - free the expander; its jobs go with the queue manager */
void
expand_free(struct expander *expander)
{
	if (expander == NULL)
		return;
	for (size_t i = 0; i < expander->count; i++) {
		/* Jobs first: an expansion in progress owns its job, which no
		 * association would free. */
		free(expander->expansions[i]->job);
		free_expansion(expander->expansions[i]);
	}
	free(expander);
}

/* forget_expansion - take an expansion out of the table, and free it */
static void
forget_expansion(struct expander *expander, struct expansion *expansion)
{
	for (size_t i = 0; i < expander->count; i++)
		/* The order of the table means nothing, so the last entry fills
		 * the gap. */
		if (expander->expansions[i] == expansion) {
			expander->expansions[i] =
			    expander->expansions[--expander->count];
			break;
		}
	free_expansion(expansion);
}

/* end_expansion - release the job of an expansion that needs no further step */
static void
end_expansion(struct qmgr *qmgr, struct expansion *expansion)
{
	struct link *link = expansion->job->link;

	switch (expansion->fate) {
	case EXPAND_FINISHED:
		link->counters.messages_out++;
		/* A list removed from the configuration meanwhile still
		 * finishes what was decided; its name then comes from the
		 * link. */
		LOG_EVENT(EVENT_LIST_EXPANDED,
		    LOG_INT("id", expansion->job->message),
		    LOG_STRING("mts_id", expansion->job->mts_id),
		    LOG_STRING("list",
			link->list == NULL ? link->name : link->list->name),
		    LOG_INT("members", expansion->total));
		dispatch_release(qmgr, expansion->job);
		break;
	case EXPAND_ASIDE:
		LOG_EVENT(EVENT_QUARANTINED,
		    LOG_INT("id", expansion->job->message),
		    LOG_STRING("mts_id", expansion->job->mts_id),
		    LOG_STRING("reason", "it cannot be decoded for its list"));
		dispatch_release(qmgr, expansion->job);
		break;
	case EXPAND_GONE:
		dispatch_release(qmgr, expansion->job);
		break;
	case EXPAND_NO_ROOM:
		/* Without a pause a full queue would be measured in each step
		 * of the loop. */
		qmgr->expander->not_before = clock_after(ROOM_WAIT);
		dispatch_return(qmgr, expansion->job);
		break;
	case EXPAND_NO_LIST:
	/* EXPAND_GOES_ON stands here if the list was disabled or the process
	 * stops. The record holds how far the expansion came, and the next one
	 * goes on there. */
	case EXPAND_GOES_ON:
		dispatch_return(qmgr, expansion->job);
		break;
	}
	link_touch(qmgr, link);
	forget_expansion(qmgr->expander, expansion);
}

/* expand_done - go on with an expansion whose step is committed, or was not */
static void
expand_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct expansion *expansion = (struct expansion *)member;

	/* The store keeps the copies of earlier steps, so nothing is lost: the
	 * same members are tried again later. */
	if (result < 0) {
		expansion->fate = EXPAND_NO_ROOM;
		placing_reset(&expansion->placing);
		end_expansion(qmgr, expansion);
		return;
	}
	/* Links learn of the copies only after the commit, or a worker could be
	 * sent a message that a crash takes back. */
	placing_committed(qmgr, &expansion->placing);
	placing_reset(&expansion->placing);
	expansion->total += expansion->members;
	if (expansion->fate != EXPAND_GOES_ON || qmgr->stopping ||
	    expansion->job->link->state == LINK_DISABLED)
		end_expansion(qmgr, expansion);
	else
		/* Nothing else would wake the loop: the next step of the
		 * expansion waits for no record. */
		qmgr->again = true;
}

/* begin_expansion - take up a message that is claimed */
static void
begin_expansion(struct qmgr *qmgr, struct job *job)
{
	struct expander *expander = qmgr->expander;
	struct expansion *expansion = calloc(1, sizeof(*expansion));

	if (expansion == NULL) {
		dispatch_return(qmgr, job);
		return;
	}
	expansion->job = job;
	placing_init(&expansion->placing);
	expansion->member.order = COMMIT_BACKGROUND;
	expansion->member.apply = expand_apply;
	expansion->member.done = expand_done;
	expander->expansions[expander->count++] = expansion;
}

/* take_message - take up the next message of a list; false: there is none */
static bool
take_message(struct qmgr *qmgr, struct link *link)
{
	struct store_message message;
	struct job *job;
	uint64_t id;
	int rc;

	/* Priority holds for lists too: an urgent message is expanded before
	 * others. */
	if (ready_take(qmgr, link, STORE_URGENT, STORE_NON_URGENT, &id) < 0)
		return false;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	/* Set aside at once. Otherwise the list would meet the same record
	 * first for ever. */
	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED) {
		outcome_damaged(qmgr, id, store_reason(qmgr->store));
		return true;
	}
	if (rc == ERR_NOMEM) {
		ready_reset(link);
		return false;
	}
	/* Deleted, moved or held since its id was read ahead. */
	if (rc < 0 || message.state != STORE_READY ||
	    message.link != link->number)
		return true;
	job = dispatch_claim(qmgr, link, &message);
	if (job == NULL) {
		ready_reset(link);
		return false;
	}
	if (message.expires != 0 && message.expires <= clock_wall() &&
	    !timekeeper_doubts(&qmgr->time))
		outcome_expired(qmgr, job);
	else
		begin_expansion(qmgr, job);
	return true;
}

/* has_work - tell whether something of a link can be expanded now */
static bool
has_work(const struct qmgr *qmgr, const struct link *link)
{
	/* A disabled list keeps its messages, as a disabled link does. */
	return link->kind == LINK_LIST && link->state != LINK_DISABLED &&
	    ready_waiting(qmgr, link) > 0;
}

/* next_list - find the next list that has work, by turns; NULL: there is
 * none */
static struct link *
next_list(const struct qmgr *qmgr)
{
	struct expander *expander = qmgr->expander;

	/* Begin behind the list served last, so that one list that is never
	 * empty does not starve the rest. */
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->number > expander->link && has_work(qmgr, link))
			return link;
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->number <= expander->link && has_work(qmgr, link))
			return link;
	return NULL;
}

/* take_messages - take up messages, a list after the other, as long as a step
 * has room for their members */
static void
take_messages(struct qmgr *qmgr, size_t room)
{
	struct expander *expander = qmgr->expander;
	struct link *link;

	while (room > 0 && expander->count < EXPANSIONS_MAX) {
		size_t members;

		link = next_list(qmgr);
		if (link == NULL) {
			expander->wanted = false;
			return;
		}
		expander->link = link->number;
		members = link->list->members.count;
		if (!take_message(qmgr, link))
			return;
		/* At least the members of one message are taken even if they
		 * exceed the room: the step divides them, and a list longer
		 * than a step would otherwise never begin. */
		room -= members < room ? members : room;
	}
}

/* step_expansions - divide the members of a step among the expansions */
static void
step_expansions(struct qmgr *qmgr)
{
	struct expander *expander = qmgr->expander;
	/* Equal shares, so a list of 100,000 members beside one of three does
	 * not delay the three. */
	size_t share = expander->count == 0 ? 0 : EXPAND_STEP / expander->count;

	for (size_t i = 0; i < expander->count; i++) {
		struct expansion *expansion = expander->expansions[i];

		/* The step before this one was put off by the commit, and is in
		 * line still. */
		if (expansion->member.queued)
			continue;
		expansion->most = share;
		commit_add(qmgr, &expansion->member);
	}
}

/* expand_link - look at a list for which something may be queued */
void
expand_link(struct qmgr *qmgr, struct link *link)
{
	if (has_work(qmgr, link))
		qmgr->expander->wanted = true;
}

/* expand_commit - have a step join the next commit, if anything is queued */
void
expand_commit(struct qmgr *qmgr)
{
	struct expander *expander = qmgr->expander;
	size_t busy = 0;

	if (qmgr->stopping || clock_monotonic() < expander->not_before)
		return;
	for (size_t i = 0; i < expander->count; i++) {
		const struct link *link = expander->expansions[i]->job->link;

		/* A list that is gone counts as one member: its expansion only
		 * has to end. */
		busy += link->list == NULL ? 1 : link->list->members.count;
	}
	if (expander->wanted && busy < EXPAND_STEP)
		take_messages(qmgr, EXPAND_STEP - busy);
	step_expansions(qmgr);
}
