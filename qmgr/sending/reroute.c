/* SPDX-License-Identifier: ISC */
/*
 * reroute.c - a queued message takes another route
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/route.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/reroute.h"
#include "qmgr/sending/suspect.h"
#include "store/store.h"

struct reroute {
	struct commit_member member;
	struct job *job;
	enum reroute_why why;
	struct link *to;	 /* REROUTE_DRAINED: where it goes */
	char by[CLIENT_WHO_MAX]; /* REROUTE_ASKED: who did */
	bool moved;		 /* it was replaced */
	bool no_route;		 /* no route, and that is the end of it */
	struct placing placing;
};

/* is_better_route - tell whether a route is another one, and a better one */
static bool
is_better_route(const struct link *link, const struct link *now)
{
	/* A message leaves only for a link that works, unless its own is gone:
	 * moving between two failing links would only cost writes. */
	return link != NULL && link != now &&
	    (now->kind == LINK_GONE || !link_out(link));
}

/* may_leave - tell whether a message may leave its link for an address */
static bool
may_leave(const struct qmgr *qmgr, const struct reroute *reroute,
    const struct distribution *d, const struct or_address *address)
{
	/* Routes that were learnt change often. The message stays where the
	 * present link still serves the address as well as any. */
	return reroute->why != REROUTE_LEARNT ||
	    !route_keeps(qmgr, address, d->route_from, reroute->job->link);
}

/* leave_refused - leave those recipients where they are whom no other link
 * takes.  Were they refused now they would be reported on though the old link
 * may come back; and they must not keep the others there. */
static void
leave_refused(struct distribution *d, struct link *now)
{
	for (size_t i = 0; i < d->verdict_count; i++)
		d->links[d->verdicts[i].index] = now;
	d->verdict_count = 0;
}

/* decide_drained - have one link for all whom a message is for */
static bool
decide_drained(const struct reroute *reroute, struct distribution *d,
    struct link **report_link, bool *same)
{
	const struct p1_envelope *envelope = d->envelope;

	*same = false;
	if (envelope->kind == MTS_REPORT)
		*report_link = reroute->to;
	for (size_t i = 0; i < envelope->recipient_count; i++)
		d->links[i] = (envelope->recipients[i].indicators &
				  P1_RESPONSIBILITY) != 0
		    ? reroute->to
		    : NULL;
	return true;
}

/* decide_routes - find the routes as they are now; *same: they have not
 * changed */
static bool
decide_routes(struct qmgr *qmgr, const struct reroute *reroute,
    struct distribution *d, struct link **report_link, bool *same)
{
	const struct p1_envelope *envelope = d->envelope;
	struct link *now = reroute->job->link;

	if (reroute->why == REROUTE_DRAINED)
		return decide_drained(reroute, d, report_link, same);
	*same = true;
	if (envelope->kind == MTS_REPORT) {
		if (route_find(qmgr, &envelope->originator.address,
			d->route_from, qmgr->share, report_link) != ROUTE_FOUND)
			return false;
		*same = !is_better_route(*report_link, now) ||
		    !may_leave(qmgr, reroute, d, &envelope->originator.address);
		return true;
	}
	if (distribute_decide(qmgr, d) < 0)
		return false;
	leave_refused(d, now);
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (is_better_route(d->links[i], now) &&
		    may_leave(qmgr, reroute, d,
			&envelope->recipients[i].name.address))
			*same = false;
	return true;
}

/* waited_long - tell whether a message has been through all the retries */
static bool
waited_long(const struct job *job)
{
	const struct link *link = job->link;
	uint64_t all =
	    link->policy.open_interval * (uint64_t)link->policy.open_retries;
	int64_t waited = timekeeper_now(&link->qmgr->time) - job->arrival;

	/* Both clocks are asked: monotonic for how long the link fails, the
	 * queue's for how long the message waits, since the latter must survive
	 * restarts. */
	return link->failing_since != 0 &&
	    clock_monotonic() - link->failing_since >= all && waited >= 0 &&
	    (uint64_t)waited >= all;
}

/* keep_queued - keep a message that has no other route: for now, or for good */
static int
keep_queued(struct reroute *reroute)
{
	reroute->no_route = reroute->why == REROUTE_GONE ||
	    (reroute->why == REROUTE_RETRIES && waited_long(reroute->job));
	return 0;
}

