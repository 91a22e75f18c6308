/* SPDX-License-Identifier: ISC */
/*
 * object_name.h - O/R names in the one form: a text, and its attributes apart
 *
 * A name is the members `address` (a text in any form that or_address_parse
 * reads; of the originator it is called `originator`), `or_address` and
 * `directory_name` of an object.
 */
#ifndef FOURPOST_JSON_OBJECT_NAME_H
#define FOURPOST_JSON_OBJECT_NAME_H

#include "json/json_get.h"
#include "json/json_put.h"
#include "mhs/or_address.h"

/* How much of a name is put. */
enum object_name_style {
	OBJECT_NAME_FULL,
	OBJECT_NAME_SHORT /* without or_address */
};

/* object_name_get - get the name that an object has; one without octets in
 * `encoded` where there is none */
void object_name_get(struct json_reading *r, const json_t *object,
    const char *member, struct or_name *name);

/* object_name_get_ber - get a name as its whole ORName element, or empty */
struct slice object_name_get_ber(struct json_reading *r, const json_t *object);

/* object_name_put - put a name into an object */
void object_name_put(struct json_put *put, json_t *object, const char *member,
    const struct or_name *name, enum object_name_style style);

/* object_name_put_ber - put a name that is a whole ORName element; nothing
 * where it cannot be read */
void
object_name_put_ber(struct json_put *put, json_t *object, struct slice octets);

#endif
