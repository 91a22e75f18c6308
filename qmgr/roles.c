/* SPDX-License-Identifier: ISC */
/*
 * roles.c - which role may send which record, and who takes it
 */
#include "qmgr/roles.h"

#include "base/clock.h"
#include "qmgr/control.h"
#include "qmgr/copy.h"
#include "qmgr/engine/memory.h"
#include "qmgr/engine/tracking.h"
#include "qmgr/greet.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/master.h"
#include "qmgr/notice.h"
#include "qmgr/postoffice_state.h"
#include "qmgr/ping.h"
#include "qmgr/receiving/bind.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/handshakes.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/keyed.h"
#include "qmgr/receiving/resume.h"
#include "qmgr/receiving/route_check.h"
#include "qmgr/receiving/session.h"
#include "qmgr/receiving/submit.h"
#include "qmgr/sending/announce.h"
#include "qmgr/sending/sending.h"
#include "qmgr/sending/sequence.h"
#include "qmgr/sending/taken.h"
#include "qmgr/sending/wanted.h"

#define ROLE(role) (1U << (role))
#define LOCAL_OUT                                           \
	(ROLE(IPC_ROLE_MSMI_OUT) | ROLE(IPC_ROLE_APP_OUT) | \
	    ROLE(IPC_ROLE_MIXER_OUT))
#define WORKERS_OUT (ROLE(IPC_ROLE_X400OUT) | LOCAL_OUT)
#define PINGERS	    (ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_MIXER_OUT))
#define TRAFFIC	    (ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_X400IN))
#define SENDERS	    (WORKERS_OUT | ROLE(IPC_ROLE_X400IN) | ROLE(IPC_ROLE_APP))
#define LOCAL_IN    (ROLE(IPC_ROLE_MSMI_IN) | ROLE(IPC_ROLE_APP_IN))
#define SUBMITTERS                                                       \
	(TRAFFIC | LOCAL_IN | ROLE(IPC_ROLE_TOOL) | ROLE(IPC_ROLE_APP) | \
	    ROLE(IPC_ROLE_MIXER_IN))

static int take_link_event(
    struct client *client, const struct ipc_record *record, struct diag *diag);

/* take_acknowledged - take what a process that is handed pages has kept */
static int
take_acknowledged(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	return client->role == IPC_ROLE_TRACKER
	    ? tracking_take(client, record, diag)
	    : memory_acknowledged(client, record, diag);
}

