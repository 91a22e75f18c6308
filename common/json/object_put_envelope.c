/* SPDX-License-Identifier: ISC */
/*
 * object_put_envelope.c - put what stands in an envelope
 *
 * Contract in object_put.h.
 */
#include "json/object_eits.h"
#include "json/object_extension.h"
#include "json/object_history.h"
#include "json/object_name.h"
#include "json/object_put.h"
#include "json/object_request.h"
#include "json/object_shape.h"
#include "json/object_told.h"

/* With more recipients the attributes are left out: the text says the same,
 * and the object would not fit. */
#define NAMES_FULL_MAX 1000

/* put_domain - put a domain as text, unless it has no country */
static void
put_domain(struct json_put *put, json_t *parent, const char *name,
    const struct global_domain *domain)
{
	char text[GLOBAL_DOMAIN_TEXT];

	if (domain->country.len == 0)
		return;
	global_domain_format(domain, text);
	json_put_string(put, parent, name, text);
}

/* put_optional_time - put a time, unless there is none */
static void
put_optional_time(
    struct json_put *put, json_t *parent, const char *name, int64_t seconds)
{
	if (seconds != TRACE_NO_TIME)
		json_put_integer(put, parent, name, seconds);
}

/* put_trace_element - put one element of either trace */
static void
put_trace_element(
    struct json_put *put, json_t *list, const struct trace_element *e)
{
	json_t *one = json_put_object(put, list, NULL);

	put_domain(put, one, "domain", &e->domain);
	if (e->mta.len > 0)
		json_put_text(put, one, "mta", e->mta);
	put_optional_time(put, one, "arrival", e->arrival);
	json_put_string(
	    put, one, "action", object_actions[e->action == TRACE_REROUTED]);
	if (e->attempted) {
		put_domain(put, one, "attempted_domain", &e->attempted_domain);
		if (e->attempted_mta.len > 0)
			json_put_text(
			    put, one, "attempted_mta", e->attempted_mta);
	}
	put_optional_time(put, one, "deferred", e->deferred);
	if (e->converted_eits.len > 0)
		json_put_octets(put, one, "converted_eits", e->converted_eits);
	if ((e->other_actions & TRACE_REDIRECTED) != 0)
		json_put_true(put, one, "redirected");
	if ((e->other_actions & TRACE_DL_OPERATION) != 0)
		json_put_true(put, one, "dl_operation");
}

/* object_put_trace - put the elements of either trace as a list */
void
object_put_trace(struct json_put *put, json_t *parent, const char *name,
    const struct trace *trace)
{
	json_t *list;

	if (trace->count == 0)
		return;
	list = json_put_array(put, parent, name);
	for (size_t i = 0; i < trace->count; i++)
		put_trace_element(put, list, &trace->elements[i]);
}

/* put_alternate - put the alternate recipient, and note that it is told */
static void
put_alternate(struct json_put *put, json_t *object,
    const struct extension_list *extensions, struct extension_list *told)
{
	const struct extension *extension = extension_find(
	    extensions, EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT);
	struct or_name name;
	struct ber_reader reader;
	struct ber_element el;
	char *text;

	if (extension == NULL || put->error != 0)
		return;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0 ||
	    or_name_decode(&reader, &el, "name", put->arena, &name) != 0 ||
	    name.address.encoded.len == 0)
		return;
	text = or_address_format(&name.address, OR_STYLE_F401, put->arena);
	if (text == NULL) {
		put->error = arena_error(put->arena);
		return;
	}
	json_put_string(put, object, "alternate_recipient", text);
	/* A text that cannot be read again does not tell the extension. */
	if (object_history_alternate(text, put->arena, told, NULL) == ERR_NOMEM)
		put->error = ERR_NOMEM;
}

/* put_recipient - put one recipient */
static void
put_recipient(struct json_put *put, json_t *list,
    const struct p1_recipient *recipient, size_t place,
    enum object_name_style style)
{
	struct extension_list told = {.count = 0};
	json_t *one = json_put_object(put, list, NULL);

	json_put_integer(put, one, "n", (int64_t)place);
	if (recipient->number > 0)
		json_put_integer(
		    put, one, "original_number", recipient->number);
	object_name_put(put, one, "address", &recipient->name, style);
	object_request_put(put, one, recipient->indicators);
	if (recipient->explicit_conversion >= 0)
		json_put_integer(put, one, "explicit_conversion",
		    recipient->explicit_conversion);
	put_alternate(put, one, &recipient->extensions, &told);
	object_history_put_redirections(put, one, &recipient->extensions);
	object_extension_put(put, one, &recipient->extensions, &told);
}

/* put_recipients - put all of them; of a report whom it is for */
static void
put_recipients(
    struct json_put *put, json_t *top, const struct p1_envelope *envelope)
{
	json_t *list = json_put_array(put, top, "recipients");

	if (envelope->kind == MTS_REPORT) {
		json_t *one = json_put_object(put, list, NULL);

		json_put_integer(put, one, "n", 1);
		object_name_put(put, one, "address", &envelope->originator,
		    OBJECT_NAME_FULL);
		return;
	}
	for (size_t i = 0; i < envelope->recipient_count; i++)
		put_recipient(put, list, &envelope->recipients[i], i + 1,
		    envelope->recipient_count > NAMES_FULL_MAX
			? OBJECT_NAME_SHORT
			: OBJECT_NAME_FULL);
}

/* put_described - put what messages and probes have */
static void
put_described(
    struct json_put *put, json_t *top, const struct p1_envelope *envelope)
{
	char type[P1_CONTENT_TYPE_TEXT];

	p1_content_type_format(&envelope->content_type, type);
	json_put_string(put, top, "content_type", type);
	if (envelope->kind == MTS_MESSAGE)
		json_put_string(put, top, "priority",
		    object_priorities[envelope->priority]);
	if (envelope->original_eits.len > 0) {
		json_put_octets(put, top, "eits", envelope->original_eits);
		object_eits_put(
		    put, top, "eits_types", envelope->original_eits);
	}
	if (envelope->content_identifier.len > 0)
		json_put_text(put, top, "content_identifier",
		    envelope->content_identifier);
	if (envelope->content_length >= 0)
		json_put_integer(
		    put, top, "content_length", envelope->content_length);
	put_optional_time(put, top, "deferred", envelope->deferred_time);
	if (envelope->bilateral.len > 0)
		json_put_octets(put, top, "bilateral", envelope->bilateral);
}

/* object_put_envelope - put what stands in the envelope */
void
object_put_envelope(
    struct json_put *put, json_t *top, const struct p1_envelope *envelope)
{
	struct extension_list told_list = {.count = 0};
	char identifier[MTS_IDENTIFIER_TEXT];
	struct object_told told;

	mts_identifier_format(&envelope->identifier, identifier);
	json_put_string(put, top, "mts_id", identifier);
	if (envelope->kind != MTS_REPORT)
		object_name_put(put, top, "originator", &envelope->originator,
		    OBJECT_NAME_FULL);
	put_recipients(put, top, envelope);
	if (envelope->kind != MTS_REPORT) {
		put_described(put, top, envelope);
		object_told_of(envelope, &told);
		object_told_put(put, top, &told);
		if (put->error == 0)
			put->error =
			    object_told_set(&told, put->arena, &told_list);
	}
	object_put_trace(put, top, "trace", &envelope->trace);
	object_put_trace(put, top, "internal_trace", &envelope->internal_trace);
	object_history_put_lists(put, top, &envelope->extensions);
	object_extension_put(put, top, &envelope->extensions, &told_list);
}
