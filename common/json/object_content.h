/* SPDX-License-Identifier: ISC */
/*
 * object_content.h - the octets of the content of an object that was read
 *
 *	object_content_begin, p1_encode of object->envelope,
 *	object_content_read until 0, object_content_end
 *
 * Octets that are not in the JSON are asked of a supply, at rising offsets; a
 * text of OBJECT_FILE or OBJECT_FOLLOWS is read twice, the first time by
 * object_content_begin, because its characters decide how it travels.  All
 * else is read once, in the order of the object, so it may come from a socket.
 */
#ifndef FOURPOST_JSON_OBJECT_CONTENT_H
#define FOURPOST_JSON_OBJECT_CONTENT_H

#include "json/object.h"

struct object_supply {
	/*
	 * How many octets a source has; called once for each source that is
	 * not inline, in the order of the object, by object_content_begin.
	 * part: its index, or OBJECT_WHOLE.  0 or an error, with its reason
	 * in diag.
	 */
	int (*length)(void *arg, size_t part,
	    const struct object_source *source, uint64_t *length,
	    struct diag *diag);
	/* The octets from this offset on, at most size, at least one: how
	 * many, or an error with its reason in diag. */
	int64_t (*read)(void *arg, size_t part,
	    const struct object_source *source, uint64_t offset, uint8_t *room,
	    size_t size, struct diag *diag);
	void *arg;
};

#define OBJECT_WHOLE SIZE_MAX /* the content, where it is one source */

struct object_content;

/*
 * object_content_begin - prepare to read the content, compute its length
 *
 * supply may be NULL if all is inline.  ERR_VALUE, ERR_LIMIT, ERR_UNSUPPORTED
 * with the place in fault; errors of the supply; ERR_NOMEM.  The object and
 * its arena must outlive the content.
 */
int object_content_begin(struct object *object, struct arena *arena,
    const struct object_supply *supply, struct object_content **content,
    struct object_fault *fault) WARN_UNUSED;

/* object_content_length - count the octets of the whole content; 0 of a
 * probe */
uint64_t object_content_length(const struct object_content *content);

/* object_content_read - read the next octets: how many, 0 at the end, or an
 * error */
int64_t object_content_read(struct object_content *content, uint8_t *room,
    size_t size, struct object_fault *fault) WARN_UNUSED;

/* object_content_end - free it; NULL is allowed */
void object_content_end(struct object_content *content);

#endif
