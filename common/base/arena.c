/* SPDX-License-Identifier: ISC */
/*
 * arena.c - memory that is freed as a whole
 *
 * Chunks grow from 2 KB to 64 KB; what is larger than a quarter of the next
 * one gets a chunk of its own, so that little is wasted.  The maximum counts
 * what was handed out, each rounded up to the alignment.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/sanitize.h"

#define CHUNK_MIN 2048
#define CHUNK_MAX 65536
#define ALIGN	  alignof(max_align_t)

/* AddressSanitizer is told of the borders that it cannot know itself. */
#if SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#define GAP		      ALIGN
#define FORBID(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define PERMIT(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define GAP		      0
#define FORBID(address, size) ((void)0)
#define PERMIT(address, size) ((void)0)
#endif

/* Octets from used on are zero. */
struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	size_t used;
	alignas(max_align_t) uint8_t data[];
};

/* arena_init - make an empty arena that hands out at most max octets */
void
arena_init(struct arena *arena, size_t max)
{
	*arena = (struct arena){.max = max};
}

/* arena_reset - free all but the first chunk, which is used again */
void
arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk, *older, *kept = NULL;

	for (chunk = arena->chunk; chunk != NULL; chunk = older) {
		older = chunk->older;
		if (older == NULL && chunk->size <= CHUNK_MAX)
			kept = chunk;
		else
			free(chunk);
	}
	if (kept != NULL) {
		PERMIT(kept->data, kept->size);
		memset(kept->data, 0, kept->used);
		kept->used = 0;
		FORBID(kept->data, kept->size);
	}
	arena->chunk = kept;
	arena->used = 0;
	arena->error = 0;
}

/* arena_fini - free all; arena_init makes it usable again */
void
arena_fini(struct arena *arena)
{
	struct arena_chunk *chunk, *older;

	for (chunk = arena->chunk; chunk != NULL; chunk = older) {
		older = chunk->older;
		free(chunk);
	}
	*arena = (struct arena){.max = 0};
}

/* add_chunk - add a chunk that has room for len octets, or return NULL */
static struct arena_chunk *
add_chunk(struct arena *arena, size_t len)
{
	struct arena_chunk *chunk, *newest = arena->chunk;
	size_t size = CHUNK_MIN;

	/* Chunks grow with what is used: few calls for much, little waste for
	 * little. */
	while (size < CHUNK_MAX && size < arena->used)
		size *= 2;
	if (newest != NULL && len > size / 4)
		size = len;
	else if (size < len)
		size = len;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	FORBID(chunk->data, size);
	if (newest != NULL && size == len) {
		/* Not the newest, whose room is still to be used. */
		chunk->older = newest->older;
		newest->older = chunk;
	} else {
		chunk->older = newest;
		arena->chunk = chunk;
	}
	return chunk;
}

/* arena_refuse - note why nothing is handed out */
static void *
arena_refuse(struct arena *arena, int error)
{
	arena->error = error;
	return NULL;
}

/* arena_error - tell why NULL was returned last */
int
arena_error(const struct arena *arena)
{
	return arena->error == ERR_LIMIT ? ERR_LIMIT : ERR_NOMEM;
}

/* arena_reason - say why NULL was returned last */
const char *
arena_reason(const struct arena *arena)
{
	return arena_error(arena) == ERR_LIMIT
	    ? "takes more memory than is allowed"
	    : "out of memory";
}

/* arena_alloc - allocate len zeroed octets, or return NULL */
void *
arena_alloc(struct arena *arena, size_t len)
{
	struct arena_chunk *chunk = arena->chunk;
	size_t size;
	void *data;

	if (len > SIZE_MAX - ALIGN - GAP)
		return arena_refuse(arena, ERR_LIMIT);
	size = len == 0 ? ALIGN : (len + ALIGN - 1) / ALIGN * ALIGN;
	if (size > arena->max - arena->used)
		return arena_refuse(arena, ERR_LIMIT);
	if (chunk == NULL || size + GAP > chunk->size - chunk->used) {
		chunk = add_chunk(arena, size + GAP);
		if (chunk == NULL)
			return arena_refuse(arena, ERR_NOMEM);
	}
	data = chunk->data + chunk->used;
	chunk->used += size + GAP;
	arena->used += size;
	PERMIT(data, len);
	return data;
}

/* arena_array - count zeroed things of size octets, or NULL (overflow too) */
void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return arena_refuse(arena, ERR_LIMIT);
	return arena_alloc(arena, count * size);
}

/* arena_slice - copy a slice into the arena.  ERR_LIMIT, ERR_NOMEM */
int
arena_slice(struct arena *arena, struct slice from, struct slice *to)
{
	void *data;

	if (from.len == 0) {
		*to = slice_of(NULL, 0);
		return 0;
	}
	data = arena_alloc(arena, from.len);
	if (data == NULL)
		return arena_error(arena);
	memcpy(data, from.data, from.len);
	*to = slice_of(data, from.len);
	return 0;
}

/* arena_string - copy a slice as a NUL-terminated string, or NULL */
char *
arena_string(struct arena *arena, struct slice from)
{
	char *string;

	if (from.len == SIZE_MAX)
		return arena_refuse(arena, ERR_LIMIT);
	string = arena_alloc(arena, from.len + 1);
	if (string != NULL && from.len != 0)
		memcpy(string, from.data, from.len);
	return string;
}

/* arena_printf - format a string into the arena, or return NULL */
char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *string;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	string = arena_alloc(arena, (size_t)len + 1);
	if (string == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(string, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return string;
}
