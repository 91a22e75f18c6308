/* SPDX-License-Identifier: ISC */
/*
 * buffer.c - a queue of octets with a hard maximum
 *
 * Octets are moved to the front only when at least as many were consumed as
 * are moved, so that each octet costs a constant however small the pieces.
 * For this the memory behind a buffer may become twice its maximum.
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"

#define CAPACITY_MIN 256

/* buffer_init - make an empty buffer that holds at most max octets */
void
buffer_init(struct buffer *buffer, size_t max)
{
	*buffer = (struct buffer){.max = max};
}

/* buffer_fini - give back the memory; buffer_init makes it usable again */
void
buffer_fini(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){.max = 0};
}

/* buffer_reset - empty it, keep the memory */
void
buffer_reset(struct buffer *buffer)
{
	buffer->start = buffer->end = 0;
}

/* move_front - make what was consumed room at the end */
static void
move_front(struct buffer *buffer)
{
	size_t len = buffer_length(buffer);

	if (len != 0)
		memmove(buffer->data, buffer->data + buffer->start, len);
	buffer->start = 0;
	buffer->end = len;
}

/* grow - get more memory, for need octets at the least */
static int
grow(struct buffer *buffer, size_t need)
{
	size_t capacity = buffer->capacity, most = buffer->max;
	uint8_t *data;

	if (capacity < CAPACITY_MIN)
		capacity = CAPACITY_MIN;
	while (capacity < need && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	/* Beyond the maximum only where the consumed front needs it. */
	if (need > most && most <= SIZE_MAX / 2)
		most *= 2;
	if (capacity > most)
		capacity = most;
	if (capacity < need)
		capacity = need;
	data = realloc(buffer->data, capacity);
	if (data == NULL)
		return ERR_NOMEM;
	buffer->data = data;
	buffer->capacity = capacity;
	return 0;
}

/* buffer_reserve - make room for len octets at the end */
int
buffer_reserve(struct buffer *buffer, size_t len, uint8_t **room)
{
	size_t held = buffer_length(buffer);
	int error;

	if (len > buffer->max - held)
		return ERR_LIMIT;
	/* Only where as much was consumed as is moved: see above. */
	if (len > buffer->capacity - buffer->end && buffer->start >= held)
		move_front(buffer);
	if (buffer->data == NULL || len > buffer->capacity - buffer->end) {
		if (len > SIZE_MAX - buffer->end)
			return ERR_LIMIT;
		error = grow(buffer, buffer->end + len);
		if (error != 0)
			return error;
	}
	*room = buffer->data + buffer->end;
	return 0;
}

/* buffer_commit - take len octets of the room reserved as filled */
void
buffer_commit(struct buffer *buffer, size_t len)
{
	if (len > buffer->capacity - buffer->end)
		panic("buffer_commit: %zu octets, room for %zu", len,
		    buffer->capacity - buffer->end);
	buffer->end += len;
}

/* buffer_append - add len octets.  ERR_LIMIT, ERR_NOMEM */
int
buffer_append(struct buffer *buffer, const void *data, size_t len)
{
	uint8_t *room;
	int error;

	if (len == 0)
		return 0;
	error = buffer_reserve(buffer, len, &room);
	if (error != 0)
		return error;
	memcpy(room, data, len);
	buffer->end += len;
	return 0;
}

/* buffer_truncate - drop all but the first len octets */
void
buffer_truncate(struct buffer *buffer, size_t len)
{
	if (len < buffer_length(buffer))
		buffer->end = buffer->start + len;
}

/* buffer_consume - drop len octets, at most what it holds, from the front */
void
buffer_consume(struct buffer *buffer, size_t len)
{
	if (len >= buffer_length(buffer)) {
		buffer_reset(buffer);
		return;
	}
	buffer->start += len;
}
