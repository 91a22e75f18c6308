/* SPDX-License-Identifier: ISC */
/*
 * ipm_right_half.c - the right halves of the sets of ISO 8859
 *
 * See ipm_right_half.h.  They are said here, and not asked of the system's
 * iconv, because text comes in where no shared object can be mapped any more
 * and in tools that would have to prepare for it; what differs from a rule is
 * little.  A test holds all of it against iconv.
 */
#include "mhs/ipm_right_half.h"

#include "mhs/ipm_right_half_table.h"

#define MARK 0xfffdU

static const struct {
	enum ipm_set set;
	const uint16_t *characters;
} tables[] = {{IPM_SET_LATIN3, latin3}, {IPM_SET_LATIN4, latin4},
    {IPM_SET_ARABIC, arabic}, {IPM_SET_HEBREW, hebrew},
    {IPM_SET_LATIN6, latin6}, {IPM_SET_THAI, thai}, {IPM_SET_LATIN7, latin7},
    {IPM_SET_LATIN8, latin8}, {IPM_SET_LATIN10, latin10}};

/* ISO 8859-2, A0-FF, where it differs from ISO 8859-1 (0: it does not) */
static const uint16_t latin2[96] = {0, 0x104, 0x2d8, 0x141, 0, 0x13d, 0x15a, 0,
    0, 0x160, 0x15e, 0x164, 0x179, 0, 0x17d, 0x17b, 0, 0x105, 0x2db, 0x142, 0,
    0x13e, 0x15b, 0x2c7, 0, 0x161, 0x15f, 0x165, 0x17a, 0x2dd, 0x17e, 0x17c,
    0x154, 0, 0, 0x102, 0, 0x139, 0x106, 0, 0x10c, 0, 0x118, 0, 0x11a, 0, 0,
    0x10e, 0x110, 0x143, 0x147, 0, 0, 0x150, 0, 0, 0x158, 0x16e, 0, 0x170, 0, 0,
    0x162, 0, 0x155, 0, 0, 0x103, 0, 0x13a, 0x107, 0, 0x10d, 0, 0x119, 0, 0x11b,
    0, 0, 0x10f, 0x111, 0x144, 0x148, 0, 0, 0x151, 0, 0, 0x159, 0x16f, 0, 0x171,
    0, 0, 0x163, 0x2d9};

/* greek - look up an octet of ISO 8859-7, A0-FF */
static uint32_t
greek(uint8_t octet)
{
	static const uint16_t first[] = {0xa0, 0x2018, 0x2019, 0xa3, 0x20ac,
	    0x20af, 0xa6, 0xa7, 0xa8, 0xa9, 0x37a, 0xab, 0xac, 0xad, 0xfffd,
	    0x2015, 0xb0, 0xb1, 0xb2, 0xb3, 0x384, 0x385, 0x386, 0xb7, 0x388,
	    0x389, 0x38a, 0xbb, 0x38c, 0xbd};

	if (octet < 0xbe)
		return first[octet - 0xa0];
	if (octet == 0xd2 || octet == 0xff)
		return 0xfffd;
	return octet + 0x2d0U;
}

/* cyrillic - look up an octet of ISO 8859-5, A0-FF */
static uint32_t
cyrillic(uint8_t octet)
{
	switch (octet) {
	case 0xa0:
	case 0xad:
		return octet;
	case 0xf0:
		return 0x2116;
	case 0xfd:
		return 0xa7;
	default:
		return octet + 0x360U;
	}
}

/* latin5 - look up an octet of ISO 8859-9, A0-FF */
static uint32_t
latin5(uint8_t octet)
{
	switch (octet) {
	case 0xd0:
		return 0x11e;
	case 0xdd:
		return 0x130;
	case 0xde:
		return 0x15e;
	case 0xf0:
		return 0x11f;
	case 0xfd:
		return 0x131;
	case 0xfe:
		return 0x15f;
	default:
		return octet;
	}
}

/* latin9 - look up an octet of ISO 8859-15, A0-FF */
static uint32_t
latin9(uint8_t octet)
{
	switch (octet) {
	case 0xa4:
		return 0x20ac;
	case 0xa6:
		return 0x160;
	case 0xa8:
		return 0x161;
	case 0xb4:
		return 0x17d;
	case 0xb8:
		return 0x17e;
	case 0xbc:
		return 0x152;
	case 0xbd:
		return 0x153;
	case 0xbe:
		return 0x178;
	default:
		return octet;
	}
}

/* in_tables - look up an octet of a set that has a table, A0-FF */
static uint32_t
in_tables(enum ipm_set set, uint8_t octet)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		uint16_t character = tables[i].characters[octet - 0xa0];

		if (tables[i].set == set)
			return character != 0 ? character : octet;
	}
	return octet;
}

/* ipm_right_half - get the character of an octet from 80 on */
uint32_t
ipm_right_half(enum ipm_set set, uint8_t octet)
{
	if (octet < 0xa0)
		return set == IPM_SET_UNKNOWN ? MARK : octet;
	switch (set) {
	case IPM_SET_LATIN2:
		return latin2[octet - 0xa0] != 0 ? latin2[octet - 0xa0] : octet;
	case IPM_SET_GREEK:
		return greek(octet);
	case IPM_SET_CYRILLIC:
		return cyrillic(octet);
	case IPM_SET_LATIN5:
		return latin5(octet);
	case IPM_SET_LATIN9:
		return latin9(octet);
	case IPM_SET_UNKNOWN:
		return MARK;
	case IPM_SET_LATIN3:
	case IPM_SET_LATIN4:
	case IPM_SET_ARABIC:
	case IPM_SET_HEBREW:
	case IPM_SET_LATIN6:
	case IPM_SET_THAI:
	case IPM_SET_LATIN7:
	case IPM_SET_LATIN8:
	case IPM_SET_LATIN10:
		return in_tables(set, octet);
	case IPM_SET_ASCII:
	case IPM_SET_LATIN1:
	case IPM_SET_T61:
	case IPM_SET_UTF8:
	default:
		return octet;
	}
}
