/* SPDX-License-Identifier: ISC */
/*
 * bind.c - the associations of peers that call, and the answers of those that
 * we called: binds, and what workers say of them
 */
#include "qmgr/receiving/bind.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "mhs/bind.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "qmgr/receiving/caller.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/claim.h"
#include "qmgr/receiving/guard.h"
#include "qmgr/receiving/opening.h"
#include "qmgr/receiving/recoverer.h"
#include "qmgr/receiving/session.h"
#include "qmgr/sending/probe.h"
#include "qmgr/sending/sending.h"
#include "store/store.h"

/* A bind that waits for its session to be noted. */
struct session_bind {
	struct turn_member member;
	struct opening opening;
};

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
			    ? sending_recovered(peer, event, diag)
			    : assoc_incoming(peer, event, diag);
		if (peer->recovered)
			schedule_event(peer->qmgr, peer->link, LINK_EV_CALLED);
		else
			probe_reached(peer->qmgr, peer->link, PROBE_CALLED);
		return 0;
	case IPC_LINK_LOST:
	case IPC_LINK_FAILED:
		call_lost(peer, event);
		session_leave_link(peer);
		return 0;
	case IPC_LINK_RELEASED:
		if (peer->link != NULL)
			calls_good(peer->link);
		if (peer->assoc != NULL)
			assoc_released(peer->assoc);
		session_leave_link(peer);
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

/* bind_take - a bind check, the end of a session, or a link event */
int
bind_take(struct peer *peer, const struct ipc_record *record, struct diag *diag)
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
