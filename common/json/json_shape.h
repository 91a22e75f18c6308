/* SPDX-License-Identifier: ISC */
/*
 * json_shape.h - which members an object may have, as tables
 *
 * The tables of object_shape.c are the one form; json_shape_check holds a
 * JSON value against them before anything is taken from it, so that whoever
 * reads a member finds it of its type and within its bounds.
 * fourpost.schema.json says the same; object_schema_test compares them.
 */
#ifndef FOURPOST_JSON_JSON_SHAPE_H
#define FOURPOST_JSON_JSON_SHAPE_H

#include <jansson.h>

#include "json/object.h"

enum json_shape_type {
	JSON_SHAPE_TEXT,    /* a string of least..most characters */
	JSON_SHAPE_WORD,    /* a string, one of words */
	JSON_SHAPE_OCTETS,  /* a string, base64 */
	JSON_SHAPE_INTEGER, /* of least..most */
	JSON_SHAPE_TRUTH,
	JSON_SHAPE_OBJECT /* with members */
};

enum json_shape_way {
	JSON_SHAPE_BOTH,
	JSON_SHAPE_OUT /* only given out: checked and ignored when read */
};

enum json_shape_count {
	JSON_SHAPE_ONE,
	JSON_SHAPE_LIST /* an array of such, at most `items` */
};

enum json_shape_need {
	JSON_SHAPE_OPTIONAL,
	JSON_SHAPE_REQUIRED
};

struct json_shape {
	const char *name; /* NULL ends a table */
	enum json_shape_type type;
	enum json_shape_way way;
	enum json_shape_count count;
	enum json_shape_need need;
	int64_t least, most;
	size_t items;			  /* of a list; 0: no bound */
	const char *const *words;	  /* NULL ends them */
	const struct json_shape *members; /* of an object */
};

/* json_shape_check - hold an object against a table; the line of a fault is
 * left to the caller */
int json_shape_check(const json_t *object, const struct json_shape *shapes,
    struct object_fault *fault) WARN_UNUSED;

#endif
