/* SPDX-License-Identifier: ISC */
/*
 * guard.h - how often an address may fail to say who it is
 *
 * So many failures in a row are looked at, after that one in so many
 * milliseconds.  What is over that is refused without a look at the password or
 * the references, so it costs nothing and tells nothing.  What succeeds counts
 * for nothing.
 *
 * Failures are counted for an address (IPv6: for its /64) and a cause, each
 * pair apart.  GUARD_ADDRESSES pairs are remembered; with more of them the one
 * that would be forgiven first is forgotten.
 */
#ifndef FOURPOST_QMGR_GUARD_H
#define FOURPOST_QMGR_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#define GUARD_ADDRESSES 1024

/* Causes: the number of a link for what fails by its name from its own
 * remote-addresses, else one of these. */
#define GUARD_BIND    0
#define GUARD_RECOVER UINT32_MAX

/* How many failures of a network and a cause are looked at. */
struct guard_rate {
	unsigned at_once;
	unsigned pause; /* ms for each that is forgiven */
};

/* Passwords and references. */
#define GUARD_FAILURES ((struct guard_rate){10, 1000})

struct guard {
	struct guard_rate rate;
	struct guard_entry {
		uint8_t network[16];
		uint32_t cause;
		uint64_t forgiven; /* monotonic ms: nothing is left of it */
	} entry[GUARD_ADDRESSES];
};

/* guard_init - begin with nothing to forgive */
void guard_init(struct guard *guard, struct guard_rate rate);

/* guard_may - tell whether another try of a host is looked at now (monotonic
 * ms) */
bool guard_may(
    const struct guard *guard, const char *host, uint32_t cause, uint64_t now);

/* guard_failed - count a try that was looked at and has failed */
void guard_failed(
    struct guard *guard, const char *host, uint32_t cause, uint64_t now);

/* guard_forgive - take back the last failure of a host, which was none */
void guard_forgive(struct guard *guard, const char *host, uint32_t cause);

#endif
