/* SPDX-License-Identifier: ISC */
/*
 * master.c - what master tells us
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/log.h"
#include "qmgr/greet.h"
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/master.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/orphans.h"
#include "qmgr/sending/outcome.h"
#include "worker/worker.h"

/* For so long master keeps a service back at most (ms). */
#define THROTTLED_MAX 60000

/* read_all - read what a descriptor holds, from its beginning */
static int
read_all(int fd, struct buffer *out)
{
	uint8_t *room;
	ssize_t got;
	off_t at = 0;

	do {
		if (buffer_reserve(out, 65536, &room) < 0)
			return ERR_LIMIT;
		/* pread leaves the position alone, which master shares with
		 * us. */
		got = pread(fd, room, 65536, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		buffer_commit(out, (size_t)got);
		at += got;
	} while (got != 0);
	return 0;
}

/* master_read_conf - read the configuration from a descriptor, and close
 * that */
int
master_read_conf(int fd, struct conf **conf, struct diag *diag)
{
	struct buffer text;
	int rc;

	buffer_init(&text, CONF_FILE_MAX + 65536);
	rc = read_all(fd, &text);
	close(fd);
	if (rc < 0)
		(void)diag_set(diag, rc, "the configuration of master: %s",
		    error_strerror(rc));
	else
		rc = conf_parse_text(buffer_slice(&text), "configuration",
		    CONF_HANDED, conf, diag);
	/* The text holds passwords, and the memory will be used again. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.capacity);
	buffer_fini(&text);
	return rc;
}

/* link_of_service - find the link of a service, or NULL */
static struct link *
link_of_service(struct qmgr *qmgr, const char *name)
{
	char link[STORE_LINK_NAME_MAX];
	const char *at = strpbrk(name, "/.");
	const char *kind = strncmp(name, "msmi-out", 8) == 0 ? "msmail/"
	    : strncmp(name, "app-out", 7) == 0		     ? "application/"
	    : strncmp(name, "mixer-out", 9) == 0	     ? "mixer/"
							     : "";

	/* The workers of a socket open nothing that could be put off. */
	if (at == NULL || strncmp(name, "app/", 4) == 0)
		return NULL;
	snprintf(link, sizeof(link), "%s%.*s", kind, (int)strcspn(at + 1, "#"),
	    at + 1);
	return link_find(&qmgr->links, link);
}

/* take_throttled - note until when a service that crashes at its start is not
 * started */
static void
take_throttled(struct qmgr *qmgr, const struct ipc_throttled *notice)
{
	char name[WORKER_NAME_MAX];
	/* master tells a wall-clock time; our own clock counts from now,
	 * whatever is set meanwhile. */
	int64_t wait = notice->until - clock_wall();
	struct link *link;

	escape_text(name, sizeof(name), notice->name);
	link = link_of_service(qmgr, name);
	/* A clock that was set back between master and us would keep the link
	 * closed for as long. */
	if (wait > THROTTLED_MAX)
		wait = THROTTLED_MAX;
	if (link != NULL)
		schedule_throttled(
		    qmgr, link, wait > 0 ? clock_after((uint64_t)wait) : 0);
}

/* take_workers_left - keep a link closed while workers finish what the qmgr
 * before us gave them */
static void
take_workers_left(struct qmgr *qmgr, const struct ipc_workers_left *notice)
{
	char name[WORKER_NAME_MAX];
	struct link *link;

	/* master tells of all that there are first. */
	workers_told(&qmgr->workers);
	escape_text(name, sizeof(name), notice->name);
	link = link_of_service(qmgr, name);
	if (link != NULL)
		schedule_left(qmgr, link, notice->count);
}

/* worker_started - note who a process is, for whoever says to be it */
static int
worker_started(struct qmgr *qmgr, const struct ipc_worker_started *started,
    struct diag *diag)
{
	int rc = workers_started(&qmgr->workers, started);

	if (rc < 0)
		return diag_set(
		    diag, rc, "worker-started: %s", error_strerror(rc));
	/* Clients that waited for master's word may be the one just named. */
	greet_again(qmgr);
	return 0;
}

/* worker_ended - note the end of a worker, and count it where it speaks
 * against a message */
static void
worker_ended(struct qmgr *qmgr, const struct ipc_worker_ended *ended)
{
	const struct known_worker *worker =
	    workers_find(&qmgr->workers, ended->pid);
	bool later = worker != NULL && worker->later;
	char name[WORKER_NAME_MAX], text[256];
	struct link *link;

	workers_ended(&qmgr->workers, ended->pid);
	orphans_ended(qmgr, ended->pid);
	escape_text(name, sizeof(name), ended->name);
	link = link_of_service(qmgr, name);
	/* A worker that pings may start and end while others are left. */
	if (link != NULL && link->left > 0 && !later)
		schedule_left(qmgr, link, link->left - 1);
	if (ended->item == 0)
		return;
	escape_text(text, sizeof(text), ended->text);
	if (link != NULL && link->kind == LINK_MIXER)
		doubtful_at_relay(qmgr, link, ended->item, text);
	/* Only an end that speaks against the message is counted. */
	if (!ended->counted)
		return;
	outcome_crashed(qmgr, ended->item, name, text);
}

/* reload_conf - take a new configuration; one that is wrong changes nothing */
static int
reload_conf(struct client *client, struct diag *diag)
{
	int fd = ipc_channel_take_fd(&client->channel);
	struct diag why = {0};
	struct conf *conf;

	if (fd < 0)
		return diag_set(diag, ERR_PROTOCOL, "reload without a file");
	if (master_read_conf(fd, &conf, &why) < 0 ||
	    loop_reload(client->qmgr, conf, &why) < 0)
		LOG_EVENT(
		    EVENT_BAD_CONFIG, LOG_STRING("reason", diag_text(&why)));
	else
		LOG_EVENT(EVENT_CONFIG_RELOADED,
		    LOG_INT("links", client->qmgr->conf->link_count),
		    LOG_INT("postoffices", client->qmgr->conf->msmail_count));
	return 0;
}

/* master_take - take a notice of master */
int
master_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_WORKER_STARTED:
		return worker_started(
		    client->qmgr, &record->worker_started, diag);
	case IPC_WORKER_ENDED:
		worker_ended(client->qmgr, &record->worker_ended);
		return 0;
	case IPC_THROTTLED:
		take_throttled(client->qmgr, &record->throttled);
		return 0;
	case IPC_WORKERS_LEFT:
		take_workers_left(client->qmgr, &record->workers_left);
		return 0;
	case IPC_RELOAD:
		return reload_conf(client, diag);
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}
