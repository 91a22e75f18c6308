/* SPDX-License-Identifier: ISC */
/*
 * tracking.h - pages of tracking that the tracker does not have yet
 *
 * Written in the transaction of what they tell, under increasing numbers,
 * never rewritten; deleted in some later transaction once acknowledged.  What
 * a page says the store does not know (common/track).  The numbers begin with
 * the wall clock when the queue is opened, so that they increase beyond those
 * of a copy that is put back.
 */
#ifndef FOURPOST_STORE_TRACKING_H
#define FOURPOST_STORE_TRACKING_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct store;

/*
 * store_tracking_append - append a page of at most STORE_SLICE octets, in a
 * transaction
 *
 * ERR_LIMIT: what the queue keeps for outcomes is not used for tracking; the
 * transaction is as before.
 */
int store_tracking_append(
    struct store *store, struct slice page, uint64_t *number) WARN_UNUSED;

/* store_tracking_delete - delete the page of a number, in a transaction.
 * ERR_NOTFOUND */
int store_tracking_delete(struct store *store, uint64_t number) WARN_UNUSED;

/* store_tracking_next - find the first page after a number.  ERR_NOTFOUND */
int store_tracking_next(
    struct store *store, uint64_t after, uint64_t *number) WARN_UNUSED;

/* store_tracking_read - append a page to out.  ERR_NOTFOUND, ERR_CORRUPT */
int store_tracking_read(
    struct store *store, uint64_t number, struct buffer *out) WARN_UNUSED;

/* store_tracking_octets - count the octets of all pages, on disk */
int store_tracking_octets(struct store *store, uint64_t *octets) WARN_UNUSED;

/* store_tracking_skip - give no number up to this one, in a transaction */
void store_tracking_skip(struct store *store, uint64_t number);

#endif
