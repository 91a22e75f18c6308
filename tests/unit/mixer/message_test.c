/* SPDX-License-Identifier: ISC */
/*
 * message_test.c - messages of the Internet as contents of X.400 and back: the
 * vectors of tests/vectors/mixer/messages
 *
 * Each says what a message becomes; the content that is made of it becomes a
 * message that makes the same content again, and in which the oracle, GMime,
 * reads what our reader does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/mixer/oracle.h"
#include "tests/unit/test.h"

#define VECTORS	   TEST_SOURCE_DIR "/tests/vectors/mixer/messages"
#define OCTETS_MAX ((size_t)16 * 1024 * 1024)

/* Where a vector's message begins, what it becomes, and where that ends. */
#define BEGINS	"=== "
#define BECOMES "--- becomes\n"
#define BACK	"--- and again, with\n"

struct vector {
	const char *title;
	struct slice message;
	struct slice expected;
	struct slice back; /* lines of the message that is made of that */
};

static char *text;

/* take_back - divide what is expected of the content from what is of the
 * message that is made of it */
static void
take_back(struct vector *v)
{
	const uint8_t *back =
	    memmem(v->expected.data, v->expected.len, BACK, strlen(BACK));
	size_t len;

	if (back == NULL)
		return;
	len = (size_t)(back - v->expected.data);
	v->back =
	    slice_of(back + strlen(BACK), v->expected.len - len - strlen(BACK));
	v->expected.len = len;
}

/* read_vectors - read the file of vectors; how many there are */
static size_t
read_vectors(struct vector *vectors, size_t max)
{
	FILE *file = fopen(VECTORS, "r");
	size_t count = 0, len;
	char *at;

	ck_assert_ptr_nonnull(file);
	text = calloc(1, 1 << 20);
	ck_assert_ptr_nonnull(text);
	len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	ck_assert_uint_gt(len, 0);
	at = strstr(text, "\n" BEGINS);
	while (at != NULL) {
		struct vector *v = &vectors[count++];
		char *message, *becomes, *next;

		ck_assert_uint_le(count, max);
		v->title = at + 1 + strlen(BEGINS);
		message = strchr(at + 1, '\n');
		ck_assert_ptr_nonnull(message);
		*message++ = '\0';
		becomes = strstr(message, BECOMES);
		ck_assert_msg(becomes != NULL, "%s", v->title);
		v->message = slice_of(message, (size_t)(becomes - message));
		becomes += strlen(BECOMES);
		next = strstr(becomes, "\n" BEGINS);
		v->expected = next != NULL
		    ? slice_of(becomes, (size_t)(next - becomes) + 1)
		    : slice_of_string(becomes);
		take_back(v);
		at = next;
	}
	return count;
}

/* unescape - make octets of a message: CR LF for LF, \xNN for any other */
static void
unescape(struct slice from, struct buffer *out)
{
	for (size_t i = 0; i < from.len; i++) {
		const char *octet = (const char *)from.data + i;
		char code[5] = "";
		uint8_t value;

		if (*octet == '\n') {
			ck_assert_int_eq(buffer_append(out, "\r\n", 2), 0);
		} else if (i + 3 < from.len && octet[0] == '\\' &&
		    octet[1] == 'x') {
			memcpy(code, octet + 2, 2);
			value = (uint8_t)strtoul(code, NULL, 16);
			ck_assert_int_eq(buffer_append(out, &value, 1), 0);
			i += 3;
		} else {
			ck_assert_int_eq(buffer_append(out, octet, 1), 0);
		}
	}
}

/* escape - write words as the file of vectors has them: without CR, any octet
 * that is not printable as \xNN */
static void
escape(struct slice words, struct buffer *out)
{
	char code[8];

	for (size_t i = 0; i < words.len; i++) {
		uint8_t c = words.data[i];

		if (c == '\r')
			continue;
		if (c == '\n' || (c >= ' ' && c <= '~'))
			snprintf(code, sizeof(code), "%c", c);
		else
			snprintf(code, sizeof(code), "\\x%02x", c);
		ck_assert_int_eq(buffer_append(out, code, strlen(code)), 0);
	}
}

/* check_words - check what a content says */
static void
check_words(const struct vector *v, struct slice content)
{
	struct buffer words, plain;

	buffer_init(&words, OCTETS_MAX);
	buffer_init(&plain, OCTETS_MAX);
	mixer_message_describe(content, &words);
	escape(buffer_slice(&words), &plain);
	ck_assert_msg(slice_equal(buffer_slice(&plain), v->expected),
	    "%s\nis: %.*s\nnot: %.*s", v->title, (int)(plain.end - plain.start),
	    plain.data + plain.start, (int)v->expected.len,
	    (const char *)v->expected.data);
	buffer_fini(&words);
	buffer_fini(&plain);
}

/* check_lines - check that a message has these lines, one behind the other */
static void
check_lines(const struct vector *v, struct slice message)
{
	struct slice rest = v->back, all = message;

	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.data, '\n', rest.len);
		size_t len = (size_t)(end - rest.data);
		const uint8_t *found =
		    memmem(message.data, message.len, rest.data, len);

		ck_assert_msg(found != NULL, "%s: no %.*s in\n%.*s", v->title,
		    (int)len, (const char *)rest.data, (int)all.len,
		    (const char *)all.data);
		message = slice_of(found + len,
		    message.len - (size_t)(found - message.data) - len);
		rest = slice_of(rest.data + len + 1, rest.len - len - 1);
	}
}

