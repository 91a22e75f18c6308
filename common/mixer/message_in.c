/* SPDX-License-Identifier: ISC */
/*
 * message_in.c - a message of the Internet as a content of X.400 (RFC 2156
 * 5.1, RFC 2157)
 *
 * Contract in message_in.h.
 */
#include "mixer/message_in.h"

#include <stdlib.h>

#include "mhs/charset.h"
#include "mixer/ascii_text.h"
#include "mixer/body_in.h"
#include "mixer/file_application.h"
#include "mixer/harpoon.h"
#include "mixer/heading.h"
#include "mixer/mime_body.h"

/* Octets of text that are converted at a time. */
#define PIECE_MAX ((size_t)1024 * 1024)

/* Octets of a part for programs that are kept. */
#define STATUS_MAX ((size_t)256 * 1024)

/* The two readings of a message. */
enum pass {
	PASS_PLAN, /* finds out what the content will be */
	PASS_WRITE /* writes it */
};

struct message_in {
	const struct mapping *mapping;
	struct mime_limits limits;
	struct mime_reader reader;
	enum pass pass;
	struct arena arena; /* of the plan */
	struct body_level_in *outermost, *newest;
	struct body_part **parts; /* by the number of the entity */
	/* The messages that the open entities belong to. */
	struct body_level_in *owner[MIME_LEVELS + 1];
	unsigned depth;
	struct body_part *part; /* whose octets come, or NULL */
	struct mime_conversion conversion;
	struct ber_stream stream; /* of an opaque part */
	unsigned elements;	  /* of it, outermost */
	struct line_end line_end;
	unsigned state; /* of the conversion of a text */
	struct ascii_text ascii;
	struct buffer converted;
	bool keeps;	      /* its texts must not lose anything */
	bool is_lossy;	      /* one would */
	bool is_report;	      /* the outermost entity is a multipart/report */
	struct buffer status; /* the part of it for programs */
	bool in_status;
	struct message_plan plan;
	mime_sink sink;
	void *arg;
	uint64_t written;
};

/* --- the first reading --- */

/* on_element - count the outermost elements of an opaque part */
static int
on_element(void *arg, const struct ber_stream_event *event)
{
	struct message_in *in = arg;

	if (event->kind != STREAM_BEGIN || event->depth != 0)
		return 0;
	/* A body part has a tag of its own: 0 to 15, each in its context. */
	in->elements++;
	if ((event->tag & ~0x1fU) != (BER_CTX(0) & ~0x1fU) ||
	    (event->tag & 0x1fU) > 15 || in->elements > 1)
		return ERR_SYNTAX;
	in->part->extended = event->tag == BER_CTX(15);
	return 0;
}

/* begin_octets - prepare for the octets of a part */
static void
begin_octets(struct message_in *in, struct body_part *part)
{
	in->part = part;
	in->state = 0;
	ascii_text_init(&in->ascii);
	in->line_end = (struct line_end){.after_cr = false};
	if (part->kind == BODY_TEXT)
		mime_conversion_init(
		    &in->conversion, in->mapping->charsets, part->charset);
	in->elements = 0;
	ber_stream_init(&in->stream, UINT64_MAX, on_element, in);
}

/* status_of - find out whether a part is that of a report for programs */
static enum message_status
status_of(const struct message_in *in, const struct mime_entity *entity)
{
	if (!in->is_report || entity->shape != MIME_LEAF)
		return MESSAGE_STATUS_NONE;
	if (mime_type_is(&entity->type, "message", "delivery-status") ||
	    mime_type_is(&entity->type, "message", "global-delivery-status"))
		return MESSAGE_STATUS_DELIVERY;
	return mime_type_is(
		   &entity->type, "message", "disposition-notification")
	    ? MESSAGE_STATUS_DISPOSITION
	    : MESSAGE_STATUS_NONE;
}

/* begin_status - keep the octets of a part that is for programs; only the
 * first counts */
static void
begin_status(struct message_in *in, const struct mime_entity *entity)
{
	enum message_status status = status_of(in, entity);

	in->in_status = status != MESSAGE_STATUS_NONE &&
	    in->plan.status == MESSAGE_STATUS_NONE;
	if (in->in_status)
		in->plan.status = status;
}

/* plan_leaf - add a part for an entity without others in it */
static int
plan_leaf(struct message_in *in, const struct mime_entity *entity,
    struct body_level_in *owner, enum mime_reading *reading)
{
	struct body_part *part;
	enum body_kind kind = BODY_FILE;
	int charset = MIME_CHARSET_UNKNOWN, error;

