/* SPDX-License-Identifier: ISC */
/*
 * ping.c - have a worker ping the peer of a link, for x4ping
 */
#include "qmgr/ping.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "ipc/exit_status.h"
#include "qmgr/engine/rights.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/probe.h"

#define PINGS_MAX    16	     /* at a time */
#define ROWS_MAX     64	     /* of one ping */
#define START_MAX    20000   /* ms until a worker says hello */
#define DURATION_MAX 1800000 /* ms in all */

struct ping {
	struct client *tool, *worker;
	uint64_t begun; /* monotonic ms */
	unsigned rows;
};

/* tell_done - end the answer to a tool */
static void
tell_done(struct client *tool, int status, const char *text)
{
	client_send(tool,
	    &(struct ipc_record){.type = IPC_DONE,
		.done = {.status = status, .text = slice_of_string(text)}});
}

/* refuse - tell a tool why its link is not pinged */
static void
refuse(struct client *tool, const struct link *link, const char *why)
{
	char text[STORE_LINK_NAME_MAX + 128];

	(void)snprintf(text, sizeof(text), "%s: %s", link->name, why);
	tell_done(tool, EXIT_STATUS_REFUSED, text);
}

/* why_not - find why a link cannot be pinged now, or NULL */
static const char *
why_not(const struct client *tool, const struct link *link)
{
	const struct client *client;
	unsigned count = 0;

	if (tool->ping != NULL)
		return "this connection has a ping under way";
	if (link->x400 == NULL && link->mixer == NULL)
		return "only X.400 peers and relays can be pinged";
	if (link->throttled_until > clock_monotonic())
		return "its worker crashes when it is started";
	TAILQ_FOREACH(client, &tool->qmgr->clients, entry)
		if (client->ping != NULL && client->side == CLIENT_WORKER) {
			/* The place for a further worker is one for a link. */
			if (client->link == link)
				return "it is being pinged already";
			count++;
		}
	return count < PINGS_MAX ? NULL : "too many pings are under way";
}

/* connect_worker - connect to a worker of the link; NULL, and why */
static struct client *
connect_worker(struct qmgr *qmgr, struct link *link, const char **why)
{
	char path[ASSOC_SOCKET_MAX];
	struct client *worker;
	int rc = assoc_socket(qmgr, link, path);

	if (rc < 0) {
		*why = error_strerror(rc);
		return NULL;
	}
	worker = client_connect(qmgr, path, why);
	if (worker == NULL)
		return NULL;
	worker->link = link;
	/* The hello is written before anything is read: both sides send theirs
	 * at once. */
	if (ipc_channel_hello(&worker->channel, IPC_ROLE_QMGR, link->name, 0) <
	    0) {
		client_close(worker, "no memory");
		*why = "no memory";
		return NULL;
	}
	client_flush_later(worker);
	return worker;
}

/* ping_begin - ping a link for a tool, or tell it why not */
void
ping_begin(struct client *tool, struct link *link)
{
	const char *why = why_not(tool, link);
	struct ping *ping;

	if (why != NULL) {
		refuse(tool, link, why);
		return;
	}
	ping = calloc(1, sizeof(*ping));
	if (ping == NULL) {
		refuse(tool, link, "no memory");
		return;
	}
	ping->worker = connect_worker(tool->qmgr, link, &why);
	if (ping->worker == NULL) {
		free(ping);
		refuse(tool, link, why);
		return;
	}
	ping->tool = tool;
	ping->begun = clock_monotonic();
	tool->ping = ping;
	ping->worker->ping = ping;
	rights_changed(tool, slice_of_string("ping"), link->name);
}

/* finish - end a ping, and tell the tool how unless it is gone */
static void
finish(struct ping *ping, int status, const char *text)
{
	struct client *tool = ping->tool, *worker = ping->worker;

	/* Neither connection may come back here while the other is closed. */
	tool->ping = NULL;
	worker->ping = NULL;
	free(ping);
	tell_done(tool, status, text);
	client_close(worker, "its ping is over");
}

/* take_done - note that a ping is over */
static void
take_done(struct ping *ping, const struct ipc_done *done)
{
	struct client *worker = ping->worker;
	bool reached = done->status == EXIT_STATUS_DONE;

	if (reached && worker->link->state != LINK_DISABLED)
		probe_reached(worker->qmgr, worker->link, PROBE_PINGED);
	/* The steps have said why; a word of the worker's would be one more
	 * that nobody has checked. */
	finish(ping, reached ? EXIT_STATUS_DONE : EXIT_STATUS_REFUSED, "");
}

/* take_event - note that a worker could not begin its ping */
static void
take_event(struct ping *ping, const struct ipc_link_event *event)
{
	char reason[256];

	if (event->state != IPC_LINK_FAILED)
		return;
	escape_text(reason, sizeof(reason), event->reason);
	finish(ping, EXIT_STATUS_REFUSED, reason);
}

/* ping_take - take what the worker of a ping says */
int
ping_take(
    struct client *worker, const struct ipc_record *record, struct diag *diag)
{
	struct ping *ping = worker->ping;
	bool known = record->type == IPC_ROW || record->type == IPC_DONE ||
	    record->type == IPC_LINK_EVENT;

	if (ping == NULL || !known)
		return diag_set(diag, ERR_PROTOCOL, "%s %s a ping",
		    ipc_type_name(record->type),
		    ping == NULL ? "without" : "in");
	if (record->type == IPC_DONE)
		take_done(ping, &record->done);
	else if (record->type == IPC_LINK_EVENT)
		take_event(ping, &record->link_event);
	else if (++ping->rows > ROWS_MAX)
		return diag_set(diag, ERR_LIMIT, "too many steps of a ping");
	else
		client_send(ping->tool, record);
	return 0;
}

/* ping_gone - end the ping of a client that is gone, if it has one */
void
ping_gone(struct client *client, const char *why)
{
	struct ping *ping = client->ping;
	char text[256];

	if (ping == NULL)
		return;
	(void)snprintf(text, sizeof(text), "the worker ended%s%s",
	    why != NULL && why[0] != '\0' ? ": " : "", why != NULL ? why : "");
	finish(ping, EXIT_STATUS_REFUSED, text);
}

/* ping_tick - end pings that take too long */
void
ping_tick(struct qmgr *qmgr, uint64_t now)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&qmgr->clients); client != NULL;
	     client = next) {
		uint64_t since;

		next = TAILQ_NEXT(client, entry);
		if (client->ping == NULL || client->side != CLIENT_WORKER)
			continue;
		since = now - client->ping->begun;
		/* Its connection waits at the socket where as many workers
		 * run as may. */
		if (!client->greeted && since > START_MAX)
			client_close(client, "none was free for this");
		else if (since > DURATION_MAX)
			client_close(client, "it took too long");
	}
}
