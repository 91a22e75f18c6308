/* SPDX-License-Identifier: ISC */
/*
 * header_bounds_test.c - a header that is written is no larger than servers
 * take, whatever X.400 says
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mhs/ipm_encode.h"
#include "mixer/envelope_out.h"
#include "mixer/field_list.h"
#include "mixer/heading.h"
#include "mixer/or_name.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define ARENA	   (64u << 20)
#define MANY	   4000
#define HEADER_MAX 100000 /* octets, issue of the gateway */
#define LONG_TEXT  5000
#define LINE_MAX_  998 /* RFC 5322 2.1.1 */
#define MAIL	   "C=DE;A=VIAT;P=ACME;O=MAIL"

static struct mixer_message m;
static struct arena arena;
static struct buffer text;
static bool brief; /* users have short names */

/* setup - make a mapping */
static void
setup(void)
{
	mixer_message_init(&m);
	arena_init(&arena, ARENA);
	buffer_init(&text, 8u << 20);
}

/* teardown - end it */
static void
teardown(void)
{
	buffer_fini(&text);
	arena_fini(&arena);
	mixer_message_fini(&m);
}

/* add - gather what is written */
static int
add(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* long_text - make a text of so many octets, none of them ASCII */
static struct slice
long_text(size_t len)
{
	char *made = arena_alloc(&arena, len);

	ck_assert_ptr_nonnull(made);
	for (size_t i = 0; i + 1 < len; i += 2)
		memcpy(made + i, "\xc3\xa4", 2);
	return slice_of(made, len & ~(size_t)1);
}

/* name_of - make the ORName of user n */
static struct or_name
name_of(size_t n)
{
	struct or_name name = {.directory_name = {.len = 0}};
	const char *address = brief
	    ? arena_printf(&arena, MAIL ";S=u%zu", n)
	    : arena_printf(&arena, MAIL ";G=user%zu;S=of-the-longest-list", n);

	ck_assert_ptr_nonnull(address);
	ck_assert_int_eq(or_address_parse(slice_of_string(address), &arena,
			     &name.address, NULL),
	    0);
	return name;
}

/* descriptors - make a list of users; a name each if it is to be long */
static struct ipm_descriptor *
descriptors(size_t count, size_t phrase)
{
	struct ipm_descriptor *list = arena_array(&arena, count, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++) {
		struct or_name name = name_of(i);

		list[i] =
		    (struct ipm_descriptor){.free_form = long_text(phrase),
			.telephone = long_text(phrase)};
		ck_assert_int_eq(
		    or_name_octets(&name, &arena, &list[i].name), 0);
	}
	return list;
}

/* recipients - make a list of recipients likewise */
static struct ipm_recipients
recipients(size_t count, size_t phrase)
{
	struct ipm_descriptor *list = descriptors(count, phrase);
	struct ipm_recipients made = {.count = count,
	    .list = arena_array(&arena, count, sizeof(*made.list))};

	ck_assert_ptr_nonnull(made.list);
	for (size_t i = 0; i < count; i++)
		made.list[i] = (struct ipm_recipient){.descriptor = list[i]};
	return made;
}

/* identifiers - make a list of identifiers that are as long as they can be */
static struct ipm_identifiers
identifiers(size_t count)
{
	struct ipm_identifiers made = {.count = count,
	    .list = arena_array(&arena, count, sizeof(*made.list))};

	ck_assert_ptr_nonnull(made.list);
	for (size_t i = 0; i < count; i++) {
		const char *local = arena_printf(&arena, "%060zu", i);

		made.list[i] =
		    (struct ipm_identifier){.local = slice_of_string(local)};
	}
	return made;
}

/* begin_heading - begin a heading of one whose name has so many octets */
static void
begin_heading(struct ipm_heading *h, size_t phrase)
{
	setup();
	ipm_heading_init(h);
	h->this_ipm = identifiers(1).list[0];
	h->has_originator = true;
	h->originator = descriptors(1, phrase)[0];
}

/* kept_fields - make a field list of so many fields of so many octets */
static struct ipm_extension
kept_fields(size_t count, size_t len)
{
	struct mime_header header = {.count = count,
	    .fields = arena_array(&arena, count, sizeof(*header.fields))};
	struct ipm_extension made = {.type = FIELD_LIST_OID};
	char *value = arena_alloc(&arena, len);

	ck_assert_ptr_nonnull(value);
	ck_assert_ptr_nonnull(header.fields);
	memset(value, 'v', len);
	for (size_t i = 0; i < len; i += 40)
		value[i] = ' ';
	for (size_t i = 0; i < count; i++)
		header.fields[i] = (struct mime_field){
		    .name = slice_of_string(arena_printf(&arena, "X-%zu", i)),
		    .value = slice_of(value, len)};
	ck_assert_int_eq(field_list_encode(&header, &arena, &made.value), 0);
	return made;
}

/* check_lines - check that no line is too long, and each ends with CR LF */
static void
check_lines(void)
{
	size_t line = 0;

	for (size_t i = 0; i < buffer_length(&text); i++) {
		if (text.data[i] == '\n') {
			ck_assert(i > 0 && text.data[i - 1] == '\r');
			ck_assert_uint_le(line - 1, LINE_MAX_);
			line = 0;
			continue;
		}
		line++;
	}
	ck_assert_uint_eq(line, 0);
}

/* has - check that the header has a text in it */
static void
has(const char *part)
{
	ck_assert_msg(
	    memmem(text.data, buffer_length(&text), part, strlen(part)) != NULL,
	    "no %s in %zu octets", part, buffer_length(&text));
}

/* write_heading - write a heading */
static void
write_heading(const struct ipm_heading *heading)
{
	struct mime_writer writer;

	mime_writer_init(&writer, add, &text);
	heading_to_internet(&m.mapping, heading, HEADING_OUTERMOST, &writer);
	ck_assert_int_eq(writer.error, 0);
	check_lines();
}

/* write_envelope - write an envelope with the most that it can say */
static void
write_envelope(void)
{
	struct mime_writer writer;
	struct p1_envelope e;
	struct global_domain domain;

	p1_init(&e, MTS_MESSAGE);
	e.identifier.local = slice_of_string("id-1");
	ck_assert_int_eq(
	    global_domain_parse(
		slice_of_string("C=DE;A=VIAT;P=ACME"), &arena, &domain, NULL),
	    0);
	e.identifier.domain = domain;
	e.originator = name_of(0);
	e.indicators = P1_DISCLOSURE_OF_RECIPIENTS;
	e.recipient_count = MANY;
	e.recipients = arena_array(&arena, MANY, sizeof(*e.recipients));
	ck_assert_ptr_nonnull(e.recipients);
	for (size_t i = 0; i < MANY; i++)
		e.recipients[i] = (struct p1_recipient){.name = name_of(i)};
	for (int i = 0; i < TRACE_MAX; i++)
		ck_assert_int_eq(trace_append(&e.trace, &arena,
				     &(struct trace_element){.domain = domain,
					 .arrival = MIXER_MESSAGE_NOW + i,
					 .deferred = TRACE_NO_TIME,
					 .action = TRACE_RELAYED}),
		    0);
	mime_writer_init(&writer, add, &text);
	envelope_to_internet(&m.mapping, &e, &writer);
	ck_assert_int_eq(writer.error, 0);
	check_lines();
}

/* Thousands of everything: what has room is written, and how many others there
 * are; who looks for the thread finds its beginning and its end. */
START_TEST(thousands)
{
	struct ipm_heading h;
	struct ipm_extension extensions[1];

	begin_heading(&h, 0);
	h.authorizing = (struct ipm_descriptors){descriptors(MANY, 0), MANY};
	h.reply_recipients = h.authorizing;
	h.primary = recipients(MANY, 0);
	h.copy = recipients(MANY, 0);
	h.has_subject = true;
	h.subject = long_text(4096);
	h.related = identifiers(MANY);
	h.obsoleted = identifiers(MANY);
	extensions[0] = kept_fields(900, 200);
	h.extensions = extensions;
	h.extension_count = 1;
	write_envelope();
	write_heading(&h);
	ck_assert_uint_lt(buffer_length(&text), HEADER_MAX);
	has("\r\nTo: user0.of-the-longest-list@acme.example,");
	has("others:;\r\nCc:");
	has("others:;\r\nSubject:");
	has("\r\nMessage-ID:");
	/* the first of the thread, and the last */
	has("0000000000*@x400.example.net>\r\n");
	has("0000003999*@x400.example.net>\r\nSupersedes:");
	has("\r\nDiscarded-X400-IPMS-Extensions: 1.3.6.1.7.1.3.2 (in "
	    "part)\r\n");
	teardown();
}
END_TEST

/* Few of everything, each as long as it can be. */
START_TEST(longest)
{
	struct ipm_heading h;
	struct ipm_extension extensions[1];

	begin_heading(&h, 4096);
	h.primary = recipients(100, 4096);
	h.copy = recipients(100, 4096);
	extensions[0] = kept_fields(2, 60000);
	h.extensions = extensions;
	h.extension_count = 1;
	write_envelope();
	write_heading(&h);
	ck_assert_uint_lt(buffer_length(&text), HEADER_MAX);
	teardown();
}
END_TEST

/* Within the bounds all is written. */
START_TEST(within)
{
	struct ipm_heading h;
	struct ipm_extension extensions[1];

	begin_heading(&h, 0);
	h.primary = recipients(500, 0);
	h.copy = recipients(200, 0);
	h.related = identifiers(30);
	extensions[0] = kept_fields(60, 200);
	h.extensions = extensions;
	h.extension_count = 1;
	write_heading(&h);
	has("user499.of-the-longest-list@acme.example\r\nCc:");
	has("user199.of-the-longest-list@acme.example\r\n");
	has("\r\nX-59:");
	ck_assert_ptr_null(
	    memmem(text.data, buffer_length(&text), "others", 6));
	ck_assert_ptr_null(
	    memmem(text.data, buffer_length(&text), "Discarded", 9));
	teardown();
}
END_TEST

/* No list has more users than servers look at. */
START_TEST(many_short)
{
	struct ipm_heading h;

	brief = true;
	begin_heading(&h, 0);
	h.primary = recipients(1100, 0);
	write_heading(&h);
	has("u999@acme.example,");
	has("and 100 others:;");
	teardown();
}
END_TEST

/* write_signed - write a message whose only part is kept whole, with this in
 * it; its content comes in pieces of a size */
static void
write_signed(struct slice inside, size_t piece)
{
	static const char begin[] =
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n";
	static const char end[] = "\r\n--b--";
	const struct ipm_outgoing part = {.form = IPM_FORM_TEXT,
	    .repertoire = IPM_IA5,
	    .modified = IPM_NO_TIME,
	    .length = strlen(begin) + inside.len + strlen(end)};
	struct ipm_encoder encoder;
	struct ipm_heading h;
	struct buffer content;
	struct slice prefix;

	begin_heading(&h, 0);
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &h, &part, 1, IPM_P22, NULL), 0);
	prefix = ipm_encoder_prefix(&encoder, 0);
	buffer_init(&content, 1u << 20);
	ck_assert_int_eq(buffer_append(&content, prefix.data, prefix.len), 0);
	ck_assert_int_eq(buffer_append(&content, begin, strlen(begin)), 0);
	ck_assert_int_eq(buffer_append(&content, inside.data, inside.len), 0);
	ck_assert_int_eq(buffer_append(&content, end, strlen(end)), 0);
	ck_assert_int_eq(mixer_message_to_internet(
			     &m, buffer_slice(&content), piece, &text, NULL),
	    0);
	buffer_fini(&content);
	ipm_encoder_fini(&encoder);
	check_lines();
	has("multipart/signed");
}

