/* SPDX-License-Identifier: ISC */
/*
 * message_large_test.c - a message that is larger than memory may be
 *
 * A gigabyte (64 MB where nobody asks for long tests) as an attachment, to
 * X.400 and back at once: what comes back has the same octets, and neither way
 * takes 32 MB.
 */
#include <sys/resource.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

/* In KB; AddressSanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX (1024 * 1024)
#else
#define MEMORY_MAX (32 * 1024)
#endif

static const char head[] =
    "Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
    "Message-ID: <a1@acme.example>\r\n"
    "From: jo@acme.example\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\nsee there\r\n"
    "--b\r\nContent-Type: application/octet-stream; name=large\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n";
static const char tail[] = "--b--\r\n";

/* A way through both mappings at once. */
struct way {
	struct message_out *out;
	struct diag diag;
	uint64_t content; /* octets of it */
	uint64_t message; /* octets of what comes back */
	uint64_t zeros;	  /* "A" in it, which the octets are written with */
};

/* take_message - count octets of the message that comes back */
static int
take_message(void *arg, struct slice octets)
{
	struct way *way = arg;

	way->message += octets.len;
	for (size_t i = 0; i < octets.len; i++)
		way->zeros += octets.data[i] == 'A';
	return 0;
}

/* take_content - push octets of the content into the way back */
static int
take_content(void *arg, struct slice octets)
{
	struct way *way = arg;

	way->content += octets.len;
	return message_out_push(way->out, octets, &way->diag);
}

/* push_all - push the message; its attachment consists of zeros */
static void
push_all(struct message_in *in, uint64_t lines, struct message_plan *plan)
{
	static char piece[78 * 500];
	struct diag diag = {0};

	memset(piece, 'A', sizeof(piece));
	for (size_t i = 76; i < sizeof(piece); i += 78)
		memcpy(piece + i, "\r\n", 2);
	ck_assert_int_eq(message_in_push(in, slice_of_string(head), &diag), 0);
	for (uint64_t n = 0; n < lines; n += 500)
		ck_assert_msg(message_in_push(in,
				  slice_of(piece, sizeof(piece)), &diag) == 0,
		    "%s", diag_text(&diag));
	ck_assert_int_eq(message_in_push(in, slice_of_string(tail), &diag), 0);
	ck_assert_msg(
	    message_in_finish(in, plan, &diag) == 0, "%s", diag_text(&diag));
}

START_TEST(large)
{
	uint64_t size =
	    getenv("FOURPOST_TEST_LONG") != NULL ? UINT64_C(1) << 30 : 16 << 20;
	uint64_t lines = size / 78 / 500 * 500;
	struct message_plan plan = {.length = 0};
	struct way way = {.content = 0};
	struct mixer_message m;
	struct message_in *in;
	struct rusage before, after;

	mixer_message_init(&m);
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(message_in_new(&m.mapping, &m.limits, &in), 0);
	ck_assert_int_eq(
	    message_out_new(&m.mapping, NULL, take_message, &way, &way.out), 0);
	push_all(in, lines, &plan);
	ck_assert_uint_gt(plan.length, lines * 57);
	message_in_again(in, take_content, &way);
	push_all(in, lines, NULL);
	ck_assert_int_eq(message_out_finish(way.out, &way.diag), 0);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_uint_eq(way.content, plan.length);
	ck_assert_uint_ge(way.zeros, lines * 76);
	ck_assert_uint_lt(way.zeros, lines * 76 + 100);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, MEMORY_MAX);
	message_in_free(in);
	message_out_free(way.out);
	mixer_message_fini(&m);
}
END_TEST

/* A text of many pages is the one body of its message, as it was. */
START_TEST(text)
{
	static const char fields[] = "Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
				     "Message-ID: <a1@acme.example>\r\n"
				     "From: jo@acme.example\r\n\r\n";
	static char octets[sizeof(fields) - 1 + 78 * 10000];
	struct buffer content, back;
	struct diag diag = {0};
	struct mixer_message m;
	const uint8_t *body;

	mixer_message_init(&m);
	buffer_init(&content, 2 * sizeof(octets));
	buffer_init(&back, 2 * sizeof(octets));
	memset(octets, 'A', sizeof(octets));
	for (size_t i = 76; i < sizeof(octets) - sizeof(fields); i += 78)
		memcpy(octets + sizeof(fields) - 1 + i, "\r\n", 2);
	memcpy(octets, fields, sizeof(fields) - 1);
	ck_assert_int_eq(
	    mixer_message_to_x400(
		&m, slice_of(octets, sizeof(octets)), 4096, &content, &diag),
	    0);
	ck_assert_int_eq(mixer_message_to_internet(
			     &m, buffer_slice(&content), 4096, &back, &diag),
	    0);
	body = memmem(
	    buffer_slice(&back).data, buffer_length(&back), "\r\n\r\n", 4);
	ck_assert_ptr_nonnull(body);
	ck_assert_ptr_nonnull(memmem(buffer_slice(&back).data,
	    (size_t)(body - buffer_slice(&back).data), "text/plain", 10));
	mixer_message_same(
	    slice_of(body + 4,
		buffer_length(&back) -
		    (size_t)(body + 4 - buffer_slice(&back).data)),
	    slice_of(octets + sizeof(fields) - 1,
		sizeof(octets) - sizeof(fields) + 1),
	    "text");
	buffer_fini(&content);
	buffer_fini(&back);
	mixer_message_fini(&m);
}
END_TEST

TEST_MAIN("mixer/message_large", TEST_LONG(large, 120), TEST(text))
