/* SPDX-License-Identifier: ISC */
/*
 * session.c - the sessions of peers: how they begin and end
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "mhs/bind.h"
#include "qmgr/links/assoc.h"
#include "qmgr/receiving/caller.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/claim.h"
#include "qmgr/receiving/guard.h"
#include "qmgr/links/identity.h"
#include "qmgr/receiving/opening.h"
#include "qmgr/sending/probe.h"
#include "qmgr/receiving/recoverer.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

/* A bind that waits for its session to be noted. */
struct session_bind {
	struct turn_member member;
	struct opening opening;
};

/* An end that waits to be noted. */
struct session_member {
	struct turn_member member;
	uint64_t session;
	enum store_session_end end;
	bool took; /* something that the peer may ask for */
};

/*
 * apply_close - the session has ended
 *
 * One that was lost before anything was taken is forgotten: it would stand in
 * the place of one that is needed against duplicates.
 */
static int
apply_close(struct qmgr *qmgr, struct turn_member *member)
{
	struct session_member *m = (struct session_member *)member;
	struct store_session session;
	int rc = store_session_get(qmgr->store, m->session, &session);

	if (rc == 0 && !m->took && session.transfers == 0)
		m->end = STORE_SESSION_RELEASED;
	if (rc == 0)
		rc = store_session_close(qmgr->store, m->session, m->end,
		    timekeeper_latest(&qmgr->time));
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* done_close - if it failed it is kept a little longer, which does no harm */
static void
done_close(struct qmgr *qmgr, struct turn_member *member, int result)
{
	const struct session_member *m = (struct session_member *)member;

	(void)result;
	recoverer_ended(qmgr, m->session);
	free(member);
}

/* end_session - note the end of one, in the next transaction */
static void
end_session(
    struct qmgr *qmgr, uint64_t session, enum store_session_end end, bool took)
{
	struct session_member *m = calloc(1, sizeof(*m));

	/* claim_tick finds it later. */
	if (m == NULL)
		return;
	m->session = session;
	m->end = end;
	m->took = took;
	m->member.order = TURN_CONTROL;
	m->member.apply = apply_close;
	m->member.done = done_close;
	turn_add(qmgr, &m->member);
}

/* session_lose - nobody has this session any more */
void
session_lose(struct qmgr *qmgr, uint64_t session)
{
	/* What its worker had taken is not known here. */
	end_session(qmgr, session, STORE_SESSION_LOST, true);
}

/* session_owner - the peer that has a session open, or recovered it */
struct peer *
session_owner(const struct qmgr *qmgr, uint64_t session)
{
	struct peer *peer;

	TAILQ_FOREACH(peer, &qmgr->peers, entry)
		if (peer->session == session || peer->recovers == session)
			return peer;
	return NULL;
}

/* session_close - what a peer has ends, in good order or not */
void
session_close(struct peer *peer, enum store_session_end end)
{
	if (peer->session != 0)
		end_session(peer->qmgr, peer->session, end, peer->took);
	peer->session = 0;
	peer->recovers = 0;
}

/* bind_of - the bind that a member is a part of */
static struct session_bind *
bind_of(struct turn_member *member)
{
	return (struct session_bind *)member;
}

/* apply_bind - remember the session */
static int
apply_bind(struct qmgr *qmgr, struct turn_member *member)
{
	return opening_apply(qmgr, &bind_of(member)->opening);
}

/* done_bind - answer the bind */
static void
done_bind(struct qmgr *qmgr, struct turn_member *member, int result)
{
	const struct ipc_bind_check nobody = {.authenticated = false};
	struct session_bind *bind = bind_of(member);

	bind->opening.peer->waiting--;
	opening_done(qmgr, &bind->opening, &nobody, result);
	free(bind);
}

/* recovered_from - which session a peer that we called goes on with; 0: none
 * of which we know anything */
static uint64_t
recovered_from(struct qmgr *qmgr, const struct link *link,
    const struct ipc_bind_check *check)
{
	const struct store_references references = {
	    .calling = check->recover_calling,
	    .common = check->recover_common,
	    .additional = check->recover_additional};
	struct store_session session;

	if (store_session_by_references(qmgr->store, &references, &session) <
		0 ||
	    session.link != link->number)
		return 0;
	return session.id;
}

/* open_session - note the session, then answer */
static int
open_session(
    struct peer *peer, struct link *link, const struct ipc_bind_check *check)
{
	struct session_bind *bind = calloc(1, sizeof(*bind));
	int rc;

	if (bind == NULL)
		return ERR_NOMEM;
	rc = opening_init(&bind->opening, peer, check);
	if (rc < 0) {
		free(bind);
		caller_refuse(peer, check, BIND_ERROR_BUSY,
		    rc == ERR_LIMIT ? "references too long"
				    : error_strerror(rc));
		return 0;
	}
	bind->opening.link = link;
	bind->opening.recovered = check->recover;
	if (check->recover)
		bind->opening.binding.recovers =
		    recovered_from(peer->qmgr, link, check);
	bind->member.order = TURN_CONTROL;
	bind->member.apply = apply_bind;
	bind->member.done = done_bind;
	peer->waiting++;
	turn_add(peer->qmgr, &bind->member);
	return 0;
}

/* judge_caller - a peer that binds: whether its link has it */
static int
judge_caller(struct peer *peer, struct link *link,
    const struct ipc_bind_check *check, const char *host)
{
	struct qmgr *qmgr = peer->qmgr;
	uint64_t now = clock_monotonic();
	const char *full = NULL;

	if (link == NULL) {
		guard_failed(qmgr->guard, host, caller_cause(qmgr, check, host),
		    clock_monotonic());
		caller_refuse(peer, check, BIND_ERROR_AUTHENTICATION,
		    caller_why_unknown(qmgr, check, host));
	} else if (check->two_way && !link_two_way(link))
		caller_refuse(peer, check, BIND_ERROR_DIALOGUE_MODE,
		    "two-way alternate is not agreed upon");
	else if (link->state == LINK_DISABLED)
		caller_refuse(
		    peer, check, BIND_ERROR_BUSY, "the link is disabled");
	else if ((full = callers_full(qmgr, link, now)) != NULL)
		caller_full(peer, link, host, full);
	else {
		callers_enter(peer, link, now);
		return open_session(peer, link, check);
	}
	return 0;
}

/* check_caller - a peer calls */
static int
check_caller(struct peer *peer, const struct ipc_bind_check *check)
{
	struct qmgr *qmgr = peer->qmgr;
	char host[CALLER_HOST_MAX];

	if (check->recover)
		return recoverer_call(peer, check);
	caller_host(check->address, host);
	if (!guard_may(qmgr->guard, host, caller_cause(qmgr, check, host),
		clock_monotonic())) {
		caller_slowed(peer, host, BIND_ERROR_BUSY);
		return 0;
	}
	return judge_caller(peer, caller_find(qmgr, check, host), check, host);
}

/* why_wrong - what a peer that we called says of itself and should not, or
 * NULL */
static const char *
why_wrong(const struct conf_link *conf, const struct ipc_bind_check *check)
{
	if (!slice_equal_string(check->name, conf->remote_mta))
		return "it says another name than remote-mta";
	if (!caller_password_is(check->password, conf->remote_password))
		return "its password is not remote-password";
	return NULL;
}

/*
 * check_called - a peer that we called has answered
 *
 * One that was recovered has said who it is before.  Of a two-way alternate
 * association the session is noted: we receive on it too.
 */
static int
check_called(
    struct peer *peer, const struct ipc_bind_check *check, struct diag *diag)
{
	struct link *link = peer->assoc != NULL ? peer->assoc->link : NULL;
	const char *why = NULL;
	int rc = claims_link(peer, check->link, diag);

	if (rc < 0)
		return rc;
	if (link == NULL || link->x400 == NULL)
		return diag_set(diag, ERR_STATE, "no link");
	if (check->recover && !check->two_way)
		return diag_set(
		    diag, ERR_PROTOCOL, "recovered: nothing to ask");
	if (!check->recover)
		why = why_wrong(link->x400, check);
	if (why != NULL) {
		caller_refuse(peer, check, BIND_ERROR_AUTHENTICATION, why);
		return 0;
	}
	if (check->two_way)
		return open_session(peer, link, check);
	opening_accept_called(peer, 0);
	return 0;
}

/* leave_link - one association from its peer fewer */
static void
leave_link(struct peer *peer)
{
	if (peer->bound && peer->link != NULL)
		peer->link->incoming--;
	peer->bound = false;
	callers_leave(peer);
}

/* calls_good - one of the peer's associations was of use: say how many before
 * it were not */
static void
calls_good(struct link *link)
{
	if (link->calls_lost > 1)
		LOG_EVENT(EVENT_RECOVERED, LOG_STRING("link", link->name),
		    LOG_INT("calls_lost", link->calls_lost));
	link->calls_lost = 0;
}

/* call_lost - said once; those that follow without anything taken between
 * them are counted */
static void
call_lost(struct peer *peer, const struct ipc_link_event *event)
{
	struct link *link = peer->link;

	if (peer->assoc != NULL)
		peer->assoc->lost = true;
	if (link != NULL && peer->took)
		calls_good(link);
	if (link != NULL && link->calls_lost++ > 0)
		return;
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING("link", link == NULL ? NULL : link->name),
	    LOG_SLICE("address", event->address),
	    LOG_SLICE("stage", event->stage),
	    LOG_SLICE("reason", event->reason));
}