/* keep_history - keep what a record has been through in its copies */
static void
keep_history(struct placing *placing, const struct store_message *old,
    enum reroute_why why)
{
	for (size_t i = 0; i < placing->count; i++) {
		/* A copy is the same message to its originator: age, expiry and
		 * crashes count on, or a crash in each copy could go uncounted
		 * for ever. */
		struct store_message *new = &placing->items[i].message;

		new->arrival = old->arrival;
		new->source = old->source;
		new->expires = old->expires;
		new->own_time = old->own_time;
		new->priority = old->priority;
		new->crashes = old->crashes;
		new->expanded = old->expanded;
		/* Where it is drained to, it waits there. */
		new->state = why == REROUTE_DRAINED ? STORE_READY : old->state;
		new->next_try = why == REROUTE_DRAINED ? 0 : old->next_try;
	}
}

/* link_moved_to - find the first link of the copies that is another one */
static const struct link *
link_moved_to(const struct qmgr *qmgr, const struct placing *placing,
    const struct store_message *old)
{
	for (size_t i = 0; i < placing->count; i++)
		if (placing->items[i].message.link != old->link)
			return link_get(
			    &qmgr->links, placing->items[i].message.link);
	return NULL;
}

/* tell_kept - tell of each copy that it is kept back as the old one was */
static void
tell_kept(struct qmgr *qmgr, const struct placing *placing,
    const struct store_message *old)
{
	struct track_record told = {
	    .event = old->state == STORE_HELD ? TRACK_HOLD : TRACK_QUARANTINE,
	    .text = old->reason};

	if (old->state != STORE_HELD && old->state != STORE_QUARANTINED)
		return;
	for (size_t i = 0; i < placing->count; i++) {
		ledger_describe(qmgr, &placing->items[i].message, &told);
		tracking_put(qmgr, &told);
	}
}

/* write_copies - write the copies; the first takes the place of the old one, so
 * that who asked for the message finds it by the number that it had */
static int
write_copies(struct qmgr *qmgr, struct reroute *reroute,
    const struct store_message *old, const struct placing_content *content)
{
	struct placing *placing = &reroute->placing;
	const struct link *to = link_moved_to(qmgr, placing, old);
	struct track_record told = {.event = TRACK_REROUTE,
	    .other = slice_of_string(reroute->job->link->name),
	    .by = slice_of_string(reroute->by)};
	int rc;

	ledger_describe(qmgr, old, &told);
	told.link = slice_of_string(to == NULL ? "" : to->name);
	placing->old = (struct placing_old){.id = old->id, .why = &told};
	rc = placing_write(qmgr, placing, content);
	if (rc == 0)
		tell_kept(qmgr, placing, old);
	return rc;
}

/* replace_copies - put the copies for the new routes in the place of the old
 * one */
static int
replace_copies(struct qmgr *qmgr, struct reroute *reroute,
    struct distribution *d, const struct store_message *old,
    struct link *report_link)
{
	struct placing_content content = {.id = old->content_id,
	    .length = old->content_length,
	    .octets = old->content};
	int64_t now = clock_wall() / 1000;
	/* X.411 wants the detour in the trace: loop detection of later MTAs
	 * depends on it. */
	int rc = p1_trace_append(d->envelope, &qmgr->arena, &qmgr->domain, now,
	    TRACE_REROUTED, NULL);

	/* Within the domain other MTAs of it look at this one. */
	if (rc == 0)
		rc = p1_internal_trace_append(d->envelope, &qmgr->arena,
		    &qmgr->domain, slice_of_string(qmgr->conf->mta.name), now,
		    TRACE_REROUTED, slice_of(NULL, 0));
	if (rc == 0 && report_link != NULL)
		rc = distribute_report(qmgr, d, report_link);
	else if (rc == 0)
		rc = distribute_place(qmgr, d);
	if (rc < 0)
		return rc;
	keep_history(&reroute->placing, old, reroute->why);
	/* New copies and the end of the old one are one transaction. After a
	 * crash the message has one of its routes, never both. */
	rc = write_copies(qmgr, reroute, old, &content);
	reroute->moved = rc == 0;
	return rc;
}