/* check_again - check that a content comes back by way of a message */
static void
check_again(
    struct mixer_message *m, const struct vector *v, struct slice content)
{
	struct buffer message, again;
	struct diag diag = {0};

	buffer_init(&message, OCTETS_MAX);
	buffer_init(&again, OCTETS_MAX);
	ck_assert_msg(
	    mixer_message_to_internet(m, content, 7, &message, &diag) == 0,
	    "%s: %s", v->title, diag_text(&diag));
	oracle_compare(m, buffer_slice(&message));
	check_lines(v, buffer_slice(&message));
	ck_assert_msg(mixer_message_to_x400(
			  m, buffer_slice(&message), 5, &again, &diag) == 0,
	    "%s: %s", v->title, diag_text(&diag));
	ck_assert_msg(slice_equal(buffer_slice(&again), content),
	    "%s: comes back otherwise: %.*s", v->title,
	    (int)(message.end - message.start), message.data + message.start);
	buffer_fini(&message);
	buffer_fini(&again);
}

/* check - check a vector, in pieces of several sizes */
static void
check(struct mixer_message *m, const struct vector *v)
{
	struct buffer octets, content;
	struct diag diag = {0};

	buffer_init(&octets, OCTETS_MAX);
	buffer_init(&content, OCTETS_MAX);
	unescape(v->message, &octets);
	for (size_t piece = 1; piece < 100000; piece *= 20) {
		buffer_reset(&content);
		ck_assert_msg(mixer_message_to_x400(m, buffer_slice(&octets),
				  piece, &content, &diag) == 0,
		    "%s: %s", v->title, diag_text(&diag));
		check_words(v, buffer_slice(&content));
	}
	check_again(m, v, buffer_slice(&content));
	buffer_fini(&octets);
	buffer_fini(&content);
}

START_TEST(vectors)
{
	struct vector all[200];
	size_t count = read_vectors(all, 200);
	struct mixer_message m;

	mixer_message_init(&m);
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++)
		check(&m, &all[i]);
	mixer_message_fini(&m);
	free(text);
}
END_TEST

/* A text in a set that is not known: what can be shown, and its octets. */
START_TEST(unknown_set)
{
	const struct ipm_outgoing part = {.form = IPM_FORM_EXTENDED,
	    .oid = slice_of("\x56\x01\x04\x0b", 4),
	    .parameters =
		slice_of("\xa0\x0d\x06\x04\x56\x01\x0b\x0b\xa0\x05\x31"
			 "\x03\x02\x01\x57",
		    15),
	    .length = 6,
	    .modified = IPM_NO_TIME};
	struct ipm_heading heading;
	struct ipm_encoder encoder;
	struct mixer_message m;
	struct buffer content, message;
	struct slice prefix;
	struct diag diag = {0};

	mixer_message_init(&m);
	buffer_init(&content, OCTETS_MAX);
	buffer_init(&message, OCTETS_MAX);
	ipm_heading_init(&heading);
	heading.this_ipm.local = slice_of_string("id");
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &heading, &part, 1, IPM_P22, &diag), 0);
	prefix = ipm_encoder_prefix(&encoder, 0);
	ck_assert_int_eq(buffer_append(&content, prefix.data, prefix.len), 0);
	ck_assert_int_eq(buffer_append(&content,
			     "\x1b\x04"
			     "ab\xc1\xc2",
			     6),
	    0);
	ck_assert_msg(mixer_message_to_internet(
			  &m, buffer_slice(&content), 1, &message, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(buffer_append(&message, "", 1), 0);
	/* "ab" and two marks; the four octets */
	ck_assert_ptr_nonnull(strstr((char *)message.data, "charset=utf-8"));
	ck_assert_ptr_nonnull(strstr((char *)message.data, "YWLBwg=="));
	ipm_encoder_fini(&encoder);
	buffer_fini(&content);
	buffer_fini(&message);
	mixer_message_fini(&m);
}
END_TEST

#define LONG_ID                                                     \
	"KL1PR0302MB5219E19084B514EC36B4F636DB5EA@KL1PR0302MB5219." \
	"apcprd03.prod.outlook.com"

/* Replies name the message that they reply to, through both gateways. */
START_TEST(threads)
{
	static const char reply[] =
	    "Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
	    "Message-ID: <a1@acme.example>\r\nFrom: jo@acme.example\r\n"
	    "In-Reply-To: <" LONG_ID ">\r\n"
	    "References: <x@y.example> <" LONG_ID ">\r\n\r\ntext\r\n";
	struct mixer_message m;
	struct buffer content, message;
	struct diag diag = {0};

	mixer_message_init(&m);
	buffer_init(&content, OCTETS_MAX);
	buffer_init(&message, OCTETS_MAX);
	ck_assert_int_eq(mixer_message_to_x400(
			     &m, slice_of_string(reply), 9, &content, &diag),
	    0);
	ck_assert_int_eq(mixer_message_to_internet(
			     &m, buffer_slice(&content), 9, &message, &diag),
	    0);
	ck_assert_int_eq(buffer_append(&message, "", 1), 0);
	ck_assert_ptr_nonnull(
	    strstr((char *)message.data, "In-Reply-To:\r\n <" LONG_ID ">\r\n"));
	ck_assert_ptr_nonnull(strstr((char *)message.data,
	    "References: <x@y.example>\r\n <" LONG_ID ">\r\n"));
	buffer_fini(&content);
	buffer_fini(&message);
	mixer_message_fini(&m);
}
END_TEST

TEST_MAIN("mixer/message", TEST(vectors), TEST(unknown_set), TEST(threads))
