/* SPDX-License-Identifier: ISC */
/*
 * message_out.c - a content of X.400 as a message of the Internet, as it
 * arrives (RFC 2156 5.3, RFC 2157)
 *
 * Contract in message_out.h.
 */
#include "mixer/message_out.h"

#include <stdlib.h>

#include "mixer/body_out.h"
#include "mixer/east_asian.h"
#include "mixer/file_part.h"
#include "mixer/heading.h"
#include "mixer/mime_body.h"
#include "mixer/notification_out.h"
#include "mixer/oid_text.h"
#include "mixer/opaque_out.h"

/* Octets of a text in a set that is not known; a longer one ends the writing
 * rather than lose some, unless all of it can be converted. */
#define ORIGINAL_MAX ((size_t)4 * 1024 * 1024)

/* Memory for what one part says of itself. */
#define MIME_SCRATCH_MAX ((size_t)1024 * 1024)

struct message_out {
	const struct mapping *mapping;
	struct mime_writer writer;
	struct ipm_decoder decoder;
	struct body_out body;
	struct mime_encoder encoder; /* of the part at hand, unless a text */
	struct opaque_out opaque;    /* likewise */
	bool is_opaque;
	struct ber_stream octets; /* the value of a part that holds MIME */
	bool wrapped;		  /* the octets of the part at hand are in it */
	bool dropped;		  /* of the part at hand a marker is written */
	struct buffer original;	  /* of a text whose set is not known */
	bool text;		  /* the part at hand is one */
	bool east_asian; /* its octets are converted, not what was shown */
	bool unshown;	 /* they could not be converted to their end */
	bool unkept;	 /* they are more than are kept */
	struct mime_conversion conversion;
	bool forwarded;	   /* a forwarded message began, its heading comes */
	bool heading;	   /* of the outermost message came */
	bool notification; /* it is one, and is written */
};

/* on_heading - begin a message: its fields, after those of its part */
static int
on_heading(void *arg, const struct ipm_heading *heading, unsigned level)
{
	struct message_out *out = arg;
	struct mime_writer *w = &out->writer;
	struct multipart type;

	out->forwarded = false;
	out->heading = true;
	multipart_of(heading, &type);
	/* A multipart that was no message has no fields of its own. */
	if (level > 0 && type.subtype[0] != '\0' && !type.is_message)
		return body_out_enter(&out->body, level, &type);
	if (level > 0)
		mime_puts(w, "Content-Type: message/rfc822\r\n\r\n");
	heading_to_internet(out->mapping, heading,
	    level == 0 ? HEADING_OUTERMOST : HEADING_FORWARDED, w);
	mime_puts(w, "MIME-Version: 1.0\r\n");
	return w->error < 0 ? w->error
			    : body_out_enter(&out->body, level, &type);
}

/* has_type - tell whether MIME has a type for a part */
static bool
has_type(const struct ipm_part *part)
{
	return part->kind == IPM_KIND_FILE ||
	    part->kind == IPM_KIND_BILATERALLY ||
	    (part->kind == IPM_KIND_MESSAGE && !part->unreadable);
}

/* put_unmappable - refuse a part that MIME has no type for, or write a text in
 * its place */
static int
put_unmappable(struct message_out *out, const struct ipm_part *part)
{
	struct mime_writer *w = &out->writer;
	const char *name = ipm_kind_name(part->kind);
	char oid[OID_TEXT_MAX];

	if (part->oid.len > 0) {
		oid_text(part->oid, oid);
		name = oid;
	}
	if (out->mapping->unmappable == CONF_UNMAPPABLE_REFUSE)
		return diag_set(out->decoder.diag, ERR_UNSUPPORTED,
		    "a body part of type %s, which MIME does not have", name);
	mime_puts(w,
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "[A body part of type ");
	mime_puts(w, name);
	mime_puts(w, " was left out here.]");
	out->dropped = true;
	return w->error;
}

/* begin_text - begin a text */
static int
begin_text(struct message_out *out, const struct ipm_part *part)
{
	int set = mime_charset_find(
	    out->mapping->charsets, slice_of_string(EAST_ASIAN_CHARSET));

	out->east_asian = part->original && set >= 0 &&
	    part->kind == IPM_KIND_GENERAL_TEXT &&
	    east_asian_is(part->parameters);
	out->unshown = out->unkept = false;
	if (out->east_asian)
		mime_conversion_init(
		    &out->conversion, out->mapping->charsets, set);
	return body_out_text(&out->body, part->level, part->kind);
}

/* hand_on - write octets of a part that has a type of MIME */
static int
hand_on(struct message_out *out, struct slice octets)
{
	if (out->text)
		return body_out_text_push(&out->body, octets);
	mime_encoder_push(&out->encoder, &out->writer, octets);
	return out->writer.error;
}