/* reroute_one - route a message again, within the transaction */
static int
reroute_one(struct qmgr *qmgr, struct reroute *reroute)
{
	struct store_message old;
	struct p1_envelope envelope;
	struct link *report_link = NULL;
	struct distribution d = {.envelope = &envelope,
	    .placing = &reroute->placing,
	    .mts_id = reroute->job->mts_id};
	bool same;
	int rc;

	arena_reset(&qmgr->arena);
	qmgr_item(qmgr, reroute->job->message);
	rc = store_message_get(qmgr->store, reroute->job->message, STORE_WHOLE,
	    &qmgr->arena, &old);
	if (rc < 0)
		return rc;
	if (p1_decode(old.kind, old.envelope, &qmgr->arena, &envelope, NULL) <
	    0)
		/* A record that cannot be decoded has no address to route by;
		 * the worker that takes it will have it set aside. */
		return keep_queued(reroute);
	d.from_link = d.route_from = old.from_link;
	d.arrival = old.arrival;
	d.content_length = old.content_length;
	rc = distribute_init(qmgr, &d);
	if (rc < 0)
		return rc;
	/* Count up so that equal routes share a queue that is moved as a
	 * whole. */
	qmgr->share++;
	if (!decide_routes(qmgr, reroute, &d, &report_link, &same) || same)
		return keep_queued(reroute);
	return replace_copies(qmgr, reroute, &d, &old, report_link);
}

/* reroute_apply - apply the rerouting of a message */
static int
reroute_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct reroute *reroute = (struct reroute *)member;
	int rc;

	placing_reset(&reroute->placing);
	reroute->moved = reroute->no_route = false;
	rc = reroute_one(qmgr, reroute);
	/* Deleted meanwhile: nothing to move, and the claim is released
	 * below. */
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* log_moved - log where each copy of a message goes now */
static void
log_moved(struct qmgr *qmgr, const struct reroute *reroute)
{
	const struct job *job = reroute->job;
	const struct placing *placing = &reroute->placing;

	for (size_t i = 0; i < placing->count; i++) {
		const struct store_message *copy = &placing->items[i].message;
		const struct link *to = link_get(&qmgr->links, copy->link);

		LOG_EVENT(EVENT_MESSAGE_REROUTED, LOG_INT("id", job->message),
		    LOG_STRING("mts_id", job->mts_id),
		    LOG_STRING("from", job->link->name),
		    LOG_STRING("to", to == NULL ? NULL : to->name),
		    LOG_INT("to_id", copy->id));
	}
}

/* end_moved - end the rerouting of a message that has moved */
static void
end_moved(struct qmgr *qmgr, struct reroute *reroute)
{
	struct job *job = reroute->job;

	log_moved(qmgr, reroute);
	doubtful_given_up(
	    qmgr, job->message, job->link, "it takes another route");
	/* The peer of the new link knows nothing of the name it had. */
	batch_end(qmgr, job->message);
	suspect_forget(job->link, job->message);
	link_touch(qmgr, job->link);
	/* Before its link hears of it: what is active is passed over. */
	dispatch_release(qmgr, job);
	placing_committed(qmgr, &reroute->placing);
}

/* reroute_done - end the rerouting of a message: it has moved, or is ready, or
 * goes back */
static void
reroute_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct reroute *reroute = (struct reroute *)member;
	struct job *job = reroute->job;

	if (result == 0 && reroute->moved)
		end_moved(qmgr, reroute);
	/* Turned into an outcome, because a report is owed: only there is one
	 * made in the same commit. */
	else if (result == 0 && reroute->no_route)
		outcome_unroutable(qmgr, job,
		    job->link->kind == LINK_GONE ? "its link is gone"
						 : "out of open retries");
	else
		dispatch_return(qmgr, job);
	placing_fini(&reroute->placing);
	free(reroute);
}

/* begin_reroute - have a message that is claimed routed again, to a link if
 * that is not NULL */
static void
begin_reroute(struct qmgr *qmgr, struct job *job, enum reroute_why why,
    struct link *to, const char *by)
{
	struct reroute *reroute = calloc(1, sizeof(*reroute));

	if (reroute == NULL) {
		dispatch_return(qmgr, job);
		return;
	}
	reroute->job = job;
	reroute->to = to;
	reroute->why = why;
	(void)strlcpy(reroute->by, by, sizeof(reroute->by));
	placing_init(&reroute->placing);
	reroute->member.order = COMMIT_BACKGROUND;
	reroute->member.apply = reroute_apply;
	reroute->member.done = reroute_done;
	commit_add(qmgr, &reroute->member);
}

/* reroute_start - have a message that is claimed routed again */
void
reroute_start(
    struct qmgr *qmgr, struct job *job, enum reroute_why why, const char *by)
{
	begin_reroute(qmgr, job, why, NULL, by);
}

/* reroute_drain - have a message that is claimed go to a link */
void
reroute_drain(struct qmgr *qmgr, struct job *job, struct link *to)
{
	begin_reroute(qmgr, job, REROUTE_DRAINED, to, "drain");
}
