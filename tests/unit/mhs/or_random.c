/* SPDX-License-Identifier: ISC */
/*
 * or_random.c - O/R addresses drawn from every attribute and every form
 *
 * Contract in or_random.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/mhs/or_random.h"

/* What text forms quote or give a meaning, more often than other characters. */
static const char *const special[] = {";", "/", "=", "$", ";;", "//",
    "==", "$/", "$;", " ", "  ", "|", ".", "*", "(", ")", "(a)", "\\", "@", "_",
    "\"", ":", "[", "]", "X400:", "DDA:", "C=DE", ";S=x", "/S=x", "EXT:"};

/* Characters of T.61, of the BMP, and beyond it. */
static const char *const foreign[] = {"\xc3\xbc", "\xc3\x9f", "\xc5\x82",
    "\xce\xa9", "\xd0\x98", "\xe2\x82\xac", "\xe4\xb8\xad", "\xf0\x9f\x93\xa7",
    "\xc2\xa0", "\xe3\x80\x80"};

/* Octets that no text has: controls, and the mark of an unreadable one. */
static const char *const broken[] = {
    "\x01", "\t", "\n", "\x7f", "\xef\xbf\xbd", "\xc2\x85", "\xe2\x80\xae"};

#define PICK(random, list) \
	((list)[or_random_below((random), sizeof(list) / sizeof((list)[0]))])

/* or_random_below - draw a number below a limit (xorshift64*) */
unsigned
or_random_below(struct or_random *random, unsigned limit)
{
	uint64_t x = random->state == 0 ? 1 : random->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	random->state = x;
	return (unsigned)((x * 0x2545f4914f6cdd1dU) >> 33) % limit;
}

/* or_random_count - get how many cases to try */
unsigned
or_random_count(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL ? 1000000 : 10000;
}

/* random_text - draw a value of up to max pieces */
static const char *
random_text(struct or_random *random, struct arena *arena, unsigned max)
{
	static const char letters[] = "abcXYZ019'+,-.:? ";
	unsigned pieces = 1 + or_random_below(random, max);
	unsigned kind = or_random_below(random, 16);
	char *text = arena_printf(arena, "%s", "");

	for (unsigned i = 0; i < pieces && text != NULL; i++) {
		char letter[2] = {
		    letters[or_random_below(random, sizeof(letters) - 1)], 0};
		const char *piece = letter;

		if (kind > 8 && or_random_below(random, 3) == 0)
			piece = PICK(random, special);
		if (kind > 12 && or_random_below(random, 3) == 0)
			piece = PICK(random, foreign);
		if (kind == 15 && or_random_below(random, 8) == 0)
			piece = PICK(random, broken);
		text = arena_printf(arena, "%s%s", text, piece);
	}
	return text;
}

/* random_number - draw digits, now and then something else */
static const char *
random_number(struct or_random *random, struct arena *arena)
{
	if (or_random_below(random, 16) == 0)
		return random_text(random, arena, 12);
	return arena_printf(arena, "%u", or_random_below(random, 99999));
}

/* random_value - draw a value for an attribute */
static const char *
random_value(
    struct or_random *random, struct arena *arena, enum or_attribute attribute)
{
	static const char *const countries[] = {"DE", "gb", "276", "US"};
	static const char *const domains[] = {" ", "ACME", "a/b", "US$", "0"};
	static const char *const types[] = {
	    "tlx", "vtx", "9", "200", "g3fax", "02"};

	switch (attribute) {
	case OR_COUNTRY:
		return PICK(random, countries);
	case OR_ADMD:
	case OR_PRMD:
		return or_random_below(random, 2) == 0
		    ? PICK(random, domains)
		    : random_text(random, arena, 12);
	case OR_X121:
	case OR_NUMERIC_USER_ID:
		return random_number(random, arena);
	case OR_TERMINAL_TYPE:
		return PICK(random, types);
	case OR_GENERATION:
	case OR_INITIALS:
		return random_text(random, arena, 3);
	case OR_ORGANIZATION:
	case OR_OU1:
	case OR_OU2:
	case OR_OU3:
	case OR_OU4:
	case OR_COMMON_NAME:
	case OR_SURNAME:
	case OR_GIVEN:
	case OR_TERMINAL_ID:
	case OR_ATTRIBUTES:
		break;
	}
	return random_text(random, arena, 14);
}

