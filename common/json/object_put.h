/* SPDX-License-Identifier: ISC */
/*
 * object_put.h - private to object_write.c: the parts of an object that is
 * written; lack of memory sticks in the put
 */
#ifndef FOURPOST_JSON_OBJECT_PUT_H
#define FOURPOST_JSON_OBJECT_PUT_H

#include "json/json_put.h"
#include "json/object.h"

/* object_put_envelope - put what stands in the envelope */
void object_put_envelope(
    struct json_put *put, json_t *top, const struct p1_envelope *envelope);

/* object_put_trace - put the elements of either trace as a list */
void object_put_trace(struct json_put *put, json_t *parent, const char *name,
    const struct trace *trace);

/* object_put_ipm - put the heading of an interpersonal message */
void object_put_ipm(
    struct json_put *put, json_t *top, const struct ipm_heading *heading);

/* object_put_identifier, _descriptor - put the ones of X.420; an identifier as
 * a member, or as an item where name is NULL */
void object_put_identifier(struct json_put *put, json_t *parent,
    const char *name, const struct ipm_identifier *identifier);
void object_put_descriptor(struct json_put *put, json_t *object,
    const struct ipm_descriptor *descriptor);

/* object_put_report, _notification - put what such a content says; submission
 * may be empty */
void object_put_report(struct json_put *put, json_t *top,
    const struct report *report, struct slice submission);
void object_put_notification(struct json_put *put, json_t *top,
    const struct ipm_notification *notification);

#endif
