/* SPDX-License-Identifier: ISC */
/*
 * object_get.h - private to object_read.c: the parts of an object that is read
 *
 * Each takes the object, which json_shape_check has passed; errors stick in
 * the reading.
 */
#ifndef FOURPOST_JSON_OBJECT_GET_H
#define FOURPOST_JSON_OBJECT_GET_H

#include "json/json_get.h"

/* object_get_envelope - read what stands in the envelope, but for trace and
 * identifier */
void object_get_envelope(
    struct json_reading *r, const json_t *top, struct object *object);

/* object_get_ipm - read the heading of an interpersonal message; what is
 * silent is taken from the envelope */
void object_get_ipm(struct json_reading *r, const json_t *top,
    const struct object_defaults *defaults, struct object *object);

/* object_get_identifier, _descriptor - read the ones of X.420 */
void object_get_identifier(struct json_reading *r, const json_t *parent,
    const char *name, struct ipm_identifier *identifier);
void object_get_descriptor(struct json_reading *r, const json_t *object,
    struct ipm_descriptor *descriptor);

/* object_get_parts - read the body parts */
void object_get_parts(
    struct json_reading *r, const json_t *top, struct object *object);

/* object_get_source - read where octets are: file, octets, base64 */
void object_get_source(
    struct json_reading *r, const json_t *object, struct object_source *source);

/* object_get_report, _notification - read what such a content says */
void object_get_report(
    struct json_reading *r, const json_t *top, struct object *object);
void object_get_notification(
    struct json_reading *r, const json_t *top, struct object *object);

#endif
