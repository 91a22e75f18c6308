/* SPDX-License-Identifier: ISC */
/*
 * guard_test.c - how often an address may fail to say who it is
 */
#include "qmgr/receiving/guard.h"

#include <stdio.h>

#include "tests/unit/test.h"

/* Ten failures at once, then one a second; each cause apart, and IPv6 by its
 * network. */
START_TEST(guarded)
{
	static struct guard guard;
	uint64_t now = 1000000;

	guard_init(&guard, GUARD_FAILURES);
	for (int i = 0; i < 10; i++) {
		ck_assert(guard_may(&guard, "192.0.2.1", GUARD_BIND, now));
		guard_failed(&guard, "192.0.2.1", GUARD_BIND, now);
	}
	ck_assert(!guard_may(&guard, "192.0.2.1", GUARD_BIND, now));
	ck_assert(!guard_may(&guard, "::ffff:192.0.2.1", GUARD_BIND, now));
	ck_assert(guard_may(&guard, "192.0.2.1", 7, now));
	ck_assert(guard_may(&guard, "192.0.2.1", GUARD_RECOVER, now));
	ck_assert(guard_may(&guard, "192.0.2.2", GUARD_BIND, now));
	now += 1000;
	ck_assert(guard_may(&guard, "192.0.2.1", GUARD_BIND, now));
	guard_failed(&guard, "192.0.2.1", GUARD_BIND, now);
	ck_assert(!guard_may(&guard, "192.0.2.1", GUARD_BIND, now));
	now += 10000;
	for (int i = 0; i < 10; i++)
		guard_failed(&guard, "2001:db8::1", GUARD_BIND, now);
	ck_assert(!guard_may(&guard, "2001:db8::2", GUARD_BIND, now));
	ck_assert(guard_may(&guard, "2001:db8:0:1::2", GUARD_BIND, now));
	/* A thousand other addresses do not make it forget for long. */
	for (int i = 0; i < GUARD_ADDRESSES - 1; i++) {
		char host[32];

		snprintf(host, sizeof(host), "10.0.%d.%d", i / 256, i % 256);
		guard_failed(&guard, host, GUARD_BIND, now);
	}
	ck_assert(!guard_may(&guard, "2001:db8::1", GUARD_BIND, now));
}
END_TEST

TEST_MAIN("qmgr/guard", TEST(guarded))
