/* SPDX-License-Identifier: ISC */
/*
 * mime_write_test.c - what is written is what was given, in lines that are
 * short and without controls
 */
#include "mime/mime_write.h"

#include <stdio.h>
#include <string.h>

#include "mhs/charset.h"
#include "mime/mime_address.h"
#include "mime/mime_encode.h"
#include "mime/mime_header.h"
#include "mime/mime_type.h"
#include "mime/mime_word.h"
#include "tests/unit/mhs/or_random.h"
#include "tests/unit/test.h"

#define ROUNDS 1000

static struct mime_charsets charsets;
static struct buffer out;
static struct arena arena;

/* gather - collect what is written */
static int
gather(void *arg, struct slice octets)
{
	(void)arg;
	return buffer_append(&out, octets.data, octets.len);
}

static void
setup(struct mime_writer *writer)
{
	mime_charsets_open(&charsets);
	arena_init(&arena, (size_t)16 * 1024 * 1024);
	buffer_init(&out, (size_t)16 * 1024 * 1024);
	mime_writer_init(writer, gather, NULL);
}

static void
teardown(void)
{
	buffer_fini(&out);
	arena_fini(&arena);
	mime_charsets_close(&charsets);
}

/* draw_text - draw a text with characters of any kind */
static struct slice
draw_text(struct or_random *random)
{
	static const char *const words[] = {"a", "long-word-of-many-letters",
	    " ", "  ", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x93\xa7", "=?",
	    "?=", "\"", "\\", "(", ")", "<", ">", ",", ";", ":", "@", "=", "%",
	    "'", "*", "_", "\r\nBcc: x", "\t", "\x01", "."};
	unsigned count = or_random_below(random, 40);
	struct buffer text;
	struct slice copy;

	buffer_init(&text, 1 << 20);
	for (unsigned i = 0; i < count; i++) {
		const char *word = words[or_random_below(random,
		    or_random_below(random, 2) == 0
			? 4
			: sizeof(words) / sizeof(words[0]))];

		if (buffer_append(&text, word, strlen(word)) != 0)
			ck_abort();
	}
	/* Fields hold no controls: they are decoded so. */
	ck_assert_int_eq(
	    charset_no_controls(buffer_slice(&text), &arena, &copy), 0);
	ck_assert_int_eq(arena_slice(&arena, copy, &copy), 0);
	buffer_fini(&text);
	return copy;
}

/* check_lines - check that all lines are those of a header.  Each assertion of
 * Check is a write to a pipe, so there is none for each octet */
static void
check_lines(void)
{
	struct slice text = buffer_slice(&out);
	size_t line = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\r' && text.data[i + 1] == '\n') {
			line = 0;
			i++;
			continue;
		}
		if (text.data[i] < ' ' || text.data[i] > '~' || ++line > 998)
			ck_abort_msg("%.*s", (int)text.len, text.data);
	}
}

/* read_back - read the only field that was written */
static struct slice
read_back(void)
{
	struct mime_header header;

	check_lines();
	ck_assert_int_eq(
	    mime_header_parse(buffer_slice(&out), &arena, &header), 0);
	ck_assert_uint_eq(header.count, 1);
	return header.fields[0].value;
}

START_TEST(text)
{
	struct or_random random = {.state = 1};
	struct mime_writer w;
	struct slice given, got;

	setup(&w);
	for (unsigned i = 0; i < ROUNDS; i++) {
		given = draw_text(&random);
		buffer_reset(&out);
		mime_field(&w, "Subject");
		mime_text(&w, given);
		mime_field_end(&w);
		ck_assert_int_eq(
		    mime_word_decode(&charsets, read_back(), &arena, &got), 0);
		ck_assert_msg(slice_equal(given, got), "%u: %.*s: %.*s", i,
		    (int)given.len, (const char *)given.data, (int)got.len,
		    (const char *)got.data);
		arena_reset(&arena);
	}
	teardown();
}
END_TEST

