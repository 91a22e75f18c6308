/* SPDX-License-Identifier: ISC */
/*
 * roles.c - which role may send which record, and who takes it
 */
#include "qmgr/roles.h"

#include "base/clock.h"
#include "qmgr/control.h"
#include "qmgr/greet.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/master.h"
#include "qmgr/notice.h"
#include "qmgr/receiving/bind.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/resume.h"
#include "qmgr/receiving/session.h"
#include "qmgr/sending/sending.h"
#include "qmgr/sending/sequence.h"
#include "qmgr/sending/taken.h"

#define ROLE(role)  (1U << (role))
#define WORKERS_OUT (ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_MSMI_OUT))
#define TRAFFIC	    (ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_X400IN))
#define SENDERS	    (WORKERS_OUT | ROLE(IPC_ROLE_X400IN))
#define SUBMITTERS  (TRAFFIC | ROLE(IPC_ROLE_MSMI_IN) | ROLE(IPC_ROLE_TOOL))

static int take_link_event(
    struct peer *peer, const struct ipc_record *record, struct diag *diag);

/* Who may send what to us, and who takes it. */
static const struct {
	unsigned roles;
	int (*take)(struct peer *peer, const struct ipc_record *record,
	    struct diag *diag);
} rules[IPC_TYPE_COUNT] = {
    [IPC_LINK_EVENT] = {SENDERS, take_link_event},
    [IPC_OUTCOME] = {SENDERS, sending_take},
    [IPC_BODY_REQUEST] = {SENDERS, sending_take},
    [IPC_DELIVERY_NOTE] = {SENDERS, sending_take},
    [IPC_SEQUENCE] = {TRAFFIC, sequence_take},
    [IPC_TAKEN] = {ROLE(IPC_ROLE_REPORTER), taken_take},
    [IPC_BIND_CHECK] = {TRAFFIC, bind_take},
    [IPC_SESSION_CLOSED] = {TRAFFIC, bind_take},
    [IPC_NOTICE] = {TRAFFIC, notice_take},
    [IPC_SESSION_CLAIM] = {ROLE(IPC_ROLE_X400IN), bind_take},
    [IPC_SESSION_DOUBT] = {ROLE(IPC_ROLE_X400IN), bind_take},
    [IPC_SUBMIT_START] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_DATA] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_END] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_CANCEL] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_MARK] = {TRAFFIC, intake_take},
    [IPC_RESUME_CHECK] = {TRAFFIC, resume_take},
    [IPC_FILE_REMOVED] = {ROLE(IPC_ROLE_MSMI_IN), intake_take},
    [IPC_REQUEST] = {ROLE(IPC_ROLE_TOOL), control_take},
    [IPC_WORKER_STARTED] = {ROLE(IPC_ROLE_MASTER), master_take},
    [IPC_WORKER_ENDED] = {ROLE(IPC_ROLE_MASTER), master_take},
    [IPC_THROTTLED] = {ROLE(IPC_ROLE_MASTER), master_take},
    [IPC_WORKERS_LEFT] = {ROLE(IPC_ROLE_MASTER), master_take},
    [IPC_RELOAD] = {ROLE(IPC_ROLE_MASTER), master_take},
};

/* take_link_event - give what a worker says of its association to the room
 * that has it: who calls has a session, whom we call an association */
static int
take_link_event(
    struct peer *peer, const struct ipc_record *record, struct diag *diag)
{
	int rc = claims_link(peer, record->link_event.link, diag);

	if (rc < 0)
		return rc;
	return peer->role == IPC_ROLE_X400IN
	    ? bind_take(peer, record, diag)
	    : assoc_take(peer, &record->link_event, diag);
}

/* roles_take - take one record from a client */
static int
roles_take(
    struct peer *peer, const struct ipc_record *record, struct diag *diag)
{
	/* master's channel is a pair that it made: no stranger is on it. */
	if (!peer->greeted &&
	    (peer->side != PEER_MASTER || record->type == IPC_HELLO))
		return greet_take(peer, record, diag);
	if (peer->side == PEER_MASTER)
		peer->role = IPC_ROLE_MASTER;
	if (rules[record->type].take == NULL ||
	    (rules[record->type].roles & ROLE(peer->role)) == 0)
		return diag_set(diag, ERR_PROTOCOL, "%s from %s",
		    ipc_type_name(record->type), ipc_role_name(peer->role));
	if (peer->role == IPC_ROLE_X400IN && record->type != IPC_NOTICE)
		callers_heard(peer, clock_monotonic());
	return rules[record->type].take(peer, record, diag);
}

/* roles_gone - give up what a client had under way */
static void
roles_gone(struct peer *peer, const char *why)
{
	greet_forget(peer);
	if (peer->assoc != NULL)
		assoc_lost(peer->assoc, why);
	intake_peer_gone(peer);
	session_peer_gone(peer);
}

/* roles_writable - go on with a client that has read what it was sent */
static void
roles_writable(struct peer *peer)
{
	if (peer->assoc != NULL)
		assoc_writable(peer->assoc);
}

const struct client_handlers roles_handlers = {
    .take = roles_take, .gone = roles_gone, .writable = roles_writable};
