/* SPDX-License-Identifier: ISC */
/*
 * resume.c - transfers of peers that were cut, and go on
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/resume.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/receiving/admit_large.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/recoverer.h"
#include "store/store.h"

#define EXPIRE_STEP 16 /* given up in one commit */

/* A transfer that is under way for less (ms) is not given up for others of its
 * source: it will be complete before long. */
#define EVICT_AGE (60 * 1000)

/* A check that waits for what else is in this commit. */
struct resume {
	struct commit_member member;
	struct client *client; /* kept until this is done */
	enum ipc_resume_result result;
	uint64_t submit;
	uint64_t session, activity;
	uint64_t old_session, old_activity;
	struct arena arena;
	struct store_partial partial;
	uint64_t staged; /* octets of its content */
};

/* is_named - tell whether a transfer goes by this name */
static bool
is_named(const struct submit *submit, uint64_t session, uint64_t activity)
{
	return submit->origin == IPC_TRANSFER &&
	    submit->state == SUBMIT_RECEIVING &&
	    ((submit->session == session && submit->activity == activity) ||
		(submit->old_session == session && session != 0 &&
		    submit->old_activity == activity));
}

/*
 * withdraw - take a transfer from a worker that does not know yet that its
 * association is lost; it is told to end
 */
static void
withdraw(struct qmgr *qmgr, uint64_t session, uint64_t activity)
{
	const struct ipc_record retire = {.type = IPC_RETIRE};
	struct submit *submit;
	struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry) {
		TAILQ_FOREACH(submit, &client->submits, entry) {
			if (!is_named(submit, session, activity))
				continue;
			intake_park(submit);
			if (client->assoc != NULL)
				/* We receive on this association too, so its
				 * end is prepared and not cut. */
				assoc_retire(client->assoc);
			else
				client_send(client, &retire);
			return;
		}
	}
}

/* resume_apply - look up what is known of a transfer, and give it its new
 * name */
static int
resume_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct resume *r = (struct resume *)member;
	struct store_transfer transfer;
	int rc;

	/* The peer may not resume it at all: no name is looked for. */
	if (r->result == IPC_RESUME_REFUSED)
		return 0;
	r->result = IPC_RESUME_UNKNOWN;
	if (store_session_activity(
		qmgr->store, r->old_session, r->old_activity, &transfer) == 0) {
		r->result = IPC_RESUME_COMPLETED;
		return 0;
	}
	rc = store_partial_find(qmgr->store, r->old_session, r->old_activity,
	    &r->arena, &r->partial);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc == 0)
		rc = store_content_length(
		    qmgr->store, r->partial.content, &r->staged);
	if (rc < 0)
		return rc;
	/* The transfer goes by its new name from now on, and by the old one for
	 * a peer that was cut again. */
	r->partial.session = r->session;
	r->partial.activity = r->activity;
	r->partial.old_session = r->old_session;
	r->partial.old_activity = r->old_activity;
	r->partial.time = timekeeper_latest(&qmgr->time);
	r->result = IPC_RESUME_PARTIAL;
	return store_partial_mark(qmgr->store, &r->partial);
}

/* receive_again - receive a transfer again, from its mark */
static int
receive_again(struct resume *r)
{
	const struct store_partial *partial = &r->partial;
	struct submit *submit;
	int rc;

	/* A mark beyond its own octets is damage: the transfer starts over. */
	if (partial->offset > partial->envelope.len + r->staged)
		return ERR_CORRUPT;
	submit = intake_new(r->client, r->submit);
	if (submit == NULL)
		return r->client->submit_count >= SUBMITS_MAX ? ERR_LIMIT
							      : ERR_NOMEM;
	rc = buffer_append(
	    &submit->envelope, partial->envelope.data, partial->envelope.len);
	if (rc < 0) {
		intake_park(submit);
		return rc;
	}
	r->client->took = true;
	submit->kind = partial->kind;
	submit->origin = IPC_TRANSFER;
	submit->from_link = r->client->link->number;
	submit->session = r->session;
	submit->activity = r->activity;
	submit->old_session = r->old_session;
	submit->old_activity = r->old_activity;
	submit->envelope_length = partial->envelope.len;
	submit->content_id = partial->content;
	submit->staged = r->staged;
	submit->received = partial->offset;
	/* Octets that are staged beyond the mark come again and are skipped. */
	submit->skip = partial->envelope.len + r->staged - partial->offset;
	submit->progress = partial->offset;
	submit->mark = partial->offset;
	submit->marked = partial->offset;
	submit->told = partial->offset;
	return 0;
}

/*
 * allow_anew - decide whether an unknown activity may begin again
 *
 * Only the one that was under way when the session was lost can be meant, and
 * those that had been completed came before it.
 */
