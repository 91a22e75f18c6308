/* SPDX-License-Identifier: ISC */
/*
 * malformed_test.c - contents of peers that are cut, or have a wrong octet
 *
 * Whatever stands in one: it is refused, or becomes a message with the lines of
 * one that our reader takes again.
 */
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define OCTETS_MAX ((size_t)16 * 1024 * 1024)

/* A message with all kinds of parts. */
static const char whole[] =
    "Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
    "Message-ID: <a1@acme.example>\r\n"
    "From: Jo <jo@acme.example>\r\n"
    "To: kim@example.org (Reply requested)\r\n"
    "Subject: =?utf-8?Q?=C3=BC?=\r\n"
    "In-Reply-To: <b1@example.org>\r\n"
    "X-Tool: one\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\ntext\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xe4\xb8\xad\r\n"
    "--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
    "Content-Disposition: attachment; filename=a.pdf;\r\n"
    " creation-date=\"Mon, 30 Nov 2026 12:05:10 +0000\"\r\n\r\n%PDF\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "Message-ID: <c1@acme.example>\r\n"
    "Delivery-Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n\r\ninner\r\n"
    "--b\r\nContent-Type: application/x400-bp; bp-type=3\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nowQxADAA\r\n"
    "--b--\r\n";

/* check_lines - check that a message has the lines of one */
static void
check_lines(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == 0 || text.data[i] >= 0x80 ||
		    (text.data[i] == '\n' &&
			(i == 0 || text.data[i - 1] != '\r')))
			ck_abort_msg("octet %zu: %02x", i, text.data[i]);
}

/* try - take a content to the Internet and back; whether it went */
static bool
try(struct mixer_message *m, struct slice content)
{
	struct buffer message, back;
	bool taken;

	buffer_init(&message, OCTETS_MAX);
	buffer_init(&back, OCTETS_MAX);
	taken = mixer_message_to_internet(m, content, 777, &message, NULL) == 0;
	if (taken) {
		check_lines(buffer_slice(&message));
		if (mixer_message_to_x400(
			m, buffer_slice(&message), 4096, &back, NULL) != 0)
			ck_abort_msg("not taken again");
	}
	buffer_fini(&message);
	buffer_fini(&back);
	return taken;
}

/* make - make the content, whose octets can be written to */
static void
make(struct mixer_message *m, struct buffer *content)
{
	struct diag diag = {0};

	buffer_init(content, OCTETS_MAX);
	ck_assert_msg(mixer_message_to_x400(
			  m, slice_of_string(whole), 4096, content, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert(try(m, buffer_slice(content)));
}

START_TEST(cut)
{
	struct mixer_message m;
	struct buffer content;

	mixer_message_init(&m);
	make(&m, &content);
	for (size_t len = 0; len < buffer_length(&content); len++)
		ck_assert(!try(&m, slice_of(buffer_slice(&content).data, len)));
	buffer_fini(&content);
	mixer_message_fini(&m);
}
END_TEST

START_TEST(wrong_octets)
{
	static const uint8_t wrong[] = {0x00, 0x01, 0x1f, 0x7f, 0x80, 0xff};
	struct mixer_message m;
	struct buffer content;
	unsigned taken = 0, tried = 0;

	mixer_message_init(&m);
	make(&m, &content);
	for (size_t i = 0; i < buffer_length(&content); i++) {
		uint8_t *octet = content.data + content.start + i;
		uint8_t before = *octet;

		for (size_t n = 0; n < sizeof(wrong); n++) {
			*octet = wrong[n];
			taken += try(&m, buffer_slice(&content));
			tried++;
		}
		*octet = before;
	}
	ck_assert_uint_gt(taken, tried / 10);
	ck_assert_uint_lt(taken, tried);
	buffer_fini(&content);
	mixer_message_fini(&m);
}
END_TEST

TEST_MAIN("mixer/malformed", TEST_LONG(cut, 20); TEST_LONG(wrong_octets, 40))
