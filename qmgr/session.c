/* SPDX-License-Identifier: ISC */
/*
 * session.c - who may bind, and the sessions of peers that did
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "conf/conf_dump.h"
#include "conf/conf_network.h"
#include "mhs/bind.h"
#include "qmgr/assoc.h"
#include "qmgr/identity.h"
#include "qmgr/probe.h"
#include "qmgr/resume.h"
#include "qmgr/session.h"
#include "store/store.h"

#define CALLER_MAX 96 /* of the text of a peer's address */

/* A bind that waits for its session to be noted, or an end. */
struct session_member {
	struct turn_member member;
	struct peer *peer; /* kept until this is done; NULL: an end */
	struct link *link;
	uint64_t session;
	enum store_session_end end;
	bool took; /* something that the peer may ask for */
	uint8_t references[3][STORE_REFERENCE_MAX];
	size_t lengths[3];
	unsigned dropped;
};

/* same_password - in time that does not tell how much of it fits */
static bool
same_password(struct slice given, struct slice expected)
{
	struct mta_bind bind = {.credentials = BIND_SIMPLE, .password = given};

	return mta_bind_password_is(&bind, expected);
}

/* known_as - whether a link is that of the peer that binds so */
static bool
known_as(const struct link *link, const struct ipc_bind_check *check,
    const char *address)
{
	return link->x400 != NULL &&
	    slice_equal_string(check->name, link->x400->remote_mta) &&
	    same_password(check->password, link->x400->remote_password) &&
	    conf_network_match(&link->x400->remote_addresses, address);
}

/* find_caller - the link of a peer that calls, or NULL */
static struct link *
find_caller(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *address)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (known_as(link, check, address))
			return link;
	return NULL;
}

/* host_of - an address without its port and brackets: "[::1]:4711", "::1" */
static void
host_of(struct slice address, char *host, size_t size)
{
	char text[CALLER_MAX], *begin = text, *end;

	escape_text(text, sizeof(text), address);
	if (*begin == '[' && (end = strchr(begin, ']')) != NULL)
		begin++;
	else
		end = strrchr(begin, ':');
	if (end != NULL)
		*end = '\0';
	(void)strlcpy(host, begin, size);
}

/* say_refused - log why a bind was refused */
static void
say_refused(const struct ipc_bind_check *check, int error, const char *reason)
{
	LOG_EVENT(error == BIND_ERROR_AUTHENTICATION
		? EVENT_UNKNOWN_MTA
		: EVENT_ASSOCIATION_REJECTED,
	    LOG_SLICE("name", check->name),
	    LOG_SLICE("address", check->address), LOG_STRING("reason", reason));
}

/* refuse - a bind; the reason is for our log, never for the peer */
static void
refuse(struct peer *peer, const struct ipc_bind_check *check, int error,
    const char *reason)
{
	struct ipc_record record = {.type = IPC_BIND_ANSWER};

	record.bind_answer.bind_error = error;
	record.bind_answer.reason = slice_of_string(reason);
	say_refused(check, error, reason);
	peer_send(peer, &record);
}

/* accept_caller - say yes to a peer that calls */
static void
accept_caller(struct peer *peer, struct link *link, uint64_t session)
{
	const struct conf *conf = peer->qmgr->conf;
	struct ipc_record record = {.type = IPC_BIND_ANSWER};
	struct ipc_bind_answer *out = &record.bind_answer;
	struct buffer text;

	if (link->x400 == NULL) {
		peer_close(peer, "its link is gone");
		return;
	}
	buffer_init(&text, IPC_RECORD_MAX - 1024);
	if (conf_dump_link(conf, link->x400, &text) < 0) {
		buffer_fini(&text);
		peer_close(peer, "no memory");
		return;
	}
	out->accepted = true;
	out->link = slice_of_string(link->name);
	out->session = session;
	out->local_name = slice_of_string(conf_local_name(conf, link->x400));
	out->local_password = conf_local_password(conf, link->x400);
	out->settings = buffer_slice(&text);
	peer_send(peer, &record);
	buffer_fini(&text);
}

/* accept_called - say yes to a peer that we called */
static void
accept_called(struct peer *peer, uint64_t session)
{
	struct ipc_record record = {.type = IPC_BIND_ANSWER};

	record.bind_answer.accepted = true;
	record.bind_answer.link = slice_of_string(peer->assoc->link->name);
	record.bind_answer.session = session;
	peer_send(peer, &record);
}

/* part - one of the references that a member holds */
static struct slice
part(const struct session_member *m, int n)
{
	return slice_of(m->references[n], m->lengths[n]);
}

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
	(void)qmgr;
	(void)result;
	free(member);
}

/* close_session - it has ended, in good order or not */
static void
close_session(struct peer *peer, enum store_session_end end)
{
	struct session_member *m;

	if (peer->session == 0)
		return;
	m = calloc(1, sizeof(*m));
	if (m != NULL) {
		m->session = peer->session;
		m->end = end;
		m->took = peer->took;
		m->member.order = TURN_CONTROL;
		m->member.apply = apply_close;
		m->member.done = done_close;
		turn_add(peer->qmgr, &m->member);
	}
	peer->session = 0;
}

