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
#include "qmgr/receiving/caller_tls.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/claim.h"
#include "qmgr/receiving/guard.h"
#include "qmgr/receiving/handshakes.h"
#include "qmgr/receiving/opening.h"
#include "qmgr/receiving/recoverer.h"
#include "qmgr/receiving/session.h"
#include "qmgr/sending/probe.h"
#include "qmgr/sending/sending.h"
#include "store/store.h"

/* A bind that waits for its session to be noted. */
struct session_bind {
	struct commit_member member;
	struct opening opening;
};

/* bind_of - find the bind that a member is a part of */
static struct session_bind *
bind_of(struct commit_member *member)
{
	return (struct session_bind *)member;
}

/* apply_bind - remember the session */
static int
apply_bind(struct qmgr *qmgr, struct commit_member *member)
{
	return opening_apply(qmgr, &bind_of(member)->opening);
}

/* done_bind - answer the bind */
static void
done_bind(struct qmgr *qmgr, struct commit_member *member, int result)
{
	const struct ipc_bind_check nobody = {.authenticated = false};
	struct session_bind *bind = bind_of(member);

	bind->opening.client->waiting--;
	opening_done(qmgr, &bind->opening, &nobody, result);
	free(bind);
}

/* recovered_from - find the session that a peer which we called goes on with;
 * 0: unknown */
static uint64_t
recovered_from(struct qmgr *qmgr, const struct link *link,
    const struct ipc_bind_check *check)
{
	struct store_session session;

	if (store_session_by_references(
		qmgr->store, &check->recovered, &session) < 0 ||
	    session.link != link->number)
		return 0;
	return session.id;
}

/* open_session - note the session, then answer */
static int
open_session(struct client *client, struct link *link,
    const struct ipc_bind_check *check)
{
	struct session_bind *bind = calloc(1, sizeof(*bind));
	int rc;

	if (bind == NULL)
		return ERR_NOMEM;
	rc = opening_init(&bind->opening, client, check);
	if (rc < 0) {
		free(bind);
		caller_refuse(
		    client, link, check, BIND_ERROR_BUSY, error_strerror(rc));
		return 0;
	}
	bind->opening.link = link;
	bind->opening.recovered = check->recover;
	if (check->recover)
		/* Bound to the session that is recovered: nothing else may be
		 * resumed on this one. */
		bind->opening.binding.recovers =
		    recovered_from(client->qmgr, link, check);
	/* Among the first in a commit: transfers of this session may be in the
	 * same one. */
	bind->member.order = COMMIT_CONTROL;
	bind->member.apply = apply_bind;
	bind->member.done = done_bind;
	client->waiting++;
	commit_add(client->qmgr, &bind->member);
	return 0;
}

/* proves_itself - tell whether a peer proves by TLS what its link asks for;
 * refuse it if not */
static bool
proves_itself(struct client *client, struct link *link,
    const struct ipc_bind_check *check, const char *host)
{
	struct qmgr *qmgr = client->qmgr;
	struct caller_tls proof;
	struct diag diag = {0};

	/* The worker has seen the certificate, and says what is in it; whose it
	 * must be is decided here. */
	caller_tls_take(check, &proof);
	if (caller_tls_judge(link->x400, &proof, &diag) == 0)
		return true;
	guard_failed(qmgr->guard, host, caller_cause(qmgr, check, host),
	    clock_monotonic());
	caller_unproved(client, link, check, diag_text(&diag));
	return false;
}

/* judge_caller - decide whether the link of a peer that binds has it */
static int
judge_caller(struct client *client, struct link *link,
    const struct ipc_bind_check *check, const char *host)
{
	struct qmgr *qmgr = client->qmgr;
	uint64_t now = clock_monotonic();
	const char *full = NULL;

	if (link == NULL) {
		guard_failed(qmgr->guard, host, caller_cause(qmgr, check, host),
		    clock_monotonic());
		caller_refuse(client, caller_claimed(qmgr, check, host), check,
		    BIND_ERROR_AUTHENTICATION,
		    caller_why_unknown(qmgr, check, host));
	} else if (!proves_itself(client, link, check, host))
		return 0;
	else if (check->two_way && !link_two_way(link))
		caller_refuse(client, link, check, BIND_ERROR_DIALOGUE_MODE,
		    "two-way alternate is not agreed upon");
	/* An administrator's word: busy, since it may end any time. */
	else if (link->state == LINK_DISABLED)
		caller_refuse(client, link, check, BIND_ERROR_BUSY,
		    "the link is disabled");
	/* By an association of both ways the peer gets what waits for it. */
	else if (store_drain(qmgr->store)->since != 0 && !check->two_way)
		caller_refuse(client, link, check, BIND_ERROR_BUSY,
		    "this MTA is being drained");
	/* Refused only if no association of the same peer has been silent for
	 * long; such a one is ended instead. */
	else if ((full = callers_full(qmgr, link, now)) != NULL)
		caller_full(client, link, host, full);
	else {
		if (check->tls)
			handshakes_good(qmgr, host);
		callers_enter(client, link, now);
		return open_session(client, link, check);
	}
	return 0;
}

/* check_caller - decide on a peer that calls */
static int
check_caller(struct client *client, const struct ipc_bind_check *check)
{
	struct qmgr *qmgr = client->qmgr;
	char host[CALLER_HOST_MAX];

	if (check->recover)
		return recoverer_call(client, check);
	/* Judging costs nothing, but each answer lets a stranger try one more
	 * password: slow it down first. */
	caller_host(check->address, host);
	if (!guard_may(qmgr->guard, host, caller_cause(qmgr, check, host),
		clock_monotonic())) {
		caller_slowed(client, caller_claimed(qmgr, check, host), host,
		    BIND_ERROR_BUSY);
		return 0;
	}
	return judge_caller(
	    client, caller_find(qmgr, check, host), check, host);
}

