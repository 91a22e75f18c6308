/* SPDX-License-Identifier: ISC */
/*
 * throttle.c - delay a service that crashes at its start
 */
#include "master/throttle.h"

/* throttle_failed - count a start that failed at now: the delay in ms */
uint64_t
throttle_failed(struct throttle *throttle, uint64_t now)
{
	uint64_t delay = THROTTLE_MAX_MS;

	/* The shift doubles the delay; the bound keeps the shift within the
	 * width of the number. */
	if (throttle->failures < 6)
		delay = (uint64_t)THROTTLE_FIRST_MS << throttle->failures;
	if (delay > THROTTLE_MAX_MS)
		delay = THROTTLE_MAX_MS;
	if (throttle->failures == 0)
		throttle->since = now;
	throttle->failures++;
	throttle->until = now + delay;
	return delay;
}

/* throttle_passed - forget failures, for a start went well: whether there were
 * any */
bool
throttle_passed(struct throttle *throttle)
{
	bool failed = throttle->failures != 0;

	throttle->failures = 0;
	throttle->until = 0;
	return failed;
}

/* throttle_remaining - return the milliseconds until the next start */
uint64_t
throttle_remaining(const struct throttle *throttle, uint64_t now)
{
	return throttle->until > now ? throttle->until - now : 0;
}
