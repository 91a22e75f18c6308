/* SPDX-License-Identifier: ISC */
/*
 * json_strict.h - parse a JSON text, and refuse what may be taken in two ways
 *
 * A member twice, NUL in a string, octets that are no UTF-8, anything behind
 * the object, too many octets, levels or values: refused, with the place.
 */
#ifndef FOURPOST_JSON_JSON_STRICT_H
#define FOURPOST_JSON_JSON_STRICT_H

#include <jansson.h>

#include "json/object.h"

/*
 * json_strict_parse - parse the one object of a text
 *
 * The caller gives *root back by json_decref.  ERR_SYNTAX, ERR_LIMIT with the
 * place in fault; ERR_NOMEM.
 */
int json_strict_parse(
    struct slice text, json_t **root, struct object_fault *fault) WARN_UNUSED;

#endif
