/* SPDX-License-Identifier: ISC */
/*
 * object_write.c - write an object as JSON, from its envelope and content
 *
 * Contract in object_write.h.  The members of the content are built apart from
 * the others, so that they can be left out where the content turns out not to
 * be readable.
 */
#include "json/object_write.h"

#include <stdlib.h>

#include "json/object_put.h"
#include "json/object_write_parts.h"

/* A report's content is read whole. */
#define REPORT_MAX ((size_t)4 * P1_ENVELOPE_MAX)

/* A content larger than that is not put as base64. */
#define BASE64_MAX ((size_t)OBJECT_TEXT_MAX / 2)

struct object_writer {
	const struct p1_envelope *envelope; /* borrowed */
	const struct object_context *context;
	struct arena arena;
	struct json_put put;
	json_t *described; /* the members that the content makes */
	bool is_ipm;	   /* the decoder is in use */
	struct ipm_decoder decoder;
	struct object_write_parts parts;
	struct buffer kept; /* of a report, or of what is to be base64 */
	bool overflowed;    /* there is more than is kept */
	uint64_t length;    /* of the content */
	bool notification;
	bool has_content;	/* the JSON says where the content is */
	struct diag unreadable; /* why the content is not described */
};

/* on_heading - put the heading of the message */
static int
on_heading(void *arg, const struct ipm_heading *heading, unsigned level)
{
	struct object_writer *w = arg;

	if (level == 0)
		object_put_ipm(&w->put, w->described, heading);
	return w->put.error;
}

/* on_notification - put the notification */
static int
on_notification(void *arg, const struct ipm_notification *notification)
{
	struct object_writer *w = arg;

	w->notification = true;
	object_put_notification(&w->put, w->described, notification);
	return w->put.error;
}

/* on_part_begin - begin a part */
static int
on_part_begin(void *arg, const struct ipm_part *part)
{
	struct object_writer *w = arg;

	return object_write_parts_begin(&w->parts, &w->put, w->described, part);
}

/* on_part_data - take octets of a part */
static int
on_part_data(void *arg, struct slice octets)
{
	struct object_writer *w = arg;

	return object_write_parts_data(&w->parts, octets);
}

/* on_part_end - end a part */
static int
on_part_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct object_writer *w = arg;

	(void)kind;
	(void)level;
	return object_write_parts_end(&w->parts, &w->put);
}

/* begin_content - prepare to read the content, if it is one that is read */
static void
begin_content(struct object_writer *w)
{
	const struct p1_content_type *type = &w->envelope->content_type;
	const struct ipm_handler handler = {.heading = on_heading,
	    .notification = on_notification,
	    .part_begin = on_part_begin,
	    .part_data = on_part_data,
	    .part_end = on_part_end,
	    .arg = w};

	if (w->envelope->kind != MTS_MESSAGE ||
	    (type->built_in != P1_CONTENT_P2 &&
		type->built_in != P1_CONTENT_P22))
		return;
	w->is_ipm = true;
	ipm_decoder_init(&w->decoder, &handler, UINT64_MAX);
	w->decoder.whole_messages = true;
}

/* object_writer_new - begin an object */
struct object_writer *
object_writer_new(const struct p1_envelope *envelope,
    const struct object_context *context, const struct object_taker *taker)
{
	struct object_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->envelope = envelope;
	w->context = context;
	arena_init(&w->arena, OBJECT_ARENA_MAX);
	w->put.arena = &w->arena;
	buffer_init(
	    &w->kept, envelope->kind == MTS_REPORT ? REPORT_MAX : BASE64_MAX);
	object_write_parts_init(&w->parts, taker);
	w->described = json_object();
	if (w->described == NULL) {
		object_writer_free(w);
		return NULL;
	}
	begin_content(w);
	return w;
}

/* drop_described - leave out what the content makes, since it cannot be read */
static int
drop_described(struct object_writer *w, const struct diag *why)
{
	w->unreadable = *why;
	w->is_ipm = false;
	w->notification = false;
	ipm_decoder_fini(&w->decoder);
	if (json_object_clear(w->described) != 0)
		return ERR_NOMEM;
	return object_write_parts_drop(&w->parts);
}

/* is_of_content - tell whether an error says that the content cannot be
 * read */
static bool
is_of_content(const struct object_writer *w, int error)
{
	return w->put.error == 0 && !w->parts.failed && error != ERR_NOMEM;
}

/* keep_content - keep octets of the content, if they are wanted */
static int
keep_content(struct object_writer *w, struct slice octets)
{
	bool wanted = w->envelope->kind == MTS_REPORT ||
	    w->context->content.place == OBJECT_INLINE;
	int error;

	w->length += octets.len;
	if (!wanted || w->overflowed)
		return 0;
	error = buffer_append(&w->kept, octets.data, octets.len);
	if (error != ERR_LIMIT)
		return error;
	w->overflowed = true;
	buffer_fini(&w->kept);
	buffer_init(&w->kept, 0);
	return 0;
}

