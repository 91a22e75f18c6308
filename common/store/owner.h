/* SPDX-License-Identifier: ISC */
/*
 * owner.h - which host has the queue
 *
 * A queue may lie on a volume that several machines reach.  The lock of its
 * directory keeps two processes of one machine apart, and not those of two
 * machines; therefore the queue says whose it is.  A host does not open the
 * queue of another one, stopped there or not, before somebody who knows that
 * the other is off has it taken over.  A queue that says nothing, which an
 * older release left or which is a copy, is the first host's that opens it.
 */
#ifndef FOURPOST_STORE_OWNER_H
#define FOURPOST_STORE_OWNER_H

#include <stdint.h>

#include "base/error.h"
#include "base/host.h"

struct store;

/* The ways of store_open with the queue of another host. */
enum store_owner_rule {
	STORE_OWNER_REFUSE,
	STORE_OWNER_TAKE_OVER
};

struct store_owner {
	struct host host; /* an empty name: nobody has it */
	int64_t since;	  /* wall clock ms: it was opened there */
	int64_t stopped;  /* likewise: it was closed in order; 0: it was not */
	struct host earlier; /* from whom it was taken over, until that is told;
				an empty name: from nobody */
};

/* How the host that has the queue left it the last time. */
enum store_owner_end {
	STORE_OWNER_NEW,      /* nobody had it, or another host */
	STORE_OWNER_STOPPED,  /* in order */
	STORE_OWNER_ENDED,    /* it was killed, or crashed */
	STORE_OWNER_REBOOTED, /* the machine did */
	STORE_OWNER_ENDS
};

/* store_owner_end - get how the queue was left before store_open */
enum store_owner_end store_owner_end(const struct store *store);

/* store_owner_end_name - name it, as a word for the log */
const char *store_owner_end_name(enum store_owner_end end);

/* store_owner_earlier - get from which host the queue was taken over, if that
 * was not told yet, or NULL */
const char *store_owner_earlier(const struct store *store);

/* store_owner_told - have the transaction note that it was told */
void store_owner_told(struct store *store);

/* store_owner_stop - have the transaction note that the host is done with the
 * queue, at a time, wall clock ms */
void store_owner_stop(struct store *store, int64_t now);

#endif