/* why_wrong - find what a peer that we called says of itself and should not,
 * or NULL */
static const char *
why_wrong(const struct conf_link *conf, const struct ipc_bind_check *check)
{
	if (!check->authenticated)
		return "it does not say who it is";
	/* The name alone is no proof; the address we called, and the password
	 * below, are. */
	if (!slice_equal_string(check->name, conf->remote_mta))
		return "it says another name than remote-mta";
	if (!caller_password_is(check->password, conf->remote_password))
		return "its password is not remote-password";
	return NULL;
}

/*
 * check_called - decide on the answer of a peer that we called
 *
 * One that was recovered has said who it is before.  Of a two-way alternate
 * association the session is noted: we receive on it too.
 */
static int
check_called(struct client *client, const struct ipc_bind_check *check,
    struct diag *diag)
{
	struct link *link = assoc_link(client);
	const char *why = NULL;
	int rc = claims_link(client, check->link, diag);

	if (rc < 0)
		return rc;
	if (link == NULL || link->x400 == NULL)
		return diag_set(diag, ERR_STATE, "no link");
	if (check->recover && !check->two_way)
		/* A one-way recovery has no session of ours to protect: the
		 * worker needs no answer. */
		return diag_set(
		    diag, ERR_PROTOCOL, "recovered: nothing to ask");
	if (!check->recover)
		why = why_wrong(link->x400, check);
	if (why != NULL) {
		caller_refuse(
		    client, link, check, BIND_ERROR_AUTHENTICATION, why);
		return 0;
	}
	/* A ping says that it is one-way, whatever was agreed upon. */
	if (check->two_way)
		return open_session(client, link, check);
	opening_accept_called(client, 0);
	return 0;
}

/* calls_good - note that an association of the peer was of use; log those that
 * were not */
static void
calls_good(struct link *link)
{
	/* A single loss was logged when it happened. */
	if (link->calls_lost > 1)
		LOG_EVENT(EVENT_RECOVERED, LOG_STRING("link", link->name),
		    LOG_INT("calls_lost", link->calls_lost));
	link->calls_lost = 0;
}

/* call_lost - log that a peer's association was lost, the first of several in
 * a row */
static void
call_lost(struct client *client, const struct ipc_link_event *event)
{
	struct link *link = client->link;

	if (client->assoc != NULL)
		(void)assoc_change(client->assoc, ASSOC_EV_FAILED);
	/* Something was taken before the end, so the association was of use. */
	if (link != NULL && client->took)
		calls_good(link);
	if (link != NULL && link->calls_lost++ > 0)
		return;
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING("link", link == NULL ? NULL : link->name),
	    LOG_SLICE("address", event->address),
	    LOG_SLICE("stage", event->stage),
	    LOG_SLICE("reason", event->reason));
}

/* link_event_in - take what x400in says of its association */
static int
link_event_in(struct client *client, const struct ipc_link_event *event,
    struct diag *diag)
{
	int rc = claims_session(client, event->session, diag);

	if (rc < 0)
		return rc;
	switch (event->state) {
	case IPC_LINK_BOUND:
		/* Said twice, or of a bind that was refused: nothing
		 * changes. */
		if (client->link == NULL || client->bound)
			return 0;
		client->bound = true;
		client->two_way = event->two_way;
		client->link->incoming++;
		client->link->counters.called++;
		client->link->counters.last_in = clock_wall();
		if (event->two_way)
			return client->recovered
			    ? sending_recovered(client, event, diag)
			    : assoc_incoming(client, event, diag);
		if (client->recovered)
			schedule_event(
			    client->qmgr, client->link, LINK_EV_CALLED);
		else
			probe_reached(client->qmgr, client->link, PROBE_CALLED);
		return 0;
	case IPC_LINK_LOST:
	case IPC_LINK_FAILED:
		call_lost(client, event);
		session_leave_link(client);
		return 0;
	case IPC_LINK_RELEASED:
		if (client->link != NULL)
			calls_good(client->link);
		if (client->assoc != NULL)
			assoc_released(client->assoc);
		session_leave_link(client);
		return 0;
	case IPC_LINK_CONNECTING:
	case IPC_LINK_RECOVERING:
	case IPC_LINK_HEARD:
		return 0;
	}
	return 0;
}

/* session_closed - end the session of an association that the peer, or we, let
 * go */
static int
session_closed(struct client *client, const struct ipc_session_closed *closed,
    struct diag *diag)
{
	int rc = claims_session(client, closed->session, diag);

	/* The session was closed in another way meanwhile. */
	if (rc < 0 || closed->session != client->session)
		return rc;
	session_close(client,
	    closed->orderly ? STORE_SESSION_RELEASED : STORE_SESSION_LOST);
	if (client->assoc != NULL)
		assoc_released(client->assoc);
	return 0;
}

/* bind_take - take a bind check, the end of a session, or a link event */
int
bind_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_BIND_CHECK:
		return client->role == IPC_ROLE_X400IN
		    ? check_caller(client, &record->bind_check)
		    : check_called(client, &record->bind_check, diag);
	case IPC_LINK_EVENT:
		return link_event_in(client, &record->link_event, diag);
	case IPC_SESSION_CLOSED:
		return session_closed(client, &record->session_closed, diag);
	case IPC_SESSION_DOUBT:
		recoverer_alive(client, record->session_doubt.session);
		return 0;
	case IPC_SESSION_CLAIM:
		return claim_take(client, &record->session_claim, diag);
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}