	if (entity->shape == MIME_LEAF || harpoon_is(entity))
		kind = body_in_kind(in->mapping->charsets, entity, &charset);
	if (entity->shape != MIME_LEAF || kind == BODY_HARPOON)
		*reading = MIME_READ_WHOLE;
	error = body_in_add(owner, kind, &in->arena, &part);
	if (error == 0)
		error = body_in_describe(part, entity, &in->arena);
	if (error == 0 && kind == BODY_HARPOON)
		error = harpoon_header(entity, &in->arena, &part->header);
	if (error == 0 && kind == BODY_HARPOON)
		error =
		    mime_body_parameters(entity, &in->arena, &part->parameters);
	if (error < 0)
		return error;
	part->charset = charset;
	part->whole = *reading == MIME_READ_WHOLE;
	in->parts[entity->number] = part;
	begin_octets(in, part);
	begin_status(in, entity);
	return 0;
}

/* name_multipart - make a heading for a multipart that is no message */
static int
name_multipart(struct message_in *in, const struct mime_entity *entity,
    struct ipm_heading *heading)
{
	static const struct mime_header none = {.count = 0};
	struct multipart type = {.is_message = false};
	char *local;
	const char *subject;
	int error;

	multipart_set_subtype(&type, entity->type.subtype);
	error = heading_to_x400(in->mapping, &none, &type, &in->arena, heading);
	if (error < 0)
		return error;
	/* A reader without a gateway sees a forwarded message; its subject says
	 * why. */
	local = arena_printf(&in->arena, "multipart %u", entity->number);
	subject = multipart_subject(&type, &in->arena);
	if (local == NULL || subject == NULL)
		return arena_error(&in->arena);
	heading->this_ipm.local = slice_of_string(local);
	heading->has_subject = true;
	heading->subject = slice_of_string(subject);
	return 0;
}

/* plan_level - add a forwarded message for an entity */
static int
plan_level(struct message_in *in, const struct mime_entity *entity,
    struct body_level_in *owner, struct body_level_in **level)
{
	struct body_part *part;
	int error = body_in_add(owner, BODY_LEVEL, &in->arena, &part);

	if (error == 0)
		error = body_in_level(owner, &in->newest, &in->arena, level);
	if (error < 0)
		return error;
	part->level = *level;
	in->parts[entity->number] = part;
	(*level)->heading.this_ipm.local = slice_of_string("message");
	return entity->shape == MIME_MULTIPART
	    ? name_multipart(in, entity, &(*level)->heading)
	    : 0;
}

/* asks_for_receipt - tell whether a heading asks anybody for a receipt */
static bool
asks_for_receipt(const struct ipm_heading *heading)
{
	const struct ipm_recipients *lists[] = {
	    &heading->primary, &heading->copy, &heading->blind};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			if (lists[i]->list[j].requests != 0)
				return true;
	return false;
}

/* header_of - find the fields of a message but for those of its only part,
 * which has them itself */
static int
header_of(struct message_in *in, const struct mime_entity *entity,
    struct mime_header *header)
{
	int charset;

	*header = entity->header;
	if ((entity->shape != MIME_LEAF && !harpoon_is(entity)) ||
	    body_in_kind(in->mapping->charsets, entity, &charset) == BODY_TEXT)
		return 0;
	header->count = 0;
	header->fields = arena_array(
	    &in->arena, entity->header.count + 1, sizeof(*header->fields));
	if (header->fields == NULL)
		return arena_error(&in->arena);
	for (size_t i = 0; i < entity->header.count; i++) {
		const struct mime_field *f = &entity->header.fields[i];

		if (!mime_name_begins(f->name, "Content-") ||
		    mime_name_is(f->name, "Content-Language") ||
		    mime_name_is(f->name, "Content-Identifier"))
			header->fields[header->count++] = *f;
	}
	return 0;
}

/* plan_root - read the header of a message */
static int
plan_root(struct message_in *in, const struct mime_entity *entity,
    struct body_level_in *level)
{
	struct multipart type = {.is_message = entity->number > 1};
	bool multipart = entity->shape == MIME_MULTIPART && !harpoon_is(entity);
	struct mime_header header;
	int error = header_of(in, entity, &header);