/* add_postal - add a postal attribute from its text */
static bool
add_postal(
    struct or_random *random, struct arena *arena, struct or_address *address)
{
	struct or_extension *extension = arena_alloc(arena, sizeof(*extension));
	unsigned number = 7 + or_random_below(random, 15);

	if (extension == NULL || number == 16)
		return extension != NULL;
	*extension = (struct or_extension){.number = number,
	    .type = number,
	    .text = slice_of_string(random_text(random, arena, 12))};
	address->extension = extension;
	address->extension_count = 1;
	return true;
}

/* or_random_address - draw an address that X.411 may allow */
bool
or_random_address(
    struct or_random *random, struct arena *arena, struct or_address *address)
{
	unsigned ddas = or_random_below(random, 5);

	memset(address, 0, sizeof(*address));
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		bool wanted =
		    i == OR_COUNTRY || or_random_below(random, 3) == 0;

		if (i > OR_OU1 && i <= OR_OU4 &&
		    address->attribute[i - 1].len == 0)
			wanted = false;
		if (i > OR_SURNAME && i <= OR_GENERATION &&
		    address->attribute[OR_SURNAME].len == 0)
			wanted = false;
		if (wanted &&
		    or_address_set(address, (enum or_attribute)i,
			random_value(random, arena, (enum or_attribute)i),
			arena) != 0)
			return false;
		address->forms[i] =
		    wanted ? (uint8_t)or_random_below(random, 16) : 0;
	}
	for (unsigned i = 0; i < ddas; i++)
		if (or_address_set_dda(address,
			or_random_below(random, 3) == 0
			    ? "RFC-822"
			    : random_text(random, arena, 4),
			random_text(random, arena, 14), arena) != 0)
			return false;
	if (or_random_below(random, 4) == 0 &&
	    !add_postal(random, arena, address))
		return false;
	return or_address_seal(address, arena, NULL) == 0;
}

/* put_text - write a string under a tag, as a peer might */
static void
put_text(struct or_random *random, struct arena *arena,
    struct ber_writer *writer, uint32_t tag)
{
	unsigned pieces = or_random_below(random, 40) == 0 ? 200 : 12;

	ber_put(
	    writer, tag, slice_of_string(random_text(random, arena, pieces)));
}

/* put_bmp - write a BMPString of a few characters within a SET */
static void
put_bmp(struct or_random *random, struct ber_writer *writer, uint32_t tag)
{
	uint8_t octets[8];

	for (unsigned i = 0; i < sizeof(octets); i += 2) {
		unsigned c = or_random_below(random, 4) == 0
		    ? or_random_below(random, 0x10000)
		    : ' ' + or_random_below(random, 95);

		octets[i] = (uint8_t)(c >> 8);
		octets[i + 1] = (uint8_t)c;
	}
	ber_begin(writer, tag);
	ber_put(writer, BER_UNI(BER_BMP_STRING),
	    slice_of(octets, 2 + 2 * or_random_below(random, 3)));
	ber_end_element(writer);
}