/* object_writer_push - take the next octets of the content */
int
object_writer_push(struct object_writer *w, struct slice octets)
{
	struct diag diag = {0};
	int error = keep_content(w, octets);

	if (error != 0 || !w->is_ipm)
		return error;
	error = ipm_decoder_push(&w->decoder, octets, &diag);
	return error != 0 && is_of_content(w, error) ? drop_described(w, &diag)
						     : error;
}

/* end_content - find out whether the content is whole, and describe a
 * report */
static int
end_content(struct object_writer *w)
{
	struct diag diag = {0};
	struct report report;
	int error;

	if (w->is_ipm) {
		error = ipm_decoder_finish(&w->decoder, &diag);
		return error != 0 && is_of_content(w, error)
		    ? drop_described(w, &diag)
		    : error;
	}
	if (w->envelope->kind != MTS_REPORT)
		return 0;
	if (report_decode(buffer_slice(&w->kept), &w->arena, &report,
		&w->unreadable) == 0)
		object_put_report(
		    &w->put, w->described, &report, w->context->submission);
	return w->put.error;
}

/* put_content - put where the content is */
static void
put_content(struct object_writer *w, json_t *top)
{
	const struct object_source *content = &w->context->content;
	json_t *object;

	if (content->place == OBJECT_NOWHERE ||
	    w->envelope->kind == MTS_PROBE ||
	    (w->context->content_unless_described &&
		json_object_size(w->described) > 0))
		return;
	w->has_content = true;
	object = json_put_object(&w->put, top, "content");
	json_put_integer(&w->put, object, "octets", (int64_t)w->length);
	if (content->place == OBJECT_FILE)
		json_put_text(&w->put, object, "file", content->file);
	else if (content->place == OBJECT_INLINE && !w->overflowed)
		json_put_octets(
		    &w->put, object, "base64", buffer_slice(&w->kept));
}

/* kind_of - find the kind of the object */
static enum object_kind
kind_of(const struct object_writer *w)
{
	switch (w->envelope->kind) {
	case MTS_PROBE:
		return OBJECT_PROBE;
	case MTS_REPORT:
		return OBJECT_REPORT;
	case MTS_MESSAGE:
		break;
	}
	return w->notification ? OBJECT_NOTIFICATION : OBJECT_MESSAGE;
}

/* put_context - put what is known of the object beside its envelope */
static void
put_context(struct object_writer *w, json_t *top)
{
	const struct object_context *context = w->context;

	json_put_string(&w->put, top, "kind", object_kind_name(kind_of(w)));
	if (context->id != 0)
		json_put_integer(&w->put, top, "id", (int64_t)context->id);
	if (context->arrival != OBJECT_NO_TIME)
		json_put_integer(&w->put, top, "arrival", context->arrival);
	if (context->attempt != 0)
		json_put_integer(&w->put, top, "attempt", context->attempt);
	if (context->key.len > 0)
		json_put_text(&w->put, top, "key", context->key);
}

/* add_json - take octets of the JSON */
static int
add_json(const char *text, size_t len, void *arg)
{
	return buffer_append(arg, text, len) == 0 ? 0 : -1;
}

/* object_writer_finish - append the JSON to out */
int
object_writer_finish(struct object_writer *w, struct buffer *out)
{
	struct buffer text;
	json_t *top;
	int error = end_content(w);

	if (error != 0)
		return error;
	if ((top = json_object()) == NULL)
		return ERR_NOMEM;
	put_context(w, top);
	if (!w->context->content_alone)
		object_put_envelope(&w->put, top, w->envelope);
	put_content(w, top);
	if (w->put.error == 0 && json_object_update(top, w->described) != 0)
		w->put.error = ERR_NOMEM;
	if (w->unreadable.code != 0)
		json_put_string(
		    &w->put, top, "unreadable", diag_text(&w->unreadable));
	error = w->put.error;
	buffer_init(&text, OBJECT_TEXT_MAX);
	if (error == 0 &&
	    json_dump_callback(top, add_json, &text, JSON_COMPACT) != 0)
		error = text.end == 0 ? ERR_NOMEM : ERR_LIMIT;
	if (error == 0)
		error = buffer_append(
		    out, buffer_slice(&text).data, buffer_length(&text));
	buffer_fini(&text);
	json_decref(top);
	return error;
}

/* object_writer_has_content - tell whether the JSON says where the content
 * is */
bool
object_writer_has_content(const struct object_writer *w)
{
	return w->has_content;
}

/* object_writer_free - free it */
void
object_writer_free(struct object_writer *w)
{
	if (w == NULL)
		return;
	if (w->is_ipm)
		ipm_decoder_fini(&w->decoder);
	object_write_parts_fini(&w->parts);
	json_decref(w->described);
	buffer_fini(&w->kept);
	arena_fini(&w->arena);
	free(w);
}
