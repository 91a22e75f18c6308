/* SPDX-License-Identifier: ISC */
/*
 * slot.c - note what a worker is working on where that outlives the worker
 */
#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#include "base/slice.h"
#include "worker/slot.h"

_Static_assert(sizeof(struct worker_slot) <= WORKER_SLOT_SIZE,
    "a slot must not reach into the next one");

/* worker_slot_map - map a slot of the slots file */
int
worker_slot_map(int fd, unsigned number, struct worker_slot **slot)
{
	void *place;

	place = mmap(NULL, WORKER_SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, (off_t)number * WORKER_SLOT_SIZE);
	if (place == MAP_FAILED)
		return ERR_IO;
	*slot = place;
	return 0;
}

/* worker_slot_unmap - remove a mapping */
void
worker_slot_unmap(struct worker_slot *slot)
{
	if (slot != NULL)
		(void)munmap(slot, WORKER_SLOT_SIZE);
}

/* worker_slot_clear - note that nothing is worked on */
void
worker_slot_clear(struct worker_slot *slot)
{
	atomic_store_explicit(&slot->item, 0, memory_order_release);
	worker_slot_set_disk(slot, 0);
	slot->file[0] = '\0';
	memset(slot->peer, 0, sizeof(slot->peer));
}

/* worker_slot_set - note a queue id */
void
worker_slot_set(struct worker_slot *slot, uint64_t item)
{
	atomic_store_explicit(&slot->item, item, memory_order_release);
}

/* worker_slot_set_file - note a file's name */
void
worker_slot_set_file(struct worker_slot *slot, const char *name)
{
	slot->file[0] = '\0';
	if (name == NULL)
		return;
	/* The first octet is written last: until then the name is empty, so
	 * that master never reads half a name. */
	if (name[0] != '\0')
		(void)strlcpy(slot->file + 1, name + 1, WORKER_SLOT_FILE - 1);
	atomic_signal_fence(memory_order_release);
	slot->file[0] = name[0];
}

/* worker_slot_set_peer - note who called */
void
worker_slot_set_peer(
    struct worker_slot *slot, const uint8_t peer[WORKER_SLOT_PEER])
{
	if (peer == NULL)
		memset(slot->peer, 0, sizeof(slot->peer));
	else
		memcpy(slot->peer, peer, sizeof(slot->peer));
	atomic_thread_fence(memory_order_release);
}

/* worker_slot_get_peer - read who was noted last */
void
worker_slot_get_peer(
    const struct worker_slot *slot, uint8_t peer[WORKER_SLOT_PEER])
{
	atomic_thread_fence(memory_order_acquire);
	memcpy(peer, slot->peer, sizeof(slot->peer));
}

/* worker_slot_set_disk - note since when the disk is waited for */
void
worker_slot_set_disk(struct worker_slot *slot, uint64_t since)
{
	atomic_store_explicit(&slot->disk_since, since, memory_order_release);
}

/* worker_slot_get_disk - read since when the disk is waited for */
uint64_t
worker_slot_get_disk(const struct worker_slot *slot)
{
	return atomic_load_explicit(&slot->disk_since, memory_order_acquire);
}

/* worker_slot_get - read what was noted last */
void
worker_slot_get(
    const struct worker_slot *slot, uint64_t *item, char file[WORKER_SLOT_FILE])
{
	/* The release and the acquire keep an id whole between two processes;
	 * neither needs a lock, which a crash would leave held. */
	*item = atomic_load_explicit(&slot->item, memory_order_acquire);
	memcpy(file, slot->file, WORKER_SLOT_FILE);
	/* The worker may have overwritten the page: nothing in it is trusted to
	 * end. */
	file[WORKER_SLOT_FILE - 1] = '\0';
}
