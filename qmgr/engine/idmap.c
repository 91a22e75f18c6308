/* SPDX-License-Identifier: ISC */
/*
 * idmap.c - from a 64-bit number to what bears it
 *
 * Linear probing; removal closes the gap, so that no tombstones pile up
 * however many messages pass.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "qmgr/engine/idmap.h"

#define IDMAP_SIZE_MIN 64

/* hash_key - hash a key; ids are dense, so multiply and take high bits */
static size_t
hash_key(uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key >> 20);
}

/* find_slot - find the slot that holds a key, or the free one where it would
 * stand */
static struct idmap_slot *
find_slot(struct idmap_slot *slots, size_t size, uint64_t key)
{
	size_t at = hash_key(key) & (size - 1);

	while (slots[at].key != 0 && slots[at].key != key)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

/* resize - move everything into a table of another size */
static int
resize(struct idmap *map, size_t size)
{
	struct idmap_slot *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].key != 0)
			*find_slot(slots, size, map->slots[i].key) =
			    map->slots[i];
	free(map->slots);
	map->slots = slots;
	map->size = size;
	return 0;
}

/* idmap_init - begin with an empty map, without memory */
void
idmap_init(struct idmap *map)
{
	*map = (struct idmap){0};
}

/* idmap_fini - give back the memory; the values are the caller's */
void
idmap_fini(struct idmap *map)
{
	free(map->slots);
	idmap_init(map);
}

/* idmap_put - set what key stands for */
int
idmap_put(struct idmap *map, uint64_t key, void *value)
{
	struct idmap_slot *slot;
	int rc;

	if (key == 0)
		return ERR_VALUE;
	if (map->count * 2 >= map->size) {
		rc = resize(
		    map, map->size == 0 ? IDMAP_SIZE_MIN : map->size * 2);
		if (rc < 0)
			return rc;
	}
	slot = find_slot(map->slots, map->size, key);
	if (slot->key == 0)
		map->count++;
	*slot = (struct idmap_slot){.key = key, .value = value};
	return 0;
}

/* idmap_get - get what a key stands for, or NULL */
void *
idmap_get(const struct idmap *map, uint64_t key)
{
	if (map->count == 0 || key == 0)
		return NULL;
	return find_slot(map->slots, map->size, key)->value;
}

/* close_gap - move back what was probed past a slot that became free */
static void
close_gap(struct idmap *map, size_t gap)
{
	size_t mask = map->size - 1;

	for (size_t at = (gap + 1) & mask; map->slots[at].key != 0;
	     at = (at + 1) & mask) {
		size_t home = hash_key(map->slots[at].key) & mask;

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		map->slots[gap] = map->slots[at];
		map->slots[at] = (struct idmap_slot){0};
		gap = at;
	}
}

/* idmap_remove - forget key; what it stood for, or NULL */
void *
idmap_remove(struct idmap *map, uint64_t key)
{
	struct idmap_slot *slot;
	void *value;

	if (map->count == 0 || key == 0)
		return NULL;
	slot = find_slot(map->slots, map->size, key);
	if (slot->key == 0)
		return NULL;
	value = slot->value;
	*slot = (struct idmap_slot){0};
	map->count--;
	close_gap(map, (size_t)(slot - map->slots));
	/* A burst's table goes back; failure to shrink costs nothing. */
	if (map->size > IDMAP_SIZE_MIN && map->count * 8 < map->size &&
	    resize(map, map->size / 2) < 0)
		return value;
	return value;
}
