/* SPDX-License-Identifier: ISC */
/*
 * workers.h - which process is which worker, as master says
 *
 * Who a worker is, master says and not the worker: it tells of each before the
 * process executes anything, of its end before the pid can be another's, and
 * of all that there are when it starts a qmgr.  identity.h holds what a client
 * says of itself against this table.
 */
#ifndef FOURPOST_QMGR_WORKERS_H
#define FOURPOST_QMGR_WORKERS_H

#include <stdbool.h>

#include "ipc/record.h"
#include "base/table.h"

#define WORKERS_NAME_MAX 64

struct known_worker {
	struct table_link link;
	int64_t pid;
	enum ipc_role role;
	char name[WORKERS_NAME_MAX]; /* link or postoffice; x400in: empty */
	uint32_t instance;
	uint8_t ticket[IPC_TICKET_LEN];
	bool later; /* than those who worked for the qmgr before us */
};

struct workers {
	struct table by_pid; /* struct known_worker, owned */
	bool told;	     /* of all who worked for the qmgr before us */
};

/* workers_init - begin with an empty table */
void workers_init(struct workers *workers);

/* workers_fini - free it */
void workers_fini(struct workers *workers);

/* workers_started - add one; what had its pid before is gone.  ERR_VALUE (what
 * it says makes no sense), ERR_NOMEM */
int workers_started(struct workers *workers,
    const struct ipc_worker_started *started) WARN_UNUSED;

/* workers_told - note that whoever starts from now on works for us */
void workers_told(struct workers *workers);

/* workers_ended - forget the one of this pid, if there is one */
void workers_ended(struct workers *workers, int64_t pid);

/* workers_find - find the worker of a pid, or NULL; valid until its end */
const struct known_worker *
workers_find(const struct workers *workers, int64_t pid);

/* workers_ticket_is - compare a ticket with that of a worker, in time that
 * tells nothing of it */
bool workers_ticket_is(const struct known_worker *worker, struct slice ticket);

#endif
