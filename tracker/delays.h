/* SPDX-License-Identifier: ISC */
/*
 * delays.h - how long messages took, counted in classes
 *
 * Of what was transferred and delivered since the tracker was started, for
 * whoever draws a histogram; figures of any time are in stats.h.  What is noted
 * counts when the transaction that keeps it has ended well.
 */
#ifndef FOURPOST_TRACKER_DELAYS_H
#define FOURPOST_TRACKER_DELAYS_H

#include "track/track.h"
#include "tracker/row.h"

#define DELAYS_CLASSES 12 /* the last one is of all */

enum delays_stage {
	DELAYS_ALL,	 /* from the arrival here to the end */
	DELAYS_QUEUE,	 /* in the queue */
	DELAYS_TRANSFER, /* of the transfer itself */
	DELAYS_STAGES
};

struct delays_counts {
	uint64_t counts[DELAYS_STAGES][DELAYS_CLASSES];
	uint64_t sums[DELAYS_STAGES]; /* ms */
};

struct delays {
	struct delays_counts kept, noted;
};

/* delays_note - note the delays of a record */
void delays_note(struct delays *delays, const struct track_record *record);

/* delays_keep - count what was noted */
void delays_keep(struct delays *delays);

/* delays_forget - forget what was noted, since it will come again */
void delays_forget(struct delays *delays);

/*
 * delays_row - make the row of a class: 0, or ERR_NOTFOUND behind the last
 *
 * "stage" is all, queue or transfer; "below" ms, 0 for all; "count" how many
 * took no longer; "total" ms, of all.
 */
int
delays_row(const struct delays *delays, size_t n, struct row *row) WARN_UNUSED;

#endif
