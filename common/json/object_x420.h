/* SPDX-License-Identifier: ISC */
/*
 * object_x420.h - extensions of headings and recipients that are members of
 * their own (X.420 A.2: authorization-time, originators-reference, precedence)
 */
#ifndef FOURPOST_JSON_OBJECT_X420_H
#define FOURPOST_JSON_OBJECT_X420_H

#include "mhs/ipm.h"
#include "mhs/or_address.h"

/* object_x420_name - encode an O/R name as a whole ORName in the arena */
int object_x420_name(const struct or_name *name, struct arena *arena,
    struct slice *octets) WARN_UNUSED;

/* object_x420_precedence - find the precedence in the extensions [3] of a
 * recipient; -1: there is none */
int object_x420_precedence(struct slice extensions);

/* object_x420_make_precedence - make extensions [3] that are this precedence
 * alone */
int object_x420_make_precedence(
    int precedence, struct arena *arena, struct slice *extensions) WARN_UNUSED;

/* object_x420_add - add the extensions of a time (or IPM_NO_TIME) and a
 * reference (or empty) to a heading, whose list has room for two, unless it
 * has them */
int object_x420_add(int64_t authorization_time, struct slice reference,
    struct arena *arena, struct ipm_heading *heading) WARN_UNUSED;

/* object_x420_find - find the two in a heading; IPM_NO_TIME, empty: absent */
void object_x420_find(const struct ipm_heading *heading, struct arena *arena,
    int64_t *authorization_time, struct slice *reference);

/* object_x420_is - tell whether an extension is one that object_x420_add would
 * make of what object_x420_find found */
bool object_x420_is(const struct ipm_extension *extension,
    int64_t authorization_time, struct slice reference, struct arena *arena);

#endif
