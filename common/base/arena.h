/* SPDX-License-Identifier: ISC */
/*
 * arena.h - memory that is freed as a whole
 *
 * A decoded PDU lives in one arena.  All allocations are zeroed and aligned
 * for any type.  An arena never exceeds its maximum: then NULL is returned, as
 * when the system has no memory.  Which of the two it was arena_error tells:
 * what is over the maximum never fits, what finds no memory may do so later.
 */
#ifndef FOURPOST_BASE_ARENA_H
#define FOURPOST_BASE_ARENA_H

#include "base/error.h"
#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk; /* owned; the newest first */
	size_t used;		   /* over all chunks */
	size_t max;
	int error; /* why it refused last: ERR_LIMIT, ERR_NOMEM; or 0 */
};

/* arena_init - make an empty arena that hands out at most max octets */
void arena_init(struct arena *arena, size_t max);

/* arena_reset - free all but one chunk of ordinary size, which is used again */
void arena_reset(struct arena *arena);

/* arena_fini - free all; arena_init makes it usable again */
void arena_fini(struct arena *arena);

/* arena_alloc - allocate len zeroed octets, or return NULL */
void *arena_alloc(struct arena *arena, size_t len) WARN_UNUSED;

/* arena_array - count zeroed things of size octets, or NULL (overflow too) */
void *arena_array(struct arena *arena, size_t count, size_t size) WARN_UNUSED;

/* arena_error - tell why NULL was returned last: ERR_LIMIT, it is over the
 * maximum; ERR_NOMEM, the system has no memory */
int arena_error(const struct arena *arena);

/* arena_reason - say why NULL was returned last */
const char *arena_reason(const struct arena *arena);

/* arena_slice - copy a slice into the arena.  ERR_LIMIT, ERR_NOMEM */
int arena_slice(
    struct arena *arena, struct slice from, struct slice *to) WARN_UNUSED;

/* arena_string - copy a slice as a NUL-terminated string, or NULL */
char *arena_string(struct arena *arena, struct slice from) WARN_UNUSED;

/* arena_printf - format a string into the arena, or return NULL */
char *arena_printf(struct arena *arena, const char *fmt, ...)
    PRINTF_LIKE(2, 3) WARN_UNUSED;

#endif
