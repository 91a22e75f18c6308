/* SPDX-License-Identifier: ISC */
/*
 * idmap.h - from a 64-bit number to what bears it
 *
 * An open-addressing table that grows and shrinks with what is in it.  The
 * key 0 is not allowed; the values are the caller's.
 */
#ifndef FOURPOST_QMGR_IDMAP_H
#define FOURPOST_QMGR_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct idmap_slot {
	uint64_t key; /* 0: free */
	void *value;
};

struct idmap {
	struct idmap_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

/* idmap_init - begin with an empty map, without memory */
void idmap_init(struct idmap *map);

/* idmap_fini - give back the memory; the values are the caller's */
void idmap_fini(struct idmap *map);

/* idmap_put - set what key stands for.  ERR_NOMEM, ERR_VALUE (key 0) */
int idmap_put(struct idmap *map, uint64_t key, void *value) WARN_UNUSED;

/* idmap_get - get what a key stands for, or NULL */
void *idmap_get(const struct idmap *map, uint64_t key);

/* idmap_remove - forget key; what it stood for, or NULL */
void *idmap_remove(struct idmap *map, uint64_t key);

#endif
