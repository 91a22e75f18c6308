/* SPDX-License-Identifier: ISC */
/*
 * message_random_test.c - random contents to the Internet and back: what comes
 * back says the same, where RFC 2156 and RFC 2157 promise it
 *
 * Not promised, and left out of the comparison: a date, which a message of the
 * Internet must have; extensions that have no field (they are named in a field
 * of their own); which recipient is asked for what; that octets were
 * bilaterally defined; an address of the Internet beneath another O/R address
 * than the gateway's, of which that is lost (4.3.5); a body without parts, and
 * the line end that the last line of a message must have; an authorizing user
 * without an originator.
 *
 * The message that a content becomes is written as the standards want it, and
 * the oracle, GMime, reads in it what our reader does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/json/object_random.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/mixer/oracle.h"
#include "tests/unit/test.h"

#define OCTETS_MAX ((size_t)16 * 1024 * 1024)

/* A content on its way. */
struct trip {
	unsigned n;
	struct buffer content, message, back, again;
	struct buffer before, after; /* in words */
};

static void
trip_init(struct trip *trip, unsigned n)
{
	trip->n = n;
	buffer_init(&trip->content, OCTETS_MAX);
	buffer_init(&trip->message, OCTETS_MAX);
	buffer_init(&trip->back, OCTETS_MAX);
	buffer_init(&trip->again, OCTETS_MAX);
	buffer_init(&trip->before, OCTETS_MAX);
	buffer_init(&trip->after, OCTETS_MAX);
}

static void
trip_fini(struct trip *trip)
{
	buffer_fini(&trip->content);
	buffer_fini(&trip->message);
	buffer_fini(&trip->back);
	buffer_fini(&trip->again);
	buffer_fini(&trip->before);
	buffer_fini(&trip->after);
}

/* begins - tell whether a line begins so */
static bool
begins(struct slice line, const char *with)
{
	return line.len >= strlen(with) &&
	    memcmp(line.data, with, strlen(with)) == 0;
}

/* is_promised - tell whether a line of the words must come back */
static bool
is_promised(struct slice line)
{
	if (begins(line, "field Date:") ||
	    memmem(line.data, line.len, "DDA:RFC-822=", 12) != NULL)
		return false;
	if (begins(line, "extension ") &&
	    !begins(line, "extension 2.6.1.5.0:") &&
	    !begins(line, "extension 2.6.1.5.1:") &&
	    !begins(line, "extension 2.6.1.5.2:"))
		return false;
	return !begins(line, "part 0 ia5-text []") &&
	    !begins(line, "part 0 ia5-text [\r");
}

/* put_line - append a line without what is not promised */
static void
put_line(struct slice line, struct buffer *out)
{
	static const char receipt[] = " receipt\n", kind[] = "part 0 bil";

	if (!is_promised(line))
		return;
	if (line.len > strlen(receipt) &&
	    memcmp(line.data + line.len - strlen(receipt), receipt,
		strlen(receipt)) == 0) {
		line.len -= strlen(receipt);
		ck_assert_int_eq(buffer_append(out, line.data, line.len), 0);
		line = slice_of_string("\n");
	}
	if (begins(line, kind)) {
		const uint8_t *bracket = memchr(line.data, '[', line.len);
		size_t skip = (size_t)(bracket - line.data);

		ck_assert_int_eq(
		    buffer_append(out, "part 0 file-transfer ", 21), 0);
		line = slice_of(line.data + skip, line.len - skip);
	}
	/* the end of a part, behind a line end or not */
	if (begins(line, "]") && buffer_length(out) > 1 &&
	    out->data[out->end - 1] == '\n' && out->data[out->end - 2] == '\r')
		buffer_truncate(out, buffer_length(out) - 2);
	ck_assert_int_eq(buffer_append(out, line.data, line.len), 0);
}