/* The roles that may send each record to us, and the functions that take it. */
static const struct {
	unsigned roles;
	int (*take)(struct client *client, const struct ipc_record *record,
	    struct diag *diag);
} rules[IPC_TYPE_COUNT] = {
    [IPC_LINK_EVENT] = {SENDERS, take_link_event},
    [IPC_OUTCOME] = {SENDERS, sending_take},
    [IPC_BODY_REQUEST] = {SENDERS, sending_take},
    [IPC_DELIVERY_NOTE] = {SENDERS, sending_take},
    [IPC_SEQUENCE] = {TRAFFIC, sequence_take},
    [IPC_TAKEN] = {ROLE(IPC_ROLE_REPORTER), taken_take},
    [IPC_HANDSHAKE] = {ROLE(IPC_ROLE_X400IN), handshakes_take},
    [IPC_BIND_CHECK] = {TRAFFIC, bind_take},
    [IPC_SESSION_CLOSED] = {TRAFFIC, bind_take},
    [IPC_NOTICE] = {TRAFFIC | ROLE(IPC_ROLE_MIXER_IN), notice_take},
    [IPC_ROUTES] = {TRAFFIC, announce_take},
    [IPC_SESSION_CLAIM] = {ROLE(IPC_ROLE_X400IN) | ROLE(IPC_ROLE_REPORTER),
	bind_take},
    [IPC_SESSION_DOUBT] = {ROLE(IPC_ROLE_X400IN), bind_take},
    [IPC_SUBMIT_START] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_DATA] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_END] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_CANCEL] = {SUBMITTERS, intake_take},
    [IPC_SUBMIT_SIZE] = {TRAFFIC, intake_take},
    [IPC_SUBMIT_MARK] = {TRAFFIC, intake_take},
    [IPC_RESUME_CHECK] = {TRAFFIC, resume_take},
    [IPC_ROUTE_CHECK] = {ROLE(IPC_ROLE_APP_IN) | ROLE(IPC_ROLE_APP) |
	    ROLE(IPC_ROLE_MIXER_IN),
	route_check_take},
    [IPC_SUBMISSION_HEARD] = {ROLE(IPC_ROLE_MIXER_IN), keyed_heard},
    [IPC_WANTED] = {ROLE(IPC_ROLE_APP), wanted_take},
    [IPC_JOB_CLAIM] = {ROLE(IPC_ROLE_APP), wanted_take},
    [IPC_FILE_REMOVED] = {LOCAL_IN, intake_take},
    [IPC_POSTOFFICE_STATE] = {ROLE(IPC_ROLE_MSMI_IN), postoffice_state_take},
    [IPC_TRACK_ACK] = {ROLE(IPC_ROLE_TRACKER) | ROLE(IPC_ROLE_MIXER_MEMORY),
	take_acknowledged},
    [IPC_PROBLEM] = {ROLE(IPC_ROLE_TRACKER), tracking_take_problem},
    [IPC_MEMORY_NOTE] = {ROLE(IPC_ROLE_MIXER_IN), submit_note},
    [IPC_MEMORY_ASK] = {ROLE(IPC_ROLE_MIXER_IN) | ROLE(IPC_ROLE_MIXER_OUT) |
	    ROLE(IPC_ROLE_MIXER_MEMORY),
	memory_ask},
    [IPC_ROW] = {PINGERS, ping_take},
    [IPC_DONE] = {PINGERS, ping_take},
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
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	int rc = claims_link(client, record->link_event.link, diag);

	if (rc < 0)
		return rc;
	if (client->role == IPC_ROLE_X400IN)
		return bind_take(client, record, diag);
	return client->role == IPC_ROLE_APP && client->assoc == NULL
	    ? assoc_asked(client, &record->link_event, diag)
	    : assoc_take(client, &record->link_event, diag);
}

/* roles_take - take one record from a client */
static int
roles_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	/* master's channel is a pair that it made: no stranger is on it. */
	if (!client->greeted &&
	    (client->side != CLIENT_MASTER || record->type == IPC_HELLO))
		return greet_take(client, record, diag);
	if (client->side == CLIENT_MASTER)
		client->role = IPC_ROLE_MASTER;
	/* A record that a role may not send ends the connection: either side
	 * has a fault, or the process is not what it says. */
	if (rules[record->type].take == NULL ||
	    (rules[record->type].roles & ROLE(client->role)) == 0)
		return diag_set(diag, ERR_PROTOCOL, "%s from %s",
		    ipc_type_name(record->type), ipc_role_name(client->role));
	/* Any record but a log line is a sign that the peer is there. */
	if (client->role == IPC_ROLE_X400IN && record->type != IPC_NOTICE)
		callers_heard(client, clock_monotonic());
	/* A worker that pings has its peer judged, and logs; nothing else of an
	 * association is its own. */
	if (client->ping != NULL && client->side == CLIENT_WORKER &&
	    record->type != IPC_BIND_CHECK && record->type != IPC_NOTICE)
		return ping_take(client, record, diag);
	return rules[record->type].take(client, record, diag);
}

/* roles_gone - give up what a client had under way */
static void
roles_gone(struct client *client, const char *why)
{
	/* First the wait for a greeting, whose timer points at this client. */
	greet_forget(client);
	ping_gone(client, why);
	copy_gone(client);
	if (client->assoc != NULL)
		assoc_lost(client->assoc, why);
	intake_client_gone(client);
	session_client_gone(client);
	tracking_gone(client);
	memory_gone(client);
}

/* roles_writable - go on with a client that has read what it was sent */
static void
roles_writable(struct client *client)
{
	if (client->assoc != NULL)
		assoc_writable(client->assoc);
}

const struct client_handlers roles_handlers = {
    .take = roles_take, .gone = roles_gone, .writable = roles_writable};
