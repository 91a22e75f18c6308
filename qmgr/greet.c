/* SPDX-License-Identifier: ISC */
/*
 * greet.c - the first record of a connection
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "qmgr/greet.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/settings.h"

#define ROLE(role) (1U << (role))

/* The roles that may connect to each socket. */
static const unsigned sides[] = {
    [CLIENT_QMGR_SOCKET] = ROLE(IPC_ROLE_X400IN) | ROLE(IPC_ROLE_MSMI_IN) |
	ROLE(IPC_ROLE_APP_IN) | ROLE(IPC_ROLE_APP) | ROLE(IPC_ROLE_MIXER_IN) |
	ROLE(IPC_ROLE_REPORTER) | ROLE(IPC_ROLE_TRACKER) |
	ROLE(IPC_ROLE_MIXER_MEMORY),
    [CLIENT_CONTROL_SOCKET] = ROLE(IPC_ROLE_TOOL),
    [CLIENT_WORKER] = ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_MSMI_OUT) |
	ROLE(IPC_ROLE_APP_OUT) | ROLE(IPC_ROLE_MIXER_OUT),
    [CLIENT_MASTER] = ROLE(IPC_ROLE_MASTER),
};

/* A hello that waits for master to tell of its pid. */
struct greeting {
	struct event *timer;
	int64_t pid;
	uint8_t ticket[IPC_TICKET_LEN];
	size_t ticket_len;
	char name[128 + 1]; /* as it came */
	size_t name_len;
};

/* greet_welcome - answer a client that is who it says */
static int
greet_welcome(struct client *client, struct diag *diag)
{
	int rc;

	client->greeted = true;
	/* From here on the channel is a stream of records: the sender of the
	 * first one is proved, and asking the kernel for each further one would
	 * cost a system call. */
	if (client->side == CLIENT_WORKER) {
		ipc_channel_forget_sender(&client->channel);
		/* A worker that pings has no association of the link's. */
		rc = client->ping != NULL ? 0 : assoc_greeted(client, diag);
		return rc < 0 ? rc : settings_send(client, diag);
	}
	if (client->side == CLIENT_MASTER)
		return 0;
	rc = ipc_channel_hello(&client->channel, IPC_ROLE_QMGR, "qmgr", 0);
	if (rc < 0)
		return rc;
	client_flush_later(client);
	if (client->side == CLIENT_QMGR_SOCKET &&
	    client->role != IPC_ROLE_REPORTER)
		return settings_send(client, diag);
	return 0;
}

/* on_patience_over - refuse a client that master has not told of */
static void
on_patience_over(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	struct diag diag = {0};

	(void)fd;
	(void)what;
	(void)diag_set(&diag, ERR_DENIED, "master did not start it");
	client_fail(client, ERR_DENIED, &diag);
}

/* greet_wait - hear nothing more of the client until its pid is known */
static int
greet_wait(
    struct client *client, const struct ipc_hello *hello, struct diag *diag)
{
	const struct timeval patience = {.tv_sec = GREET_PATIENCE / 1000};
	struct greeting *greeting = calloc(1, sizeof(*greeting));

	if (greeting == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	client->greeting = greeting;
	greeting->pid = hello->pid;
	greeting->ticket_len = hello->ticket.len;
	greeting->name_len = hello->name.len;
	/* Ticket and name are copied, since the record's octets are gone when
	 * master has spoken. */
	if (hello->ticket.len > 0)
		memcpy(greeting->ticket, hello->ticket.data, hello->ticket.len);
	if (hello->name.len > 0)
		memcpy(greeting->name, hello->name.data, hello->name.len);
	greeting->timer =
	    evtimer_new(client->qmgr->base, on_patience_over, client);
	if (greeting->timer == NULL ||
	    evtimer_add(greeting->timer, &patience) < 0)
		return diag_set(diag, ERR_NOMEM, "no memory");
	/* Nothing more is read from a process that is not known: it could fill
	 * our memory while it waits. */
	event_del(client->readable);
	return 0;
}

/* greet_judge - greet a client, let it wait, or refuse it */
static int
greet_judge(
    struct client *client, const struct ipc_hello *hello, struct diag *diag)
{
	enum identity identity = identity_judge(client, hello, diag);

	switch (identity) {
	case IDENTITY_PROVED:
		return greet_welcome(client, diag);
	case IDENTITY_UNKNOWN:
		return client->greeting == NULL
		    ? greet_wait(client, hello, diag)
		    : 0;
	case IDENTITY_FALSE:
		break;
	}
	return ERR_DENIED;
}

/* greet_take - take the first record of a client */
int
greet_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	int rc = ipc_hello_check(record, diag);

	if (rc < 0)
		return rc;
	client->role = record->hello.role;
	client->pid = record->hello.pid;
	client->instance = record->hello.instance;
	escape_text(client->name, sizeof(client->name), record->hello.name);
	/* The socket decides what a client may be: a tool cannot say that it is
	 * a worker. */
	if ((sides[client->side] & ROLE(client->role)) == 0)
		return diag_set(diag, ERR_DENIED, "it may not connect here");
	/* master has said what happened before this hello was sent. */
	if (client->qmgr->master != NULL && client->side != CLIENT_MASTER)
		client_drain(client->qmgr->master);
	return client->closing ? 0 : greet_judge(client, &record->hello, diag);
}

/* judge_again - judge a client that waits; what it sent meanwhile is read in
 * a later step of the loop */
static void
judge_again(struct client *client)
{
	const struct greeting *greeting = client->greeting;
	const struct ipc_hello hello = {.pid = greeting->pid,
	    .role = client->role,
	    .instance = client->instance,
	    .name = slice_of(greeting->name, greeting->name_len),
	    .ticket = slice_of(greeting->ticket, greeting->ticket_len)};
	struct diag diag = {0};
	int rc = greet_judge(client, &hello, &diag);

	if (rc < 0 && !client->closing)
		client_fail(client, rc, &diag);
	if (client->closing || !client->greeted)
		return;
	greet_forget(client);
	if (event_add(client->readable, NULL) < 0)
		client_close(client, "no memory");
	else
		/* Records that arrived during the wait lie in the socket
		 * already. */
		event_active(client->readable, EV_READ, 0);
}

/* greet_again - judge those who wait */
void
greet_again(struct qmgr *qmgr)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&qmgr->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, entry);
		if (client->greeting != NULL)
			judge_again(client);
	}
}

/* greet_tick - end connections that were accepted and say nothing */
void
greet_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	struct client *client, *next;

	for (client = TAILQ_FIRST(&qmgr->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, entry);
		if (!client->greeted && client->greeting == NULL &&
		    (client->side == CLIENT_QMGR_SOCKET ||
			client->side == CLIENT_CONTROL_SOCKET) &&
		    now - client->since > GREET_SILENCE)
			client_close(client, "it says nothing");
	}
}

/* greet_forget - let a client wait no longer */
void
greet_forget(struct client *client)
{
	struct greeting *greeting = client->greeting;

	if (greeting == NULL)
		return;
	if (greeting->timer != NULL)
		event_free(greeting->timer);
	free(greeting);
	client->greeting = NULL;
}
