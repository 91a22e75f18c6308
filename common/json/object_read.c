/* SPDX-License-Identifier: ISC */
/*
 * object_read.c - read an object from its JSON text
 *
 * Contract in object.h.  The text is parsed, held against the tables of
 * object_shape.c, and then taken apart by object_get_*.c.
 */
#include "json/json_strict.h"
#include "json/object_get.h"
#include "json/object_shape.h"
#include "json/object_value.h"

/* The identifier of a submission is qmgr's to give. */
#define PLACEHOLDER "x"

/* object_kind_name - name a kind */
const char *
object_kind_name(enum object_kind kind)
{
	return object_kinds[kind];
}

/* object_mts_kind - find the kind in which an object travels */
enum mts_kind
object_mts_kind(enum object_kind kind)
{
	switch (kind) {
	case OBJECT_PROBE:
		return MTS_PROBE;
	case OBJECT_REPORT:
		return MTS_REPORT;
	case OBJECT_MESSAGE:
	case OBJECT_NOTIFICATION:
		break;
	}
	return MTS_MESSAGE;
}

/* get_message - read what a message or a probe is made of */
static void
get_message(struct json_reading *r, const json_t *top,
    const struct object_defaults *defaults, struct object *object)
{
	bool ipm = json_object_get(top, "ipm") != NULL ||
	    json_object_get(top, "parts") != NULL;

	if (object->content.place != OBJECT_NOWHERE) {
		if (!object->has_content_type)
			json_get_refuse(r, ERR_VALUE, NULL,
			    "\"content\" without \"content_type\"");
		return;
	}
	if (ipm) {
		object_get_ipm(r, top, defaults, object);
		object_get_parts(r, top, object);
	} else if (object->kind == OBJECT_MESSAGE) {
		json_get_refuse(r, ERR_VALUE, NULL,
		    "neither \"content\", \"ipm\" nor \"parts\"");
	}
}

/* get_content - read what the content is, or is made of */
static void
get_content(struct json_reading *r, const json_t *top,
    const struct object_defaults *defaults, struct object *object)
{
	const json_t *content = json_object_get(top, "content");
	size_t before = json_pointer_enter(&r->at, slice_of_string("content"));

	if (content != NULL)
		object_get_source(r, content, &object->content);
	json_pointer_leave(&r->at, before);
	if (object->kind == OBJECT_MESSAGE || object->kind == OBJECT_PROBE) {
		get_message(r, top, defaults, object);
		return;
	}
	/* A content that is given makes the members void that describe it. */
	if (object->content.place != OBJECT_NOWHERE)
		return;
	if (json_object_get(top, object_kind_name(object->kind)) == NULL)
		json_get_refuse(r, ERR_VALUE, NULL,
		    "neither \"content\" nor \"%s\"",
		    object_kind_name(object->kind));
	else if (object->kind == OBJECT_REPORT)
		object_get_report(r, top, object);
	else
		object_get_notification(r, top, object);
}

/* get_object - read all of an object */
static void
get_object(struct json_reading *r, const json_t *top,
    const struct object_defaults *defaults, struct object *object)
{
	struct p1_envelope *envelope = &object->envelope;

	*object = (struct object){.kind = (enum object_kind)json_get_word(
				      top, "kind", object_kinds, 0)};
	p1_init(envelope, object_mts_kind(object->kind));
	envelope->identifier = (struct mts_identifier){
	    defaults->domain, slice_of_string(PLACEHOLDER)};
	json_get_failed(r,
	    p1_trace_append(
		envelope, r->arena, &defaults->domain, 0, TRACE_RELAYED, NULL));
	object_get_envelope(r, top, object);
	object->key = json_get_text(r, top, "key");
	get_content(r, top, defaults, object);
}

/* object_read_value - read an object from a value */
int
object_read_value(const json_t *top, const struct object_defaults *defaults,
    struct arena *arena, struct object *object, struct object_fault *fault)
{
	struct json_reading r = {.arena = arena, .fault = fault};
	struct object found;

	r.error = json_is_object(top)
	    ? json_shape_check(top, object_shape, fault)
	    : object_fault_set(fault, ERR_VALUE, "", "an object is expected");
	if (r.error == 0)
		get_object(&r, top, defaults, &found);
	if (r.error == 0)
		*object = found;
	return r.error;
}

/* object_read - read an object from its JSON text */
int
object_read(struct slice text, const struct object_defaults *defaults,
    struct arena *arena, struct object *object, struct object_fault *fault)
{
	json_t *top = NULL;
	int error;

	*fault = (struct object_fault){.error = 0};
	error = json_strict_parse(text, &top, fault);
	if (error == 0)
		error = object_read_value(top, defaults, arena, object, fault);
	json_decref(top);
	if (error < 0)
		object_fault_locate(fault, text);
	return error;
}

/* source_follows - add the octets of a source, if they follow the object */
static int
source_follows(const json_t *source, uint64_t *octets)
{
	const json_t *length = json_object_get(source, "octets");

	if (json_object_get(source, "file") != NULL ||
	    json_object_get(source, "base64") != NULL ||
	    json_object_get(source, "text") != NULL || length == NULL)
		return 0;
	if (!json_is_integer(length) || json_integer_value(length) < 0 ||
	    (uint64_t)json_integer_value(length) > INT64_MAX - *octets)
		return ERR_VALUE;
	*octets += (uint64_t)json_integer_value(length);
	return 0;
}

/* object_value_follows - add up the octets that follow an object */
int
object_value_follows(const json_t *top, uint64_t *octets)
{
	const json_t *content = json_object_get(top, "content");
	const json_t *parts = json_object_get(top, "parts");
	int error = 0;

	*octets = 0;
	if (content != NULL)
		return source_follows(content, octets);
	for (size_t i = 0; error == 0 && i < json_array_size(parts); i++)
		error = source_follows(json_array_get(parts, i), octets);
	return error;
}
