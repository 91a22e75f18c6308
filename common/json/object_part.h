/* SPDX-License-Identifier: ISC */
/*
 * object_part.h - the types of body parts in the one form
 *
 * "text" and "file" are the ones of people; bodies of P2 have the names of
 * ipm_kind_name, and their octets are the whole BodyPart; an extended body has
 * the object identifier of its type, and its octets are its value.
 */
#ifndef FOURPOST_JSON_OBJECT_PART_H
#define FOURPOST_JSON_OBJECT_PART_H

#include "mhs/ipm_decode.h"
#include "mhs/ipm_encode.h"

#define OBJECT_PART_TYPE 256

/* object_part_form - find the form of a type; false: an extended body, whose
 * type is object_part_oid of it */
bool object_part_form(const char *type, enum ipm_form *form);
const char *object_part_oid(const char *type);

/* object_part_type - name the type of a part that was decoded */
void object_part_type(const struct ipm_part *part, char text[OBJECT_PART_TYPE]);

/* object_part_charset - name the character set in which a text travelled */
const char *object_part_charset(const struct ipm_part *part);

#endif
