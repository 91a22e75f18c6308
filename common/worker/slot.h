/* SPDX-License-Identifier: ISC */
/*
 * slot.h - note what a worker is working on where that outlives the worker
 *
 * The slots file is made by master, one page a worker, so that a worker maps
 * its own page and no other's.  master reads a slot when its worker has ended.
 * Its contents were written by a process that parsed what strangers sent: they
 * are bounded and escaped like any other input.
 */
#ifndef FOURPOST_WORKER_SLOT_H
#define FOURPOST_WORKER_SLOT_H

#include <stdint.h>

#include "base/error.h"

#define WORKER_SLOT_SIZE 4096
#define WORKER_SLOT_FILE 256
#define WORKER_SLOT_PEER 16 /* an IPv6 address; IPv4 as ::ffff:a.b.c.d */

struct worker_slot {
	_Atomic uint64_t item;		/* queue id, 0 none */
	char file[WORKER_SLOT_FILE];	/* of a postoffice; empty: none */
	uint8_t peer[WORKER_SLOT_PEER]; /* who called; zero: nobody */
	/* monotonic ms since when it waits for the disk; 0: it does not */
	_Atomic uint64_t disk_since;
};

/* worker_slot_map - map slot number of the slots file fd, shared.  ERR_IO */
int
worker_slot_map(int fd, unsigned number, struct worker_slot **slot) WARN_UNUSED;

/* worker_slot_unmap - remove a mapping; NULL is allowed */
void worker_slot_unmap(struct worker_slot *slot);

/* worker_slot_clear - note that nothing is worked on, for nobody */
void worker_slot_clear(struct worker_slot *slot);

/* worker_slot_set - note a queue id, 0 for none */
void worker_slot_set(struct worker_slot *slot, uint64_t item);

/* worker_slot_set_file - note a file's name, cut if too long; NULL: none */
void worker_slot_set_file(struct worker_slot *slot, const char *name);

/* worker_slot_set_peer - note who called; NULL: nobody */
void worker_slot_set_peer(
    struct worker_slot *slot, const uint8_t peer[WORKER_SLOT_PEER]);

/* worker_slot_get_peer - read who was noted last; zero: nobody */
void worker_slot_get_peer(
    const struct worker_slot *slot, uint8_t peer[WORKER_SLOT_PEER]);

/* worker_slot_set_disk - note since when the disk is waited for, monotonic ms;
 * 0: it is not */
void worker_slot_set_disk(struct worker_slot *slot, uint64_t since);

/* worker_slot_get_disk - read that */
uint64_t worker_slot_get_disk(const struct worker_slot *slot);

/* worker_slot_get - read what was noted last; file always ends in a NUL */
void worker_slot_get(const struct worker_slot *slot, uint64_t *item,
    char file[WORKER_SLOT_FILE]);

#endif