/* on_octets - hand on the octets of an OCTET STRING, and not its BER */
static int
on_octets(void *arg, const struct ber_stream_event *event)
{
	return event->kind == STREAM_DATA ? hand_on(arg, event->raw) : 0;
}

/* begin_mime - begin a part that holds MIME; false: it is none */
static bool
begin_mime(struct message_out *out, const struct ipm_part *part, int *error)
{
	enum mime_body_form form = MIME_BODY_NONE;
	struct slice fields;
	struct arena arena;

	arena_init(&arena, MIME_SCRATCH_MAX);
	*error = mime_body_read(
	    out->mapping->charsets, part, &arena, &fields, &form);
	out->wrapped = form != MIME_BODY_NONE && !part->aligned;
	ber_stream_init(&out->octets, UINT64_MAX, on_octets, out);
	if (*error == 0 && form == MIME_BODY_COMPOSITE) {
		out->text = true;
		*error = body_out_mime(&out->body, part->level, fields);
	} else if (*error == 0 && form == MIME_BODY_OCTETS &&
	    (*error = body_out_part(&out->body, part->level)) == 0) {
		mime_put(&out->writer, fields);
		mime_puts(&out->writer, "\r\n");
		mime_encoder_init(&out->encoder, MIME_BASE64);
		out->is_opaque = false;
	}
	arena_fini(&arena);
	return form != MIME_BODY_NONE || *error < 0;
}

/* begin_octets - begin a part that is no text and no message */
static int
begin_octets(struct message_out *out, const struct ipm_part *part)
{
	struct mime_writer *w = &out->writer;

	out->is_opaque =
	    part->kind != IPM_KIND_FILE && part->kind != IPM_KIND_BILATERALLY;
	if (out->is_opaque) {
		opaque_out_begin(&out->opaque, part, &out->encoder, w);
		return w->error;
	}
	if (part->kind == IPM_KIND_FILE)
		file_part_write(w, out->mapping->charsets, part);
	else
		mime_puts(w, "Content-Type: application/octet-stream\r\n");
	mime_puts(w, "Content-Transfer-Encoding: base64\r\n\r\n");
	mime_encoder_init(&out->encoder, MIME_BASE64);
	return w->error;
}

/* on_begin - begin a part */
static int
on_begin(void *arg, const struct ipm_part *part)
{
	struct message_out *out = arg;
	int error;

	out->text = part->text;
	out->wrapped = false;
	if (part->text)
		return begin_text(out, part);
	if (begin_mime(out, part, &error))
		return error;
	if ((error = body_out_part(&out->body, part->level)) < 0)
		return error;
	if (!has_type(part) &&
	    out->mapping->unmappable != CONF_UNMAPPABLE_ENCAPSULATE)
		return put_unmappable(out, part);
	/* The fields of a message follow when its heading has come. */
	out->forwarded = part->kind == IPM_KIND_MESSAGE && !part->unreadable;
	return out->forwarded ? 0 : begin_octets(out, part);
}

/* on_data - take octets of a part */
static int
on_data(void *arg, struct slice octets)
{
	struct message_out *out = arg;

	if (out->dropped || (out->text && out->east_asian))
		return 0;
	if (out->wrapped)
		return ber_stream_push(&out->octets, octets, NULL);
	if (out->text || !out->is_opaque)
		return hand_on(out, octets);
	opaque_out_push(&out->opaque, &out->encoder, &out->writer, octets);
	return out->writer.error;
}

/* show - write text that was converted */
static int
show(void *arg, struct slice utf8)
{
	struct message_out *out = arg;

	return body_out_text_push(&out->body, utf8);
}

/* note_unshown - note that the rest of a text cannot be converted, unless an
 * error is another one */
static int
note_unshown(struct message_out *out, int error)
{
	if (error != ERR_VALUE || out->writer.error != 0)
		return error;
	out->unshown = true;
	return body_out_text_push(&out->body, slice_of_string("\xef\xbf\xbd"));
}

/* on_original - keep octets of a text that cannot be shown whole */
static int
on_original(void *arg, struct slice octets)
{
	struct message_out *out = arg;
	int error = 0;

	if (out->east_asian && !out->unshown)
		error = note_unshown(out,
		    mime_conversion_push(&out->conversion, octets, show, out));
	if (error == 0 && !out->unkept)
		error = buffer_append(&out->original, octets.data, octets.len);
	if (error == ERR_LIMIT && out->east_asian) {
		out->unkept = true;
		buffer_reset(&out->original);
		error = 0;
	}
	return error == 0 && out->unkept && out->unshown ? ERR_LIMIT : error;
}

