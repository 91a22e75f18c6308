/* SPDX-License-Identifier: ISC */
/*
 * or_address_parse.c - an O/R address from text
 *
 * F.401 annex B and RFC 1685; RFC 2156 4.1; Exchange's.  Delimiters and
 * quoting are or_address_split.c's.
 */
#include "mhs/charset.h"
#include "mhs/or_address_check.h"
#include "mhs/or_address_compound.h"
#include "mhs/or_address_split.h"

#define UNITS 4

/* A text being read. */
struct parse {
	struct or_split split;
	struct arena *arena;
	struct or_address *address;
	enum or_check what;
	struct diag *diag;
	uint32_t seen;	   /* a bit for each attribute */
	struct slice type; /* of dda.type, waiting for dda.value */
	bool has_type;
	struct slice unit[UNITS]; /* OU=… without a number, as they came */
	unsigned units;
	struct or_compound compound;
	/* of each DDA: as its part had it */
	enum or_part_kind kind[OR_DDA_PARSED];
	unsigned number[OR_DDA_PARSED];
};

/* add_dda - add a domain defined attribute that is whole */
static int
add_dda(struct parse *parse, const struct or_part *part, struct slice type,
    struct slice value)
{
	struct or_dda *dda;
	unsigned count = parse->address->dda_count;
	int error = 0;

	/* As "*" of other attributes, but for any value of this type. */
	if (parse->what == OR_CHECK_PREFIX && slice_equal_string(value, "*"))
		value.len = 0;
	/* Bounded by what a text may hold, not by X.411's four: addresses of
	 * other systems have more. */
	if (count == OR_DDA_PARSED)
		return diag_set(
		    parse->diag, ERR_LIMIT, "DDA: more than %d", OR_DDA_PARSED);
	error = or_dda_value(type, parse->arena, &value);
	dda = error == 0 ? or_address_add_dda(parse->address, parse->arena)
			 : NULL;
	if (dda == NULL)
		return diag_set(parse->diag, arena_error(parse->arena),
		    "DDA: %s", arena_reason(parse->arena));
	*dda = (struct or_dda){.type = type, .value = value};
	parse->kind[count] = part->kind;
	parse->number[count] = part->number;
	return 0;
}

/* parse_dda - read "DDA:type=value" */
static int
parse_dda(struct parse *parse, const struct or_part *part)
{
	if (!part->has_value && parse->what == OR_CHECK_ADDRESS)
		return diag_set(parse->diag, ERR_SYNTAX,
		    "DDA: no \"=\" between type and value");
	return add_dda(parse, part, part->label, part->value);
}

/* parse_pair - read Exchange's dda.type=… and dda.value=…; 1 if neither */
static int
parse_pair(struct parse *parse, const struct or_part *part)
{
	if (slice_equal_string(part->label, "DDA.TYPE")) {
		if (parse->has_type)
			return diag_set(
			    parse->diag, ERR_SYNTAX, "DDA: type without value");
		parse->has_type = true;
		parse->type = part->value;
		return 0;
	}
	if (!slice_equal_string(part->label, "DDA.VALUE"))
		return 1;
	if (!parse->has_type)
		return diag_set(
		    parse->diag, ERR_SYNTAX, "DDA: value without type");
	parse->has_type = false;
	return add_dda(parse, part, parse->type, part->value);
}

/* find_attribute - find the attribute with a label, OR_ATTRIBUTES if none */
static unsigned
find_attribute(struct slice label)
{
	static const struct {
		const char *label;
		enum or_attribute attribute;
	} others[] = {{"GQ", OR_GENERATION}, {"PRMD", OR_PRMD},
	    {"ADMD", OR_ADMD}, {"UA-ID", OR_NUMERIC_USER_ID}, {"X121", OR_X121},
	    {"COUNTRY", OR_COUNTRY}};
	unsigned i;

	for (i = 0; i < OR_ATTRIBUTES; i++)
		if (slice_equal_string(label, or_attribute_info[i].label))
			return i;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_equal_string(label, others[i].label))
			return others[i].attribute;
	return OR_ATTRIBUTES;
}

