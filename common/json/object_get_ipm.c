/* SPDX-License-Identifier: ISC */
/*
 * object_get_ipm.c - read the heading of an interpersonal message
 *
 * Contract in object_get.h.
 */
#include "ber/oid.h"
#include "json/object_element.h"
#include "json/object_get.h"
#include "json/object_name.h"
#include "json/object_shape.h"
#include "json/object_x420.h"
#include "mhs/charset.h"

/* get_identifier - read the IPMIdentifier that an object is */
static void
get_identifier(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct ipm_identifier *identifier = item;

	(void)index;
	(void)arg;
	identifier->user = object_name_get_ber(r, object);
	identifier->local = json_get_text(r, object, "local");
	if (identifier->local.len > IPM_UB_LOCAL_IDENTIFIER ||
	    !charset_is_printable(identifier->local))
		json_get_refuse(r, ERR_VALUE, "local",
		    "not a PrintableString of at most %d characters",
		    IPM_UB_LOCAL_IDENTIFIER);
}

/* object_get_identifier - read an IPMIdentifier */
void
object_get_identifier(struct json_reading *r, const json_t *parent,
    const char *name, struct ipm_identifier *identifier)
{
	const json_t *object = json_object_get(parent, name);
	size_t before;

	if (object == NULL)
		return;
	before = json_pointer_enter(&r->at, slice_of_string(name));
	get_identifier(r, object, 0, identifier, NULL);
	json_pointer_leave(&r->at, before);
}

/* object_get_descriptor - read an ORDescriptor */
void
object_get_descriptor(struct json_reading *r, const json_t *object,
    struct ipm_descriptor *descriptor)
{
	descriptor->name = object_name_get_ber(r, object);
	descriptor->free_form = json_get_text(r, object, "name");
	descriptor->telephone = json_get_text(r, object, "telephone");
}

/* get_descriptor - read an ORDescriptor of a list */
static void
get_descriptor(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	(void)index;
	(void)arg;
	object_get_descriptor(r, object, item);
}

/* get_recipient - read a recipient of the heading; arg is the heading's
 * object, which may have a precedence for all */
static void
get_recipient(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct ipm_recipient *recipient = item;
	int64_t precedence = json_get_integer(
	    object, "precedence", json_get_integer(arg, "precedence", -1));

	get_descriptor(r, object, index, &recipient->descriptor, NULL);
	recipient->requests =
	    json_get_words(object, "requests", object_ipm_requests);
	recipient->reply_requested =
	    json_is_true(json_object_get(object, "reply_requested"));
	recipient->extensions =
	    object_element_get(r, object, "extensions", BER_CTX(3));
	if (precedence < 0 || r->error != 0)
		return;
	if (recipient->extensions.len == 0)
		json_get_failed(r,
		    object_x420_make_precedence(
			(int)precedence, r->arena, &recipient->extensions));
	else if (object_x420_precedence(recipient->extensions) != precedence)
		json_get_refuse(r, ERR_VALUE, "precedence",
		    "not the precedence that \"extensions\" says");
}

/* get_recipients - read a list of recipients of the heading */
static void
get_recipients(struct json_reading *r, const json_t *ipm, const char *name,
    struct ipm_recipients *recipients)
{
	recipients->list =
	    json_get_list(r, ipm, name, sizeof(struct ipm_recipient), 0,
		get_recipient, ipm, &recipients->count);
}

/* get_descriptors - read a list of users of the heading */
static void
get_descriptors(struct json_reading *r, const json_t *ipm, const char *name,
    struct ipm_descriptors *descriptors)
{
	descriptors->list =
	    json_get_list(r, ipm, name, sizeof(struct ipm_descriptor), 0,
		get_descriptor, NULL, &descriptors->count);
}

/* get_identifiers - read a list of messages that the heading names */
static void
get_identifiers(struct json_reading *r, const json_t *ipm, const char *name,
    struct ipm_identifiers *identifiers)
{
	identifiers->list =
	    json_get_list(r, ipm, name, sizeof(struct ipm_identifier), 0,
		get_identifier, NULL, &identifiers->count);
}

/* get_extension - read an extension of the heading */
static void
get_extension(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct ipm_extension *extension = item;

	(void)index;
	(void)arg;
	if (oid_parse(json_string_value(json_object_get(object, "type")),
		r->arena, &extension->type) != 0)
		json_get_refuse(
		    r, ERR_VALUE, "type", "not an object identifier");
	extension->value =
	    object_element_get(r, object, "value", OBJECT_ANY_TAG);
}

/* get_extensions - read the extensions of the heading, those among them that
 * are members of their own */
static void
get_extensions(
    struct json_reading *r, const json_t *ipm, struct ipm_heading *heading)
{
	struct slice reference = json_get_text(r, ipm, "originators_reference");

