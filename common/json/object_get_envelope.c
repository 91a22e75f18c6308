/* SPDX-License-Identifier: ISC */
/*
 * object_get_envelope.c - read what stands in an envelope
 *
 * Contract in object_get.h.
 */
#include "json/object_element.h"
#include "json/object_extension.h"
#include "json/object_get.h"
#include "json/object_history.h"
#include "json/object_name.h"
#include "json/object_request.h"
#include "json/object_shape.h"
#include "json/object_told.h"
#include "mhs/charset.h"

#define CONTENT_IDENTIFIER_MAX 16 /* X.411 ub-content-id-length */

/* get_alternate - read the originator-requested alternate recipient */
static void
get_alternate(struct json_reading *r, const json_t *object,
    struct extension_list *extensions)
{
	const json_t *text = json_object_get(object, "alternate_recipient");
	struct diag diag = {0};
	int error;

	if (text == NULL || r->error != 0)
		return;
	error = object_history_alternate(
	    json_string_value(text), r->arena, extensions, &diag);
	if (error != 0)
		json_get_refuse(
		    r, error, "alternate_recipient", "%s", diag_text(&diag));
}

/* get_recipient - read one recipient */
static void
get_recipient(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct p1_recipient *recipient = item;

	(void)arg;
	object_name_get(r, object, "address", &recipient->name);
	if (recipient->name.address.encoded.len == 0)
		json_get_refuse(r, ERR_VALUE, NULL,
		    "neither \"address\" nor \"or_address\"");
	recipient->number = (int)json_get_integer(
	    object, "original_number", (int64_t)index + 1);
	recipient->indicators = object_request_get(object);
	recipient->explicit_conversion =
	    (int)json_get_integer(object, "explicit_conversion", -1);
	get_alternate(r, object, &recipient->extensions);
	object_extension_get(r, object, &recipient->extensions);
}

/* get_recipients - read all of them */
static void
get_recipients(
    struct json_reading *r, const json_t *top, struct p1_envelope *envelope)
{
	envelope->recipients =
	    json_get_list(r, top, "recipients", sizeof(struct p1_recipient), 0,
		get_recipient, NULL, &envelope->recipient_count);
	if (envelope->recipient_count == 0)
		json_get_refuse(r, ERR_VALUE, "recipients", "no recipient");
	if (envelope->recipient_count > P1_RECIPIENTS_MAX)
		json_get_refuse(r, ERR_LIMIT, "recipients",
		    "more than %d recipients", P1_RECIPIENTS_MAX);
}

/* get_destination - read whom a report is for: its one recipient, if any */
static void
get_destination(
    struct json_reading *r, const json_t *top, struct p1_envelope *envelope)
{
	const json_t *array = json_object_get(top, "recipients");
	size_t outer, before;

	if (json_array_size(array) == 0)
		return;
	outer = json_pointer_enter(&r->at, slice_of_string("recipients"));
	if (json_array_size(array) > 1)
		json_get_refuse(
		    r, ERR_VALUE, NULL, "a report is for one recipient");
	before = json_pointer_enter_item(&r->at, 0);
	object_name_get(
	    r, json_array_get(array, 0), "address", &envelope->originator);
	json_pointer_leave(&r->at, before);
	json_pointer_leave(&r->at, outer);
}

/* get_content_type - read the type of the content, if it is there */
static void
get_content_type(
    struct json_reading *r, const json_t *top, struct object *object)
{
	const json_t *text = json_object_get(top, "content_type");

	object->has_content_type = text != NULL;
	if (text != NULL &&
	    p1_content_type_parse(json_string_value(text), r->arena,
		&object->envelope.content_type) != 0)
		json_get_refuse(r, ERR_VALUE, "content_type",
		    "neither p2, p22, unidentified, nor a number, nor an OID");
}

/* get_described - read what messages and probes have */
static void
get_described(struct json_reading *r, const json_t *top, struct object *object)
{
	struct p1_envelope *envelope = &object->envelope;
	struct object_told told;

	object_name_get(r, top, "originator", &envelope->originator);
	if (envelope->originator.address.encoded.len == 0)
		json_get_refuse(r, ERR_VALUE, NULL, "no originator");
	get_content_type(r, top, object);
	envelope->original_eits =
	    object_element_get(r, top, "eits", BER_APP(5));
	envelope->content_identifier =
	    json_get_text(r, top, "content_identifier");
	if (envelope->content_identifier.len > CONTENT_IDENTIFIER_MAX ||
	    !charset_is_printable(envelope->content_identifier))
		json_get_refuse(r, ERR_VALUE, "content_identifier",
		    "not a PrintableString of at most %d characters",
		    CONTENT_IDENTIFIER_MAX);
	object_told_get(r, top, &told);
	/* Flags behind the indicators are extensions. */
	envelope->indicators = told.flags &
	    ~(BER_BIT(OBJECT_FLAG_NO_REASSIGNMENT) |
		BER_BIT(OBJECT_FLAG_NO_EXPANSION) |
		BER_BIT(OBJECT_FLAG_NO_LOSS));
	if (r->error == 0)
		json_get_failed(
		    r, object_told_set(&told, r->arena, &envelope->extensions));
	object_extension_get(r, top, &envelope->extensions);
	get_recipients(r, top, envelope);
}

/* object_get_envelope - read what stands in the envelope */
void
object_get_envelope(
    struct json_reading *r, const json_t *top, struct object *object)
{
	struct p1_envelope *envelope = &object->envelope;

	if (object->kind == OBJECT_REPORT) {
		get_destination(r, top, envelope);
		object_extension_get(r, top, &envelope->extensions);
		return;
	}
	get_described(r, top, object);
	envelope->content_length = json_get_integer(top, "content_length", -1);
	envelope->priority = (enum p1_priority)json_get_word(
	    top, "priority", object_priorities, P1_NORMAL);
	envelope->deferred_time = json_get_integer(top, "deferred", P1_NO_TIME);
	if (object->kind != OBJECT_PROBE)
		return;
	/* A probe has neither; X.411 12.2.1.2. */
	if (envelope->priority != P1_NORMAL)
		json_get_refuse(
		    r, ERR_VALUE, "priority", "a probe has no priority");
	if (envelope->deferred_time != P1_NO_TIME)
		json_get_refuse(
		    r, ERR_VALUE, "deferred", "a probe is not deferred");
}
