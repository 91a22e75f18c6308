/* SPDX-License-Identifier: ISC */
/*
 * samples.h - the numbers of each link, for metrics
 *
 * Taken from the rows of qmgr's "links" and "summary" by the names of their
 * fields; what no row has is not known.
 */
#ifndef FOURPOST_CONSOLE_SAMPLES_H
#define FOURPOST_CONSOLE_SAMPLES_H

#include "ipc/record.h"

#define SAMPLES_NAME_MAX  80
#define SAMPLES_STATE_MAX 24

enum sample_field {
	SAMPLE_QUEUED,
	SAMPLE_OCTETS,
	SAMPLE_OLDEST,
	SAMPLE_ACTIVE,
	SAMPLE_ASSOCIATIONS,
	SAMPLE_ASSOCIATIONS_IN,
	SAMPLE_OPENED,
	SAMPLE_OPEN_FAILED,
	SAMPLE_CALLED,
	SAMPLE_REJECTED,
	SAMPLE_LAST_IN,
	SAMPLE_LAST_OUT,
	SAMPLE_LOOPS,
	SAMPLE_CONVERTED,
	SAMPLE_UNCONVERTED,
	SAMPLE_FAILURES,
	SAMPLE_NEXT_OPEN,
	SAMPLE_MESSAGES_OUT,
	SAMPLE_MESSAGES_IN,
	SAMPLE_OCTETS_OUT,
	SAMPLE_OCTETS_IN,
	SAMPLE_REPORTS_OUT,
	SAMPLE_RECIPIENTS,
	SAMPLE_RECIPIENTS_IN,
	SAMPLE_RECIPIENTS_OUT,
	SAMPLE_DEFERRED,
	SAMPLE_FIELDS
};

struct sample {
	char name[SAMPLES_NAME_MAX];   /* of the link */
	char state[SAMPLES_STATE_MAX]; /* in a word; empty: not known */
	int64_t values[SAMPLE_FIELDS]; /* times: ms since 1970 */
};

struct samples {
	struct sample *items; /* owned */
	size_t count, room;
	size_t found;	/* where the last one was found */
	uint32_t known; /* bit n: some row had field n */
};

/* samples_reset - forget all, keep the memory */
void samples_reset(struct samples *samples);

/* samples_fini - give back the memory */
void samples_fini(struct samples *samples);

/* samples_take - take the numbers of a row, whose link stands in the field
 * key.  ERR_NOMEM */
int samples_take(struct samples *samples, const struct ipc_row *row,
    const char *key) WARN_UNUSED;

/* samples_sum - add up a field of all links */
int64_t samples_sum(const struct samples *samples, enum sample_field field);

/* samples_oldest - find the earliest time of a field; 0: there is none */
int64_t samples_oldest(const struct samples *samples, enum sample_field field);

#endif
