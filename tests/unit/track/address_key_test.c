/* SPDX-License-Identifier: ISC */
/*
 * address_key_test.c - O/R addresses as keys to search by
 */
#include "tests/unit/test.h"
#include "track/address_key.h"

/* check_key - check the key of an address */
static void
check_key(const char *address, const char *expected)
{
	char key[ADDRESS_KEY_MAX];
	size_t len = address_key(slice_of_string(address), key);

	ck_assert_uint_eq(len, strlen(expected));
	ck_assert_int_eq(memcmp(key, expected, len), 0);
}

/* fits - tell whether a text finds an address */
static bool
fits(const char *text, const char *address)
{
	static struct address_pattern pattern;
	char key[ADDRESS_KEY_MAX];
	size_t len = address_key(slice_of_string(address), key);

	ck_assert_int_eq(
	    address_pattern_parse(slice_of_string(text), &pattern), 0);
	return address_pattern_matches(&pattern, slice_of(key, len));
}

START_TEST(keys_are_folded_and_turned)
{
	check_key("G=Jo;S=Doe;O=X  Ltd;P=Acme;A=viat;C=de",
	    ";C=DE;A=VIAT;P=ACME;O=X LTD;S=DOE;G=JO;");
	check_key(
	    "S=M\xc3\xbcller;A=VIAT;C=DE", ";C=DE;A=VIAT;S=M\xc3\x9cLLER;");
	check_key("DDA:RFC-822=jo(a)x.example;A=VIAT;C=DE",
	    ";C=DE;A=VIAT;DDA:RFC-822=JO(A)X.EXAMPLE;");
	/* what is no address, such as one that was cut */
	check_key("S=Doe;C=", ";S=DOE,C=;");
}
END_TEST

START_TEST(beginnings_and_parts_are_found)
{
	static const char doe[] = "G=Jo;S=Doe;OU1=Lab;O=X;P=ACME;A=VIAT;C=DE";

	ck_assert(fits("c=de;a=viat;p=acme", doe));
	ck_assert(fits("P=ACME; A=VIAT; C=DE", doe));
	ck_assert(fits("C=DE;A=VIAT;P=AC", doe));
	ck_assert(!fits("C=DE;A=VIAT;P=ACMEX", doe));
	ck_assert(!fits("C=DE;A=VI;P=ACME", doe));
	ck_assert(fits("S=Doe", doe));
	ck_assert(fits("S=D;C=DE", doe));
	ck_assert(!fits("S=Roe;C=DE", doe));
	ck_assert(fits(doe, doe));
	ck_assert(
	    fits("/G=Jo/S=Doe/OU1=Lab/O=X/PRMD=ACME/ADMD=VIAT/C=DE/", doe));
	ck_assert(fits("doe", doe));
	ck_assert(fits("lab", doe));
	ck_assert(!fits("nobody", doe));
}
END_TEST

TEST_MAIN("track/address_key", TEST(keys_are_folded_and_turned),
    TEST(beginnings_and_parts_are_found))
