/* SPDX-License-Identifier: ISC */
/*
 * json_put.h - build a JSON value
 *
 * Lack of memory sticks: after it every call does nothing, so that a sequence
 * of calls needs one check.  Members stand in the order in which they are put.
 */
#ifndef FOURPOST_JSON_JSON_PUT_H
#define FOURPOST_JSON_JSON_PUT_H

#include <jansson.h>

#include "base/arena.h"

struct json_put {
	struct arena *arena; /* for conversions */
	int error;	     /* ERR_NOMEM, ERR_LIMIT; 0: none */
};

/* json_put_object, json_put_array - put an empty one as a member of an object,
 * or behind the items of an array (name NULL); borrowed.  NULL: no memory */
json_t *json_put_object(struct json_put *put, json_t *parent, const char *name);
json_t *json_put_array(struct json_put *put, json_t *parent, const char *name);

/* json_put_text - put a text as a member, or as an item where name is NULL;
 * octets that are no UTF-8, and NUL, become "?" */
void json_put_text(
    struct json_put *put, json_t *parent, const char *name, struct slice text);
void json_put_string(
    struct json_put *put, json_t *parent, const char *name, const char *text);

/* json_put_octets - put octets in base64 */
void json_put_octets(struct json_put *put, json_t *parent, const char *name,
    struct slice octets);

/* json_put_integer, json_put_true, json_put_false - put a number or a truth */
void json_put_integer(
    struct json_put *put, json_t *parent, const char *name, int64_t value);
void json_put_true(struct json_put *put, json_t *parent, const char *name);
void json_put_false(struct json_put *put, json_t *parent, const char *name);

/* json_put_words - put an array of the words whose bits are set, bit n of
 * ASN.1 for the n-th; nothing where none is */
void json_put_words(struct json_put *put, json_t *parent, const char *name,
    uint32_t bits, const char *const *words);

#endif