/* put_standard - write standard attributes */
static void
put_standard(
    struct or_random *random, struct arena *arena, struct ber_writer *writer)
{
	static const uint32_t plain[] = {
	    BER_CTX(0), BER_CTX(1), BER_CTX(3), BER_CTX(4)};

	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	if (or_random_below(random, 16) != 0) {
		ber_begin(writer, BER_APP(1));
		ber_put(writer, BER_UNI(BER_PRINTABLE_STRING),
		    slice_of_string("DE"));
		ber_end_element(writer);
	}
	for (uint32_t i = 0; i < 2; i++) {
		if (or_random_below(random, 4) == 0)
			continue;
		ber_begin(writer, i == 0 ? BER_APP(2) : BER_CTX(2));
		ber_put(writer, BER_UNI(BER_PRINTABLE_STRING),
		    slice_of_string(random_value(random, arena, OR_ADMD)));
		ber_end_element(writer);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (or_random_below(random, 6) == 0 && i % 3 != 0)
			put_text(random, arena, writer, plain[i]);
		else if (or_random_below(random, 6) == 0)
			ber_put(writer, plain[i],
			    slice_of_string(random_number(random, arena)));
	ber_begin(writer, BER_CTX(5));
	for (uint32_t i = 0; i < 4; i++)
		if (or_random_below(random, i == 0 ? 2 : 8) == 0)
			put_text(random, arena, writer, BER_CTX(i));
	ber_end_element(writer);
	ber_begin(writer, BER_CTX(6));
	for (unsigned i = or_random_below(random, 5); i > 0; i--)
		put_text(random, arena, writer, BER_UNI(BER_PRINTABLE_STRING));
	ber_end_element(writer);
	ber_end_element(writer);
}

/* put_ddas - write domain defined attributes in one form */
static void
put_ddas(struct or_random *random, struct arena *arena,
    struct ber_writer *writer, uint32_t tag)
{
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	for (unsigned i = or_random_below(random, 6); i > 0; i--) {
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		if (or_random_below(random, 3) == 0)
			ber_put(writer, tag, slice_of_string("rfc-822"));
		else
			ber_put(writer, tag,
			    slice_of_string(random_text(random, arena, 4)));
		put_text(random, arena, writer, tag);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* put_postal - write a PDSParameter, or unformatted lines */
static void
put_postal(struct or_random *random, struct arena *arena,
    struct ber_writer *writer, unsigned number)
{
	ber_begin(writer, BER_UNI(BER_SET));
	if (number == 16)
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
	for (unsigned i = number == 16 ? or_random_below(random, 8) : 1; i > 0;
	     i--)
		put_text(random, arena, writer, BER_UNI(BER_PRINTABLE_STRING));
	if (number == 16)
		ber_end_element(writer);
	if (or_random_below(random, 3) == 0)
		put_text(random, arena, writer, BER_UNI(BER_T61_STRING));
	ber_end_element(writer);
}

/* put_value - write the value of an extension attribute */
static void
put_value(struct or_random *random, struct arena *arena,
    struct ber_writer *writer, unsigned number)
{
	switch (number) {
	case 2:
	case 3:
		put_text(random, arena, writer, BER_UNI(BER_T61_STRING));
		break;
	case 4:
		ber_begin(writer, BER_UNI(BER_SET));
		put_text(random, arena, writer, BER_CTX(0));
		ber_end_element(writer);
		break;
	case 5:
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		put_text(random, arena, writer, BER_UNI(BER_T61_STRING));
		ber_end_element(writer);
		break;
	case 6:
		put_ddas(random, arena, writer, BER_UNI(BER_T61_STRING));
		break;
	case 22:
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_put(writer, BER_CTX(0),
		    slice_of_string(random_number(random, arena)));
		if (or_random_below(random, 3) == 0)
			put_text(random, arena, writer, BER_CTX(1));
		ber_end_element(writer);
		break;
	case 23:
		ber_put_integer(writer, BER_UNI(BER_INTEGER),
		    (int)or_random_below(random, 257));
		break;
	case 24:
	case 25:
		put_bmp(random, writer, BER_UNI(BER_SET));
		break;
	default:
		if (number > 9 && number < 22)
			put_postal(random, arena, writer, number);
		else if (number > 28 && number < 41)
			put_bmp(random, writer, BER_UNI(BER_SET));
		else
			put_text(random, arena, writer,
			    BER_UNI(BER_PRINTABLE_STRING));
	}
}

/* put_extensions - write extension attributes */
static void
put_extensions(
    struct or_random *random, struct arena *arena, struct ber_writer *writer)
{
	ber_begin(writer, BER_UNI(BER_SET));
	for (unsigned i = or_random_below(random, 4); i > 0; i--) {
		unsigned number = 1 +
		    or_random_below(
			random, or_random_below(random, 8) == 0 ? 300 : 40);

		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_put_integer(writer, BER_CTX(0), (int)number);
		ber_begin(writer, BER_CTX(1));
		put_value(random, arena, writer, number);
		ber_end_element(writer);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* or_random_ber - draw an address as a peer might send it */
bool
or_random_ber(
    struct or_random *random, struct arena *arena, struct or_address *address)
{
	struct ber_writer writer;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer buffer;
	struct slice octets;
	bool read = false;

	buffer_init(&buffer, 1 << 20);
	ber_writer_init(&writer, &buffer);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	put_standard(random, arena, &writer);
	if (or_random_below(random, 3) == 0)
		put_ddas(random, arena, &writer, BER_UNI(BER_PRINTABLE_STRING));
	if (or_random_below(random, 2) == 0)
		put_extensions(random, arena, &writer);
	ber_end_element(&writer);
	if (ber_finish(&writer) == 0 &&
	    arena_slice(arena, buffer_slice(&buffer), &octets) == 0) {
		ber_reader_init(&reader, octets, NULL);
		read = ber_next(&reader, &el) == 1 &&
		    or_address_decode(
			&reader, &el, "address", arena, address) == 0;
	}
	buffer_fini(&buffer);
	return read;
}
