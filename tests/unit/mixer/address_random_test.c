/* SPDX-License-Identifier: ISC */
/*
 * address_random_test.c - any O/R address to the Internet and back, and any
 * address of the Internet to X.400 and back
 *
 * 10,000 cases each, 2^20 where FOURPOST_TEST_LONG is set.  What comes back is
 * the same, or nothing does; and no text has anything that could end a line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mixer/address.h"
#include "tests/unit/mhs/or_random.h"
#include "tests/unit/mixer/mixer_map.h"
#include "tests/unit/test.h"

#define ARENA (1 << 22)
#define MAP                                                            \
	"map = {\"gb.example = C=GB\", \"de.example = C=DE;A=ACME\", " \
	"\"sub.de.example = C=DE;A=ACME;P=ACME\", "                    \
	"\"us.example = C=US;A=0;P=ACME\", \"none.example = C=DE;A=0;O=X\"}"

/* cases - count how many to try */
static unsigned
cases(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL ? 1U << 20 : 10000;
}

/* check_text - check that a text is fit for a header */
static void
check_text(struct slice text, struct arena *arena, unsigned n)
{
	struct addr_spec spec;

	for (size_t i = 0; i < text.len; i++)
		ck_assert_msg(text.data[i] >= ' ' && text.data[i] < 0x7f,
		    "case %u: octet %u", n, text.data[i]);
	ck_assert_msg(addr_spec_parse(text, arena, &spec, NULL) == 0,
	    "case %u: %.*s", n, (int)text.len, (const char *)text.data);
}

/* to_and_back - check an O/R address through text; its kind */
static enum address_kind
to_and_back(const struct address_map *map, const struct or_address *address,
    struct arena *arena, unsigned n)
{
	enum address_kind kind = ADDRESS_ELSEWHERE, again = ADDRESS_ELSEWHERE;
	struct or_address back;
	struct diag diag = {0};
	struct slice text;
	int error =
	    address_to_internet(map, address, arena, &text, &kind, &diag);

	ck_assert_msg(error == 0, "case %u: %s: %s", n,
	    or_address_format(address, OR_STYLE_F401, arena), diag_text(&diag));
	check_text(text, arena, n);
	if (kind == ADDRESS_ELSEWHERE)
		return kind;
	error = address_from_internet(map, text, arena, &back, &again, &diag);
	ck_assert_msg(error == 0 && or_address_compare(address, &back) == 0,
	    "case %u: %.*s: %s", n, (int)text.len, (const char *)text.data,
	    diag_text(&diag));
	return kind;
}

START_TEST(or_addresses)
{
	struct or_random random = {.state = 2156};
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, MAP);
	unsigned count[4] = {0}, tried = 0;

	for (unsigned n = 0; tried < cases(); n++) {
		struct or_address address;
		struct arena arena;

		arena_init(&arena, ARENA);
		if (or_random_address(&random, &arena, &address)) {
			count[to_and_back(&map, &address, &arena, n)]++;
			tried++;
		}
		arena_fini(&arena);
	}
	ck_assert_uint_gt(count[ADDRESS_PAIRED], tried / 20);
	ck_assert_uint_gt(count[ADDRESS_SLASH], tried / 20);
	printf("figure: %u by map, %u whole, %u of the Internet\n",
	    count[ADDRESS_PAIRED], count[ADDRESS_SLASH],
	    count[ADDRESS_INTERNET] + count[ADDRESS_ELSEWHERE]);
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

/* draw - draw an address of the Internet, sometimes none */
static void
draw(struct or_random *random, char *text, size_t size)
{
	static const char *const pieces[] = {"jo", "x", "M", ".", "_", "+",
	    "/S=a", "/O=b", "/OU=c", "/", "=", "(a)", "%", "!", "#", "'", "$",
	    "\\\"", "\\\\", " ", ",", "IMCEAX400-", "c=DE+3B", "/C=DE",
	    "/ADMD=V", "DD.RFC-822=x(a)y.z"};
	static const char *const domains[] = {"de.example", "a.de.example",
	    "B-1.sub.de.example", "us.example", "x.none.example",
	    "x400.example.net", "example.org", "[192.0.2.1]", "a_b.c"};
	bool quoted = or_random_below(random, 3) == 0;
	unsigned count = 1 + or_random_below(random, 6);

	strlcpy(text, quoted ? "\"" : "", size);
	for (unsigned i = 0; i < count; i++)
		strlcat(text,
		    pieces[or_random_below(
			random, sizeof(pieces) / sizeof(pieces[0]))],
		    size);
	strlcat(text, quoted ? "\"@" : "@", size);
	strlcat(text,
	    domains[or_random_below(
		random, sizeof(domains) / sizeof(domains[0]))],
	    size);
}

START_TEST(internet_addresses)
{
	struct or_random random = {.state = 822};
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, MAP);
	unsigned count[4] = {0};
	char text[256];

	for (unsigned n = 0; n < cases(); n++) {
		struct or_address address, back;
		struct arena arena;
		struct slice again;
		enum address_kind kind, other;

		draw(&random, text, sizeof(text));
		arena_init(&arena, ARENA);
		if (address_from_internet(&map, slice_of_string(text), &arena,
			&address, &kind, NULL) != 0) {
			arena_fini(&arena);
			continue;
		}
		count[kind]++;
		ck_assert_msg(address_to_internet(&map, &address, &arena,
				  &again, &other, NULL) == 0,
		    "%s", text);
		check_text(again, &arena, n);
		if (kind == ADDRESS_INTERNET)
			ck_assert_msg(slice_equal_string(again, text) &&
				other == ADDRESS_INTERNET,
			    "%s", text);
		else if (other != ADDRESS_ELSEWHERE)
			ck_assert_msg(address_from_internet(&map, again, &arena,
					  &back, &kind, NULL) == 0 &&
				or_address_compare(&address, &back) == 0,
			    "%s", text);
		arena_fini(&arena);
	}
	ck_assert_uint_gt(count[ADDRESS_PAIRED], cases() / 20);
	ck_assert_uint_gt(count[ADDRESS_INTERNET], cases() / 20);
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

TEST_MAIN("mixer/address_random", TEST_LONG(or_addresses, 900);
	  TEST_LONG(internet_addresses, 900))