static enum ipc_resume_result
allow_anew(const struct resume *r)
{
	struct store_session session;

	if (store_session_get(
		r->client->qmgr->store, r->old_session, &session) < 0 ||
	    r->old_activity <= session.last_activity)
		return IPC_RESUME_REFUSED;
	r->client->anew_session = r->old_session;
	r->client->anew_activity = r->old_activity;
	return IPC_RESUME_UNKNOWN;
}

/* resume_done - tell x400in */
static void
resume_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct resume *r = (struct resume *)member;
	struct ipc_record record = {.type = IPC_RESUME_ANSWER};
	struct ipc_resume_answer *out = &record.resume_answer;

	r->client->waiting--;
	if (result < 0)
		r->result = IPC_RESUME_UNKNOWN;
	/* Only then is a new start allowed: the answer "unknown" would
	 * otherwise lose the transfer. */
	if (r->result == IPC_RESUME_UNKNOWN && r->client->recovered)
		r->result = allow_anew(r);
	if (!r->client->closing && r->result == IPC_RESUME_PARTIAL &&
	    (result = receive_again(r)) < 0)
		r->result = IPC_RESUME_UNKNOWN;
	if (result < 0)
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("message", "a transfer cannot go on"),
		    LOG_STRING("reason", store_reason(qmgr->store)));
	out->submit = r->submit;
	out->old_session = r->old_session;
	out->result = r->result;
	if (r->result == IPC_RESUME_PARTIAL) {
		out->kind = r->partial.kind;
		out->envelope_length = r->partial.envelope.len;
		out->offset = r->partial.offset;
		out->state = r->partial.state;
	}
	client_send(r->client, &record);
	arena_fini(&r->arena);
	free(r);
}

/* old_session - find the session that a transfer began on, 0: unknown */
static uint64_t
old_session(const struct client *client, const struct ipc_resume_check *check)
{
	struct store_session session;

	/* Without references it is the session that the peer is on, and a
	 * number of its own. */
	if (session_references_is_empty(&check->old.references))
		return client->session;
	if (client->link->x400 == NULL ||
	    store_session_find(client->qmgr->store,
		slice_of_string(client->link->x400->remote_mta),
		client->link->number, &check->old.references, &session) < 0)
		return 0;
	return session.id;
}

/* is_allowed - tell whether a peer may resume what began on a session */
static bool
is_allowed(const struct client *client, uint64_t old)
{
	return !client->recovered ||
	    (old != 0 && (old == client->recovers || old == client->session));
}

/* resume_take - take a resume check of x400in */
int
resume_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_resume_check *check = &record->resume_check;
	struct resume *r;

	if (client->link == NULL || client->session == 0 ||
	    check->session != client->session)
		return diag_set(diag, ERR_NOTFOUND, "no such session");
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	arena_init(&r->arena, 2 * (size_t)IPC_RECORD_MAX);
	r->client = client;
	r->submit = check->submit;
	r->session = check->session;
	r->activity = check->activity;
	r->old_session = old_session(client, check);
	r->old_activity = check->old.activity;
	if (!is_allowed(client, r->old_session))
		r->result = IPC_RESUME_REFUSED;
	else if (r->old_session != 0)
		withdraw(client->qmgr, r->old_session, r->old_activity);
	if (r->old_session != 0)
		admit_large_hurry(
		    client->qmgr, r->old_session, r->old_activity);
	/* After what may be completed in this very commit. */
	r->member.order = COMMIT_INTAKE;
	r->member.apply = resume_apply;
	r->member.done = resume_done;
	client->waiting++;
	commit_add(client->qmgr, &r->member);
	return 0;
}

/* under_way - tell whether a worker is receiving a transfer */
static bool
under_way(const struct qmgr *qmgr, uint64_t content)
{
	const struct submit *submit;
	const struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		TAILQ_FOREACH(submit, &client->submits, entry)
			if (submit->content_id == content)
				return true;
	return false;
}

/* A commit's share of the marks that are given up. */
struct expiry {
	struct commit_member member;
	unsigned count;
	uint64_t contents[EXPIRE_STEP];
};

