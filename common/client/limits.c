/* SPDX-License-Identifier: ISC */
/*
 * limits.c - the limits of clients against those of the layers below
 */
#include "client/limits.h"
#include "store/session.h"
#include "worker/status.h"

_Static_assert(LIMITS_BATCH <= STORE_BATCH_MAX,
    "one record of the queue names all jobs of a worker");
_Static_assert(LIMITS_STOP_TRANSFER + WORKER_TICK_MS < LIMITS_STOP_WORKER,
    "the end of a worker is seen before it is killed");
