/* SPDX-License-Identifier: ISC */
/*
 * workers.c - which process is which worker, as master says
 */
#include <stdlib.h>
#include <string.h>

#include "qmgr/engine/workers.h"

/* workers_init - begin with an empty table */
void
workers_init(struct workers *workers)
{
	table_init(&workers->by_pid);
	workers->told = false;
}

/* workers_fini - free the table and all that are in it */
void
workers_fini(struct workers *workers)
{
	struct table_link *link;

	while ((link = table_any(&workers->by_pid)) != NULL) {
		table_remove(&workers->by_pid, link);
		free(TABLE_ENTRY(link, struct known_worker, link));
	}
	table_fini(&workers->by_pid);
}

/* workers_started - add a worker to the table */
int
workers_started(
    struct workers *workers, const struct ipc_worker_started *started)
{
	struct known_worker *worker;

	/* Records from master are checked like any other: an oversized name
	 * would overrun the table's entry. */
	if (started->pid <= 0 || started->name.len >= WORKERS_NAME_MAX ||
	    started->ticket.len != IPC_TICKET_LEN)
		return ERR_VALUE;
	/* A pid that is used again means that the end of its former owner was
	 * not heard of; the old ticket must not be good for the new process. */
	workers_ended(workers, started->pid);
	worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return ERR_NOMEM;
	worker->pid = started->pid;
	worker->role = started->role;
	worker->instance = started->instance;
	worker->later = workers->told;
	if (started->name.len > 0)
		memcpy(worker->name, started->name.data, started->name.len);
	memcpy(worker->ticket, started->ticket.data, IPC_TICKET_LEN);
	table_add(&workers->by_pid, &worker->link, (uint64_t)started->pid);
	return 0;
}

/* workers_told - note that whoever starts from now on works for us */
void
workers_told(struct workers *workers)
{
	workers->told = true;
}

/* workers_ended - forget a worker */
void
workers_ended(struct workers *workers, int64_t pid)
{
	struct table_link *link = table_find(&workers->by_pid, (uint64_t)pid);

	if (link == NULL)
		return;
	table_remove(&workers->by_pid, link);
	free(TABLE_ENTRY(link, struct known_worker, link));
}

/* workers_find - look a pid up */
const struct known_worker *
workers_find(const struct workers *workers, int64_t pid)
{
	return TABLE_ENTRY(table_find(&workers->by_pid, (uint64_t)pid),
	    struct known_worker, link);
}

/* workers_ticket_is - compare a ticket with the worker's */
bool
workers_ticket_is(const struct known_worker *worker, struct slice ticket)
{
	uint8_t differs = 0;

	if (ticket.len != sizeof(worker->ticket))
		return false;
	/* Every octet is compared whatever the first ones say, so that the time
	 * taken tells nothing of where a guess fails. */
	for (size_t i = 0; i < ticket.len; i++)
		differs |= worker->ticket[i] ^ ticket.data[i];
	return differs == 0;
}