/* A line that SMTP does not take is broken where a text is kept whole, and
 * nothing of it is lost. */
START_TEST(long_lines)
{
	char line[LONG_TEXT];
	size_t found = 0;

	memset(line, 'x', sizeof(line));
	memcpy(line + 998, "\r\n", 2);
	write_signed(slice_of(line, sizeof(line)), 100);
	for (size_t i = 0; i < buffer_length(&text); i++)
		found += text.data[i] == 'x';
	ck_assert_uint_ge(found, sizeof(line) - 2);
	/* that which was short enough is as it was */
	ck_assert_ptr_nonnull(
	    memmem(text.data, buffer_length(&text), line, 1000));
	teardown();
}
END_TEST

/* A long line is broken between characters, wherever they stand and however
 * the octets come. */
START_TEST(long_words)
{
	char line[LONG_TEXT];
	size_t found = 0;

	memset(line, '\xe4', sizeof(line));
	memset(line, 'x', (size_t)_i % 2);
	write_signed(slice_of(line, sizeof(line)), _i < 2 ? 100 : 1);
	for (size_t i = 0; i < buffer_length(&text); i++) {
		if (text.data[i] != 0xc3)
			continue;
		ck_assert_uint_eq(text.data[i + 1], 0xa4);
		found++;
	}
	ck_assert_uint_eq(found, sizeof(line) - (size_t)_i % 2);
	teardown();
}
END_TEST

TEST_MAIN("mixer/header_bounds", TEST(thousands); TEST(longest); TEST(within);
	  TEST(many_short); TEST(long_lines); TEST_LOOP(long_words, 4))
