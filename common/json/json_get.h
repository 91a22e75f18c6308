/* SPDX-License-Identifier: ISC */
/*
 * json_get.h - take values from a JSON object that json_shape_check has passed
 *
 * Errors stick in the reading: after the first one every call gives what an
 * absent member gives.  What is returned lies in the arena of the reading.
 */
#ifndef FOURPOST_JSON_JSON_GET_H
#define FOURPOST_JSON_JSON_GET_H

#include <jansson.h>

#include "json/json_pointer.h"
#include "json/object.h"

struct json_reading {
	struct arena *arena;
	struct object_fault *fault;
	struct json_pointer at; /* the object at hand */
	int error;
};

/* json_get_text, json_get_octets - get a string, or what its base64 stands
 * for; empty where it is absent */
struct slice
json_get_text(struct json_reading *r, const json_t *object, const char *name);
struct slice
json_get_octets(struct json_reading *r, const json_t *object, const char *name);

/* json_get_integer - get an integer, or `otherwise` where it is absent */
int64_t
json_get_integer(const json_t *object, const char *name, int64_t otherwise);

/* json_get_word - get the place of a word in a list, or `otherwise` where the
 * member is absent */
int json_get_word(const json_t *object, const char *name,
    const char *const *words, int otherwise);

/* json_get_words - get the bits of the words that are in an array: bit n of
 * ASN.1 for the n-th word */
uint32_t json_get_words(
    const json_t *object, const char *name, const char *const *words);

/* Reads an object, the index-th of its array, into an item of a list. */
typedef void json_get_item(struct json_reading *r, const json_t *object,
    size_t index, void *item, const void *arg);

/*
 * json_get_list - read each object of an array into a list in the arena
 *
 * spare more items than the array has are allocated.  NULL with *count 0 where
 * both are none, or there was an error.
 */
void *json_get_list(struct json_reading *r, const json_t *parent,
    const char *name, size_t size, size_t spare, json_get_item *get,
    const void *arg, size_t *count);

/* json_get_refuse - note a fault at a member of the object at hand, or at the
 * object where name is NULL */
void json_get_refuse(struct json_reading *r, int error, const char *name,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* json_get_failed - note an error that a function returned: 0 is none */
void json_get_failed(struct json_reading *r, int error);

#endif
