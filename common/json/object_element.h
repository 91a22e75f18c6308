/* SPDX-License-Identifier: ISC */
/*
 * object_element.h - members that hold one BER element in base64
 */
#ifndef FOURPOST_JSON_OBJECT_ELEMENT_H
#define FOURPOST_JSON_OBJECT_ELEMENT_H

#include "json/json_get.h"

#define OBJECT_ANY_TAG UINT32_MAX

/*
 * object_element_get - get the element of a member, with definite lengths
 *
 * Empty where the member is absent.  Refused: no BER, more than one element,
 * another tag than the one wanted.
 */
struct slice object_element_get(struct json_reading *r, const json_t *object,
    const char *name, uint32_t tag);

#endif
