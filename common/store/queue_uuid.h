/* SPDX-License-Identifier: ISC */
/*
 * queue_uuid.h - the name of a queue among those of all machines
 *
 * A UUID (RFC 4122, of random numbers), which is made when it is first asked
 * for and stays with the queue when another host takes it over.  A copy that is
 * started as the queue gets another: what happens to its messages is not what
 * happened to those of the queue that was copied.
 */
#ifndef FOURPOST_STORE_QUEUE_UUID_H
#define FOURPOST_STORE_QUEUE_UUID_H

#include "base/error.h"
#include "base/slice.h"

#define STORE_UUID_LEN 16

struct store;

/* store_uuid - get the UUID of the queue; empty: it has none yet */
struct slice store_uuid(const struct store *store);

/* store_uuid_make - have the transaction give the queue a UUID, if it has none.
 * ERR_IO: the system has no random numbers */
int store_uuid_make(struct store *store) WARN_UNUSED;

#endif
