/* SPDX-License-Identifier: ISC */
/*
 * object_content.c - the octets of the content of an object that was read
 *
 * Contract in object_content.h.  A content is one source of octets (given as
 * it is, or encoded here: a report, a notification), or the prefixes of an
 * IPM's encoder with the source of a part behind each.
 */
#include "json/object_content.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/json_pointer.h"
#include "mhs/ipm_eits.h"

#define PIECE	      16384
#define CONVERTED_MAX (4 * PIECE) /* no character grows more than that */

/* A source of octets, and how far it was read. */
struct stream {
	const struct object_source *source;
	size_t part;	 /* its index, or OBJECT_WHOLE */
	uint64_t length; /* of the source */
	uint64_t offset; /* read so far */
};

struct object_content {
	struct object *object;
	struct object_supply supply;
	struct object_source encoded_source; /* of a report or notification */
	struct buffer encoded;
	struct stream whole; /* unless it is an IPM */
	bool is_ipm;
	struct ipm_outgoing *outgoing;
	struct ipm_encoder encoder;
	struct ipm_scan *scans; /* of the parts that are texts */
	struct stream *streams; /* of the parts */
	uint64_t length;
	/* where reading is */
	size_t part;
	size_t prefix;	/* octets of the prefix of this part that were read */
	unsigned state; /* of the conversion of a text */
	struct buffer converted;
};

/* source_fault - note a fault at the octets of a part or of the content */
static int
source_fault(
    struct object_fault *fault, size_t part, int error, const struct diag *diag)
{
	struct json_pointer at = {.len = 0};

	(void)json_pointer_enter(
	    &at, slice_of_string(part == OBJECT_WHOLE ? "content" : "parts"));
	if (part != OBJECT_WHOLE)
		(void)json_pointer_enter_item(&at, part);
	return object_fault_set(fault, error, at.text, "%s",
	    diag->code != 0 ? diag_text(diag) : error_strerror(error));
}

/* open_stream - find how many octets a source has */
static int
open_stream(struct object_content *c, struct stream *stream, size_t part,
    const struct object_source *source, struct object_fault *fault)
{
	struct diag diag = {0};
	int error = ERR_UNSUPPORTED;

	*stream = (struct stream){
	    .source = source, .part = part, .length = source->length};
	if (source->place == OBJECT_INLINE)
		return 0;
	if (c->supply.length != NULL)
		error = c->supply.length(
		    c->supply.arg, part, source, &stream->length, &diag);
	else
		diag_set(&diag, error, "octets that are not in the JSON");
	if (error == 0 && source->has_length &&
	    source->length != stream->length)
		error =
		    diag_set(&diag, ERR_VALUE, "%llu octets, not \"octets\"",
			(unsigned long long)stream->length);
	return error == 0 ? 0 : source_fault(fault, part, error, &diag);
}

/* read_stream - read the next octets of a source: how many, 0 at its end */
static int64_t
read_stream(struct object_content *c, struct stream *stream, uint8_t *room,
    size_t size, struct object_fault *fault)
{
	uint64_t left = stream->length - stream->offset;
	struct diag diag = {0};
	int64_t n;

	if (left < size)
		size = (size_t)left;
	if (size == 0)
		return 0;
	if (stream->source->place == OBJECT_INLINE) {
		memcpy(
		    room, stream->source->octets.data + stream->offset, size);
		stream->offset += size;
		return (int64_t)size;
	}
	n = c->supply.read(c->supply.arg, stream->part, stream->source,
	    stream->offset, room, size, &diag);
	if (n < 0)
		return source_fault(fault, stream->part, (int)n, &diag);
	/* A file that ends before its length was cut while it was read. */
	if (n == 0)
		return source_fault(fault, stream->part, ERR_TRUNCATED, &diag);
	stream->offset += (uint64_t)n;
	return n;
}

/* scan_text - look at a text, which decides how it travels */
static int
scan_text(struct object_content *c, size_t part, struct object_fault *fault)
{
	struct stream *stream = &c->streams[part];
	struct ipm_scan *scan = &c->scans[part];
	struct ipm_outgoing *out = &c->outgoing[part];
	uint8_t piece[PIECE];
	int64_t n;

	ipm_scan_init(scan);
	while ((n = read_stream(c, stream, piece, sizeof(piece), fault)) > 0)
		ipm_scan_push(scan, slice_of(piece, (size_t)n));
	if (n < 0)
		return (int)n;
	stream->offset = 0;
	out->repertoire = ipm_scan_finish(scan, &out->length);
	return 0;
}