/* link_event_in - what x400in says of its association */
static int
link_event_in(
    struct peer *peer, const struct ipc_link_event *event, struct diag *diag)
{
	int rc = claims_session(peer, event->session, diag);

	if (rc < 0)
		return rc;
	switch (event->state) {
	case IPC_LINK_BOUND:
		if (peer->link == NULL || peer->bound)
			return 0;
		peer->bound = true;
		peer->two_way = event->two_way;
		peer->link->incoming++;
		if (event->two_way)
			return peer->recovered
			    ? assoc_recovered(peer, event, diag)
			    : assoc_incoming(peer, event, diag);
		if (peer->recovered)
			link_event(peer->qmgr, peer->link, LINK_EV_CALLED);
		else
			probe_reached(peer->qmgr, peer->link, PROBE_CALLED);
		return 0;
	case IPC_LINK_LOST:
	case IPC_LINK_FAILED:
		call_lost(peer, event);
		leave_link(peer);
		return 0;
	case IPC_LINK_RELEASED:
		if (peer->link != NULL)
			calls_good(peer->link);
		if (peer->assoc != NULL)
			assoc_released(peer->assoc);
		leave_link(peer);
		return 0;
	case IPC_LINK_CONNECTING:
	case IPC_LINK_RECOVERING:
	case IPC_LINK_HEARD:
		return 0;
	}
	return 0;
}

