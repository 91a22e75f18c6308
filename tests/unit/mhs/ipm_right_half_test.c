/* SPDX-License-Identifier: ISC */
/*
 * ipm_right_half_test.c - the sets of ISO 8859 against the system's iconv
 */
#include <iconv.h>

#include "mhs/ipm_right_half.h"
#include "tests/unit/test.h"

static const struct {
	enum ipm_set set;
	const char *name;
} sets[] = {
    {IPM_SET_LATIN1, "ISO-8859-1"},
    {IPM_SET_LATIN2, "ISO-8859-2"},
    {IPM_SET_GREEK, "ISO-8859-7"},
    {IPM_SET_CYRILLIC, "ISO-8859-5"},
    {IPM_SET_LATIN5, "ISO-8859-9"},
    {IPM_SET_LATIN9, "ISO-8859-15"},
    {IPM_SET_LATIN3, "ISO-8859-3"},
    {IPM_SET_LATIN4, "ISO-8859-4"},
    {IPM_SET_ARABIC, "ISO-8859-6"},
    {IPM_SET_HEBREW, "ISO-8859-8"},
    {IPM_SET_LATIN6, "ISO-8859-10"},
    {IPM_SET_THAI, "ISO-8859-11"},
    {IPM_SET_LATIN7, "ISO-8859-13"},
    {IPM_SET_LATIN8, "ISO-8859-14"},
    {IPM_SET_LATIN10, "ISO-8859-16"},
};

/* character_of - ask iconv for the character of an octet */
static uint32_t
character_of(iconv_t from, uint8_t octet)
{
	char in = (char)octet, *at = &in;
	uint8_t unit[2];
	char *out = (char *)unit;
	size_t in_left = 1, out_left = sizeof(unit);

	if (iconv(from, &at, &in_left, &out, &out_left) == (size_t)-1)
		return 0xfffd;
	return (uint32_t)(unit[0] << 8 | unit[1]);
}

START_TEST(as_iconv)
{
	iconv_t from = iconv_open("UTF-16BE", sets[_i].name);

	ck_assert_msg(from != (iconv_t)-1, "%s", sets[_i].name);
	for (unsigned octet = 0xa0; octet <= 0xff; octet++)
		ck_assert_msg(ipm_right_half(sets[_i].set, (uint8_t)octet) ==
			character_of(from, (uint8_t)octet),
		    "%s %x", sets[_i].name, octet);
	iconv_close(from);
}
END_TEST

TEST_MAIN(
    "mhs/ipm_right_half", TEST_LOOP(as_iconv, sizeof(sets) / sizeof(sets[0])))
