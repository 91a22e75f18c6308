/* SPDX-License-Identifier: ISC */
/*
 * object_put_ipm.c - put the heading of an interpersonal message
 *
 * Contract in object_put.h.
 */
#include "ber/oid.h"
#include "json/object_name.h"
#include "json/object_put.h"
#include "json/object_shape.h"
#include "json/object_x420.h"

/* object_put_identifier - put an IPMIdentifier */
void
object_put_identifier(struct json_put *put, json_t *parent, const char *name,
    const struct ipm_identifier *identifier)
{
	json_t *one = json_put_object(put, parent, name);

	object_name_put_ber(put, one, identifier->user);
	if (identifier->local.len > 0)
		json_put_text(put, one, "local", identifier->local);
}

/* object_put_descriptor - put an ORDescriptor */
void
object_put_descriptor(struct json_put *put, json_t *object,
    const struct ipm_descriptor *descriptor)
{
	object_name_put_ber(put, object, descriptor->name);
	if (descriptor->free_form.len > 0)
		json_put_text(put, object, "name", descriptor->free_form);
	if (descriptor->telephone.len > 0)
		json_put_text(put, object, "telephone", descriptor->telephone);
}

/* put_recipients - put a list of recipients of the heading */
static void
put_recipients(struct json_put *put, json_t *ipm, const char *name,
    const struct ipm_recipients *recipients)
{
	json_t *list = json_put_array(put, ipm, name), *one;

	for (size_t i = 0; i < recipients->count; i++) {
		const struct ipm_recipient *r = &recipients->list[i];
		int precedence = r->extensions.len > 0
		    ? object_x420_precedence(r->extensions)
		    : -1;

		one = json_put_object(put, list, NULL);
		object_put_descriptor(put, one, &r->descriptor);
		json_put_words(
		    put, one, "requests", r->requests, object_ipm_requests);
		if (r->reply_requested)
			json_put_true(put, one, "reply_requested");
		if (precedence >= 0)
			json_put_integer(put, one, "precedence", precedence);
		if (r->extensions.len > 0)
			json_put_octets(put, one, "extensions", r->extensions);
	}
}

/* put_descriptors - put a list of users of the heading, if there are any */
static void
put_descriptors(struct json_put *put, json_t *ipm, const char *name,
    const struct ipm_descriptors *descriptors)
{
	json_t *list = NULL;

	for (size_t i = 0; i < descriptors->count; i++) {
		if (list == NULL)
			list = json_put_array(put, ipm, name);
		object_put_descriptor(put, json_put_object(put, list, NULL),
		    &descriptors->list[i]);
	}
}

/* put_identifiers - put a list of messages that the heading names, if any */
static void
put_identifiers(struct json_put *put, json_t *ipm, const char *name,
    const struct ipm_identifiers *identifiers)
{
	json_t *list = NULL;

	for (size_t i = 0; i < identifiers->count; i++) {
		if (list == NULL)
			list = json_put_array(put, ipm, name);
		object_put_identifier(put, list, NULL, &identifiers->list[i]);
	}
}

/* put_extensions - put the extensions of the heading, those among them first
 * that are members of their own */
static void
put_extensions(
    struct json_put *put, json_t *ipm, const struct ipm_heading *heading)
{
	char type[OID_TEXT_MAX];
	struct slice reference;
	json_t *list = NULL, *one;
	int64_t time;

	object_x420_find(heading, put->arena, &time, &reference);
	if (time != IPM_NO_TIME)
		json_put_integer(put, ipm, "authorization_time", time);
	if (reference.len > 0)
		json_put_text(put, ipm, "originators_reference", reference);
	for (size_t i = 0; i < heading->extension_count; i++) {
		const struct ipm_extension *e = &heading->extensions[i];

		if (object_x420_is(e, time, reference, put->arena) ||
		    oid_format(e->type, type) < 0)
			continue;
		if (list == NULL)
			list = json_put_array(put, ipm, "extensions");
		one = json_put_object(put, list, NULL);
		json_put_string(put, one, "type", type);
		if (e->value.len > 0)
			json_put_octets(put, one, "value", e->value);
	}
}

/* put_simple - put the members that are no lists */
static void
put_simple(struct json_put *put, json_t *ipm, const struct ipm_heading *h)
{
	if (h->has_subject)
		json_put_text(put, ipm, "subject", h->subject);
	if (h->has_replied_to)
		object_put_identifier(put, ipm, "in_reply_to", &h->replied_to);
	if (h->expiry != IPM_NO_TIME)
		json_put_integer(put, ipm, "expiry", h->expiry);
	if (h->reply != IPM_NO_TIME)
		json_put_integer(put, ipm, "reply_time", h->reply);
	if (h->importance != IPM_NORMAL)
		json_put_string(
		    put, ipm, "importance", object_importances[h->importance]);
	if (h->sensitivity != IPM_NOT_SENSITIVE)
		json_put_string(put, ipm, "sensitivity",
		    object_sensitivities[h->sensitivity]);
	if (h->auto_forwarded)
		json_put_true(put, ipm, "auto_forwarded");
	if (h->unreadable_fields > 0)
		json_put_integer(
		    put, ipm, "unreadable_fields", h->unreadable_fields);
}

/* object_put_ipm - put the heading of an interpersonal message */
void
object_put_ipm(
    struct json_put *put, json_t *top, const struct ipm_heading *heading)
{
	json_t *ipm = json_put_object(put, top, "ipm"), *from;

	object_put_identifier(put, ipm, "id", &heading->this_ipm);
	/* An object without members says that the heading names nobody; an
	 * absent one would stand for the originator of the envelope. */
	from = json_put_object(put, ipm, "from");
	if (heading->has_originator)
		object_put_descriptor(put, from, &heading->originator);
	put_recipients(put, ipm, "to", &heading->primary);
	if (heading->copy.count > 0)
		put_recipients(put, ipm, "cc", &heading->copy);
	if (heading->blind.count > 0)
		put_recipients(put, ipm, "bcc", &heading->blind);
	put_descriptors(put, ipm, "authorizing", &heading->authorizing);
	put_simple(put, ipm, heading);
	put_identifiers(put, ipm, "obsoletes", &heading->obsoleted);
	put_identifiers(put, ipm, "related", &heading->related);
	put_descriptors(
	    put, ipm, "reply_recipients", &heading->reply_recipients);
	put_extensions(put, ipm, heading);
}
