/* SPDX-License-Identifier: ISC */
/*
 * object_told.h - members that stand for extensions of a message or probe
 *
 * Each stands for one value with the criticality that X.411 recommends; what
 * is otherwise is told by the list `extensions` as well.
 */
#ifndef FOURPOST_JSON_OBJECT_TOLD_H
#define FOURPOST_JSON_OBJECT_TOLD_H

#include "json/json_get.h"
#include "json/json_put.h"

struct object_told {
	uint32_t flags;			/* bits of object_flags */
	int64_t latest;			/* delivery, or P1_NO_TIME */
	struct slice correlator;	/* IA5 text, or empty */
	struct slice correlator_octets; /* or empty */
};

/* object_told_of - find what the members say of an envelope */
void
object_told_of(const struct p1_envelope *envelope, struct object_told *told);

/* object_told_get, _put - read the members, or put them */
void object_told_get(
    struct json_reading *r, const json_t *object, struct object_told *told);
void object_told_put(
    struct json_put *put, json_t *object, const struct object_told *told);

/* object_told_set - set the extensions that the members stand for.  Errors of
 * the arena */
int object_told_set(const struct object_told *told, struct arena *arena,
    struct extension_list *extensions) WARN_UNUSED;

#endif
