/* SPDX-License-Identifier: ISC */
/*
 * buffer.h - a queue of octets with a hard maximum
 *
 * Appended to at its end, consumed from its front.  It grows as needed and
 * never beyond its maximum: then ERR_LIMIT, and the contents are unchanged.
 */
#ifndef FOURPOST_BASE_BUFFER_H
#define FOURPOST_BASE_BUFFER_H

#include "base/error.h"
#include "base/slice.h"

struct buffer {
	uint8_t *data; /* owned */
	size_t start;  /* of what was not consumed */
	size_t end;
	size_t capacity;
	size_t max;
};

/* buffer_init - make an empty buffer that holds at most max octets */
void buffer_init(struct buffer *buffer, size_t max);

/* buffer_fini - give back the memory; buffer_init makes it usable again */
void buffer_fini(struct buffer *buffer);

/* buffer_reset - empty it, keep the memory */
void buffer_reset(struct buffer *buffer);

/* buffer_length - return how many octets a buffer holds */
static inline size_t
buffer_length(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

/* buffer_slice - get what a buffer holds, until it is changed */
static inline struct slice
buffer_slice(const struct buffer *buffer)
{
	return slice_of(buffer->data ? buffer->data + buffer->start : NULL,
	    buffer->end - buffer->start);
}

/* buffer_append - add len octets.  ERR_LIMIT, ERR_NOMEM */
int
buffer_append(struct buffer *buffer, const void *data, size_t len) WARN_UNUSED;

/*
 * buffer_reserve - make room for len octets at the end
 *
 * *room stays valid until the next call; buffer_commit tells how many of
 * them were filled.  ERR_LIMIT, ERR_NOMEM.
 */
int
buffer_reserve(struct buffer *buffer, size_t len, uint8_t **room) WARN_UNUSED;

/* buffer_commit - take len octets of the room reserved as filled */
void buffer_commit(struct buffer *buffer, size_t len);

/* buffer_truncate - drop all but the first len octets */
void buffer_truncate(struct buffer *buffer, size_t len);

/* buffer_consume - drop len octets, at most what it holds, from the front */
void buffer_consume(struct buffer *buffer, size_t len);

#endif