/* set_attribute - note the value of one of the standard attributes */
static int
set_attribute(struct parse *parse, const struct or_part *part)
{
	unsigned attribute = find_attribute(part->label);
	struct slice value = part->value;

	if (attribute == OR_ATTRIBUTES)
		return diag_set(parse->diag, ERR_SYNTAX,
		    "O/R address: unknown attribute \"%.*s\"",
		    (int)(part->label.len > 32 ? 32 : part->label.len),
		    (const char *)part->label.data);
	/* A second value would silently replace the first. */
	if ((parse->seen & 1U << attribute) != 0)
		return diag_set(parse->diag, ERR_SYNTAX, "%s: given twice",
		    or_attribute_info[attribute].name);
	parse->seen |= 1U << attribute;
	/* PN has all parts of a personal name. */
	if (parse->compound.has_pn && attribute >= OR_SURNAME &&
	    attribute <= OR_INITIALS)
		return diag_set(
		    parse->diag, ERR_SYNTAX, "PN: given beside another name");
	/* A single space is a value of these two (X.411 8.5.5.1). */
	if ((attribute == OR_ADMD || attribute == OR_PRMD) && part->blank)
		value = slice_of_string(" ");
	parse->address->attribute[attribute] = value;
	return 0;
}

/* add_unit - note an OU without a number, whose place the form tells */
static int
add_unit(struct parse *parse, struct slice value)
{
	/* X.411 has four units. */
	if (parse->units == UNITS)
		return diag_set(parse->diag, ERR_LIMIT,
		    "organizational unit: more than %d", UNITS);
	parse->unit[parse->units++] = value;
	return 0;
}

/* parse_part - read a label and its value */
static int
parse_part(struct parse *parse, const struct or_part *part)
{
	struct or_part rfc822 = *part;
	int n;

	if (part->kind != OR_PART_ATTRIBUTE)
		return parse_dda(parse, part);
	n = parse_pair(parse, part);
	if (n > 0)
		n = or_compound_parse(&parse->compound, parse->address,
		    part->label, part->value, parse->diag);
	if (n > 0)
		n = or_postal_parse(parse->address, part->label, part->value,
		    parse->arena, parse->diag);
	if (n <= 0)
		return n;
	/* RFC-822 is a domain defined attribute that is often written like a
	 * label. */
	if (slice_equal_string(part->label, "RFC-822")) {
		rfc822.kind = OR_PART_DD;
		return add_dda(parse, &rfc822, part->label, part->value);
	}
	if (slice_equal_string(part->label, "OU"))
		return add_unit(parse, part->value);
	return set_attribute(parse, part);
}

/* order_units - give each OU without a number its place
 *
 * RFC 2156 4.3.3 writes the most significant on the right; in the other forms
 * OU is no label of the standard, and lists go from the top.
 */
static int
order_units(struct parse *parse)
{
	bool right = parse->split.form != OR_SPLIT_SEMICOLON;
	struct slice *unit = &parse->address->attribute[OR_OU1];
	unsigned i;

	/* With and without numbers, the places could not be told apart. */
	for (i = 0; i < UNITS && parse->units != 0; i++)
		if ((parse->seen & 1U << (OR_OU1 + i)) != 0)
			return diag_set(parse->diag, ERR_SYNTAX,
			    "%s: given beside OU",
			    or_attribute_info[OR_OU1 + i].label);
	for (i = 0; i < parse->units; i++)
		unit[right ? parse->units - 1 - i : i] = parse->unit[i];
	return 0;
}

/* place_numbered - put DD1.type to DD4.type in the order of their numbers */
static int
place_numbered(struct parse *parse)
{
	struct or_address *address = parse->address;
	struct or_dda ordered[OR_DDA_PARSED] = {0};
	unsigned seen = 0, i;

	for (i = 0; i < address->dda_count; i++) {
		unsigned number = parse->number[i];

		if (number == 0 || number > address->dda_count ||
		    (seen & 1U << number) != 0)
			return diag_set(parse->diag, ERR_SYNTAX,
			    "DDA: DD1 to DD%u are not all there once",
			    address->dda_count);
		seen |= 1U << number;
		ordered[number - 1] = address->dda[i];
	}
	memcpy(address->dda, ordered, i * sizeof(ordered[0]));
	return 0;
}

