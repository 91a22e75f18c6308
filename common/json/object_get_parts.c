/* SPDX-License-Identifier: ISC */
/*
 * object_get_parts.c - read body parts, and where octets are
 *
 * Contract in object_get.h.
 */
#include "ber/oid.h"
#include "json/object_element.h"
#include "json/object_get.h"
#include "json/object_part.h"
#include "mhs/charset.h"

/* get_file - read the name of a file, which is one in the caller's directory */
static void
get_file(
    struct json_reading *r, const json_t *object, struct object_source *source)
{
	source->place = OBJECT_FILE;
	source->file = json_get_text(r, object, "file");
	if (r->error != 0)
		return;
	if (source->file.len > OBJECT_FILE_MAX || source->file.data[0] == '.' ||
	    memchr(source->file.data, '/', source->file.len) != NULL ||
	    charset_has_control(source->file))
		json_get_refuse(r, ERR_VALUE, "file",
		    "not a file name: at most %d octets, no \"/\", no control, "
		    "not beginning with \".\"",
		    OBJECT_FILE_MAX);
}

/* object_get_source - read where octets are */
void
object_get_source(
    struct json_reading *r, const json_t *object, struct object_source *source)
{
	const json_t *length = json_object_get(object, "octets");
	bool file = json_object_get(object, "file") != NULL;
	bool base64 = json_object_get(object, "base64") != NULL;

	*source = (struct object_source){.place = OBJECT_NOWHERE};
	source->has_length = length != NULL;
	source->length = (uint64_t)json_integer_value(length);
	if (file && base64) {
		json_get_refuse(
		    r, ERR_VALUE, "base64", "\"file\" is given too");
	} else if (file) {
		get_file(r, object, source);
	} else if (base64) {
		source->place = OBJECT_INLINE;
		source->octets = json_get_octets(r, object, "base64");
		if (length != NULL && source->length != source->octets.len)
			json_get_refuse(r, ERR_VALUE, "octets",
			    "\"base64\" has %zu", source->octets.len);
		source->has_length = true;
		source->length = source->octets.len;
	} else if (length != NULL) {
		source->place = OBJECT_FOLLOWS;
	}
}

/* get_text - take the text of a part as its octets, if it is there */
static void
get_text(struct json_reading *r, const json_t *object, struct object_part *part)
{
	if (json_object_get(object, "text") == NULL)
		return;
	if (part->form != IPM_FORM_TEXT)
		json_get_refuse(
		    r, ERR_VALUE, "text", "not a part of type text");
	if (part->source.place != OBJECT_NOWHERE)
		json_get_refuse(r, ERR_VALUE, "text",
		    "the octets are given in another way too");
	part->source = (struct object_source){.place = OBJECT_INLINE,
	    .octets = json_get_text(r, object, "text"),
	    .has_length = true};
	part->source.length = part->source.octets.len;
	if (part->source.length > OBJECT_INLINE_MAX)
		json_get_refuse(r, ERR_LIMIT, "text",
		    "more than %zu octets; give a file", OBJECT_INLINE_MAX);
}

/* get_type - find the form of a part by its type */
static void
get_type(struct json_reading *r, const json_t *object, struct object_part *part)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	if (object_part_form(type, &part->form))
		return;
	part->form = IPM_FORM_EXTENDED;
	if (oid_parse(object_part_oid(type), r->arena, &part->oid) != 0)
		json_get_refuse(r, ERR_VALUE, "type",
		    "neither a type of body part nor an object identifier");
}

/* get_part - read one body part */
static void
get_part(struct json_reading *r, const json_t *object, size_t index, void *item,
    const void *arg)
{
	struct object_part *part = item;

	(void)index;
	(void)arg;
	get_type(r, object, part);
	part->name = json_get_text(r, object, "name");
	if (part->name.len > IPM_FILENAME_MAX)
		json_get_refuse(r, ERR_LIMIT, "name", "more than %d octets",
		    IPM_FILENAME_MAX);
	part->modified = json_get_integer(object, "modified", IPM_NO_TIME);
	part->parameters =
	    object_element_get(r, object, "parameters", BER_CTX(0));
	part->aligned = json_is_true(json_object_get(object, "aligned"));
	object_get_source(r, object, &part->source);
	get_text(r, object, part);
	if (part->source.place == OBJECT_NOWHERE)
		json_get_refuse(r, ERR_VALUE, NULL,
		    "neither \"text\", \"file\", \"octets\" nor \"base64\"");
	if (part->form != IPM_FORM_EXTENDED && part->parameters.len > 0)
		json_get_refuse(r, ERR_VALUE, "parameters",
		    "a part of this type has none to be given");
}

/* object_get_parts - read the body parts */
void
object_get_parts(
    struct json_reading *r, const json_t *top, struct object *object)
{
	object->parts = json_get_list(r, top, "parts",
	    sizeof(struct object_part), 0, get_part, NULL, &object->part_count);
}
