/* SPDX-License-Identifier: ISC */
/*
 * following.h - the octets that follow a request
 *
 * They come once, in the order of the object.  A text is read twice, because
 * its characters decide how it travels: so everything up to its end is kept,
 * at most FOLLOWING_KEPT_MAX octets.
 */
#ifndef FOURPOST_APP_FOLLOWING_H
#define FOURPOST_APP_FOLLOWING_H

#include "base/buffer.h"
#include "json/object_content.h"

#define FOLLOWING_KEPT_MAX ((size_t)4 * 1024 * 1024)

/* Reads octets of the program that come next, at least one: how many, or an
 * error. */
typedef int64_t following_read_fn(void *arg, uint8_t *room, size_t size);

struct following {
	following_read_fn *read;
	void *arg;
	struct buffer kept; /* from the first octet on */
	bool keeps;	    /* while the object is prepared */
	uint64_t taken;	    /* octets that were read of the program */
	uint64_t offset;    /* of the source that comes next */
	size_t parts;	    /* sources that are known */
	struct following_source {
		size_t part;
		uint64_t offset;
	} * sources; /* owned */
};

/* following_init - begin with the first octet; following_fini frees */
void
following_init(struct following *following, following_read_fn *read, void *arg);
void following_fini(struct following *following);

/* following_supply - make the functions by which object_content.h asks */
struct object_supply following_supply(struct following *following);

#endif