/* end_text - end a text; octets that it could not show follow it as a file */
static int
end_text(struct message_out *out, unsigned level)
{
	struct mime_writer *w = &out->writer;
	int error = 0;

	if (out->east_asian && !out->unshown)
		error = note_unshown(
		    out, mime_conversion_finish(&out->conversion, show, out));
	if (error == 0 && out->unkept && out->unshown)
		error = ERR_LIMIT;
	if (out->east_asian && !out->unshown)
		buffer_reset(&out->original);
	out->east_asian = false;
	if (error == 0)
		error = body_out_text_end(&out->body);
	out->text = false;
	if (error < 0 || buffer_length(&out->original) == 0)
		return error;
	if ((error = body_out_part(&out->body, level)) < 0)
		return error;
	mime_puts(w,
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment; filename=original-text\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n");
	mime_encoder_init(&out->encoder, MIME_BASE64);
	mime_encoder_push(&out->encoder, w, buffer_slice(&out->original));
	mime_encoder_finish(&out->encoder, w, MIME_BOUNDARY_FOLLOWS);
	mime_encoder_init(&out->encoder, MIME_IDENTITY);
	buffer_reset(&out->original);
	return w->error;
}

/* on_end - end a part */
static int
on_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct message_out *out = arg;

	if (out->text)
		return end_text(out, level);
	if (out->dropped) {
		out->dropped = false;
		return out->writer.error;
	}
	/* A message that is handed on as BER has no level of its own. */
	if (kind == IPM_KIND_MESSAGE && out->encoder.encoding == MIME_IDENTITY)
		return body_out_leave(
		    &out->body, level + 1, MIME_BOUNDARY_FOLLOWS);
	if (out->is_opaque)
		opaque_out_end(&out->opaque, &out->encoder, &out->writer);
	else
		mime_encoder_finish(
		    &out->encoder, &out->writer, MIME_BOUNDARY_FOLLOWS);
	mime_encoder_init(&out->encoder, MIME_IDENTITY);
	return out->writer.error;
}

/* on_notification - write a notification, which is a message of its own */
static int
on_notification(void *arg, const struct ipm_notification *notification)
{
	struct message_out *out = arg;

	out->notification = true;
	return notification_to_internet(
	    out->mapping, notification, &out->writer);
}

/* message_out_new - prepare to write one content to a sink */
int
message_out_new(const struct mapping *mapping, const struct ipm_raw *raw,
    mime_sink sink, void *arg, struct message_out **out)
{
	struct message_out *o = calloc(1, sizeof(*o));
	const struct ipm_handler handler = {.heading = on_heading,
	    .notification = on_notification,
	    .part_begin = on_begin,
	    .part_data = on_data,
	    .part_original = on_original,
	    .part_end = on_end,
	    .arg = o};

	if (o == NULL)
		return ERR_NOMEM;
	o->mapping = mapping;
	mime_writer_init(&o->writer, sink, arg);
	body_out_init(&o->body, mapping, &o->writer);
	buffer_init(&o->original, ORIGINAL_MAX);
	ipm_decoder_init(&o->decoder, &handler, UINT64_MAX);
	o->decoder.raw = raw;
	o->decoder.plain_files = true;
	*out = o;
	return 0;
}

/* message_out_push - take octets of the content */
int
message_out_push(
    struct message_out *out, struct slice octets, struct diag *diag)
{
	return ipm_decoder_push(&out->decoder, octets, diag);
}

/* message_out_is_receipt - tell whether the content is a notification */
bool
message_out_is_receipt(const struct message_out *out)
{
	return out->notification;
}

/* message_out_finish - end the message */
int
message_out_finish(struct message_out *out, struct diag *diag)
{
	int error = ipm_decoder_finish(&out->decoder, diag);

	if (error < 0)
		return error;
	if (out->notification)
		return 0;
	if (!out->heading)
		return diag_set(diag, ERR_SYNTAX, "a message without heading");
	return body_out_leave(&out->body, 0, MIME_NOTHING_FOLLOWS);
}

/* message_out_unreadable - tell whether a content that was in error can be
 * written all the same */
bool
message_out_unreadable(const struct message_out *out, struct ipm_raw *raw)
{
	if (out->decoder.unreadable == 0 || raw->count == IPM_RAW_MAX)
		return false;
	raw->part[raw->count++] = out->decoder.unreadable;
	return true;
}

/* message_out_free - give back its memory */
void
message_out_free(struct message_out *out)
{
	if (out == NULL)
		return;
	ipm_decoder_fini(&out->decoder);
	body_out_fini(&out->body);
	buffer_fini(&out->original);
	free(out);
}
