/* SPDX-License-Identifier: ISC */
/*
 * mixer_message.c - messages through the mapping; see mixer_message.h
 */
#include "tests/unit/mixer/mixer_message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "mhs/ipm_decode.h"
#include "mixer/field_list.h"
#include "mixer/multipart.h"
#include "mixer/oid_text.h"
#include "mixer/or_name.h"
#include "tests/unit/test.h"

void
mixer_message_init(struct mixer_message *m)
{
	memset(m, 0, sizeof(*m));
	m->conf = mixer_map_read(
	    &m->map, "map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\"}\n");
	mime_charsets_open(&m->charsets);
	m->mapping = (struct mapping){.addresses = &m->map,
	    .charsets = &m->charsets,
	    .now = MIXER_MESSAGE_NOW};
	m->limits = (struct mime_limits){.size = UINT64_MAX,
	    .header = MIME_HEADER_MAX,
	    .parts = MIME_PARTS_MAX};
}

void
mixer_message_fini(struct mixer_message *m)
{
	mime_charsets_close(&m->charsets);
	address_map_fini(&m->map);
	conf_free(m->conf);
}

/* gather - collect octets */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* read_once - push a message in pieces and end it */
static int
read_once(struct message_in *in, struct slice octets, size_t piece,
    struct message_plan *plan, struct diag *diag)
{
	int error = 0;

	for (size_t i = 0; i < octets.len && error == 0; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		error = message_in_push(in, slice_of(octets.data + i, n), diag);
	}
	return error == 0 ? message_in_finish(in, plan, diag) : error;
}

int
mixer_message_to_x400(struct mixer_message *m, struct slice octets,
    size_t piece, struct buffer *content, struct diag *diag)
{
	size_t before = buffer_length(content);
	struct message_plan plan = {.length = 0};
	struct message_in *in;
	int error = message_in_new(&m->mapping, &m->limits, &in);

	ck_assert_int_eq(error, 0);
	error = read_once(in, octets, piece, &plan, diag);
	if (error == 0) {
		message_in_again(in, gather, content);
		error = read_once(in, octets, piece, &plan, diag);
		if (error == 0)
			ck_assert_uint_eq(
			    buffer_length(content) - before, plan.length);
	}
	message_in_free(in);
	return error;
}

/* find_raw - find the forwarded messages that cannot be read */
static void
find_raw(struct slice content, struct ipm_raw *raw)
{
	const struct ipm_handler handler = {.arg = NULL};
	struct ipm_decoder decoder;
	bool again;

	raw->count = 0;
	do {
		ipm_decoder_init(&decoder, &handler, UINT64_MAX);
		decoder.raw = raw;
		decoder.plain_files = true;
		again = ipm_decoder_push(&decoder, content, NULL) < 0 &&
		    decoder.unreadable != 0 && raw->count < IPM_RAW_MAX;
		if (again)
			raw->part[raw->count++] = decoder.unreadable;
		ipm_decoder_fini(&decoder);
	} while (again);
}

int
mixer_message_to_internet(struct mixer_message *m, struct slice content,
    size_t piece, struct buffer *octets, struct diag *diag)
{
	struct message_out *out;
	struct ipm_raw raw;
	int error = 0;

	find_raw(content, &raw);
	ck_assert_int_eq(
	    message_out_new(&m->mapping, &raw, gather, octets, &out), 0);
	for (size_t i = 0; i < content.len && error == 0; i += piece) {
		size_t n = content.len - i < piece ? content.len - i : piece;

		error =
		    message_out_push(out, slice_of(content.data + i, n), diag);
	}
	if (error == 0)
		error = message_out_finish(out, diag);
	message_out_free(out);
	return error;
}

/* part_of - get some octets around a place */
static struct slice
part_of(struct slice text, size_t at)
{
	size_t start = at > 300 ? at - 300 : 0;

	if (start > text.len)
		start = text.len;
	return slice_of(
	    text.data + start, text.len - start < 500 ? text.len - start : 500);
}

void
mixer_message_same(struct slice a, struct slice b, const char *of)
{
	size_t at = 0;

	while (at < a.len && at < b.len && a.data[at] == b.data[at])
		at++;
	if (at == a.len && at == b.len)
		return;
	a = part_of(a, at);
	b = part_of(b, at);
	ck_abort_msg("%s: one is\n%.*s\n--- the other is\n%.*s", of, (int)a.len,
	    (const char *)a.data, (int)b.len, (const char *)b.data);
}

/* --- a content in words --- */

struct describing {
	struct buffer *out;
	struct arena arena;
};

