/* SPDX-License-Identifier: ISC */
/*
 * guard.c - how often an address may fail to say who it is
 */
#include "qmgr/receiving/guard.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

/* guard_init - begin with nothing to forgive */
void
guard_init(struct guard *guard, struct guard_rate rate)
{
	memset(guard, 0, sizeof(*guard));
	guard->rate = rate;
}

/* network_of - find the network that failures of a host are counted for */
static void
network_of(const char *host, uint8_t network[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(network, 0, 16);
	/* An IPv4 address and its form within IPv6 are one, or a stranger would
	 * have two goes. */
	if (inet_pton(AF_INET, host, network + 12) == 1) {
		memcpy(network, mapped, sizeof(mapped));
		return;
	}
	/* Not an address at all: counted together, so that a bad one has no way
	 * around. */
	if (inet_pton(AF_INET6, host, network) != 1) {
		memset(network, 0, 16);
		return;
	}
	/* Of an IPv6 address a network counts: a stranger may have 2^64 of
	 * them. */
	if (memcmp(network, mapped, sizeof(mapped)) != 0)
		memset(network + 8, 0, 8);
}

/* find_entry - find the entry of a network and a cause; SIZE_MAX: there is
 * none */
static size_t
find_entry(const struct guard *guard, const uint8_t network[16], uint32_t cause)
{
	for (size_t i = 0; i < GUARD_ADDRESSES; i++)
		if (guard->entry[i].cause == cause &&
		    memcmp(guard->entry[i].network, network, 16) == 0)
			return i;
	return SIZE_MAX;
}

/* choose_entry - choose the entry to be used for another: the one forgiven
 * first */
static size_t
choose_entry(const struct guard *guard)
{
	size_t best = 0;

	for (size_t i = 1; i < GUARD_ADDRESSES; i++)
		/* The one forgiven first has waited the longest, and would be
		 * free soonest anyway. */
		if (guard->entry[i].forgiven < guard->entry[best].forgiven)
			best = i;
	return best;
}

/* guard_may - tell whether another try of a host is looked at now */
bool
guard_may(
    const struct guard *guard, const char *host, uint32_t cause, uint64_t now)
{
	uint8_t network[16];
	size_t i;

	network_of(host, network);
	i = find_entry(guard, network, cause);
	/* No entry means that nothing has failed from there. */
	return i == SIZE_MAX ||
	    guard->entry[i].forgiven <=
	    now + (uint64_t)(guard->rate.at_once - 1) * guard->rate.pause;
}

/* guard_failed - count a try that was looked at and has failed */
void
guard_failed(
    struct guard *guard, const char *host, uint32_t cause, uint64_t now)
{
	struct guard_entry *entry;
	uint8_t network[16];
	size_t i;

	network_of(host, network);
	i = find_entry(guard, network, cause);
	if (i == SIZE_MAX) {
		i = choose_entry(guard);
		guard->entry[i] = (struct guard_entry){.cause = cause};
		memcpy(guard->entry[i].network, network, sizeof(network));
	}
	entry = &guard->entry[i];
	/* A network that has behaved for a while starts from now, so that old
	 * failures do not add up. */
	if (entry->forgiven < now)
		entry->forgiven = now;
	entry->forgiven += guard->rate.pause;
}

/* guard_forgive - take back the last failure of a host */
void
guard_forgive(struct guard *guard, const char *host, uint32_t cause)
{
	uint8_t network[16];
	size_t i;

	network_of(host, network);
	i = find_entry(guard, network, cause);
	if (i != SIZE_MAX && guard->entry[i].forgiven >= guard->rate.pause)
		guard->entry[i].forgiven -= guard->rate.pause;
}
