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

/* Who may connect where. */
static const unsigned sides[] = {
    [PEER_QMGR_SOCKET] = ROLE(IPC_ROLE_X400IN) | ROLE(IPC_ROLE_MSMI_IN) |
	ROLE(IPC_ROLE_REPORTER),
    [PEER_CONTROL_SOCKET] = ROLE(IPC_ROLE_TOOL),
    [PEER_WORKER] = ROLE(IPC_ROLE_X400OUT) | ROLE(IPC_ROLE_MSMI_OUT),
    [PEER_MASTER] = ROLE(IPC_ROLE_MASTER),
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

/* welcome - the peer is who it says: answer with who we are */
static int
welcome(struct peer *peer, struct diag *diag)
{
	int rc;

	peer->greeted = true;
	if (peer->side == PEER_WORKER) {
		ipc_channel_forget_sender(&peer->channel);
		rc = assoc_greeted(peer, diag);
		return rc < 0 ? rc : settings_send(peer, diag);
	}
	if (peer->side == PEER_MASTER)
		return 0;
	rc = ipc_channel_hello(&peer->channel, IPC_ROLE_QMGR, "qmgr", 0);
	if (rc < 0)
		return rc;
	peer_flush_later(peer);
	if (peer->side == PEER_QMGR_SOCKET && peer->role != IPC_ROLE_REPORTER)
		return settings_send(peer, diag);
	return 0;
}

/* on_patience_over - master has told of no such process */
static void
on_patience_over(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;
	struct diag diag = {0};

	(void)fd;
	(void)what;
	(void)diag_set(&diag, ERR_DENIED, "master did not start it");
	peer_fail(peer, ERR_DENIED, &diag);
}

/* wait - hear nothing more of the peer until its pid is known */
static int
wait(struct peer *peer, const struct ipc_hello *hello, struct diag *diag)
{
	const struct timeval patience = {.tv_sec = GREET_PATIENCE / 1000};
	struct greeting *greeting = calloc(1, sizeof(*greeting));

	if (greeting == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	peer->greeting = greeting;
	greeting->pid = hello->pid;
	greeting->ticket_len = hello->ticket.len;
	greeting->name_len = hello->name.len;
	if (hello->ticket.len > 0)
		memcpy(greeting->ticket, hello->ticket.data, hello->ticket.len);
	if (hello->name.len > 0)
		memcpy(greeting->name, hello->name.data, hello->name.len);
	greeting->timer = evtimer_new(peer->qmgr->base, on_patience_over, peer);
	if (greeting->timer == NULL ||
	    evtimer_add(greeting->timer, &patience) < 0)
		return diag_set(diag, ERR_NOMEM, "no memory");
	event_del(peer->readable);
	return 0;
}

/* judge - greet the peer, let it wait, or end it */
static int
judge(struct peer *peer, const struct ipc_hello *hello, struct diag *diag)
{
	enum identity identity = identity_judge(peer, hello, diag);

	switch (identity) {
	case IDENTITY_PROVED:
		return welcome(peer, diag);
	case IDENTITY_UNKNOWN:
		return peer->greeting == NULL ? wait(peer, hello, diag) : 0;
	case IDENTITY_FALSE:
		break;
	}
	return ERR_DENIED;
}

/* greet_take - take the first record of a peer */
int
greet_take(
    struct peer *peer, const struct ipc_record *record, struct diag *diag)
{
	int rc = ipc_hello_check(record, diag);

	if (rc < 0)
		return rc;
	peer->role = record->hello.role;
	peer->pid = record->hello.pid;
	peer->instance = record->hello.instance;
	escape_text(peer->name, sizeof(peer->name), record->hello.name);
	if ((sides[peer->side] & ROLE(peer->role)) == 0)
		return diag_set(diag, ERR_DENIED, "it may not connect here");
	/* master has said what happened before this hello was sent. */
	if (peer->qmgr->master != NULL && peer->side != PEER_MASTER)
		peer_drain(peer->qmgr->master);
	return peer->closing ? 0 : judge(peer, &record->hello, diag);
}

/* judge_again - judge a peer that waits; what it sent meanwhile is read in
 * its own turn of the loop */
static void
judge_again(struct peer *peer)
{
	const struct greeting *greeting = peer->greeting;
	const struct ipc_hello hello = {.pid = greeting->pid,
	    .role = peer->role,
	    .instance = peer->instance,
	    .name = slice_of(greeting->name, greeting->name_len),
	    .ticket = slice_of(greeting->ticket, greeting->ticket_len)};
	struct diag diag = {0};
	int rc = judge(peer, &hello, &diag);

	if (rc < 0 && !peer->closing)
		peer_fail(peer, rc, &diag);
	if (peer->closing || !peer->greeted)
		return;
	greet_forget(peer);
	if (event_add(peer->readable, NULL) < 0)
		peer_close(peer, "no memory");
	else
		event_active(peer->readable, EV_READ, 0);
}

/* greet_again - judge those who wait */
void
greet_again(struct qmgr *qmgr)
{
	struct peer *peer, *next;

	for (peer = TAILQ_FIRST(&qmgr->peers); peer != NULL; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (peer->greeting != NULL)
			judge_again(peer);
	}
}

/* greet_tick - end connections that were accepted and say nothing */
void
greet_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	struct peer *peer, *next;

	for (peer = TAILQ_FIRST(&qmgr->peers); peer != NULL; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (!peer->greeted && peer->greeting == NULL &&
		    (peer->side == PEER_QMGR_SOCKET ||
			peer->side == PEER_CONTROL_SOCKET) &&
		    now - peer->since > GREET_SILENCE)
			peer_close(peer, "it says nothing");
	}
}

/* greet_forget - let a peer wait no longer */
void
greet_forget(struct peer *peer)
{
	struct greeting *greeting = peer->greeting;

	if (greeting == NULL)
		return;
	if (greeting->timer != NULL)
		event_free(greeting->timer);
	free(greeting);
	peer->greeting = NULL;
}
