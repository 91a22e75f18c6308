/* SPDX-License-Identifier: ISC */
/*
 * memory.h - pages of what mixer-memory is to remember and does not have yet
 *
 * As the pages of tracking (tracking.h), in a table of their own, under numbers
 * of the same sequence.  Errors likewise.
 */
#ifndef FOURPOST_STORE_MEMORY_H
#define FOURPOST_STORE_MEMORY_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct store;

/* store_memory_append - append a page of at most STORE_SLICE octets, in a
 * transaction */
int store_memory_append(
    struct store *store, struct slice page, uint64_t *number) WARN_UNUSED;

/* store_memory_delete - delete the page of a number, in a transaction */
int store_memory_delete(struct store *store, uint64_t number) WARN_UNUSED;

/* store_memory_next - find the first page after a number */
int store_memory_next(
    struct store *store, uint64_t after, uint64_t *number) WARN_UNUSED;

/* store_memory_read - append a page to out */
int store_memory_read(
    struct store *store, uint64_t number, struct buffer *out) WARN_UNUSED;

/* store_memory_octets - count the octets of all pages, on disk */
int store_memory_octets(struct store *store, uint64_t *octets) WARN_UNUSED;

#endif
