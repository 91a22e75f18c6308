/* SPDX-License-Identifier: ISC */
/*
 * content.h - contents larger than a record takes, as counted objects
 *
 * A content object is written once, in slices of STORE_SLICE octets as it
 * arrives, sealed, and then used by any number of messages and reports.
 * A large envelope is such an object too.
 * While it has no user it is listed as partial; store_message_add of its
 * first user takes it off that list, store_message_delete of its last puts
 * it on the list of what is to be reaped.  At store_open all that is partial
 * goes to be reaped, but what bears a mark (partial.h).
 *
 * Nothing here is larger in memory than one slice.  Errors as in message.h.
 */
#ifndef FOURPOST_STORE_CONTENT_H
#define FOURPOST_STORE_CONTENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct store;

#define STORE_REAP_LOOK 256

/*
 * The octets of a slice, and the most of any value: with it LMDB's page is
 * exactly full.  No value spans two pages, see store.c.
 */
#define STORE_SLICE ((size_t)4080)

/* store_content_create - begin an object of a source (source.h); ids increase
 * from 1 */
int store_content_create(
    struct store *store, uint32_t source, uint64_t *id) WARN_UNUSED;

/*
 * store_content_append - add octets, any number, to an object not sealed
 *
 * Cheapest in multiples of STORE_SLICE.  ERR_NOTFOUND, ERR_STATE (sealed),
 * ERR_LIMIT (over 2^32 slices).
 */
int store_content_append(
    struct store *store, uint64_t id, struct slice data) WARN_UNUSED;

/* store_content_seal - seal an object that is complete; length must be what
 * was appended (ERR_VALUE).  It can now be used by messages of this or a later
 * transaction.  ERR_NOTFOUND, ERR_STATE */
int store_content_seal(
    struct store *store, uint64_t id, uint64_t length) WARN_UNUSED;

/* store_content_discard - give up a partial content.  ERR_NOTFOUND,
 * ERR_STATE (it has users) */
int store_content_discard(struct store *store, uint64_t id) WARN_UNUSED;

/* store_content_length - get the length of an object, sealed or so far.
 * ERR_NOTFOUND */
int store_content_length(
    struct store *store, uint64_t id, uint64_t *length) WARN_UNUSED;

/*
 * store_content_read - append up to len octets from offset to out
 *
 * Fewer than len only at the end of the content; none at or beyond it.  *got
 * may be NULL.  ERR_NOTFOUND, ERR_LIMIT (out is full: nothing useful in it).
 */
int store_content_read(struct store *store, uint64_t id, uint64_t offset,
    size_t len, struct buffer *out, size_t *got) WARN_UNUSED;

/*
 * store_reap_step - free up to max octets of what nobody uses any more
 *
 * One call a transaction, with max no more than STORE_STAGE_MAX.  1: there is
 * more to do; 0: nothing is left.
 */
int store_reap_step(struct store *store, size_t max) WARN_UNUSED;

/* store_reap_pending - count the objects that wait to be reaped */
uint64_t store_reap_pending(const struct store *store);

/*
 * store_reap_owed - sum up the octets of a source that are reaped soon
 *
 * Looks at the next STORE_REAP_LOOK objects alone, whoever they count for.
 */
uint64_t store_reap_owed(struct store *store, uint32_t source);

#endif
