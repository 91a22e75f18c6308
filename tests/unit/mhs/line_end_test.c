/* SPDX-License-Identifier: ISC */
/*
 * line_end_test.c - line ends of text that comes in pieces, beside what looks
 * at one octet after the other
 */
#include "mhs/line_end.h"

#include "tests/unit/random.h"
#include "tests/unit/test.h"

#define TEXT_MAX 400

/* compose - write a text whose lines end in CR LF but for some: how long it is
 */
static size_t
compose(uint64_t *random, uint8_t text[TEXT_MAX])
{
	size_t len = 0, right = random_below(random, 5);

	while (len + 100 < TEXT_MAX && random_below(random, 10) > 0) {
		for (size_t n = random_below(random, 90); n > 0; n--)
			text[len++] = 'a';
		if (right == 0 || random_below(random, 3) > 0)
			text[len++] = '\r';
		if (right == 0 || random_below(random, 3) > 0)
			text[len++] = '\n';
	}
	return len;
}

/* convert - convert a text octet by octet: how long it becomes */
static size_t
convert(const uint8_t *text, size_t len, uint8_t out[2 * TEXT_MAX])
{
	size_t made = 0;

	for (size_t i = 0; i < len; i++) {
		bool cr = text[i] == '\r', lf = text[i] == '\n';

		if (lf && i > 0 && text[i - 1] == '\r')
			continue;
		if (cr || lf)
			out[made++] = '\r';
		out[made++] = cr || lf ? '\n' : text[i];
	}
	return made;
}

START_TEST(pieces)
{
	static uint8_t text[TEXT_MAX], expected[2 * TEXT_MAX];
	uint64_t random = 1;
	struct buffer out;

	buffer_init(&out, sizeof(expected));
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = compose(&random, text), step;
		size_t made = convert(text, len, expected);
		struct line_end measured = {.after_cr = false},
				written = {.after_cr = false};
		bool whole = random_below(&random, 2) == 0;
		int64_t growth = 0;

		buffer_reset(&out);
		for (size_t at = 0; at < len; at += step) {
			struct slice part;

			step = whole ? len : 1 + random_below(&random, 200);
			if (step > len - at)
				step = len - at;
			part = slice_of(text + at, step);

			growth += line_end_growth(&measured, part);
			ck_assert_int_eq(
			    line_end_append(&written, part, &out), 0);
		}
		ck_assert_int_eq(growth, (int64_t)made - (int64_t)len);
		ck_assert_uint_eq(buffer_length(&out), made);
		ck_assert(made == 0 ||
		    memcmp(buffer_slice(&out).data, expected, made) == 0);
	}
	buffer_fini(&out);
}
END_TEST

TEST_MAIN("mhs/line_end", TEST(pieces))
