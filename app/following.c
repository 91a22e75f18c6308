/* SPDX-License-Identifier: ISC */
/*
 * following.c - the octets that follow a request
 */
#include "app/following.h"

#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)16 * 1024)

/* following_init - begin with the first octet */
void
following_init(struct following *following, following_read_fn *read, void *arg)
{
	*following =
	    (struct following){.read = read, .arg = arg, .keeps = true};
	buffer_init(&following->kept, FOLLOWING_KEPT_MAX);
}

/* following_fini - free what it has */
void
following_fini(struct following *following)
{
	buffer_fini(&following->kept);
	free(following->sources);
}

/* supply_length - say where the octets of a source begin, and how many there
 * are */
static int
supply_length(void *arg, size_t part, const struct object_source *source,
    uint64_t *length, struct diag *diag)
{
	struct following *following = arg;
	struct following_source *more;

	if (source->place != OBJECT_FOLLOWS)
		return diag_set(
		    diag, ERR_VALUE, "here octets follow the request");
	more = reallocarray(
	    following->sources, following->parts + 1, sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	following->sources = more;
	more[following->parts++] = (struct following_source){
	    .part = part, .offset = following->offset};
	following->offset += source->length;
	*length = source->length;
	return 0;
}

/* offset_of - find where the octets of a source begin */
static bool
offset_of(const struct following *following, size_t part, uint64_t *offset)
{
	for (size_t i = following->parts; i-- > 0;)
		if (following->sources[i].part == part) {
			*offset = following->sources[i].offset;
			return true;
		}
	return false;
}

/* keep_to - read octets of the program up to an offset, and keep them */
static int
keep_to(struct following *following, uint64_t offset, struct diag *diag)
{
	uint8_t *room;
	int64_t n;

	if (offset >= FOLLOWING_KEPT_MAX - PIECE)
		return diag_set(diag, ERR_LIMIT,
		    "a text that follows must end within the first 4 MB");
	while (following->taken <= offset) {
		uint64_t left = following->offset - following->taken;

		if (left == 0)
			return diag_set(diag, ERR_TRUNCATED, "no more follows");
		if (buffer_reserve(&following->kept, PIECE, &room) < 0)
			return ERR_NOMEM;
		n = following->read(
		    following->arg, room, left < PIECE ? (size_t)left : PIECE);
		if (n <= 0)
			return n < 0 ? (int)n : ERR_TRUNCATED;
		buffer_commit(&following->kept, (size_t)n);
		following->taken += (uint64_t)n;
	}
	return 0;
}

/* supply_read - read octets of a source */
static int64_t
supply_read(void *arg, size_t part, const struct object_source *source,
    uint64_t offset, uint8_t *room, size_t size, struct diag *diag)
{
	struct following *following = arg;
	struct slice kept;
	uint64_t begin;
	int64_t n;
	int error;

	(void)source;
	if (!offset_of(following, part, &begin))
		return diag_set(diag, ERR_VALUE, "no octets of this part");
	offset += begin;
	if (following->keeps && (error = keep_to(following, offset, diag)) < 0)
		return error;
	kept = buffer_slice(&following->kept);
	if (offset < kept.len) {
		if (size > kept.len - offset)
			size = (size_t)(kept.len - offset);
		memcpy(room, kept.data + offset, size);
		return (int64_t)size;
	}
	if (offset != following->taken)
		return diag_set(diag, ERR_VALUE, "octets out of their order");
	n = following->read(following->arg, room, size);
	if (n > 0)
		following->taken += (uint64_t)n;
	return n;
}

/* following_supply - make the functions by which object_content.h asks */
struct object_supply
following_supply(struct following *following)
{
	return (struct object_supply){
	    .length = supply_length, .read = supply_read, .arg = following};
}