	if (error < 0)
		return error;
	if (multipart)
		multipart_set_subtype(&type, entity->type.subtype);
	/* "mixed" is what several parts are in any case. */
	multipart = multipart && strcmp(type.subtype, "mixed") != 0;
	return heading_to_x400(in->mapping, &header, multipart ? &type : NULL,
	    &in->arena, &level->heading);
}

/* plan_entity - plan what an entity becomes */
static int
plan_entity(struct message_in *in, const struct mime_entity *entity,
    enum mime_reading *reading)
{
	struct body_level_in *owner =
	    in->depth > 0 ? in->owner[in->depth - 1] : in->outermost;
	bool composite = entity->shape != MIME_LEAF && !harpoon_is(entity);
	int error = 0;

	if (entity->root)
		error = plan_root(in, entity, owner);
	if (entity->number == 1) {
		const struct mime_field *loss =
		    mime_header_find(&entity->header, "Conversion-With-Loss");

		in->plan.receipt_dropped =
		    mime_header_find(&entity->header,
			"Disposition-Notification-To") != NULL &&
		    !asks_for_receipt(&owner->heading);

		in->keeps =
		    loss != NULL && mime_name_begins(loss->value, "Prohibited");
		in->is_report =
		    mime_type_is(&entity->type, "multipart", "report");
	}
	in->owner[in->depth++] = owner;
	if (error < 0)
		return error;
	/* The parts of a message's own multipart are its parts. */
	if (composite && entity->root && entity->shape == MIME_MULTIPART)
		return 0;
	if (composite && owner->depth + 1 < BODY_LEVELS_MAX)
		return plan_level(in, entity, owner, &in->owner[in->depth - 1]);
	return plan_leaf(in, entity, owner, reading);
}

/* scan - look at text as it will travel */
static int
scan(void *arg, struct slice utf8)
{
	struct message_in *in = arg;

	ipm_scan_push(&in->part->scan, utf8);
	return 0;
}

/* scan_utf8 - look at text that was converted */
static int
scan_utf8(void *arg, struct slice utf8)
{
	struct message_in *in = arg;

	return in->mapping->text == CONF_TEXT_IA5
	    ? ascii_text_push(&in->ascii, utf8, scan, in)
	    : scan(in, utf8);
}

/* is_utf8 - tell whether the text that was looked at is UTF-8 */
static bool
is_utf8(const struct message_in *in)
{
	return in->part->scan.utf8 && in->part->scan.missing == 0 &&
	    !in->ascii.is_false;
}

/* plan_octets - look at octets of a part */
static int
plan_octets(struct message_in *in, struct slice octets)
{
	struct body_part *part = in->part;
	int error = 0;

	part->octets += octets.len;
	/* A status that is too long is one for people alone. */
	if (in->in_status &&
	    buffer_append(&in->status, octets.data, octets.len) < 0) {
		in->in_status = false;
		in->plan.status = MESSAGE_STATUS_NONE;
	}
	if (part->is_false)
		return 0;
	if (part->kind == BODY_TEXT)
		error = mime_conversion_push(
		    &in->conversion, octets, scan_utf8, in);
	else if (part->kind == BODY_OPAQUE)
		error = ber_stream_push(&in->stream, octets, NULL);
	else if (part->kind == BODY_HARPOON) {
		part->growth += line_end_growth(&in->line_end, octets);
		part->is_false = !charset_is_ascii(octets);
	}
	/* Octets that are not what was announced become a file. */
	if (error < 0 && error != ERR_NOMEM) {
		part->is_false = true;
		error = 0;
	}
	return error;
}

/* plan_end - finish looking at a part */
static int
plan_end(struct message_in *in)
{
	struct body_part *part = in->part;
	int error = 0;

	if (part->kind == BODY_TEXT && !part->is_false) {
		error = mime_conversion_finish(&in->conversion, scan_utf8, in);
		if (error == 0)
			error = ascii_text_finish(&in->ascii, scan, in);
		part->is_false = error == ERR_VALUE ||
		    (part->charset == MIME_CHARSET_UTF8 && !is_utf8(in));
		in->is_lossy =
		    in->is_lossy || (!part->is_false && in->ascii.is_lossy);
	} else if (part->kind == BODY_OPAQUE && !part->is_false) {
		part->is_false =
		    in->elements != 1 || !ber_stream_complete(&in->stream);
	}
	return error == ERR_VALUE ? 0 : error;
}

/* on_unparted - plan a multipart without parts as a file: its octets are all
 * that the sender wrote */
