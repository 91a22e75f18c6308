/* SPDX-License-Identifier: ISC */
/*
 * or_address_attribute.c - the table of attributes of an O/R address
 */
#include "mhs/charset.h"
#include "mhs/or_address_attribute.h"

#define DDA_GROWTH 4

const struct or_attribute_info or_attribute_info[OR_ATTRIBUTES] = {
    [OR_COUNTRY] = {"country", "C", NULL, 3, OR_PRINTABLE, false},
    [OR_ADMD] = {"ADMD", "A", "ADMD", 16, OR_PRINTABLE, false},
    [OR_PRMD] = {"PRMD", "P", "PRMD", 16, OR_PRINTABLE, false},
    [OR_ORGANIZATION] = {"organization", "O", NULL, 64, OR_PRINTABLE, true},
    [OR_OU1] = {"organizational unit 1", "OU1", NULL, 32, OR_PRINTABLE, true},
    [OR_OU2] = {"organizational unit 2", "OU2", NULL, 32, OR_PRINTABLE, true},
    [OR_OU3] = {"organizational unit 3", "OU3", NULL, 32, OR_PRINTABLE, true},
    [OR_OU4] = {"organizational unit 4", "OU4", NULL, 32, OR_PRINTABLE, true},
    [OR_COMMON_NAME] = {"common name", "CN", NULL, 64, OR_PRINTABLE, true},
    [OR_SURNAME] = {"surname", "S", NULL, 40, OR_PRINTABLE, true},
    [OR_GIVEN] = {"given name", "G", NULL, 16, OR_PRINTABLE, true},
    [OR_INITIALS] = {"initials", "I", NULL, 5, OR_PRINTABLE, true},
    [OR_GENERATION] = {"generation qualifier", "Q", "GQ", 3, OR_PRINTABLE,
	true},
    [OR_X121] = {"X.121 address", "X.121", "X121", 16, OR_NUMERIC, false},
    [OR_NUMERIC_USER_ID] = {"numeric user identifier", "N-ID", "UA-ID", 32,
	OR_NUMERIC, false},
    [OR_TERMINAL_ID] = {"terminal identifier", "T-ID", NULL, 24, OR_PRINTABLE,
	false},
    [OR_TERMINAL_TYPE] = {"terminal type", "T-TY", NULL, 16, OR_PRINTABLE,
	false},
};

/* or_attribute_name - name an attribute: "PRMD", in errors */
const char *
or_attribute_name(enum or_attribute attribute)
{
	return attribute < OR_ATTRIBUTES ? or_attribute_info[attribute].name
					 : "unknown attribute";
}

/* or_attribute_label - get the label: "P", in text */
const char *
or_attribute_label(enum or_attribute attribute)
{
	return attribute < OR_ATTRIBUTES ? or_attribute_info[attribute].label
					 : "?";
}

/* or_postal_label - get F.401's label of a postal attribute, or NULL */
const char *
or_postal_label(unsigned number)
{
	static const char *const labels[OR_EXT_PDS_LAST + 1] = {
	    [7] = "PD-SN",
	    [8] = "PD-C",
	    [9] = "PD-PC",
	    [10] = "PD-OF",
	    [11] = "PD-OFN",
	    [12] = "PD-EA",
	    [13] = "PD-PN",
	    [14] = "PD-O",
	    [15] = "PD-ED",
	    [17] = "PD-S",
	    [18] = "PD-B",
	    [19] = "PD-R",
	    [20] = "PD-U",
	    [21] = "PD-L",
	};

	return number > OR_EXT_PDS_LAST ? NULL : labels[number];
}

/* or_extension_number - get the number of the printable form of a type */
unsigned
or_extension_number(unsigned type)
{
	/* X.411: each universal form has a number of its own, at a fixed
	 * distance from the printable one. */
	if (type < OR_EXT_UNIVERSAL_PDS_FIRST ||
	    type > OR_EXT_UNIVERSAL_PDS_LAST)
		return type;
	return type - (OR_EXT_UNIVERSAL_PDS_FIRST - OR_EXT_PDS_FIRST);
}

static const struct {
	int type;
	const char *name;
} terminal_types[] = {
    {3, "tlx"}, {4, "ttx"}, {5, "g3fax"}, {6, "g4fax"}, {7, "ia5"}, {8, "vtx"}};

#define TERMINAL_TYPES (sizeof(terminal_types) / sizeof(terminal_types[0]))

