/* SPDX-License-Identifier: ISC */
/*
 * object_extension.h - extension fields in the one form (X.411 9.1)
 *
 * Some are members of their own (latest, flags, correlator,
 * alternate_recipient).  The list `extensions` has all others, and those whose
 * criticality or value is not what the member stands for; it counts where both
 * are given.
 */
#ifndef FOURPOST_JSON_OBJECT_EXTENSION_H
#define FOURPOST_JSON_OBJECT_EXTENSION_H

#include "json/json_get.h"
#include "json/json_put.h"
#include "mhs/extension.h"

/* object_extension_get - set the extensions of the list that an object has */
void object_extension_get(
    struct json_reading *r, const json_t *object, struct extension_list *list);

/* object_extension_put - put the list of those that no member tells: all but
 * those of `told` */
void object_extension_put(struct json_put *put, json_t *object,
    const struct extension_list *list, const struct extension_list *told);

/* object_extension_set_number - set an extension whose value is an ENUMERATED
 * of 0 to 127.  Errors of the arena */
int
object_extension_set_number(struct extension_list *list, struct arena *arena,
    int number, uint32_t criticality, int value) WARN_UNUSED;

#endif
