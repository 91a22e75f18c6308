/* SPDX-License-Identifier: ISC */
/*
 * timekeeper.c - which time it is, as far as the wall clock is believed
 */
#include "qmgr/engine/timekeeper.h"

#define HOUR	(INT64_C(3600) * 1000)
#define DAY	(24 * HOUR)
#define VOUCHED (UINT64_C(600) * 1000)

/* expected - tell what the wall clock should show */
static int64_t
expected(const struct timekeeper *time, uint64_t monotonic)
{
	/* Monotonic time goes on whatever happens to the wall clock; their
	 * difference since the last moment of belief is what the clock should
	 * show. */
	return time->wall + (int64_t)(monotonic - time->monotonic);
}

/* timekeeper_off - compute how far the wall clock is beyond what is expected */
int64_t
timekeeper_off(const struct timekeeper *time, int64_t wall, uint64_t monotonic)
{
	return wall - expected(time, monotonic);
}

/* plausible - judge the wall clock by what is expected */
static bool
plausible(const struct timekeeper *time, int64_t wall, uint64_t monotonic)
{
	int64_t off = timekeeper_off(time, wall, monotonic);

	/* At a start more is allowed ahead than behind: a machine that was
	 * switched off comes back later, never earlier. */
	return off >= -HOUR && off <= time->ahead;
}

/* timekeeper_confirm - believe the wall clock */
void
timekeeper_confirm(struct timekeeper *time, int64_t wall, uint64_t monotonic)
{
	/* From now on we know how long it was: a jump of an hour is one. */
	*time = (struct timekeeper){
	    .wall = wall, .monotonic = monotonic, .ahead = HOUR};
}

/* timekeeper_start - judge the wall clock by the newest time of the queue */
bool
timekeeper_start(
    struct timekeeper *time, int64_t newest, int64_t wall, uint64_t monotonic)
{
	/* Between the newest time in the queue and this start the machine may
	 * have been off, so up to a day ahead is believed; beyond that a clock
	 * gone wrong is likelier than a holiday. */
	*time = (struct timekeeper){
	    .wall = newest, .monotonic = monotonic, .ahead = DAY};
	/* An empty queue has no newest time: any clock is believed, since
	 * nothing can expire wrongly. */
	time->doubted = newest != 0 && !plausible(time, wall, monotonic);
	if (!time->doubted)
		timekeeper_confirm(time, wall, monotonic);
	return !time->doubted;
}

/* vouched - note whether the system says that its clock is synchronized, and
 * tell whether it has for long enough */
static bool
vouched(struct timekeeper *time, uint64_t monotonic, enum clock_sync sync)
{
	/* A synchronization that comes and goes starts from zero again: NTP
	 * claims it briefly even while it steps the clock. */
	if (sync != CLOCK_SYNCHRONIZED)
		time->vouched_at = 0;
	else if (time->vouched_at == 0)
		time->vouched_at = monotonic;
	return time->vouched_at != 0 && monotonic - time->vouched_at >= VOUCHED;
}

/* timekeeper_tick - judge what the clocks show now */
enum timekeeper_change
timekeeper_tick(struct timekeeper *time, int64_t wall, uint64_t monotonic,
    enum clock_sync sync)
{
	enum timekeeper_change change = TIMEKEEPER_SAME;

	/* The clock was put right again without anybody's word. */
	if (plausible(time, wall, monotonic)) {
		if (time->doubted)
			change = TIMEKEEPER_EXPECTED;
	} else if (!time->doubted) {
		time->doubted = true;
		change = TIMEKEEPER_JUMPED;
	}
	/* Only if nothing better was found: the system's word needs ten
	 * minutes, an expected time is believed at once. */
	if (time->doubted && change == TIMEKEEPER_SAME &&
	    vouched(time, monotonic, sync))
		change = TIMEKEEPER_SYNCHRONIZED;
	/* Each tick in belief moves the reference, so slow drift never adds up
	 * to a jump. */
	if (!time->doubted || change == TIMEKEEPER_EXPECTED ||
	    change == TIMEKEEPER_SYNCHRONIZED)
		timekeeper_confirm(time, wall, monotonic);
	return change;
}

/* timekeeper_doubts - tell whether the wall clock is doubted */
bool
timekeeper_doubts(const struct timekeeper *time)
{
	return time->doubted;
}

/* timekeeper_now - tell the time that goes on from the one believed last */
int64_t
timekeeper_now(const struct timekeeper *time)
{
	/* While in doubt time goes on from the last moment of belief, so that
	 * retries keep their intervals. */
	return time->doubted ? expected(time, clock_monotonic()) : clock_wall();
}

/* timekeeper_earliest - tell the earlier of both times */
int64_t
timekeeper_earliest(const struct timekeeper *time)
{
	int64_t now = timekeeper_now(time), wall = clock_wall();

	return now < wall ? now : wall;
}

/* timekeeper_latest - tell the later of both times */
int64_t
timekeeper_latest(const struct timekeeper *time)
{
	int64_t now = timekeeper_now(time), wall = clock_wall();

	return now > wall ? now : wall;
}
