/* SPDX-License-Identifier: ISC */
/*
 * in_supply.h - the files that an object in in/new names
 *
 * One is open at a time.  A file that is another one, or has changed, when it
 * is read again ends the submission.
 */
#ifndef FOURPOST_APP_IN_SUPPLY_H
#define FOURPOST_APP_IN_SUPPLY_H

#include "app/in.h"
#include "json/object_content.h"

struct in_supply {
	struct in *in;
	struct in_object *object;
	size_t part;	   /* whose file is open */
	int fd;		   /* -1: none is */
	struct stat *seen; /* of object->files, as they were; owned */
	size_t *parts;	   /* of object->files: the parts; owned */
	size_t at;	   /* of object->files: that which is open */
};

/* in_supply_init - begin with no file; in_supply_fini closes and frees */
void in_supply_init(
    struct in_supply *supply, struct in *in, struct in_object *object);
void in_supply_fini(struct in_supply *supply);

/* in_supply_of - make the functions by which object_content.h asks */
struct object_supply in_supply_of(struct in_supply *supply);

#endif