/* order_ddas - put DDAs in the order that their labels mean
 *
 * Those of RFC 2156 go from right to left among themselves.
 */
static int
order_ddas(struct parse *parse)
{
	struct or_address *address = parse->address;
	unsigned first = 0, last = address->dda_count;

	for (unsigned i = 0; i < address->dda_count; i++)
		if (parse->number[i] != 0)
			return place_numbered(parse);
	/* F.401 writes them in their order, RFC 2156 in reverse. */
	if (parse->split.form == OR_SPLIT_SEMICOLON)
		return 0;
	while (first < last) {
		struct or_dda dda;

		if (parse->kind[first] != OR_PART_DD) {
			first++;
		} else if (parse->kind[last - 1] != OR_PART_DD) {
			last--;
		} else {
			dda = address->dda[first];
			address->dda[first++] = address->dda[--last];
			address->dda[last] = dda;
		}
	}
	return 0;
}

/* complete - conclude what the parts say together */
static int
complete(struct parse *parse)
{
	struct or_address *address = parse->address;
	int error;

	if (parse->has_type)
		return diag_set(
		    parse->diag, ERR_SYNTAX, "DDA: type without value");
	if ((error = order_units(parse)) != 0 ||
	    (error = order_ddas(parse)) != 0 ||
	    (error = or_compound_finish(
		 &parse->compound, address, parse->diag)) != 0)
		return error;
	if (parse->what == OR_CHECK_PREFIX ||
	    (parse->seen & 1U << OR_ADMD) != 0)
		return 0;
	/* X.411: an ADMD is mandatory; a blank says that there is none above
	 * the PRMD. */
	if (address->attribute[OR_PRMD].len == 0)
		return diag_set(parse->diag, ERR_VALUE, "ADMD: missing");
	address->attribute[OR_ADMD] = slice_of_string(" ");
	return 0;
}

/* parse_text - read an address or a prefix */
static int
parse_text(struct slice text, enum or_check what, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	struct or_address got = {.dda_count = 0};
	struct parse parse = {.arena = arena,
	    .address = &got,
	    .what = what,
	    .diag = diag,
	    .compound = {.arena = arena}};
	struct or_part part;
	struct slice copy;
	int error = 0;

	/* Checked before anything is copied. */
	if (text.len > OR_ADDRESS_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "O/R address: longer than %d octets", OR_ADDRESS_MAX);
	if (or_split_trim(text).len == 0 && what == OR_CHECK_ADDRESS)
		return diag_set(diag, ERR_SYNTAX, "O/R address: empty");
	if (arena_slice(arena, text, &copy) != 0)
		return diag_set(diag, arena_error(arena), "O/R address: %s",
		    arena_reason(arena));
	or_split_init(&parse.split, copy, arena);
	while (error == 0 &&
	    (error = or_split_next(&parse.split, &part, diag)) > 0)
		error = parse_part(&parse, &part);
	if (error == 0)
		error = complete(&parse);
	if (error == 0)
		error = what == OR_CHECK_ADDRESS
		    ? or_address_seal(&got, arena, diag)
		    : or_address_check(&got, what, diag);
	if (error == 0)
		*address = got;
	return error;
}

/* or_address_parse - read an address from text in any of the forms */
int
or_address_parse(struct slice text, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	return parse_text(text, OR_CHECK_ADDRESS, arena, address, diag);
}

/* or_address_parse_prefix - read an address space from text */
int
or_address_parse_prefix(struct slice text, struct arena *arena,
    struct or_address *prefix, struct diag *diag)
{
	return parse_text(text, OR_CHECK_PREFIX, arena, prefix, diag);
}
