/* SPDX-License-Identifier: ISC */
/*
 * address_test.c - addresses of the Internet as O/R addresses, and back: the
 * vectors of tests/vectors/mixer, what is refused, and which kind each is
 */
#include "mixer/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mixer/mixer_map.h"
#include "tests/unit/test.h"

#define VECTORS TEST_SOURCE_DIR "/tests/vectors/mixer/"
#define ARENA	(1 << 20)
#define PAIRS                                                   \
	"map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\", " \
	"\"hq.acme.example = C=DE;A=VIAT;P=ACME;O=HQ\", "       \
	"\"xerox.example = C=US;A=ATTMAIL;P=XEROX\"}\n"

/* from - map a text that must be an address; its kind */
static enum address_kind
from(const struct address_map *map, const char *text, struct arena *arena,
    struct or_address *address)
{
	enum address_kind kind = ADDRESS_ELSEWHERE;
	struct diag diag = {0};
	int error = address_from_internet(
	    map, slice_of_string(text), arena, address, &kind, &diag);

	ck_assert_msg(error == 0, "%s: %s", text, diag_text(&diag));
	return kind;
}

/* check_from - check what a text is as an O/R address */
static void
check_from(
    const struct address_map *map, const char *text, const char *expected)
{
	struct or_address address, wanted;
	struct arena arena;
	struct diag diag = {0};

	arena_init(&arena, ARENA);
	ck_assert_msg(or_address_parse(slice_of_string(expected), &arena,
			  &wanted, &diag) == 0,
	    "%s: %s", expected, diag_text(&diag));
	(void)from(map, text, &arena, &address);
	ck_assert_msg(or_address_compare(&address, &wanted) == 0,
	    "%s is %s, not %s", text,
	    or_address_format(&address, OR_STYLE_F401, &arena), expected);
	ck_assert_uint_gt(address.encoded.len, 0);
	arena_fini(&arena);
}

