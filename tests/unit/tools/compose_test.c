/* SPDX-License-Identifier: ISC */
/*
 * compose_test.c - what x4send submits, read by the decoders of P1 and P2
 */
#include "tools/compose.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mhs/ipm_decode.h"
#include "tests/unit/test.h"
#include "tests/unit/tools/composing.h"

/* What the decoder made of a content. */
static struct {
	struct buffer text;   /* of text parts */
	struct buffer octets; /* of files */
	char names[4][64];    /* of files */
	unsigned parts, files;
	char subject[128];
	size_t recipients;
} got;

static int
on_heading(void *arg, const struct ipm_heading *heading, unsigned level)
{
	(void)arg;
	ck_assert_uint_eq(level, 0);
	ck_assert(heading->has_originator);
	ck_assert_uint_gt(heading->this_ipm.local.len, 0);
	got.recipients = heading->primary.count;
	snprintf(got.subject, sizeof(got.subject), "%.*s",
	    (int)heading->subject.len, (const char *)heading->subject.data);
	return 0;
}

static bool in_text;

static int
on_begin(void *arg, const struct ipm_part *part)
{
	(void)arg;
	in_text = part->text;
	got.parts++;
	if (part->kind == IPM_KIND_FILE)
		snprintf(got.names[got.files++ % 4], sizeof(got.names[0]),
		    "%.*s", (int)part->filename.len,
		    (const char *)part->filename.data);
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	(void)arg;
	return buffer_append(
	    in_text ? &got.text : &got.octets, octets.data, octets.len);
}

/* setup - begin with nothing decoded */
static void
setup(enum mts_kind kind)
{
	memset(&got, 0, sizeof(got));
	buffer_init(&got.text, 1 << 24);
	buffer_init(&got.octets, 1 << 24);
	composing_begin(kind);
}

/* teardown - give everything back */
static void
teardown(void)
{
	composing_end();
	buffer_fini(&got.text);
	buffer_fini(&got.octets);
}

/* read_all - read the content, so much at a time: exactly what was announced */
static void
read_all(struct buffer *to, size_t size)
{
	static uint8_t room[65536];
	struct diag diag = {0};
	int64_t n;

	buffer_init(to, 1 << 24);
	while ((n = send_object_read(&made, room, size, &diag)) > 0) {
		ck_assert_int_le(n, (int64_t)size);
		ck_assert_int_eq(buffer_append(to, room, (size_t)n), 0);
	}
	ck_assert_msg(n == 0, "%s", diag_text(&diag));
	ck_assert_int_eq(send_object_read(&made, room, size, &diag), 0);
	ck_assert_uint_eq(
	    buffer_length(to), object_content_length(made.content));
}

/* decode - decode the content as an interpersonal message */
static void
decode(size_t size)
{
	const struct ipm_handler handler = {.heading = on_heading,
	    .part_begin = on_begin,
	    .part_data = on_data};
	struct ipm_decoder decoder;
	struct diag diag = {0};
	struct buffer content;
	int error;

	read_all(&content, size);
	ipm_decoder_init(&decoder, &handler, 1 << 24);
	error = ipm_decoder_push(&decoder, buffer_slice(&content), &diag);
	if (error == 0)
		error = ipm_decoder_finish(&decoder, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	ipm_decoder_fini(&decoder);
	buffer_fini(&content);
}

/* text_is - have a text travel and come back, at each size of the pieces */
static void
text_is(const char *text, size_t len, size_t size, int type)
{
	struct line_end line_end = {false};
	struct buffer expected;
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	composing_say("subject", "Greetings \xc3\xbc");
	composing_say("body", composing_file("body", text, len));
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, type);
	ck_assert_uint_eq(envelope.recipient_count, 1);
	ck_assert_uint_eq(envelope.recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT);
	ck_assert_uint_eq(envelope.trace.count, 1);
	/* a report returns the same from every source */
	ck_assert(
	    slice_equal_string(envelope.content_identifier, "Greetings ?"));
	ck_assert_uint_gt(envelope.original_eits.len, 0);
	ck_assert_uint_ne(envelope.indicators & P1_DISCLOSURE_OF_RECIPIENTS, 0);
	decode(size);
	ck_assert_str_eq(got.subject, "Greetings \xc3\xbc");
	ck_assert_uint_eq(got.recipients, 1);
	ck_assert_uint_eq(got.parts, 1);
	/* X.400's line ends, whatever the file had */
	buffer_init(&expected, 1 << 20);
	ck_assert_int_eq(
	    line_end_append(&line_end, slice_of(text, len), &expected), 0);
	ck_assert(
	    slice_equal(buffer_slice(&got.text), buffer_slice(&expected)));
	buffer_fini(&expected);
	arena_fini(&arena);
	teardown();
}

