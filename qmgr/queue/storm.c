/* SPDX-License-Identifier: ISC */
/*
 * storm.c - non-delivery reports: single ones first, a flood behind other mail
 */
#include "qmgr/queue/storm.h"

#include <stdlib.h>

#include "base/clock.h"
#include "mhs/or_address.h"
#include "qmgr/engine/qmgr.h"

#define MINUTE 60000 /* ms */
#define PLACES 512

/* Reports to the originators of one hash, in one minute. */
struct place {
	uint32_t minute; /* monotonic */
	uint32_t count;
};

struct storm {
	struct place places[PLACES];
};

/* storm_new - begin with no reports */
struct storm *
storm_new(void)
{
	return calloc(1, sizeof(struct storm));
}

/* storm_free - free it */
void
storm_free(struct storm *storm)
{
	free(storm);
}

/* storm_key - hash the originator that a report goes to */
uint32_t
storm_key(const struct or_address *originator)
{
	uint64_t hash = or_address_hash(originator);
	uint32_t key = (uint32_t)(hash ^ hash >> 32);

	return key != 0 ? key : 1;
}

/* this_minute - get the number of the minute, which goes on whatever the wall
 * clock does */
static uint32_t
this_minute(void)
{
	return (uint32_t)(clock_monotonic() / MINUTE);
}

/* storm_apply - decide whether a report goes before other mail or behind it */
void
storm_apply(
    const struct qmgr *qmgr, uint32_t key, struct store_message *message)
{
	const struct place *place = &qmgr->storm->places[key % PLACES];

	/* A member that is applied again decides again. */
	message->priority =
	    place->minute == this_minute() && place->count >= STORM_FEW
	    ? STORE_NON_URGENT
	    : STORE_URGENT;
}

/* storm_committed - count a report for those that come after it */
void
storm_committed(struct qmgr *qmgr, uint32_t key)
{
	struct place *place = &qmgr->storm->places[key % PLACES];

	if (place->minute != this_minute())
		*place = (struct place){.minute = this_minute()};
	place->count++;
}