/* check_to - check what an O/R address is as a text; its kind */
static enum address_kind
check_to(const struct address_map *map, const char *text, const char *expected)
{
	enum address_kind kind = ADDRESS_ELSEWHERE;
	struct or_address address;
	struct slice got;
	struct arena arena;
	struct diag diag = {0};

	arena_init(&arena, ARENA);
	ck_assert_msg(or_address_parse(
			  slice_of_string(text), &arena, &address, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	ck_assert_msg(
	    address_to_internet(map, &address, &arena, &got, &kind, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	ck_assert_msg(slice_equal_string(got, expected), "%s is %.*s, not %s",
	    text, (int)got.len, (const char *)got.data, expected);
	arena_fini(&arena);
	return kind;
}

START_TEST(vectors)
{
	FILE *file = fopen(VECTORS "addresses", "r");
	struct address_map map;
	char *place = realpath(VECTORS, NULL), line[2048];
	struct conf *conf;
	unsigned count = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(place);
	(void)snprintf(line, sizeof(line),
	    PAIRS "map-file = \"%s/map\" users = \"%s/users\"", place, place);
	free(place);
	conf = mixer_map_read(&map, line);
	while (fgets(line, sizeof(line), file) != NULL) {
		char *rest = line, *clause = strsep(&rest, "\t");
		char *way = strsep(&rest, "\t"), *text = strsep(&rest, "\t");

		if (*clause == '#')
			continue;
		ck_assert_ptr_nonnull(rest);
		rest[strcspn(rest, "\n")] = '\0';
		if (*way != '<')
			check_from(&map, text, rest);
		if (*way != '>')
			(void)check_to(&map, rest, text);
		count++;
	}
	(void)fclose(file);
	ck_assert_uint_gt(count, 60);
	printf("figure: %u vectors\n", count);
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

/* The kind decides who may write to an address, so each is told apart. */
START_TEST(kinds)
{
	static const struct {
		const char *text;
		enum address_kind kind;
		bool internet;
	} cases[] = {
	    {"jo.doe@acme.example", ADDRESS_PAIRED, false},
	    {"a..b@acme.example", ADDRESS_INTERNET, true},
	    {"kim@example.org", ADDRESS_INTERNET, true},
	    {"kim@example", ADDRESS_INTERNET, true},
	    {"/S=x/C=FR/ADMD=A/@x400.example.net", ADDRESS_SLASH, false},
	    /* source routes */
	    {"\"/RFC-822=kim(a)example.org/C=FR/ADMD=A/\"@x400.example.net",
		ADDRESS_SLASH, true},
	    {"\"/DD.RFC-822=kim(a)example.org/\"@acme.example", ADDRESS_PAIRED,
		true},
	};
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, PAIRS);
	struct or_address address;
	struct arena arena;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		arena_init(&arena, ARENA);
		ck_assert_int_eq(
		    from(&map, cases[i].text, &arena, &address), cases[i].kind);
		ck_assert_int_eq(
		    address_names_internet(&address), cases[i].internet);
		arena_fini(&arena);
	}
	ck_assert_int_eq(check_to(&map,
			     "C=DE;A=VIAT;P=ACME;O=GW;"
			     "DDA:RFC-822=kim(a)example.org",
			     "kim@example.org"),
	    ADDRESS_INTERNET);
	/* beneath another gateway, and one of ours in disguise */
	ck_assert_int_eq(
	    check_to(&map, "C=FR;A=ATLAS;DDA:RFC-822=kim(a)example.org",
		"kim@example.org"),
	    ADDRESS_ELSEWHERE);
	ck_assert_int_eq(check_to(&map,
			     "C=DE;A=VIAT;P=ACME;O=GW;"
			     "DDA:RFC-822=jo(a)acme.example",
			     "jo@acme.example"),
	    ADDRESS_ELSEWHERE);
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

START_TEST(refused)
{
	static const char *const texts[] = {"", "@", "kim", "kim@", "@a.b",
	    "kim@a..b", "kim@.b", "kim@a.", "kim @a.b", " kim@a.b", "kim@a.b ",
	    "<kim@a.b>", "@relay.example:kim@a.b", "kim@a@b.c", "\"kim@a.b",
	    "\"kim\"x@a.b", "k\xc3\xbcm@a.b", "kim@\xc3\xbc.b",
	    "kim\r\nBcc: x@a.b", "\"a\nb\"@a.b", "kim@a.b\n", "kim(x)@a.b",
	    "kim@[", "kim@[]", "kim@a b", "jo@x400.example.net",
	    "/S=x/@x400.example.net", "/S=x/C=FR/FOO=1/@x400.example.net",
	    "IMCEAX400-c=FR+3@x400.example.net",
	    "/S=abcdefghijabcdefghijabcdefghijabcdefghijk/ADMD=A/C=FR/"
	    "@x400.example.net"};
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, PAIRS);
	enum address_kind kind;
	struct or_address address;
	struct arena arena;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct diag diag = {0};

		arena_init(&arena, ARENA);
		ck_assert_msg(
		    address_from_internet(&map, slice_of_string(texts[i]),
			&arena, &address, &kind, &diag) < 0,
		    "%s", texts[i]);
		ck_assert_uint_gt(strlen(diag.text), 0);
		arena_fini(&arena);
	}
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

/* An address of the Internet has up to 512 characters as PrintableString, and
 * no piece of it ends within an escape or at a blank. */
START_TEST(pieces)
{
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, "");
	char text[600];

	for (size_t len = 100; len < 520; len++) {
		struct or_address address;
		struct arena arena;
		struct slice again;
		enum address_kind kind;
		int error;

		arena_init(&arena, ARENA);
		memset(text, 'x', len);
		for (size_t i = 0; i < len; i += 7)
			text[i] = '_';
		memcpy(text + len, "@a.b", 5);
		error = address_from_internet(
		    &map, slice_of_string(text), &arena, &address, &kind, NULL);
		if (len + 2 * ((len + 6) / 7) + 6 > 500 && error != 0) {
			ck_assert_int_eq(error, ERR_LIMIT);
			arena_fini(&arena);
			continue;
		}
		ck_assert_int_eq(error, 0);
		for (unsigned i = 0; i < address.dda_count; i++) {
			struct slice value = address.dda[i].value;
			int open = 0;

			for (size_t j = 0; j < value.len; j++)
				open += (value.data[j] == '(') -
				    (value.data[j] == ')');
			ck_assert_int_eq(open, 0);
		}
		ck_assert_int_eq(address_to_internet(&map, &address, &arena,
				     &again, &kind, NULL),
		    0);
		ck_assert(slice_equal_string(again, text));
		ck_assert_int_eq(kind, ADDRESS_INTERNET);
		arena_fini(&arena);
	}
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

/* From: shows the whole O/R address where the author's domain would have said
 * who may write in its name. */
START_TEST(whole)
{
	struct address_map map;
	struct conf *conf = mixer_map_read(&map, PAIRS);
	struct or_address address, again;
	struct slice text;
	struct arena arena;

	arena_init(&arena, ARENA);
	(void)from(&map, "kim@example.org", &arena, &address);
	ck_assert_int_eq(
	    address_to_slash(&map, &address, &arena, &text, NULL), 0);
	ck_assert(slice_equal_string(text,
	    "\"/O=GW/PRMD=ACME/ADMD=VIAT/C=DE/DD.RFC-822=kim(a)example.org/"
	    "\"@x400.example.net"));
	ck_assert_int_eq(from(&map, arena_string(&arena, text), &arena, &again),
	    ADDRESS_SLASH);
	ck_assert_int_eq(or_address_compare(&address, &again), 0);
	arena_fini(&arena);
	address_map_fini(&map);
	conf_free(conf);
}
END_TEST

TEST_MAIN("mixer/address", TEST(vectors); TEST(kinds); TEST(refused);
	  TEST(pieces); TEST(whole))
