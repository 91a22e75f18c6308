/* SPDX-License-Identifier: ISC */
/*
 * verdicts.h - events on recipients and reports, kept until the commit
 *
 * What is decided on a message is decided before its transaction, or in it,
 * and that may be undone and done again.  An event is a promise to whoever
 * reads the log, so it is written once the commit holds what it speaks of.
 */
#ifndef FOURPOST_QMGR_QUEUE_VERDICTS_H
#define FOURPOST_QMGR_QUEUE_VERDICTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum verdicts_event {
	VERDICTS_NDR,	       /* not delivered, and reported */
	VERDICTS_NDR_UNWANTED, /* not delivered, and nobody wants to know */
	VERDICTS_DISCARDED,    /* a report that has nowhere to go */
	VERDICTS_BARRED,       /* an originator, on a link */
	VERDICTS_RECURSION,    /* a list that was expanded before */
	VERDICTS_ABSORBED,     /* a report that a list does not pass on */
	VERDICTS_REDIRECTED    /* an alternate gets it instead */
};

/* An event.  Empty fields are not logged. */
struct verdicts_entry {
	enum verdicts_event event;
	uint64_t message;	/* queue id; 0: unknown yet */
	int reason, diagnostic; /* of X.411, where not delivered */
	struct slice from;	/* name of a link */
	struct slice mts_id;	/* of what came, */
	/* or of what a report of ours is about; or the alternate */
	struct slice subject;
	struct slice to;   /* the recipient */
	struct slice text; /* for people */
	size_t at;	   /* where the octets of its texts are kept */
};

struct verdicts {
	struct buffer octets; /* of the slices */
	struct verdicts_entry *entries;
	size_t count, capacity;
};

/* verdicts_init - begin without events */
void verdicts_init(struct verdicts *verdicts);

/* verdicts_fini - give the memory back; what was not logged never is */
void verdicts_fini(struct verdicts *verdicts);

/* verdicts_reset - forget all events: what they speak of was undone */
void verdicts_reset(struct verdicts *verdicts);

/* verdicts_add - keep an event, with a copy of its texts.  ERR_LIMIT,
 * ERR_NOMEM */
int verdicts_add(
    struct verdicts *verdicts, const struct verdicts_entry *entry) WARN_UNUSED;

/* verdicts_get - get an event; its texts are borrowed */
void verdicts_get(const struct verdicts *verdicts, size_t index,
    struct verdicts_entry *entry);

/*
 * verdicts_log - write the events: what they speak of is committed
 *
 * Recipients that get nothing are named up to VERDICTS_NAMED, and the others
 * counted; the reports name all.  32,767 lines would cost everybody a third of
 * a second.
 */
#define VERDICTS_NAMED 100
void verdicts_log(const struct verdicts *verdicts);

#endif