/* note - append a formatted text */
static void PRINTF_LIKE(2, 3) note(struct describing *d, const char *fmt, ...)
{
	char line[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(buffer_append(d->out, line, strlen(line)), 0);
}

/* note_slice - append a text between two others */
static void
note_slice(struct describing *d, const char *before, struct slice text)
{
	note(d, "%s", before);
	ck_assert_int_eq(buffer_append(d->out, text.data, text.len), 0);
}

/* note_name - append an O/R name */
static void
note_name(struct describing *d, struct slice octets)
{
	struct or_name name;

	if (octets.len == 0)
		return;
	if (or_name_of(octets, &d->arena, &name) == 0)
		note(d, " %s",
		    or_address_format(&name.address, OR_STYLE_F401, &d->arena));
	else
		note(d, " ?");
}

/* note_user - append a user */
static void
note_user(
    struct describing *d, const char *label, const struct ipm_descriptor *user)
{
	note(d, "%s:", label);
	note_name(d, user->name);
	if (user->free_form.len > 0)
		note_slice(d, " name=", user->free_form);
	if (user->telephone.len > 0)
		note_slice(d, " tel=", user->telephone);
}

/* note_users - append a list of users */
static void
note_users(struct describing *d, const char *label,
    const struct ipm_descriptors *users)
{
	for (size_t i = 0; i < users->count; i++) {
		note_user(d, label, &users->list[i]);
		note(d, "\n");
	}
}

/* note_recipients - append a list of recipients */
static void
note_recipients(struct describing *d, const char *label,
    const struct ipm_recipients *recipients)
{
	for (size_t i = 0; i < recipients->count; i++) {
		note_user(d, label, &recipients->list[i].descriptor);
		if (recipients->list[i].reply_requested)
			note(d, " reply");
		if ((recipients->list[i].requests & IPM_REQUEST_RN) != 0)
			note(d, " receipt");
		note(d, "\n");
	}
}

/* note_ids - append a list of identifiers */
static void
note_ids(struct describing *d, const char *label,
    const struct ipm_identifier *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		note(d, "%s: ", label);
		note_slice(d, "", list[i].local);
		note_name(d, list[i].user);
		note(d, "\n");
	}
}

/* note_time - append a time, unless there is none */
static void
note_time(struct describing *d, const char *label, int64_t seconds)
{
	if (seconds != IPM_NO_TIME)
		note(d, "%s: %" PRId64 "\n", label, seconds);
}

/* note_extension - append an extension */
static void
note_extension(struct describing *d, const struct ipm_extension *e)
{
	struct mime_header fields;
	char type[OID_TEXT_MAX];

	if (slice_equal(e->type, FIELD_LIST_OID) &&
	    field_list_decode(e->value, &d->arena, &fields) == 0) {
		for (size_t i = 0; i < fields.count; i++) {
			note_slice(d, "field ", fields.fields[i].name);
			note_slice(d, ": ", fields.fields[i].value);
			note(d, "\n");
		}
		return;
	}
	oid_text(e->type, type);
	note(d, "extension %s:", type);
	for (size_t i = 0; i < e->value.len; i++)
		note(d, " %02x", e->value.data[i]);
	note(d, "\n");
}

static int
on_heading(void *arg, const struct ipm_heading *h, unsigned level)
{
	struct describing *d = arg;

	note(d, "message %u\n", level);
	note_ids(d, "id", &h->this_ipm, 1);
	if (h->has_originator) {
		note_user(d, "originator", &h->originator);
		note(d, "\n");
	}
	note_users(d, "authorizing", &h->authorizing);
	note_recipients(d, "primary", &h->primary);
	note_recipients(d, "copy", &h->copy);
	note_recipients(d, "blind", &h->blind);
	note_ids(d, "replied", &h->replied_to, h->has_replied_to);
	note_ids(d, "obsoleted", h->obsoleted.list, h->obsoleted.count);
	note_ids(d, "related", h->related.list, h->related.count);
	if (h->has_subject) {
		note_slice(d, "subject: ", h->subject);
		note(d, "\n");
	}
	note_time(d, "expiry", h->expiry);
	note_time(d, "reply-time", h->reply);
	note_time(d, "delivery", h->delivery);
	note_users(d, "reply-to", &h->reply_recipients);
	if (h->importance != IPM_NORMAL)
		note(d, "importance: %d\n", h->importance);
	if (h->sensitivity != IPM_NOT_SENSITIVE)
		note(d, "sensitivity: %d\n", h->sensitivity);
	if (h->auto_forwarded)
		note(d, "auto-forwarded\n");
	for (size_t i = 0; i < h->extension_count; i++)
		note_extension(d, &h->extensions[i]);
	return 0;
}

static int
on_begin(void *arg, const struct ipm_part *part)
{
	struct describing *d = arg;

	note(d, "part %u %s", part->level, ipm_kind_name(part->kind));
	if (part->filename.len > 0)
		note_slice(d, " name=", part->filename);
	if (part->description.len > 0)
		note_slice(d, " described=", part->description);
	if (part->modified != IPM_NO_TIME)
		note(d, " modified=%" PRId64, part->modified);
	if (part->created != 0)
		note(d, " created=%" PRId64, part->created);
	if (part->read != 0)
		note(d, " read=%" PRId64, part->read);
	note(d,
	    part->kind == IPM_KIND_MESSAGE && !part->unreadable ? " [\n"
								: " [");
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	struct describing *d = arg;

	return buffer_append(d->out, octets.data, octets.len);
}

static int
on_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct describing *d = arg;

	(void)kind;
	(void)level;
	note(d, "]\n");
	return 0;
}

void
mixer_message_describe(struct slice content, struct buffer *out)
{
	struct describing d = {.out = out};
	const struct ipm_handler handler = {.heading = on_heading,
	    .part_begin = on_begin,
	    .part_data = on_data,
	    .part_end = on_end,
	    .arg = &d};
	struct ipm_decoder decoder;
	struct ipm_raw raw;
	struct diag diag = {0};

	find_raw(content, &raw);
	arena_init(&d.arena, (size_t)64 * 1024 * 1024);
	ipm_decoder_init(&decoder, &handler, UINT64_MAX);
	decoder.raw = &raw;
	ck_assert_msg(ipm_decoder_push(&decoder, content, &diag) == 0 &&
		ipm_decoder_finish(&decoder, &diag) == 0,
	    "%s", diag_text(&diag));
	ipm_decoder_fini(&decoder);
	arena_fini(&d.arena);
}
