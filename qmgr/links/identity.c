/* SPDX-License-Identifier: ISC */
/*
 * identity.c - hold what a client says it is against what master says
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "qmgr/engine/workers.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/links/link.h"

/* identity_sender - ask the kernel which process a client is */
int64_t
identity_sender(const struct client *client)
{
	struct ucred other;
	socklen_t len = sizeof(other);

	/* The socket that we connected to is master's, and so would be its
	 * credentials. */
	if (client->side == CLIENT_WORKER)
		return ipc_channel_sender(&client->channel);
	if (getsockopt(
		client->channel.fd, SOL_SOCKET, SO_PEERCRED, &other, &len) != 0)
		return 0;
	return other.pid;
}

/* short_name - give the name of a link as its workers know it */
static const char *
short_name(const struct link *link)
{
	const char *slash = strchr(link->name, '/');

	return slash != NULL ? slash + 1 : link->name;
}

/* role_fits - check a role against that of the process; who reports was an
 * x400out, an x400in that sent on a two-way association, or a mixer-out */
static bool
role_fits(enum ipc_role says, const struct known_worker *worker)
{
	if (says == IPC_ROLE_REPORTER)
		return worker->role == IPC_ROLE_X400OUT ||
		    worker->role == IPC_ROLE_X400IN ||
		    worker->role == IPC_ROLE_MIXER_OUT;
	return says == worker->role;
}

/* why_false - find what differs between a hello and the table, or NULL */
static const char *
why_false(const struct client *client, const struct ipc_hello *hello,
    const struct known_worker *worker)
{
	const struct link *link = assoc_link(client);

	/* A process may pass its descriptor on: the kernel's pid is of who sent
	 * the hello, and the record's must be the same. */
	if (hello->pid != worker->pid)
		return "it gives another pid than the kernel does";
	if (!role_fits(hello->role, worker))
		return "master started it as something else";
	if (!slice_equal_string(hello->name, worker->name) ||
	    hello->instance != worker->instance)
		return "master started it by another name";
	if (!workers_ticket_is(worker, hello->ticket))
		return "its ticket is not the one that master gave";
	if (client->side == CLIENT_WORKER &&
	    (link == NULL || strcmp(short_name(link), worker->name) != 0))
		return "it serves another link";
	return NULL;
}

/* take_up - note what the client was proved to be */
static void
take_up(struct client *client, const struct known_worker *worker)
{
	const char *kind = worker->role == IPC_ROLE_MIXER_OUT ? "mixer/" : "";
	char name[sizeof("mixer/") + WORKERS_NAME_MAX];

	client->started_as = worker->role;
	if (client->role != IPC_ROLE_REPORTER ||
	    worker->role == IPC_ROLE_X400IN)
		return;
	(void)snprintf(name, sizeof(name), "%s%s", kind, worker->name);
	client->link = link_find(&client->qmgr->links, name);
}

/* identity_judge - hold the hello of a client against the table of master */
enum identity
identity_judge(
    struct client *client, const struct ipc_hello *hello, struct diag *diag)
{
	struct qmgr *qmgr = client->qmgr;
	const struct known_worker *worker;
	const char *why;

	if (client->side == CLIENT_CONTROL_SOCKET ||
	    client->side == CLIENT_MASTER)
		return IDENTITY_PROVED;
	worker = workers_find(&qmgr->workers, qmgr->sender(client));
	/* master may not have told of this pid yet: the caller waits instead of
	 * being refused. */
	if (worker == NULL)
		return IDENTITY_UNKNOWN;
	why = why_false(client, hello, worker);
	if (why != NULL) {
		(void)diag_set(diag, ERR_DENIED, "%s", why);
		return IDENTITY_FALSE;
	}
	take_up(client, worker);
	return IDENTITY_PROVED;
}

/* claims_link - check the name of a link or postoffice in a record */
int
claims_link(const struct client *client, struct slice name, struct diag *diag)
{
	const struct link *link = assoc_link(client);

	/* A client that works for no link yet has nothing that the name
	 * decides on. */
	if (name.len == 0 || link == NULL ||
	    slice_equal_string(name, short_name(link)))
		return 0;
	return diag_set(diag, ERR_DENIED, "it names another's link");
}

/* is_held - look for a connection other than client that has the session */
static bool
is_held(const struct client *client, uint64_t session)
{
	const struct client *other;

	TAILQ_FOREACH(other, &client->qmgr->clients, entry)
		if (other != client && other->session == session)
			return true;
	return false;
}

/* claims_session - check the session in a record */
int
claims_session(const struct client *client, uint64_t session, struct diag *diag)
{
	/* Zero is no session, and its own is always allowed. */
	if (session == 0 || session == client->session)
		return 0;
	if (client->session != 0 || is_held(client, session))
		return diag_set(diag, ERR_DENIED, "it names another's session");
	return 0;
}

/* claims_message - check whose message a reporter speaks of */
int
claims_message(
    const struct client *client, const struct link *link, struct diag *diag)
{
	/* A worker that calls is named after the link; one that was called told
	 * of its session before, and sends only where both do. */
	if (link == client->link &&
	    (client->started_as != IPC_ROLE_X400IN || link_two_way(link)))
		return 0;
	return diag_set(
	    diag, ERR_DENIED, "it speaks of a message of another's link");
}