START_TEST(texts)
{
	static const size_t sizes[] = {1, 7, 4096, 65536};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text_is("Hello,\nworld\n", 13, sizes[i], P1_CONTENT_P2);
		text_is("Gr\xc3\xbc\xc3\x9f"
			"e\n",
		    8, sizes[i], P1_CONTENT_P22);
		text_is(
		    "\xd0\x9f\xd1\x80\xd0\xb8", 6, sizes[i], P1_CONTENT_P22);
	}
}
END_TEST

/* Characters that lie across the pieces in which a file is read. */
START_TEST(long_text)
{
	size_t len = 100001;
	char *text = malloc(len);

	text[0] = 'x';
	for (size_t i = 1; i < len; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text_is(text, len, 8191, P1_CONTENT_P22);
	free(text);
}
END_TEST

START_TEST(empty_text)
{
	text_is("", 0, 100, P1_CONTENT_P2);
}
END_TEST

/* Each recipient has the alternate. */
START_TEST(alternate)
{
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	composing_say("to", TO);
	composing_say("report-request", "none");
	composing_say("alternate", FROM);
	composing_say("body", composing_file("body", "text", 4));
	composing_finish(&envelope, &arena);
	ck_assert_uint_eq(envelope.recipient_count, 2);
	for (size_t i = 0; i < envelope.recipient_count; i++)
		ck_assert_ptr_nonnull(
		    extension_find(&envelope.recipients[i].extensions,
			EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT));
	arena_fini(&arena);
	teardown();
}
END_TEST

/* Text that is no UTF-8 travels all the same, and in the length announced. */
START_TEST(no_utf8)
{
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	composing_say("body", composing_file("body", "abc\xff\xc3", 5));
	composing_finish(&envelope, &arena);
	decode(3);
	ck_assert_uint_ge(buffer_length(&got.text), 5);
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(attachments)
{
	uint8_t octets[70000];
	struct p1_envelope envelope;
	struct arena arena;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7);
	setup(MTS_MESSAGE);
	composing_say("body", composing_file("body", "see below", 9));
	composing_say(
	    "attach", composing_file("a.bin", octets, sizeof(octets)));
	composing_say("attach", composing_file("empty", "", 0));
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P22);
	decode(1000);
	ck_assert_uint_eq(got.parts, 3);
	ck_assert_uint_eq(got.files, 2);
	ck_assert_str_eq(got.names[0], "a.bin");
	ck_assert_str_eq(got.names[1], "empty");
	ck_assert(slice_equal_string(buffer_slice(&got.text), "see below"));
	ck_assert(slice_equal(
	    buffer_slice(&got.octets), slice_of(octets, sizeof(octets))));
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(raw_content)
{
	struct p1_envelope envelope;
	struct buffer content;
	struct arena arena;

	setup(MTS_MESSAGE);
	composing_say("content", composing_file("edi", "UNA:+.? '", 9));
	composing_say("content-type", "2.6.1.10.1");
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_OID);
	read_all(&content, 4);
	ck_assert(slice_equal_string(buffer_slice(&content), "UNA:+.? '"));
	buffer_fini(&content);
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(probe)
{
	struct p1_envelope envelope;
	struct buffer content;
	struct arena arena;

	setup(MTS_PROBE);
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(envelope.kind, MTS_PROBE);
	read_all(&content, 100);
	ck_assert_uint_eq(buffer_length(&content), 0);
	buffer_fini(&content);
	arena_fini(&arena);
	teardown();
}
END_TEST

/* A probe that names files declares what the message that they make has. */
START_TEST(probe_of_a_message)
{
	struct p1_envelope envelope[2];
	struct arena arena[2];
	struct buffer content;
	uint64_t length = 0;

	for (unsigned i = 0; i < 2; i++) {
		setup(i == 0 ? MTS_MESSAGE : MTS_PROBE);
		composing_say("body",
		    composing_file("text",
			"Gr\xc3\xbc\xc3\x9f"
			"e\n",
			8));
		composing_say(
		    "attach", composing_file("more", "0123456789", 10));
		composing_finish(&envelope[i], &arena[i]);
		ck_assert_int_eq(
		    arena_slice(&arena[i], envelope[i].original_eits,
			&envelope[i].original_eits),
		    0);
		read_all(&content, 100);
		if (i == 0)
			length = buffer_length(&content);
		else
			ck_assert_uint_eq(buffer_length(&content), 0);
		buffer_fini(&content);
		teardown();
	}
	ck_assert_uint_gt(length, 100);
	ck_assert_int_eq(envelope[1].content_length, (int64_t)length);
	ck_assert_int_eq(envelope[1].content_type.built_in,
	    envelope[0].content_type.built_in);
	ck_assert_uint_gt(envelope[0].original_eits.len, 0);
	ck_assert(
	    slice_equal(envelope[1].original_eits, envelope[0].original_eits));
	arena_fini(&arena[0]);
	arena_fini(&arena[1]);
}
END_TEST

/* A long list of recipients costs what it holds, not its square. */
START_TEST(many_recipients)
{
	struct p1_envelope envelope;
	struct arena arena;
	char text[64];

	setup(MTS_MESSAGE);
	for (int i = 1; i < 2000; i++) {
		snprintf(text, sizeof(text), "S=u%d;A=ATLAS;C=FR", i);
		composing_say("to", text);
		composing_say(
		    "report-request", i % 2 == 0 ? "report" : "non-delivery");
	}
	composing_say("body", composing_file("body", "text", 4));
	composing_finish(&envelope, &arena);
	ck_assert_uint_eq(envelope.recipient_count, 2000);
	for (size_t i = 0; i < 2000; i++) {
		ck_assert_int_eq(envelope.recipients[i].number, (int)i + 1);
		snprintf(text, sizeof(text), "u%zu", i);
		if (i > 0)
			ck_assert(slice_equal_string(
			    envelope.recipients[i]
				.name.address.attribute[OR_SURNAME],
			    text));
	}
	ck_assert_uint_eq(envelope.recipients[2].indicators,
	    P1_RESPONSIBILITY | P1_MTA_REPORT | P1_ORIGINATOR_REPORT);
	decode(65536);
	ck_assert_uint_eq(got.recipients, 2000);
	arena_fini(&arena);
	teardown();
}
END_TEST

/* A file that became shorter meanwhile: the length tells. */
START_TEST(file_shrinks)
{
	struct p1_envelope envelope;
	struct arena arena;
	struct diag diag = {0};
	uint8_t room[4096];
	const char *path;
	uint64_t sum = 0;
	int64_t n;

	setup(MTS_MESSAGE);
	path = composing_file("f", "0123456789", 10);
	composing_say("body", composing_file("text", "x", 1));
	composing_say("attach", path);
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(truncate(path, 4), 0);
	while ((n = send_object_read(&made, room, sizeof(room), &diag)) > 0)
		sum += (uint64_t)n;
	ck_assert_int_lt(n, 0);
	ck_assert_uint_lt(sum, object_content_length(made.content));
	arena_fini(&arena);
	teardown();
}
END_TEST

TEST_MAIN("tools/compose", TEST(texts); TEST(long_text); TEST(empty_text);
	  TEST(alternate); TEST(no_utf8); TEST(attachments); TEST(raw_content);
	  TEST(probe); TEST(probe_of_a_message); TEST(many_recipients);
	  TEST(file_shrinks))