/* apply_expiry - discard what was not resumed in time */
static int
apply_expiry(struct qmgr *qmgr, struct commit_member *member)
{
	const struct expiry *expiry = (struct expiry *)member;
	int rc = 0;

	for (unsigned i = 0; i < expiry->count && rc >= 0; i++)
		if (!under_way(qmgr, expiry->contents[i]))
			/* A worker may have begun to receive it again in this
			 * very moment. */
			rc = store_content_discard(
			    qmgr->store, expiry->contents[i]);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* done_expiry - end an expiry; where it failed the transfers are found again */
static void
done_expiry(struct qmgr *qmgr, struct commit_member *member, int result)
{
	(void)qmgr;
	(void)result;
	free(member);
}

/* is_over - tell whether the recovery timeout of a transfer is over */
static bool
is_over(const struct qmgr *qmgr, const struct store_partial *partial)
{
	const struct link *link = link_get(&qmgr->links, partial->link);
	int64_t wait = RECOVERER_SLACK;

	if (link != NULL && link->x400 != NULL)
		wait += (int64_t)link->x400->recovery_timeout;
	/* Nothing is given up by a clock that may be wrong: a transfer that
	 * came in part cannot be made again. */
	return !timekeeper_doubts(&qmgr->time) &&
	    partial->time + wait < clock_wall();
}

/* expiry_add - have a content given up in the next transaction */
static void
expiry_add(struct qmgr *qmgr, uint64_t content)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	if (expiry == NULL)
		return;
	expiry->contents[expiry->count++] = content;
	expiry->member.order = COMMIT_BACKGROUND;
	expiry->member.apply = apply_expiry;
	expiry->member.done = done_expiry;
	commit_add(qmgr, &expiry->member);
}

/* oldest_under_way - find the oldest content of a source that a worker is
 * receiving, and has been for a while; or NULL */
static struct submit *
oldest_under_way(const struct qmgr *qmgr, uint32_t source)
{
	struct submit *submit, *oldest = NULL;
	int64_t young = clock_wall() - EVICT_AGE;
	struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		TAILQ_FOREACH(submit, &client->submits, entry)
			/* A transfer that came a moment ago is left alone: its
			 * peer is still sending it. */
			if (submit->from_link == source &&
			    submit->state == SUBMIT_RECEIVING &&
			    submit->content_id != 0 &&
			    submit->arrival < young &&
			    (oldest == NULL ||
				submit->arrival < oldest->arrival))
				oldest = submit;
	return oldest;
}

/* oldest_parked - find the oldest content of a source that was cut, and is not
 * being received; 0: none */
static uint64_t
oldest_parked(struct qmgr *qmgr, uint32_t source, int64_t *time)
{
	struct store_partial partial = {.content = 0};
	uint64_t oldest = 0;

	arena_reset(&qmgr->arena);
	while (store_partial_next(
		   qmgr->store, partial.content, &qmgr->arena, &partial) == 0) {
		/* The worker that receives it is the one to be told, so it is
		 * not taken from under it here. */
		if (partial.link == source &&
		    (oldest == 0 || partial.time < *time) &&
		    !under_way(qmgr, partial.content)) {
			oldest = partial.content;
			*time = partial.time;
		}
		arena_reset(&qmgr->arena);
	}
	return oldest;
}

/* evict - give up the oldest partial content of a source at its limit */
static void
evict(struct qmgr *qmgr, uint32_t source, const char *name)
{
	struct submit *submit = oldest_under_way(qmgr, source);
	int64_t time = 0;
	uint64_t content = oldest_parked(qmgr, source, &time);

	if (content == 0 && submit == NULL)
		return;
	/* The older of both goes: what is parked waits for a peer that may not
	 * come back. */
	if (content != 0 && (submit == NULL || time <= submit->arrival))
		expiry_add(qmgr, content);
	else
		intake_give_up(
		    submit, "the oldest of a source with too much in part");
	LOG_EVENT(EVENT_PARTIAL_GIVEN_UP, LOG_STRING("link", name));
}

/* evict_all - look at the sources that were refused since the last time */
static void
evict_all(struct qmgr *qmgr)
{
	struct link *link;

	if (qmgr->local_over)
		evict(qmgr, STORE_LINK_NONE, "local");
	qmgr->local_over = false;
	for (link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->over_share)
			evict(qmgr, link->number, link->name);
		link->over_share = false;
	}
}

/* resume_tick - give up what was not resumed in time */
void
resume_tick(struct qmgr *qmgr)
{
	struct store_partial partial = {.content = 0};
	struct expiry *expiry = NULL;

	evict_all(qmgr);
	arena_reset(&qmgr->arena);
	while (store_partial_next(
		   qmgr->store, partial.content, &qmgr->arena, &partial) == 0) {
		if (!is_over(qmgr, &partial) ||
		    under_way(qmgr, partial.content))
			continue;
		if (expiry == NULL)
			expiry = calloc(1, sizeof(*expiry));
		if (expiry == NULL)
			return;
		expiry->contents[expiry->count++] = partial.content;
		if (expiry->count == EXPIRE_STEP)
			break;
	}
	if (expiry == NULL)
		return;
	expiry->member.order = COMMIT_BACKGROUND;
	expiry->member.apply = apply_expiry;
	expiry->member.done = done_expiry;
	commit_add(qmgr, &expiry->member);
}
