/* SPDX-License-Identifier: ISC */
/*
 * delays.c - how long messages took, counted in classes
 */
#include "tracker/delays.h"

#include <string.h>

static const int64_t bounds[DELAYS_CLASSES] = {100, 1000, 5000, 15000, 60000,
    300000, 900000, 3600000, 14400000, 43200000, 86400000, 0};

static const char *const stages[DELAYS_STAGES] = {[DELAYS_ALL] = "all",
    [DELAYS_QUEUE] = "queue",
    [DELAYS_TRANSFER] = "transfer"};

/* add - add a delay that is kept plus 1, if it is there */
static void
add(struct delays *delays, enum delays_stage stage, uint64_t plus)
{
	uint64_t *counts = delays->noted.counts[stage];

	if (plus == 0)
		return;
	for (size_t i = 0; i < DELAYS_CLASSES; i++)
		if (bounds[i] == 0 || plus - 1 <= (uint64_t)bounds[i])
			counts[i]++;
	delays->noted.sums[stage] += plus - 1;
}

/* delays_note - note the delays of a record */
void
delays_note(struct delays *delays, const struct track_record *record)
{
	if (record->event != TRACK_TRANSFER && record->event != TRACK_DELIVERY)
		return;
	add(delays, DELAYS_ALL, record->delay_plus);
	add(delays, DELAYS_QUEUE, record->delay_queue_plus);
	add(delays, DELAYS_TRANSFER, record->delay_transfer_plus);
}

/* delays_keep - count what was noted */
void
delays_keep(struct delays *delays)
{
	for (size_t i = 0; i < DELAYS_STAGES; i++) {
		for (size_t j = 0; j < DELAYS_CLASSES; j++)
			delays->kept.counts[i][j] += delays->noted.counts[i][j];
		delays->kept.sums[i] += delays->noted.sums[i];
	}
	delays_forget(delays);
}

/* delays_forget - forget what was noted */
void
delays_forget(struct delays *delays)
{
	memset(&delays->noted, 0, sizeof(delays->noted));
}

/* delays_row - make the row of a class */
int
delays_row(const struct delays *delays, size_t n, struct row *row)
{
	size_t stage = n / DELAYS_CLASSES, class = n % DELAYS_CLASSES;

	if (stage >= DELAYS_STAGES)
		return ERR_NOTFOUND;
	row_string(row, "stage", stages[stage]);
	row_number(row, "below", bounds[class]);
	row_number(row, "count", (int64_t)delays->kept.counts[stage][class]);
	row_number(row, "total", (int64_t)delays->kept.sums[stage]);
	return 0;
}