	heading->extensions =
	    json_get_list(r, ipm, "extensions", sizeof(struct ipm_extension), 2,
		get_extension, NULL, &heading->extension_count);
	if (r->error == 0)
		json_get_failed(r,
		    object_x420_add(json_get_integer(
					ipm, "authorization_time", IPM_NO_TIME),
			reference, r->arena, heading));
}

/* default_names - say in the heading what the envelope says, where the object
 * is silent */
static void
default_names(struct json_reading *r, const json_t *ipm, struct object *object)
{
	struct p1_envelope *envelope = &object->envelope;
	struct ipm_heading *heading = &object->heading;
	struct ipm_recipient *list;

	if (r->error != 0)
		return;
	if (json_object_get(ipm, "from") == NULL) {
		heading->has_originator = true;
		json_get_failed(r,
		    object_x420_name(&envelope->originator, r->arena,
			&heading->originator.name));
	}
	if (json_object_get(ipm, "to") != NULL ||
	    json_object_get(ipm, "cc") != NULL ||
	    json_object_get(ipm, "bcc") != NULL)
		return;
	list = arena_array(r->arena, envelope->recipient_count, sizeof(*list));
	if (list == NULL) {
		json_get_failed(r, arena_error(r->arena));
		return;
	}
	for (size_t i = 0; i < envelope->recipient_count; i++)
		json_get_failed(r,
		    object_x420_name(&envelope->recipients[i].name, r->arena,
			&list[i].descriptor.name));
	heading->primary =
	    (struct ipm_recipients){list, envelope->recipient_count};
}

/* get_originator - read whom the heading says that the message is from; an
 * object without members is nobody */
static void
get_originator(
    struct json_reading *r, const json_t *ipm, struct ipm_heading *heading)
{
	const json_t *from = json_object_get(ipm, "from");
	size_t before;

	if (json_object_size(from) == 0)
		return;
	before = json_pointer_enter(&r->at, slice_of_string("from"));
	heading->has_originator = true;
	object_get_descriptor(r, from, &heading->originator);
	json_pointer_leave(&r->at, before);
}

/* get_simple - read the members that are no lists */
static void
get_simple(
    struct json_reading *r, const json_t *ipm, struct ipm_heading *heading)
{
	heading->has_replied_to = json_object_get(ipm, "in_reply_to") != NULL;
	object_get_identifier(r, ipm, "in_reply_to", &heading->replied_to);
	heading->has_subject = json_object_get(ipm, "subject") != NULL;
	heading->subject = json_get_text(r, ipm, "subject");
	heading->expiry = json_get_integer(ipm, "expiry", IPM_NO_TIME);
	heading->reply = json_get_integer(ipm, "reply_time", IPM_NO_TIME);
	heading->importance = (enum ipm_importance)json_get_word(
	    ipm, "importance", object_importances, IPM_NORMAL);
	heading->sensitivity = (enum ipm_sensitivity)json_get_word(
	    ipm, "sensitivity", object_sensitivities, IPM_NOT_SENSITIVE);
	heading->auto_forwarded =
	    json_is_true(json_object_get(ipm, "auto_forwarded"));
}

/* object_get_ipm - read the heading of an interpersonal message */
void
object_get_ipm(struct json_reading *r, const json_t *top,
    const struct object_defaults *defaults, struct object *object)
{
	const json_t *ipm = json_object_get(top, "ipm");
	struct ipm_heading *heading = &object->heading;
	size_t before = json_pointer_enter(&r->at, slice_of_string("ipm"));

	ipm_heading_init(heading);
	object->has_ipm = true;
	get_simple(r, ipm, heading);
	get_originator(r, ipm, heading);
	get_descriptors(r, ipm, "authorizing", &heading->authorizing);
	get_recipients(r, ipm, "to", &heading->primary);
	get_recipients(r, ipm, "cc", &heading->copy);
	get_recipients(r, ipm, "bcc", &heading->blind);
	get_identifiers(r, ipm, "obsoletes", &heading->obsoleted);
	get_identifiers(r, ipm, "related", &heading->related);
	get_descriptors(r, ipm, "reply_recipients", &heading->reply_recipients);
	get_extensions(r, ipm, heading);
	default_names(r, ipm, object);
	object_get_identifier(r, ipm, "id", &heading->this_ipm);
	/* X.420: an IPM is identified by its originator's name, and what is
	 * unique there. */
	if (r->error == 0 && json_object_get(ipm, "id") == NULL) {
		json_get_failed(r,
		    object_x420_name(&object->envelope.originator, r->arena,
			&heading->this_ipm.user));
		heading->this_ipm.local = slice_of_string(defaults->id);
	}
	json_pointer_leave(&r->at, before);
}