/* open_part - find the length and the form of a part */
static int
open_part(struct object_content *c, size_t i, struct object_fault *fault)
{
	const struct object_part *part = &c->object->parts[i];
	int error = open_stream(c, &c->streams[i], i, &part->source, fault);

	c->outgoing[i] = (struct ipm_outgoing){.form = part->form,
	    .length = c->streams[i].length,
	    .filename = part->name,
	    .modified = part->modified,
	    .oid = part->oid,
	    .parameters = part->parameters,
	    .aligned = part->aligned};
	return error != 0 || part->form != IPM_FORM_TEXT
	    ? error
	    : scan_text(c, i, fault);
}

/* choose_type - find the content type: the one given, or the simplest */
static int
choose_type(struct object_content *c, struct object_fault *fault)
{
	struct p1_content_type *type = &c->object->envelope.content_type;
	const struct object *object = c->object;

	if (!object->has_content_type)
		*type = (struct p1_content_type){
		    .built_in = ipm_type(
			&object->heading, c->outgoing, object->part_count)};
	if (type->built_in == P1_CONTENT_P2 || type->built_in == P1_CONTENT_P22)
		return 0;
	return object_fault_set(fault, ERR_VALUE, "/content_type",
	    "\"ipm\" and \"parts\" make p2 or p22 alone");
}

/* prepare_ipm - prepare the encoder of an interpersonal message */
static int
prepare_ipm(
    struct object_content *c, struct arena *arena, struct object_fault *fault)
{
	struct object *object = c->object;
	size_t room = object->part_count + 1;
	struct diag diag = {0};
	int error = 0;

	c->outgoing = arena_array(arena, room, sizeof(*c->outgoing));
	c->scans = arena_array(arena, room, sizeof(*c->scans));
	c->streams = arena_array(arena, room, sizeof(*c->streams));
	if (c->outgoing == NULL || c->scans == NULL || c->streams == NULL)
		return object_fault_set(
		    fault, arena_error(arena), "", "%s", arena_reason(arena));
	for (size_t i = 0; error == 0 && i < object->part_count; i++)
		error = open_part(c, i, fault);
	if (error == 0)
		error = choose_type(c, fault);
	if (error != 0)
		return error;
	error = ipm_encoder_init(&c->encoder, &object->heading, c->outgoing,
	    object->part_count, object->envelope.content_type.built_in, &diag);
	if (error != 0)
		return object_fault_set(
		    fault, error, "/ipm", "%s", diag_text(&diag));
	c->is_ipm = true;
	c->length = ipm_encoder_length(&c->encoder);
	if (object->envelope.original_eits.len == 0)
		error = ipm_eits(c->outgoing, object->part_count, arena,
		    &object->envelope.original_eits);
	return error == 0
	    ? 0
	    : object_fault_set(fault, error, "", "%s", error_strerror(error));
}

/* prepare_encoded - encode a report or a notification */
static int
prepare_encoded(struct object_content *c, struct object_fault *fault)
{
	struct object *object = c->object;
	bool report = object->kind == OBJECT_REPORT;
	int error = report
	    ? report_encode(&object->report, EXTENSION_IMPLICIT, &c->encoded)
	    : ipm_notification_encode(&object->notification, &c->encoded);

	if (error != 0)
		return object_fault_set(fault, error,
		    report ? "/report" : "/notification", "%s",
		    error_strerror(error));
	c->encoded_source = (struct object_source){.place = OBJECT_INLINE,
	    .octets = buffer_slice(&c->encoded),
	    .has_length = true,
	    .length = buffer_length(&c->encoded)};
	c->whole = (struct stream){.source = &c->encoded_source,
	    .part = OBJECT_WHOLE,
	    .length = c->encoded_source.length};
	c->length = c->whole.length;
	return 0;
}

/* prepare - find out what the content is made of */
static int
prepare(
    struct object_content *c, struct arena *arena, struct object_fault *fault)
{
	struct object *object = c->object;
	int error;

	/* Notifications are the same in P2 and P22; 1988 is the usual. */
	if (object->kind == OBJECT_NOTIFICATION && !object->has_content_type)
		object->envelope.content_type.built_in = P1_CONTENT_P22;
	if (object->content.place != OBJECT_NOWHERE) {
		error = open_stream(
		    c, &c->whole, OBJECT_WHOLE, &object->content, fault);
		c->length = c->whole.length;
		return error;
	}
	if (object->has_ipm)
		return prepare_ipm(c, arena, fault);
	if (object->kind == OBJECT_PROBE)
		return 0;
	return prepare_encoded(c, fault);
}