static int
on_unparted(void *arg, unsigned number, uint64_t octets)
{
	struct message_in *in = arg;
	struct body_part *part = in->parts[number];
	int error = 0;

	if (in->pass != PASS_PLAN)
		return ERR_CORRUPT;
	/* A multipart within another has become a message without parts. */
	if (part == NULL)
		error = body_in_add(
		    in->owner[in->depth - 1], BODY_FILE, &in->arena, &part);
	if (error < 0)
		return error;
	part->kind = BODY_FILE;
	part->environment = FILE_APPLICATION_UNKNOWN;
	part->whole = true;
	part->octets = octets;
	in->parts[number] = part;
	return 0;
}

/* --- the second reading --- */

/* emit - write octets of the content */
static int
emit(struct message_in *in, struct slice octets)
{
	if (octets.len == 0)
		return 0;
	in->written += octets.len;
	/* Never more than was promised, whatever is read now. */
	if (in->written > in->plan.length)
		return ERR_CORRUPT;
	return in->sink(in->arg, octets);
}

/* write_entity - write what stands before the octets of a part */
static int
write_entity(struct message_in *in, const struct mime_entity *entity,
    enum mime_reading *reading)
{
	struct body_part *part = in->parts[entity->number];
	int error;

	if (part == NULL)
		return 0;
	error =
	    emit(in, ipm_encoder_prefix(&part->owner->encoder, part->index));
	if (error == 0 && part->kind == BODY_LEVEL)
		return part->level->count == 0
		    ? emit(in, ipm_encoder_prefix(&part->level->encoder, 0))
		    : 0;
	if (part->whole)
		*reading = MIME_READ_WHOLE;
	if (error == 0 && entity->shape != MIME_LEAF && !part->whole)
		return ERR_CORRUPT;
	begin_octets(in, part);
	return error == 0 ? emit(in, part->header) : error;
}

/* emit_text - write text as it travels */
static int
emit_text(void *arg, struct slice utf8)
{
	struct message_in *in = arg;
	int error;

	if (ipm_scan_keeps(&in->part->scan))
		return emit(in, utf8);
	buffer_reset(&in->converted);
	error =
	    ipm_scan_convert(&in->part->scan, &in->state, utf8, &in->converted);
	return error == 0 ? emit(in, buffer_slice(&in->converted)) : error;
}

/* emit_utf8 - write text that was converted */
static int
emit_utf8(void *arg, struct slice utf8)
{
	struct message_in *in = arg;

	return in->mapping->text == CONF_TEXT_IA5
	    ? ascii_text_push(&in->ascii, utf8, emit_text, in)
	    : emit_text(in, utf8);
}

/* emit_text_end - write what is left of a text */
static int
emit_text_end(struct message_in *in)
{
	int error = mime_conversion_finish(&in->conversion, emit_utf8, in);

	return error == 0 ? ascii_text_finish(&in->ascii, emit_text, in)
			  : error;
}

/* write_octets - write octets of a part */
static int
write_octets(struct message_in *in, struct slice octets)
{
	int error;

	if (in->part->kind == BODY_TEXT)
		return mime_conversion_push(
		    &in->conversion, octets, emit_utf8, in);
	if (in->part->kind != BODY_HARPOON)
		return emit(in, octets);
	buffer_reset(&in->converted);
	error = line_end_append(&in->line_end, octets, &in->converted);
	return error == 0 ? emit(in, buffer_slice(&in->converted)) : error;
}

/* --- both --- */

/* on_begin - begin an entity */
static int
on_begin(
    void *arg, const struct mime_entity *entity, enum mime_reading *reading)
{
	struct message_in *in = arg;

	in->part = NULL;
	if (in->pass == PASS_PLAN)
		return plan_entity(in, entity, reading);
	in->depth++;
	return write_entity(in, entity, reading);
}

/* on_data - take octets of a leaf; those of a text in pieces that have room */
static int
on_data(void *arg, struct slice octets)
{
	struct message_in *in = arg;
	int error = 0;

	if (in->part == NULL)
		return 0;
	if (in->pass == PASS_PLAN)
		return plan_octets(in, octets);
	while (octets.len > 0 && error == 0) {
		size_t take =
		    octets.len < PIECE_MAX / 8 ? octets.len : PIECE_MAX / 8;

		error = write_octets(in, slice_of(octets.data, take));
		octets = slice_of(octets.data + take, octets.len - take);
	}
	return error;
}