/* The names that X.411 gives them, which others write. */
static const struct {
	int type;
	const char *name;
} terminal_names[] = {{3, "telex"}, {4, "teletex"}, {5, "g3-facsimile"},
    {6, "g4-facsimile"}, {7, "ia5-terminal"}, {8, "videotex"}};

#define TERMINAL_NAMES (sizeof(terminal_names) / sizeof(terminal_names[0]))

/* or_terminal_type_name - find the word for a terminal type, or NULL */
const char *
or_terminal_type_name(int64_t type)
{
	size_t i;

	for (i = 0; i < TERMINAL_TYPES; i++)
		if (terminal_types[i].type == type)
			return terminal_types[i].name;
	return NULL;
}

/* or_terminal_type_number - take the number out of "word(number)" (RFC 2156
 * 3.3.6); any other text stays what it is */
struct slice
or_terminal_type_number(struct slice name)
{
	const uint8_t *open = name.len > 2 && name.data[name.len - 1] == ')'
	    ? memchr(name.data, '(', name.len)
	    : NULL;

	return open == NULL
	    ? name
	    : slice_of(open + 1, name.len - (size_t)(open - name.data) - 2);
}

/* or_terminal_type - read a type from its word or a number up to 256; -1 if
 * neither */
int
or_terminal_type(struct slice name)
{
	size_t i;
	int type = 0;

	name = or_terminal_type_number(name);
	for (i = 0; i < TERMINAL_TYPES; i++)
		if (or_text_compare(
			name, slice_of_string(terminal_types[i].name)) == 0)
			return terminal_types[i].type;
	for (i = 0; i < TERMINAL_NAMES; i++)
		if (or_text_compare(
			name, slice_of_string(terminal_names[i].name)) == 0)
			return terminal_names[i].type;
	/* Types go up to 256, so three digits are enough. */
	if (name.len == 0 || name.len > 3)
		return -1;
	for (i = 0; i < name.len; i++) {
		if (name.data[i] < '0' || name.data[i] > '9')
			return -1;
		type = type * 10 + (name.data[i] - '0');
	}
	return type > OR_EXT_LAST ? -1 : type;
}

/* or_is_blank - tell whether a text is of spaces alone */
bool
or_is_blank(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.data[i] != ' ')
			return false;
	return true;
}

/* or_dda_value - write the value of an RFC-822 DDA as PrintableString */
int
or_dda_value(struct slice type, struct arena *arena, struct slice *value)
{
	/* RFC 2156: what PrintableString lacks is escaped, as most systems read
	 * no other form. */
	if (or_text_compare(type, slice_of_string("RFC-822")) != 0 ||
	    charset_is_printable(*value) || !charset_is_ascii(*value))
		return 0;
	return charset_ascii_to_printable(*value, arena, value);
}

/* or_address_add_dda - add one, or NULL */
struct or_dda *
or_address_add_dda(struct or_address *address, struct arena *arena)
{
	struct or_dda *dda;

	/* Addresses of other systems may have more than X.411's four, but not
	 * without end. */
	if (address->dda_count == OR_DDA_MAX)
		return NULL;
	if (address->dda_count % DDA_GROWTH == 0) {
		dda = arena_array(
		    arena, address->dda_count + DDA_GROWTH, sizeof(*dda));
		if (dda == NULL)
			return NULL;
		if (address->dda_count != 0)
			memcpy(dda, address->dda,
			    address->dda_count * sizeof(*dda));
		address->dda = dda;
	}
	return &address->dda[address->dda_count++];
}

/* or_address_insert - put an extension attribute at its place by number */
int
or_address_insert(struct or_address *address, struct arena *arena,
    const struct or_extension *extension)
{
	struct or_extension *list = address->extension;
	unsigned count = address->extension_count, at = count;

	/* Room for 1, 2, 4, 8 … */
	if ((count & (count - 1)) == 0) {
		list = arena_array(
		    arena, count == 0 ? 1 : 2 * (size_t)count, sizeof(*list));
		if (list == NULL)
			return arena_error(arena);
		if (count != 0)
			memcpy(list, address->extension, count * sizeof(*list));
		address->extension = list;
	}
	/* Kept in order, so that two addresses compare one by one. */
	while (at > 0 && list[at - 1].number > extension->number) {
		list[at] = list[at - 1];
		at--;
	}
	list[at] = *extension;
	address->extension_count++;
	return 0;
}
