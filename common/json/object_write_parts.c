/* SPDX-License-Identifier: ISC */
/*
 * object_write_parts.c - the parts of a content as they are read
 *
 * Contract in object_write_parts.h.  How long a part is shows at its end
 * alone: so octets are kept until they are more than may stand in the JSON,
 * and go to the taker from then on.
 */
#include "json/object_write_parts.h"

#include "json/object_part.h"
#include "mhs/charset.h"

/* object_write_parts_init - begin without parts */
void
object_write_parts_init(
    struct object_write_parts *parts, const struct object_taker *taker)
{
	*parts = (struct object_write_parts){.taker = taker};
	buffer_init(&parts->kept, OBJECT_INLINE_MAX);
}

/* object_write_parts_fini - free what is kept */
void
object_write_parts_fini(struct object_write_parts *parts)
{
	buffer_fini(&parts->kept);
}

/* note_taker - note an error of the taker */
static int
note_taker(struct object_write_parts *parts, int error)
{
	parts->failed = parts->failed || error != 0;
	return error;
}

/* put_part - put what is known of a part at its beginning */
static void
put_part(struct json_put *put, json_t *one, const struct ipm_part *part)
{
	char type[OBJECT_PART_TYPE];

	object_part_type(part, type);
	json_put_string(put, one, "type", type);
	if (part->filename.len > 0)
		json_put_text(put, one, "name", part->filename);
	if (part->text)
		json_put_string(put, one, "charset", object_part_charset(part));
	else if (part->kind != IPM_KIND_FILE && part->oid.len > 0 &&
	    part->parameters.len > 0)
		json_put_octets(put, one, "parameters", part->parameters);
	if (part->aligned && part->kind != IPM_KIND_FILE && !part->text)
		json_put_true(put, one, "aligned");
	if (part->kind == IPM_KIND_FILE && part->modified != IPM_NO_TIME)
		json_put_integer(put, one, "modified", part->modified);
}

/* object_write_parts_begin - begin a part */
int
object_write_parts_begin(struct object_write_parts *parts, struct json_put *put,
    json_t *described, const struct ipm_part *part)
{
	if (parts->list == NULL)
		parts->list = json_put_array(put, described, "parts");
	parts->part = json_put_object(put, parts->list, NULL);
	parts->number++;
	parts->text = part->text;
	parts->taken = false;
	parts->length = 0;
	buffer_reset(&parts->kept);
	put_part(put, parts->part, part);
	return put->error;
}

/* begin_taker - hand the part to the taker, with what was kept of it */
static int
begin_taker(struct object_write_parts *parts)
{
	const struct object_taker *taker = parts->taker;
	char name[OBJECT_FILE_MAX + 1] = "";
	int error = taker->begin(taker->arg, parts->number, name);

	if (error == 0 && name[0] != '\0' &&
	    json_object_set_new(parts->part, "file", json_string(name)) != 0)
		return ERR_NOMEM;
	parts->taken = true;
	if (error == 0 && buffer_length(&parts->kept) > 0)
		error = taker->data(
		    taker->arg, parts->number, buffer_slice(&parts->kept));
	buffer_reset(&parts->kept);
	return note_taker(parts, error);
}

/* object_write_parts_data - take octets of a part */
int
object_write_parts_data(struct object_write_parts *parts, struct slice octets)
{
	bool fits = parts->length + octets.len <= OBJECT_INLINE_MAX;
	int error = 0;

	parts->length += octets.len;
	if (fits)
		return buffer_append(&parts->kept, octets.data, octets.len);
	/* Without a taker only the length is told of such a part. */
	if (parts->taker == NULL)
		return 0;
	if (!parts->taken)
		error = begin_taker(parts);
	return error != 0
	    ? error
	    : note_taker(parts,
		  parts->taker->data(parts->taker->arg, parts->number, octets));
}

/* is_inline - tell whether what is kept may be a text in the JSON */
static bool
is_inline(const struct object_write_parts *parts)
{
	struct slice text = buffer_slice(&parts->kept);

	return parts->text && !parts->taken &&
	    parts->length <= OBJECT_INLINE_MAX &&
	    (text.len == 0 || memchr(text.data, 0, text.len) == NULL) &&
	    charset_is_utf8(text);
}

/* object_write_parts_end - end a part */
int
object_write_parts_end(struct object_write_parts *parts, struct json_put *put)
{
	int error = 0;

	if (is_inline(parts)) {
		json_put_text(
		    put, parts->part, "text", buffer_slice(&parts->kept));
		return put->error;
	}
	if (parts->taker != NULL && !parts->taken)
		error = begin_taker(parts);
	if (error == 0 && parts->taken)
		error = note_taker(parts,
		    parts->taker->end(
			parts->taker->arg, parts->number, parts->length));
	if (error != 0)
		return error;
	json_put_integer(put, parts->part, "octets", (int64_t)parts->length);
	if (!parts->taken && parts->length <= OBJECT_INLINE_MAX)
		json_put_octets(
		    put, parts->part, "base64", buffer_slice(&parts->kept));
	return put->error;
}

/* object_write_parts_drop - forget all parts */
int
object_write_parts_drop(struct object_write_parts *parts)
{
	bool begun = parts->number > 0;

	parts->list = NULL;
	parts->part = NULL;
	if (!begun || parts->taker == NULL || parts->taker->drop == NULL)
		return 0;
	return note_taker(parts, parts->taker->drop(parts->taker->arg));
}
