/* SPDX-License-Identifier: ISC */
/*
 * or_address_random_test.c - any O/R address through any text and back
 *
 * 10,000 cases, 1,000,000 where FOURPOST_TEST_LONG is set.  Text gives the
 * same address again or an error that names an attribute; never another.
 */
#include <stdio.h>

#include "tests/unit/mhs/or_random.h"
#include "tests/unit/test.h"

#define ARENA_MAX (1 << 22)

/* Errors begin with one of these: an attribute, or a label of the text. */
static const char *const names[] = {"DDA", "PD-", "EXT:", "ISDN", "NET-NUM",
    "NET-SUB", "O/R address: unknown attribute \"EXT:", "O/R address: empty"};

/* names_attribute - tell whether an error says which attribute it is about */
static bool
names_attribute(const char *text)
{
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		const char *name = or_attribute_name((enum or_attribute)i);

		if (strncmp(text, name, strlen(name)) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* through_text - check an address through one style; true if it came back */
static bool
through_text(const struct or_address *address, enum or_style style,
    struct arena *arena, unsigned n)
{
	struct or_address again;
	struct diag diag;
	char *text = or_address_format(address, style, arena);

	ck_assert_ptr_nonnull(text);
	diag_clear(&diag);
	if (or_address_parse(slice_of_string(text), arena, &again, &diag) !=
	    0) {
		ck_assert_msg(names_attribute(diag.text), "case %u: %s: %s", n,
		    text, diag.text);
		return false;
	}
	ck_assert_msg(or_address_compare(address, &again) == 0,
	    "case %u: %s became %s", n, text,
	    or_address_format(&again, OR_STYLE_F401, arena));
	ck_assert_uint_eq(or_address_hash(address), or_address_hash(&again));
	return true;
}

/* through_all - check an address through every style */
static unsigned
through_all(const struct or_address *address, struct arena *arena, unsigned n)
{
	unsigned back = 0;

	for (unsigned style = OR_STYLE_F401; style <= OR_STYLE_EXCHANGE;
	     style++)
		back += through_text(address, (enum or_style)style, arena, n);
	return back;
}

/* Every address that X.411 allows comes back from text. */
START_TEST(allowed)
{
	struct or_random random = {.state = 20261130};
	unsigned count = or_random_count(), tried = 0;

	for (unsigned n = 0; n < count; n++) {
		struct or_address address;
		struct arena arena;

		arena_init(&arena, ARENA_MAX);
		if (or_random_address(&random, &arena, &address)) {
			tried++;
			ck_assert_msg(through_all(&address, &arena, n) == 3,
			    "case %u: %s", n,
			    or_address_format(&address, OR_STYLE_F401, &arena));
		}
		arena_fini(&arena);
	}
	ck_assert_uint_gt(tried, count / 8);
	printf("figure: %u of %u addresses were allowed\n", tried, count);
}
END_TEST

/* Addresses that peers send come back, or an error says which attribute stands
 * in the way. */
START_TEST(received)
{
	struct or_random random = {.state = 19840101};
	unsigned count = or_random_count(), read = 0, back = 0;

	for (unsigned n = 0; n < count; n++) {
		struct or_address address;
		struct arena arena;

		arena_init(&arena, ARENA_MAX);
		if (or_random_ber(&random, &arena, &address)) {
			read++;
			back += through_all(&address, &arena, n) == 3;
		}
		arena_fini(&arena);
	}
	ck_assert_uint_gt(read, count / 2);
	ck_assert_uint_gt(back, count / 16);
	printf("figure: %u of %u addresses came back\n", back, read);
}
END_TEST

TEST_MAIN("mhs/or_address_random", TEST_LONG(allowed, 900);
	  TEST_LONG(received, 900))