/* describe - say in words what of a content must come back */
static void
describe(struct slice content, struct buffer *out)
{
	struct buffer words;
	struct slice rest;

	buffer_init(&words, OCTETS_MAX);
	mixer_message_describe(content, &words);
	rest = buffer_slice(&words);
	while (rest.len > 0) {
		const uint8_t *lf = memchr(rest.data, '\n', rest.len);
		size_t len =
		    lf != NULL ? (size_t)(lf - rest.data) + 1 : rest.len;

		put_line(slice_of(rest.data, len), out);
		rest = slice_of(rest.data + len, rest.len - len);
	}
	buffer_fini(&words);
}

/* check_form - check that a message has the lines that SMTP wants.  Each
 * assertion of Check is a write to a pipe, so there is none for each octet */
static void
check_form(const struct trip *trip)
{
	struct slice text = buffer_slice(&trip->message);
	size_t line = 0;

	ck_assert_uint_gt(text.len, 2);
	ck_assert_msg(
	    memcmp(text.data + text.len - 2, "\r\n", 2) == 0, "%u", trip->n);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == '\r' && text.data[i + 1] == '\n') {
			line = 0;
			i++;
			continue;
		}
		if ((c != '\t' && (c < ' ' || c > '~')) || ++line > 998)
			ck_abort_msg("%u: %02x, %zu", trip->n, c, line);
	}
}

/* go - take a content to the Internet and back, twice */
static void
go(struct mixer_message *m, struct trip *trip)
{
	struct diag diag = {0};
	size_t piece = 1 + trip->n % 5000;

	ck_assert_msg(mixer_message_to_internet(m, buffer_slice(&trip->content),
			  piece, &trip->message, &diag) == 0,
	    "%u: %s", trip->n, diag_text(&diag));
	check_form(trip);
	oracle_compare(m, buffer_slice(&trip->message));
	ck_assert_msg(mixer_message_to_x400(m, buffer_slice(&trip->message),
			  piece, &trip->back, &diag) == 0,
	    "%u: %s", trip->n, diag_text(&diag));
	describe(buffer_slice(&trip->content), &trip->before);
	describe(buffer_slice(&trip->back), &trip->after);
	mixer_message_same(buffer_slice(&trip->before),
	    buffer_slice(&trip->after), "before and after");
	/* A second trip changes no octet. */
	buffer_reset(&trip->message);
	ck_assert_int_eq(mixer_message_to_internet(m, buffer_slice(&trip->back),
			     piece, &trip->message, &diag),
	    0);
	ck_assert_int_eq(mixer_message_to_x400(m, buffer_slice(&trip->message),
			     piece, &trip->again, &diag),
	    0);
	mixer_message_same(buffer_slice(&trip->back),
	    buffer_slice(&trip->again), "after and after again");
}

/* is_notification - tell whether a content is none of a message */
static bool
is_notification(struct slice content)
{
	return content.len == 0 || content.data[0] != 0xa0;
}

/* lacks_originator - tell whether users authorize what nobody sent */
static bool
lacks_originator(struct slice content)
{
	struct buffer words;
	bool lacks;

	buffer_init(&words, OCTETS_MAX);
	mixer_message_describe(content, &words);
	ck_assert_int_eq(buffer_append(&words, "", 1), 0);
	lacks = strstr((char *)words.data, "\noriginator:") == NULL &&
	    strstr((char *)words.data, "\nauthorizing:") != NULL;
	buffer_fini(&words);
	return lacks;
}

START_TEST(contents)
{
	unsigned count = or_random_count() / 10;
	struct mixer_message m;
	struct arena arena;

	mixer_message_init(&m);
	arena_init(&arena, (size_t)256 * 1024 * 1024);
	if (getenv("FOURPOST_TEST_LONG") != NULL)
		count = 10000;
	for (unsigned n = 0; n < count; n++) {
		struct or_random random = {
		    .state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15)};
		struct trip trip;

		trip_init(&trip, n);
		(void)object_random_content(&random, &arena, &trip.content);
		if (!is_notification(buffer_slice(&trip.content)) &&
		    !lacks_originator(buffer_slice(&trip.content)))
			go(&m, &trip);
		trip_fini(&trip);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	mixer_message_fini(&m);
}
END_TEST

TEST_MAIN("mixer/message_random", TEST_LONG(contents, 60))
