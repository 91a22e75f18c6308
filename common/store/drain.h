/* SPDX-License-Identifier: ISC */
/*
 * drain.h - whether the queue is being drained: nothing new enters it
 *
 * It outlives restarts: a machine that is to be retired, and boots meanwhile,
 * does not begin again to take what it would have to give away.
 */
#ifndef FOURPOST_STORE_DRAIN_H
#define FOURPOST_STORE_DRAIN_H

#include <stdint.h>

#include "base/error.h"

struct store;

struct store_drain {
	int64_t since; /* wall clock ms; 0: it is not */
	uint32_t link; /* that gets what waits for peers; 0: each its own */
};

/* store_drain - get how the queue is being drained */
const struct store_drain *store_drain(const struct store *store);

/* store_drain_set - have the transaction note how */
void store_drain_set(struct store *store, const struct store_drain *drain);

#endif