START_TEST(phrases)
{
	struct or_random random = {.state = 2};
	struct mime_mailboxes list;
	struct mime_writer w;
	struct slice phrase, comment;

	setup(&w);
	for (unsigned i = 0; i < ROUNDS; i++) {
		phrase = draw_text(&random);
		comment = draw_text(&random);
		buffer_reset(&out);
		mime_field(&w, "To");
		mime_phrase(&w, phrase);
		mime_words(&w, "<a@b.example>");
		if (comment.len > 0)
			mime_comment(&w, comment);
		mime_field_end(&w);
		ck_assert_int_eq(
		    mime_address_parse(&charsets, read_back(), &arena, &list),
		    0);
		ck_assert_uint_eq(list.count, 1);
		ck_assert(
		    slice_equal_string(list.list[0].address, "a@b.example"));
		ck_assert_msg(slice_equal(list.list[0].phrase, phrase),
		    "%u: %.*s: %.*s", i, (int)phrase.len,
		    (const char *)phrase.data, (int)out.end, out.data);
		ck_assert_msg(slice_equal(list.list[0].comment, comment),
		    "%u: %.*s: %.*s", i, (int)comment.len,
		    (const char *)comment.data, (int)out.end, out.data);
		arena_reset(&arena);
	}
	teardown();
}
END_TEST

START_TEST(parameters)
{
	struct or_random random = {.state = 3};
	struct mime_type type;
	struct mime_writer w;
	struct slice given, got;

	setup(&w);
	for (unsigned i = 0; i < ROUNDS; i++) {
		given = draw_text(&random);
		buffer_reset(&out);
		mime_field(&w, "Content-Type");
		mime_words(&w, "a/b");
		mime_parameter(&w, "x", slice_of_string("y"));
		mime_parameter(&w, "name", given);
		mime_field_end(&w);
		ck_assert_int_eq(
		    mime_type_parse(&charsets, read_back(), &arena, &type), 0);
		got = mime_type_parameter(&type, "name");
		ck_assert_msg(slice_equal(got, given), "%u: %.*s: %.*s", i,
		    (int)given.len, (const char *)given.data, (int)out.end,
		    out.data);
		arena_reset(&arena);
	}
	teardown();
}
END_TEST

/* A token that is too long for a line is cut, never the line exceeded. */
START_TEST(long_tokens)
{
	static char token[5000];
	struct mime_writer w;

	setup(&w);
	memset(token, 'x', sizeof(token));
	mime_field(&w, "References");
	mime_word(&w, slice_of(token, sizeof(token)));
	mime_word(&w, slice_of(token, 60));
	mime_field_end(&w);
	check_lines();
	teardown();
}
END_TEST

struct back {
	struct buffer octets;
};

/* take_back - collect decoded octets */
static int
take_back(void *arg, struct slice octets)
{
	struct back *back = arg;

	return buffer_append(&back->octets, octets.data, octets.len);
}

/* Octets of any kind come back, whatever the pieces they are written in. */
START_TEST(encodings)
{
	static const char *const lines[] = {"abc", "\r\n", " ", "\t", "=", ".",
	    "From ", "\xc3\xbc", "\r", "\n",
	    "a very long line of text, which "
	    "must be folded somewhere"};
	struct or_random random = {.state = 4};
	struct mime_encoder encoder;
	struct mime_decoder decoder;
	struct mime_writer w;

	setup(&w);
	for (unsigned i = 0; i < ROUNDS; i++) {
		enum mime_encoding encoding =
		    i % 2 == 0 ? MIME_BASE64 : MIME_QUOTED_PRINTABLE;
		struct back back;
		struct buffer given;

		buffer_init(&back.octets, 1 << 20);
		buffer_init(&given, 1 << 20);
		buffer_reset(&out);
		mime_encoder_init(&encoder, encoding);
		for (unsigned n = or_random_below(&random, 30); n > 0; n--) {
			const char *line = lines[or_random_below(&random, 11)];

			ck_assert_int_eq(
			    buffer_append(&given, line, strlen(line)), 0);
			mime_encoder_push(&encoder, &w, slice_of_string(line));
		}
		mime_encoder_finish(&encoder, &w, MIME_NOTHING_FOLLOWS);
		mime_decoder_init(&decoder, encoding);
		for (size_t at = out.start; at < out.end; at++)
			if (mime_decoder_push(&decoder,
				slice_of(out.data + at, 1), take_back,
				&back) != 0)
				ck_abort();
		ck_assert_int_eq(
		    mime_decoder_finish(&decoder, take_back, &back), 0);
		ck_assert_msg(slice_equal(buffer_slice(&given),
				  buffer_slice(&back.octets)),
		    "%u: %.*s", i, (int)out.end, out.data);
		buffer_fini(&back.octets);
		buffer_fini(&given);
	}
	teardown();
}
END_TEST

TEST_MAIN("mime/write", TEST(text), TEST(phrases), TEST(parameters),
    TEST(long_tokens), TEST(encodings))
