/* SPDX-License-Identifier: ISC */
/*
 * paged.h - pages that wait in the queue until another process has them: of
 * tracking for the tracker, and of what mixer-memory is to remember
 *
 * Written in the transaction of what they tell, under increasing numbers of one
 * sequence for all, never rewritten; deleted in some later transaction once
 * acknowledged.  What a page says the store does not know (common/track,
 * common/mixer).  The numbers begin with the wall clock when the queue is
 * opened, so that they increase beyond those of a copy that is put back.
 */
#ifndef FOURPOST_STORE_PAGED_H
#define FOURPOST_STORE_PAGED_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct store;

/* The process that gets a page. */
enum store_paged {
	STORE_PAGED_TRACKING,
	STORE_PAGED_MEMORY
};

/*
 * store_paged_append - append a page of at most STORE_SLICE octets, in a
 * transaction
 *
 * ERR_LIMIT: what the queue keeps for outcomes is not used for pages; the
 * transaction is as before.
 */
int store_paged_append(struct store *store, enum store_paged whose,
    struct slice page, uint64_t *number) WARN_UNUSED;

/* store_paged_delete - delete the page of a number, in a transaction.
 * ERR_NOTFOUND */
int store_paged_delete(
    struct store *store, enum store_paged whose, uint64_t number) WARN_UNUSED;

/* store_paged_next - find the first page after a number.  ERR_NOTFOUND */
int store_paged_next(struct store *store, enum store_paged whose,
    uint64_t after, uint64_t *number) WARN_UNUSED;

/* store_paged_read - append a page to out.  ERR_NOTFOUND, ERR_CORRUPT */
int store_paged_read(struct store *store, enum store_paged whose,
    uint64_t number, struct buffer *out) WARN_UNUSED;

/* store_paged_octets - count the octets of all pages, on disk */
int store_paged_octets(
    struct store *store, enum store_paged whose, uint64_t *octets) WARN_UNUSED;

/* store_paged_skip - give no number up to this one, in a transaction */
void store_paged_skip(struct store *store, uint64_t number);

#endif