/* session_closed - the peer, or we, let it go; nothing more is sent on its
 * association, which may take a while to end */
static int
session_closed(struct peer *peer, const struct ipc_session_closed *closed,
    struct diag *diag)
{
	int rc = claims_session(peer, closed->session, diag);

	if (rc < 0 || closed->session != peer->session)
		return rc;
	session_close(peer,
	    closed->orderly ? STORE_SESSION_RELEASED : STORE_SESSION_LOST);
	if (peer->assoc != NULL)
		assoc_released(peer->assoc);
	return 0;
}

/* session_take - a bind check, the end of a session, or a link event */
int
session_take(
    struct peer *peer, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_BIND_CHECK:
		return peer->role == IPC_ROLE_X400IN
		    ? check_caller(peer, &record->bind_check)
		    : check_called(peer, &record->bind_check, diag);
	case IPC_LINK_EVENT:
		return link_event_in(peer, &record->link_event, diag);
	case IPC_SESSION_CLOSED:
		return session_closed(peer, &record->session_closed, diag);
	case IPC_SESSION_DOUBT:
		recoverer_alive(peer, record->session_doubt.session);
		return 0;
	case IPC_SESSION_CLAIM:
		return claim_take(peer, &record->session_claim, diag);
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}

/* session_peer_gone - its session, if it has one, is lost; where we are the
 * ones to go its worker claims it from the next qmgr */
void
session_peer_gone(struct peer *peer)
{
	leave_link(peer);
	if (peer->qmgr->stopping && peer->role == IPC_ROLE_X400IN &&
	    !peer->two_way)
		return;
	session_close(peer, STORE_SESSION_LOST);
}
