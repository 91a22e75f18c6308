/* SPDX-License-Identifier: ISC */
/*
 * json_object.h - objects as JSON and back, for tests
 */
#ifndef FOURPOST_TESTS_UNIT_JSON_JSON_OBJECT_H
#define FOURPOST_TESTS_UNIT_JSON_JSON_OBJECT_H

#include "json/object_content.h"
#include "json/object_write.h"

/* What reading a text made: the envelope as it is submitted, and the
 * content. */
struct json_object {
	struct arena arena;
	struct object object;
	struct buffer envelope;
	struct buffer content;
};

/* json_object_read - read a text and make its content; the error of either.
 * json_object_fini frees */
int json_object_read(struct json_object *made, const char *text,
    const struct object_supply *supply, struct object_fault *fault);
void json_object_fini(struct json_object *made);

/* json_object_write - write an object as a string, which the caller frees;
 * taker and context may be NULL */
char *
json_object_write(const struct p1_envelope *envelope, struct slice content,
    const struct object_context *context, const struct object_taker *taker);

#define JSON_PARTS_MAX 16

/* The parts of an object, as the files N.part in memory. */
struct json_parts {
	struct buffer part[JSON_PARTS_MAX]; /* of part N: N - 1 */
	size_t begun, ended;
	bool dropped;
	struct object_taker taker;   /* fills it */
	struct object_supply supply; /* reads from it */
};

/* json_parts_init - begin without parts; _fini frees */
void json_parts_init(struct json_parts *parts);
void json_parts_fini(struct json_parts *parts);

/* json_object_validate - hold a file of lines "good OBJECT" and "bad OBJECT"
 * against the Schema by an independent validator, and remove it; a failed test
 * if one is taken for the other, "skipped" if there is no validator */
void json_object_validate(const char *path);

#endif
