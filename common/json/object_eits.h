/* SPDX-License-Identifier: ISC */
/*
 * object_eits.h - the names of encoded information types (X.411 8.5.6)
 */
#ifndef FOURPOST_JSON_OBJECT_EITS_H
#define FOURPOST_JSON_OBJECT_EITS_H

#include "json/json_put.h"

/* object_eits_put - put the types of an element as a list of words and object
 * identifiers; nothing where it cannot be read */
void object_eits_put(struct json_put *put, json_t *object, const char *name,
    struct slice element);

#endif