/* apply_open - remember the session */
static int
apply_open(struct qmgr *qmgr, struct turn_member *member)
{
	struct session_member *m = (struct session_member *)member;
	struct store_references references = {.calling = part(m, 0),
	    .common = part(m, 1),
	    .additional = part(m, 2)};
	const char *name =
	    m->link->x400 != NULL ? m->link->x400->remote_mta : m->link->name;

	return store_session_open(qmgr->store, slice_of_string(name),
	    m->link->number, &references, &m->session, NULL, &m->dropped);
}

/* done_open - answer the bind */
static void
done_open(struct qmgr *qmgr, struct turn_member *member, int result)
{
	struct session_member *m = (struct session_member *)member;
	struct peer *peer = m->peer;
	struct ipc_bind_check nobody = {0};

	peer->waiting--;
	if (m->dropped > 0)
		LOG_EVENT(EVENT_SESSIONS_DROPPED,
		    LOG_STRING("link", m->link->name),
		    LOG_INT("count", m->dropped));
	if (!peer->closing && result < 0)
		refuse(
		    peer, &nobody, BIND_ERROR_BUSY, store_reason(qmgr->store));
	else if (result == 0) {
		/* A worker that recovers has lost the one it had. */
		close_session(peer, STORE_SESSION_LOST);
		peer->took = false;
		peer->session = m->session;
		peer->link = m->link;
		if (peer->closing)
			close_session(peer, STORE_SESSION_LOST);
		else if (peer->role == IPC_ROLE_X400IN)
			accept_caller(peer, m->link, m->session);
		else
			accept_called(peer, m->session);
	}
	free(m);
}

/* keep_reference - bounded; what is too long is refused before */
static void
keep_reference(struct session_member *m, int n, struct slice from)
{
	m->lengths[n] = from.len;
	if (from.len > 0)
		memcpy(m->references[n], from.data, from.len);
}

/* open_session - note the session, then answer */
static int
open_session(
    struct peer *peer, struct link *link, const struct ipc_bind_check *check)
{
	struct session_member *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return ERR_NOMEM;
	m->peer = peer;
	m->link = link;
	keep_reference(m, 0, check->calling_reference);
	keep_reference(m, 1, check->common_reference);
	keep_reference(m, 2, check->additional_reference);
	m->member.order = TURN_CONTROL;
	m->member.apply = apply_open;
	m->member.done = done_open;
	peer->waiting++;
	turn_add(peer->qmgr, &m->member);
	return 0;
}

/* why_unknown - which of name, password and address is not that of a link, for
 * our log alone */
static const char *
why_unknown(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *address)
{
	const char *why = "no link has this remote-mta";

	if (!check->authenticated)
		return "it does not say who it is";
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->x400 == NULL ||
		    !slice_equal_string(check->name, link->x400->remote_mta))
			continue;
		if (conf_network_match(&link->x400->remote_addresses, address))
			return "its password is not remote-password";
		why = "it calls from outside of remote-addresses";
	}
	return why;
}

/* references_fit - whether they can be remembered */
static bool
references_fit(const struct ipc_bind_check *check)
{
	return check->calling_reference.len <= STORE_REFERENCE_MAX &&
	    check->common_reference.len <= STORE_REFERENCE_MAX &&
	    check->additional_reference.len <= STORE_REFERENCE_MAX;
}

/* check_caller - a peer calls */
static int
check_caller(struct peer *peer, const struct ipc_bind_check *check)
{
	char address[CALLER_MAX];
	struct link *link;

	host_of(check->address, address, sizeof(address));
	if (check->recover)
		link = resume_caller(peer->qmgr, check, address);
	else
		link = check->authenticated
		    ? find_caller(peer->qmgr, check, address)
		    : NULL;
	if (link == NULL && check->recover)
		refuse(peer, check, BIND_ERROR_BUSY, "nothing to recover");
	else if (link == NULL)
		refuse(peer, check, BIND_ERROR_AUTHENTICATION,
		    why_unknown(peer->qmgr, check, address));
	else if (check->two_way && !link_two_way(link))
		refuse(peer, check, BIND_ERROR_DIALOGUE_MODE,
		    "two-way alternate is not agreed upon");
	else if (link->state == LINK_DISABLED)
		refuse(peer, check, BIND_ERROR_BUSY, "the link is disabled");
	else if (!references_fit(check))
		refuse(peer, check, BIND_ERROR_BUSY, "references too long");
	else
		return open_session(peer, link, check);
	return 0;
}

/* why_wrong - what a peer that we called says of itself and should not, or
 * NULL */
static const char *
why_wrong(const struct conf_link *conf, const struct ipc_bind_check *check)
{
	if (!slice_equal_string(check->name, conf->remote_mta))
		return "it says another name than remote-mta";
	if (!same_password(check->password, conf->remote_password))
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
		refuse(peer, check, BIND_ERROR_AUTHENTICATION, why);
		return 0;
	}
	if (check->two_way && references_fit(check))
		return open_session(peer, link, check);
	accept_called(peer, 0);
	return 0;
}

/* leave_link - one association from its peer fewer */
static void
leave_link(struct peer *peer)
{
	if (peer->bound && peer->link != NULL)
		peer->link->incoming--;
	peer->bound = false;
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
		peer->link->incoming++;
		if (event->two_way)
			return assoc_incoming(peer, event, diag);
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
	close_session(peer,
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
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}

/* session_peer_gone - its session, if it has one, is lost */
void
session_peer_gone(struct peer *peer)
{
	leave_link(peer);
	close_session(peer, STORE_SESSION_LOST);
}