/* declare_length - say in a probe how long the content would be */
static void
declare_length(struct object_content *c)
{
	struct object *object = c->object;

	if (object->kind != OBJECT_PROBE)
		return;
	if (object->envelope.content_length < 0 &&
	    (object->has_ipm || object->content.place != OBJECT_NOWHERE))
		object->envelope.content_length = (int64_t)c->length;
	/* A probe has a content type, be it that of nothing in particular. */
	if (!object->has_content_type && !object->has_ipm)
		object->envelope.content_type.built_in = P1_CONTENT_P22;
	c->length = 0;
}

/* object_content_begin - prepare to read the content */
int
object_content_begin(struct object *object, struct arena *arena,
    const struct object_supply *supply, struct object_content **content,
    struct object_fault *fault)
{
	struct object_content *c = calloc(1, sizeof(*c));
	int error;

	if (c == NULL)
		return object_fault_set(fault, ERR_NOMEM, "", "no memory");
	c->object = object;
	if (supply != NULL)
		c->supply = *supply;
	buffer_init(&c->encoded, 4 * P1_ENVELOPE_MAX);
	buffer_init(&c->converted, CONVERTED_MAX);
	if ((error = prepare(c, arena, fault)) != 0) {
		object_content_end(c);
		return error;
	}
	declare_length(c);
	*content = c;
	return 0;
}

/* object_content_length - count the octets of the whole content */
uint64_t
object_content_length(const struct object_content *content)
{
	return content->length;
}

/* take_fitting - move what fits from a slice to room */
static size_t
take_fitting(struct slice from, uint8_t *room, size_t size)
{
	size_t n = from.len < size ? from.len : size;

	/* An empty slice may point nowhere, which memcpy does not allow. */
	if (n > 0)
		memcpy(room, from.data, n);
	return n;
}

/* read_text - read octets of a text as it travels */
static int64_t
read_text(struct object_content *c, uint8_t *room, size_t size,
    struct object_fault *fault)
{
	uint8_t piece[PIECE];
	int64_t n;
	int error;

	/* Octets that had no room before come first. */
	if (buffer_length(&c->converted) == 0) {
		n = read_stream(
		    c, &c->streams[c->part], piece, sizeof(piece), fault);
		if (n <= 0)
			return n;
		error = ipm_scan_convert(&c->scans[c->part], &c->state,
		    slice_of(piece, (size_t)n), &c->converted);
		if (error != 0)
			return source_fault(
			    fault, c->part, error, &(struct diag){.code = 0});
	}
	size = take_fitting(buffer_slice(&c->converted), room, size);
	buffer_consume(&c->converted, size);
	return (int64_t)size;
}

/* read_ipm - read octets of an interpersonal message */
static int64_t
read_ipm(struct object_content *c, uint8_t *room, size_t size,
    struct object_fault *fault)
{
	size_t count = c->object->part_count;
	struct slice prefix;
	int64_t n;

	/* A message without parts is one prefix. */
	for (; c->part < (count > 0 ? count : 1); c->part++) {
		prefix = ipm_encoder_prefix(&c->encoder, c->part);
		n = (int64_t)take_fitting(
		    slice_of(prefix.data + c->prefix, prefix.len - c->prefix),
		    room, size);
		c->prefix += (size_t)n;
		if (n == 0 && c->part < count)
			n = c->outgoing[c->part].form == IPM_FORM_TEXT
			    ? read_text(c, room, size, fault)
			    : read_stream(
				  c, &c->streams[c->part], room, size, fault);
		if (n != 0)
			return n;
		c->prefix = 0;
		c->state = 0;
	}
	return 0;
}

/* object_content_read - read the next octets */
int64_t
object_content_read(struct object_content *content, uint8_t *room, size_t size,
    struct object_fault *fault)
{
	if (content->object->kind == OBJECT_PROBE)
		return 0;
	return content->is_ipm
	    ? read_ipm(content, room, size, fault)
	    : read_stream(content, &content->whole, room, size, fault);
}

/* object_content_end - free it */
void
object_content_end(struct object_content *content)
{
	if (content == NULL)
		return;
	if (content->is_ipm)
		ipm_encoder_fini(&content->encoder);
	buffer_fini(&content->encoded);
	buffer_fini(&content->converted);
	free(content);
}
