/* SPDX-License-Identifier: ISC */
/*
 * oracle.c - GMime as a second reader of messages; see oracle.h
 */
#include "tests/unit/mixer/oracle.h"

#include <gmime/gmime.h>
#include <stdarg.h>
#include <stdio.h>

#include "mime/mime_address.h"
#include "mime/mime_word.h"
#include "tests/unit/test.h"

#define WORDS_MAX ((size_t)32 * 1024 * 1024)

/* note - append a formatted text */
static void PRINTF_LIKE(2, 3) note(struct buffer *out, const char *fmt, ...)
{
	char line[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(buffer_append(out, line, strlen(line)), 0);
}

/* Which addresses have a phrase, in their order: where there is none, GMime
 * takes a comment for it, as was the custom before RFC 822. */
#define ADDRESSES_MAX 4096

static bool named[ADDRESSES_MAX];
static size_t named_count, named_next;

/* --- what our reader finds --- */

struct ours {
	struct mixer_message *m;
	struct buffer out;
	struct arena arena;
	bool leaf;
};

/* note_ours - append the addresses of a field */
static void
note_ours(struct ours *ours, const struct mime_header *header, const char *name)
{
	const struct mime_field *field = mime_header_find(header, name);
	struct mime_mailboxes list;

	if (field == NULL)
		return;
	ck_assert_int_eq(mime_address_parse(&ours->m->charsets, field->value,
			     &ours->arena, &list),
	    0);
	for (size_t i = 0; i < list.count; i++) {
		if (list.list[i].address.len == 0)
			continue;
		ck_assert_uint_lt(named_count, ADDRESSES_MAX);
		named[named_count++] = list.list[i].phrase.len > 0;
		note(&ours->out, "%s: %.*s<%.*s>\n", name,
		    (int)list.list[i].phrase.len,
		    (const char *)list.list[i].phrase.data,
		    (int)list.list[i].address.len,
		    (const char *)list.list[i].address.data);
	}
}

/* note_root - append what the header of a message says */
static void
note_root(struct ours *ours, const struct mime_header *header)
{
	const struct mime_field *field = mime_header_find(header, "Subject");
	struct slice subject;

	if (field != NULL) {
		ck_assert_int_eq(mime_word_decode(&ours->m->charsets,
				     field->value, &ours->arena, &subject),
		    0);
		note(&ours->out, "subject: %.*s\n", (int)subject.len,
		    (const char *)subject.data);
	}
	note_ours(ours, header, "From");
	note_ours(ours, header, "To");
	note_ours(ours, header, "Cc");
}

static int
on_begin(
    void *arg, const struct mime_entity *entity, enum mime_reading *reading)
{
	struct ours *ours = arg;
	struct slice name =
	    mime_type_parameter(&entity->disposition, "filename");

	(void)reading;
	if (entity->root)
		note_root(ours, &entity->header);
	ours->leaf = entity->shape == MIME_LEAF;
	note(&ours->out, "%.*s/%.*s %.*s[", (int)entity->type.type.len,
	    (const char *)entity->type.type.data, (int)entity->type.subtype.len,
	    (const char *)entity->type.subtype.data, (int)name.len,
	    (const char *)name.data);
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	struct ours *ours = arg;

	return buffer_append(&ours->out, octets.data, octets.len);
}

static int
on_end(void *arg)
{
	struct ours *ours = arg;

	note(&ours->out, "]\n");
	return 0;
}

/* read_ours - describe a message by our reader */
static void
read_ours(struct ours *ours, struct slice message)
{
	const struct mime_handler handler = {
	    .begin = on_begin, .data = on_data, .end = on_end, .arg = ours};
	struct mime_reader reader;

	mime_reader_init(
	    &reader, &handler, &ours->m->limits, &ours->m->charsets);
	ck_assert_int_eq(mime_reader_push(&reader, message), 0);
	ck_assert_int_eq(mime_reader_finish(&reader), 0);
	mime_reader_fini(&reader);
}

/* --- what GMime finds --- */

static void note_object(GMimeObject *object, struct buffer *out);

/* note_theirs - append the addresses of a field */
static void
note_theirs(const char *name, InternetAddressList *list, struct buffer *out)
{
	for (int i = 0; list != NULL && i < internet_address_list_length(list);
	     i++) {
		InternetAddress *address =
		    internet_address_list_get_address(list, i);
		const char *phrase = internet_address_get_name(address);

		if (!INTERNET_ADDRESS_IS_MAILBOX(address))
			continue;
		if (named_next >= named_count || !named[named_next++])
			phrase = NULL;
		note(out, "%s: %s<%s>\n", name, phrase != NULL ? phrase : "",
		    internet_address_mailbox_get_addr(
			INTERNET_ADDRESS_MAILBOX(address)));
	}
}

/* note_message - append what a message says and consists of */
static void
note_message(GMimeMessage *message, struct buffer *out)
{
	const char *subject = g_mime_message_get_subject(message);

	if (subject != NULL)
		note(out, "subject: %s\n", subject);
	note_theirs("From", g_mime_message_get_from(message), out);
	note_theirs("To", g_mime_message_get_to(message), out);
	note_theirs("Cc", g_mime_message_get_cc(message), out);
	note_object(g_mime_message_get_mime_part(message), out);
}

/* note_content - append the octets of a leaf */
static void
note_content(GMimePart *part, struct buffer *out)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *octets;

	if (content != NULL)
		(void)g_mime_data_wrapper_write_to_stream(content, stream);
	octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	ck_assert_int_eq(buffer_append(out, octets->data, octets->len), 0);
	g_object_unref(stream);
}

/* note_object - append an entity */
static void
note_object(GMimeObject *object, struct buffer *out)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *name =
	    g_mime_object_get_content_disposition_parameter(object, "filename");

	note(out, "%s/%s %s[", g_mime_content_type_get_media_type(type),
	    g_mime_content_type_get_media_subtype(type),
	    name != NULL ? name : "");
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multipart = GMIME_MULTIPART(object);

		for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
			note_object(
			    g_mime_multipart_get_part(multipart, i), out);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		note_message(
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)),
		    out);
	} else if (GMIME_IS_PART(object)) {
		note_content(GMIME_PART(object), out);
	}
	note(out, "]\n");
}

/* read_theirs - describe a message by GMime */
static void
read_theirs(struct slice octets, struct buffer *out)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)octets.data, octets.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	ck_assert_ptr_nonnull(message);
	note_message(message, out);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

void
oracle_compare(struct mixer_message *m, struct slice message)
{
	struct ours ours = {.m = m};
	struct buffer theirs;

	g_mime_init();
	named_count = named_next = 0;
	buffer_init(&ours.out, WORDS_MAX);
	buffer_init(&theirs, WORDS_MAX);
	arena_init(&ours.arena, (size_t)64 * 1024 * 1024);
	read_ours(&ours, message);
	read_theirs(message, &theirs);
	mixer_message_same(buffer_slice(&ours.out), buffer_slice(&theirs),
	    "what we read and what GMime reads");
	arena_fini(&ours.arena);
	buffer_fini(&ours.out);
	buffer_fini(&theirs);
}
