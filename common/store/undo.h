/* SPDX-License-Identifier: ISC */
/*
 * undo.h - private to store/: changes in memory that follow a transaction
 *
 * A change to what is in memory is noted with two functions: undo puts it
 * back if the transaction is aborted, done drops what was only kept for undo
 * once it is committed.  Either may be NULL.  Undone from the newest, done from
 * the oldest.
 */
#ifndef FOURPOST_STORE_UNDO_H
#define FOURPOST_STORE_UNDO_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct store;

typedef void (*undo_function)(
    struct store *store, void *object, uint64_t number);

struct undo_entry {
	undo_function undo, done;
	void *object;
	uint64_t number;
};

struct undo {
	struct undo_entry *entry; /* owned */
	size_t count, capacity;
};

/* undo_reserve - reserve room for count entries, so that undo_note cannot fail
 * ERR_NOMEM */
int undo_reserve(struct undo *undo, size_t count) WARN_UNUSED;

/* undo_note - note a change that was made; undo_reserve came before */
void undo_note(struct undo *undo, struct undo_entry entry);

/* undo_aborted, undo_committed - run all, and forget them */
void undo_aborted(struct undo *undo, struct store *store);
void undo_committed(struct undo *undo, struct store *store);

/* undo_fini - give back the memory */
void undo_fini(struct undo *undo);

#endif