/* on_end - end an entity */
static int
on_end(void *arg)
{
	struct message_in *in = arg;
	int error = 0;

	in->depth--;
	in->in_status = false;
	if (in->part == NULL)
		return 0;
	if (in->pass == PASS_PLAN)
		error = plan_end(in);
	else if (in->part->kind == BODY_TEXT)
		error = emit_text_end(in);
	in->part = NULL;
	return error;
}

/* begin_reading - prepare the reader for the first or second time */
static void
begin_reading(struct message_in *in, enum pass pass)
{
	const struct mime_handler handler = {.begin = on_begin,
	    .data = on_data,
	    .end = on_end,
	    .unparted = on_unparted,
	    .arg = in};

	in->pass = pass;
	in->depth = 0;
	in->part = NULL;
	mime_reader_init(
	    &in->reader, &handler, &in->limits, in->mapping->charsets);
}

/* message_in_new - prepare to read one message */
int
message_in_new(const struct mapping *mapping, const struct mime_limits *limits,
    struct message_in **in)
{
	struct message_in *m = calloc(1, sizeof(*m));
	int error;

	if (m == NULL)
		return ERR_NOMEM;
	m->mapping = mapping;
	m->limits = *limits;
	arena_init(&m->arena, BODY_ARENA_MAX);
	buffer_init(&m->converted, PIECE_MAX);
	buffer_init(&m->status, STATUS_MAX);
	begin_reading(m, PASS_PLAN);
	m->parts = arena_array(
	    &m->arena, limits->parts + 2, sizeof(struct body_part *));
	error = m->parts != NULL
	    ? body_in_level(NULL, &m->newest, &m->arena, &m->outermost)
	    : arena_error(&m->arena);
	if (error < 0) {
		message_in_free(m);
		return error;
	}
	*in = m;
	return 0;
}

/* explain - say what the reader has against a message */
static int
explain(const struct message_in *in, int error, struct diag *diag)
{
	if (error < 0 && in->reader.fault != MIME_FAULT_NONE)
		return diag_set(
		    diag, error, "%s", mime_fault_text(in->reader.fault));
	if (error == ERR_LIMIT)
		return diag_set(diag, error, "more than a content may have");
	return error < 0 ? diag_set(diag, error, "%s", error_strerror(error))
			 : 0;
}

/* message_in_push - take octets of the message */
int
message_in_push(struct message_in *in, struct slice octets, struct diag *diag)
{
	return explain(in, mime_reader_push(&in->reader, octets), diag);
}

/* make_plan - decide what the content will be */
static int
make_plan(struct message_in *in, struct diag *diag)
{
	struct body_level_in *l = in->outermost;
	int error;

	if (in->keeps && in->is_lossy)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "conversion with loss is prohibited");
	error = body_in_encode(
	    in->mapping, in->newest, &in->arena, &in->plan.type, diag);

	if (error < 0)
		return error;
	in->plan.length = ipm_encoder_length(&l->encoder);
	in->plan.heading = &l->heading;
	in->plan.parts = l->outgoing;
	in->plan.count = l->count;
	in->plan.status_text = buffer_slice(&in->status);
	return 0;
}

/* message_in_finish - end a reading */
int
message_in_finish(
    struct message_in *in, struct message_plan *plan, struct diag *diag)
{
	int error = explain(in, mime_reader_finish(&in->reader), diag);

	if (error < 0)
		return error;
	if (in->pass == PASS_PLAN) {
		error = make_plan(in, diag);
		if (error == 0 && plan != NULL)
			*plan = in->plan;
		return error;
	}
	if (in->plan.count == 0)
		error =
		    emit(in, ipm_encoder_prefix(&in->outermost->encoder, 0));
	if (error == 0 && in->written != in->plan.length)
		error = ERR_CORRUPT;
	return error == ERR_CORRUPT
	    ? diag_set(diag, error, "the message changed")
	    : error;
}

/* message_in_again - begin the second reading, which writes the content */
void
message_in_again(struct message_in *in, mime_sink sink, void *arg)
{
	mime_reader_fini(&in->reader);
	in->sink = sink;
	in->arg = arg;
	in->written = 0;
	begin_reading(in, PASS_WRITE);
}

/* message_in_free - give back its memory */
void
message_in_free(struct message_in *in)
{
	if (in == NULL)
		return;
	mime_reader_fini(&in->reader);
	body_in_fini(in->newest);
	buffer_fini(&in->converted);
	buffer_fini(&in->status);
	arena_fini(&in->arena);
	free(in);
}
