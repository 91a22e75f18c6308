/* SPDX-License-Identifier: ISC */
/*
 * object_write_parts.h - private to object_write.c: the parts of a content as
 * they are read
 */
#ifndef FOURPOST_JSON_OBJECT_WRITE_PARTS_H
#define FOURPOST_JSON_OBJECT_WRITE_PARTS_H

#include "json/json_put.h"
#include "json/object_write.h"
#include "mhs/ipm_decode.h"

struct object_write_parts {
	const struct object_taker *taker; /* borrowed, or NULL */
	json_t *list;			  /* of parts; borrowed */
	json_t *part;			  /* at hand; borrowed */
	size_t number;			  /* of it, from 1 */
	bool text;
	bool taken;	    /* its octets go to the taker */
	uint64_t length;    /* of it so far */
	struct buffer kept; /* its octets, while they may stand in the JSON */
	bool failed;	    /* the taker returned an error */
};

/* object_write_parts_init - begin without parts; _fini frees */
void object_write_parts_init(
    struct object_write_parts *parts, const struct object_taker *taker);
void object_write_parts_fini(struct object_write_parts *parts);

/* object_write_parts_begin, _data, _end - take one part.  ERR_NOMEM; errors of
 * the taker, after which `failed` is set */
int
object_write_parts_begin(struct object_write_parts *parts, struct json_put *put,
    json_t *described, const struct ipm_part *part) WARN_UNUSED;
int object_write_parts_data(
    struct object_write_parts *parts, struct slice octets) WARN_UNUSED;
int object_write_parts_end(
    struct object_write_parts *parts, struct json_put *put) WARN_UNUSED;

/* object_write_parts_drop - forget all parts, which the caller takes out of
 * the JSON */
int object_write_parts_drop(struct object_write_parts *parts) WARN_UNUSED;

#endif
