/* SPDX-License-Identifier: ISC */
/*
 * object_value.h - read an object that stands within another JSON value
 */
#ifndef FOURPOST_JSON_OBJECT_VALUE_H
#define FOURPOST_JSON_OBJECT_VALUE_H

#include <jansson.h>

#include "json/object.h"

/* object_read_value - read an object from a value that json_strict_parse has
 * made; as object_read, but the fault has no line */
int object_read_value(const json_t *top, const struct object_defaults *defaults,
    struct arena *arena, struct object *object,
    struct object_fault *fault) WARN_UNUSED;

/*
 * object_value_follows - add up the octets that follow an object, whether it
 * can be read or not
 *
 * Those of its content, or of its parts where it has none.  ERR_VALUE: it does
 * not say how many they are.
 */
int object_value_follows(const json_t *top, uint64_t *octets) WARN_UNUSED;

#endif
