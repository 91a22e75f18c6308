/* SPDX-License-Identifier: ISC */
/*
 * or_address_postal.c - postal and other extension attributes from text
 *
 *   PD-S=Main Street 1         the attribute with this label, by F.401 or
 *                              as RFC 2156 or an earlier version had it
 *   EXT:77=0403616263          any other: one BER element in hexadecimal
 */
#include "mhs/or_address_decode.h"
#include "mhs/p1_definite.h"

/* hex_digit - get the value of a digit, or -1 */
static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* parse_hex - read one BER element of an extension's type from hexadecimal */
static int
parse_hex(struct slice hex, struct arena *arena, struct or_extension *extension)
{
	struct or_decoder decoder = {.arena = arena};
	struct ber_element el;
	uint8_t *octets;
	size_t i;
	int high, low, error;

	octets = arena_alloc(arena, hex.len / 2 + 1);
	if (octets == NULL)
		return arena_error(arena);
	if (hex.len % 2 != 0)
		return ERR_SYNTAX;
	for (i = 0; i + 1 < hex.len; i += 2) {
		high = hex_digit(hex.data[i]);
		low = hex_digit(hex.data[i + 1]);
		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		octets[i / 2] = (uint8_t)(high << 4 | low);
	}
	extension->value = slice_of(octets, hex.len / 2);
	ber_reader_init(&decoder.reader, extension->value, NULL);
	if (ber_next(&decoder.reader, &el) <= 0 ||
	    decoder.reader.rest.len != 0 || !p1_is_definite(extension->value))
		return ERR_SYNTAX;
	error = or_decode_extension_text(
	    &decoder, extension->type, &el, &extension->text);
	if (error == 0 && extension->text.len != 0)
		extension->number = or_extension_number(extension->type);
	return error;
}

/* parse_type - read the number of "EXT:number"; 0 if it is none, or if an
 * attribute with a label of its own stands for it */
static unsigned
parse_type(struct slice label)
{
	unsigned type = 0;
	size_t i;

	if (label.len < 5 || label.len > 7 ||
	    memcmp(label.data, "EXT:", 4) != 0)
		return 0;
	for (i = 4; i < label.len; i++) {
		if (label.data[i] < '0' || label.data[i] > '9')
			return 0;
		type = type * 10 + (unsigned)(label.data[i] - '0');
	}
	if (type > OR_EXT_LAST || type <= OR_EXT_TELETEX_DDA ||
	    (type >= OR_EXT_TERMINAL_TYPE && type <= OR_EXT_UNIVERSAL_DDA))
		return 0;
	return type;
}

/* find_postal - find the number of a postal attribute by a label, 0 if none */
static unsigned
find_postal(struct slice label)
{
	static const struct {
		const char *label;
		unsigned number;
	} others[] = {{"PD-SERVICE", 7}, {"PD-COUNTRY", 8}, {"PD-CODE", 9},
	    {"PD-OFFICE", 10}, {"PD-OFFICE-NUMBER", 11}, {"PD-OFFICE-NUM", 11},
	    {"PD-OFFICE NUMBER", 11}, {"PD-EXT-ADDRESS", 12},
	    {"PD-EXT.ADDRESS", 12}, {"PD-PERSON", 13}, {"PD-ORGANIZATION", 14},
	    {"PD-EXT-DELIVERY", 15}, {"PD-EXT.DELIVERY", 15}, {"PD-STREET", 17},
	    {"PD-BOX", 18}, {"PD-RESTANTE", 19}, {"PD-UNIQUE", 20},
	    {"PD-LOCAL", 21}};
	const char *name;
	unsigned i;

	for (i = 0; i <= OR_EXT_PDS_LAST; i++) {
		name = or_postal_label(i);
		if (name != NULL && slice_equal_string(label, name))
			return i;
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_equal_string(label, others[i].label))
			return others[i].number;
	return 0;
}

/* or_postal_parse - read PD-… or EXT:number, 1 if label is neither */
int
or_postal_parse(struct or_address *address, struct slice label,
    struct slice value, struct arena *arena, struct diag *diag)
{
	struct or_extension extension = {.text = value};
	unsigned i, number = find_postal(label);
	int error = 0;

	if (number != 0) {
		if (value.len == 0)
			return 0;
		extension.number = extension.type = number;
	} else {
		extension.number = extension.type = parse_type(label);
		if (extension.type == 0)
			return 1;
		extension.text.len = 0;
		error = parse_hex(value, arena, &extension);
	}
	for (i = 0; error == 0 && i < address->extension_count; i++)
		if (address->extension[i].number == extension.number)
			error = ERR_EXISTS;
	if (error == 0)
		error = or_address_insert(address, arena, &extension);
	if (error == ERR_EXISTS)
		return diag_set(diag, ERR_SYNTAX, "%.*s: given twice",
		    (int)label.len, (const char *)label.data);
	if (error != 0)
		return diag_set(diag, error, "%.*s: malformed", (int)label.len,
		    (const char *)label.data);
	return 0;
}
