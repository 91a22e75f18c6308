/* SPDX-License-Identifier: ISC */
/*
 * or_address_parse.c - an O/R address from text
 *
 * F.401 annex B and RFC 1685; RFC 2156 4.1; Exchange's.  A text that begins
 * with "/" is divided by "/"; else if it has a ";" by that; else by "/", but
 * only where a label and "=" follow, since "/" is an ordinary character.
 */
#include "mhs/charset.h"
#include "mhs/or_address_check.h"

/* A text being read. */
struct parse {
	struct slice text; /* what is left */
	char separator;
	bool strict; /* each separator divides */
	struct arena *arena;
	struct or_address *address;
	enum or_check what;
	struct diag *diag;
	uint32_t seen;	   /* a bit for each attribute */
	struct slice type; /* of dda.type, waiting for dda.value */
	bool has_type;
};

/* is_blank - what is ignored around labels and values */
static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* trim - without what is_blank at its ends */
static struct slice
trim(struct slice text)
{
	while (text.len != 0 && is_blank(text.data[0]))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len != 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* is_quotable - what "$" quotes */
static bool
is_quotable(uint8_t c)
{
	return c == '$' || c == ';' || c == '/' || c == '=';
}

/* skip - past one character, quoted or not */
static size_t
skip(struct slice text, size_t at)
{
	if (text.data[at] == '$' && at + 1 < text.len &&
	    is_quotable(text.data[at + 1]))
		return at + 2;
	return at + 1;
}

/* unquote - without "$" before what it quotes; in the arena */
static int
unquote(struct slice text, struct arena *arena, struct slice *plain)
{
	size_t at = 0, len = 0, next;
	uint8_t *out;

	*plain = text;
	if (text.len == 0)
		return 0;
	out = arena_alloc(arena, text.len);
	if (out == NULL)
		return arena_error(arena);
	for (; at < text.len; at = next) {
		next = skip(text, at);
		out[len++] = text.data[next - 1];
	}
	*plain = slice_of(out, len);
	return 0;
}

/* starts_with - whether text begins so, whatever the case */
static bool
starts_with(struct slice text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len &&
	    strncasecmp((const char *)text.data, start, len) == 0;
}

/* label_follows - whether "label=" stands at at */
static bool
label_follows(struct slice text, size_t at)
{
	size_t begin = at;

	for (; at < text.len && text.data[at] != '='; at++) {
		uint8_t c = text.data[at];

		if (!(c >= '0' && c <= '9') && c != '.' && c != ':' &&
		    c != '-' && c != ' ' &&
		    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
			return false;
	}
	return at < text.len && at > begin;
}

/* take_part - the text up to the next separator: 1, or 0 at the end */
static int
take_part(struct parse *parse, struct slice *part)
{
	struct slice text = parse->text;
	size_t at = 0;

	if (text.len == 0)
		return 0;
	while (at < text.len) {
		if (text.data[at] == (uint8_t)parse->separator &&
		    (parse->strict || label_follows(text, at + 1)))
			break;
		at = skip(text, at);
	}
	*part = slice_of(text.data, at);
	if (at < text.len)
		at++;
	parse->text = slice_of(text.data + at, text.len - at);
	return 1;
}

/* begin - what stands around the whole, and what divides it */
static void
begin(struct parse *parse, struct slice text)
{
	struct slice inner = trim(text);
	size_t at;

	if (inner.len >= 2 && inner.data[0] == '[' &&
	    inner.data[inner.len - 1] == ']')
		text = slice_of(inner.data + 1, inner.len - 2);
	inner = trim(text);
	if (starts_with(inner, "X400:"))
		text = slice_of(inner.data + 5,
		    (size_t)(text.data + text.len - (inner.data + 5)));
	inner = trim(text);
	parse->separator = '/';
	if (inner.len != 0 && inner.data[0] == '/') {
		parse->strict = true;
		text = slice_of(inner.data + 1,
		    (size_t)(text.data + text.len - (inner.data + 1)));
	} else {
		for (at = 0; at < text.len; at = skip(text, at))
			if (text.data[at] == ';') {
				parse->separator = ';';
				parse->strict = true;
				break;
			}
	}
	parse->text = text;
}

/* add_dda - a DDA that is whole */
static int
add_dda(struct parse *parse, struct slice type, struct slice value)
{
	struct or_dda *dda;
	int error = 0;

	/* As "*" of other attributes, but for any value of this type. */
	if (parse->what == OR_CHECK_PREFIX && slice_equal_string(value, "*"))
		value.len = 0;
	if (parse->address->dda_count == OR_DDA_PARSED)
		return diag_set(
		    parse->diag, ERR_LIMIT, "DDA: more than %d", OR_DDA_PARSED);
	error = or_dda_value(type, parse->arena, &value);
	dda = error == 0 ? or_address_add_dda(parse->address, parse->arena)
			 : NULL;
	if (dda == NULL)
		return diag_set(parse->diag, arena_error(parse->arena),
		    "DDA: %s", arena_reason(parse->arena));
	*dda = (struct or_dda){.type = type, .value = value};
	return 0;
}

/* parse_dda - "type=value" after the label, in which "==" is "=" */
static int
parse_dda(struct parse *parse, struct slice text)
{
	struct slice type, value;
	uint8_t *out;
	size_t at = 0, len = 0, next;
	int error;

	out = arena_alloc(parse->arena, text.len + 1);
	if (out == NULL)
		return diag_set(parse->diag, arena_error(parse->arena),
		    "DDA: %s", arena_reason(parse->arena));
	for (; at < text.len; at = next) {
		next = skip(text, at);
		if (text.data[at] == '=') {
			if (next == text.len || text.data[next] != '=')
				break;
			next++;
		}
		out[len++] = text.data[next - 1];
	}
	if (at == text.len && parse->what == OR_CHECK_ADDRESS)
		return diag_set(parse->diag, ERR_SYNTAX,
		    "DDA: no \"=\" between type and value");
	type = trim(slice_of(out, len));
	if (at < text.len)
		at++;
	error = unquote(trim(slice_of(text.data + at, text.len - at)),
	    parse->arena, &value);
	if (error != 0)
		return diag_set(parse->diag, error, "DDA: out of memory");
	return add_dda(parse, type, value);
}

/* dda_start - how much of part is "DDA:" or the like, or 0 */
static size_t
dda_start(struct slice part)
{
	static const char *const starts[] = {"DDA:", "DD:", "DD.", "DDA."};
	size_t i;

	if (starts_with(part, "DDA.TYPE=") || starts_with(part, "DDA.VALUE="))
		return 0;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (starts_with(part, starts[i]))
			return strlen(starts[i]);
	return 0;
}

/* parse_pair - Exchange's dda.type=… and dda.value=…, 1 if it is neither */
static int
parse_pair(struct parse *parse, struct slice label, struct slice value)
{
	if (slice_equal_string(label, "DDA.TYPE")) {
		if (parse->has_type)
			return diag_set(
			    parse->diag, ERR_SYNTAX, "DDA: type without value");
		parse->has_type = true;
		parse->type = value;
		return 0;
	}
	if (!slice_equal_string(label, "DDA.VALUE"))
		return 1;
	if (!parse->has_type)
		return diag_set(
		    parse->diag, ERR_SYNTAX, "DDA: value without type");
	parse->has_type = false;
	return add_dda(parse, parse->type, value);
}

/* find_attribute - the attribute with this label, OR_ATTRIBUTES if none */
static unsigned
find_attribute(const struct parse *parse, struct slice label)
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
	if (!slice_equal_string(label, "OU"))
		return OR_ATTRIBUTES;
	/* OU=…/OU=…: the next that is free. */
	for (i = OR_OU1; i < OR_OU4; i++)
		if ((parse->seen & 1U << i) == 0)
			break;
	return i;
}

/* parse_attribute - a label and a value */
static int
parse_attribute(struct parse *parse, struct slice label, struct slice raw)
{
	struct slice value;
	unsigned attribute;
	int n;

	n = unquote(trim(raw), parse->arena, &value);
	if (n != 0)
		return diag_set(parse->diag, n, "O/R address: out of memory");
	n = parse_pair(parse, label, value);
	if (n > 0)
		n = or_postal_parse(
		    parse->address, label, value, parse->arena, parse->diag);
	if (n <= 0)
		return n;
	if (slice_equal_string(label, "RFC-822"))
		return add_dda(parse, slice_of_string("RFC-822"), value);
	attribute = find_attribute(parse, label);
	if (attribute == OR_ATTRIBUTES)
		return diag_set(parse->diag, ERR_SYNTAX,
		    "O/R address: unknown attribute \"%.*s\"",
		    (int)(label.len > 32 ? 32 : label.len),
		    (const char *)label.data);
	if ((parse->seen & 1U << attribute) != 0)
		return diag_set(parse->diag, ERR_SYNTAX, "%s: given twice",
		    or_attribute_info[attribute].name);
	parse->seen |= 1U << attribute;
	if (attribute == OR_ADMD && value.len == 0 && raw.len != 0)
		value = slice_of_string(" ");
	parse->address->attribute[attribute] = value;
	return 0;
}

/* parse_part - "label=value" */
static int
parse_part(struct parse *parse, struct slice part)
{
	struct slice label, start = trim(part);
	uint8_t *upper;
	const uint8_t *equals;
	size_t i, used;

	if (start.len == 0)
		return 0;
	used = dda_start(start);
	if (used != 0)
		return parse_dda(
		    parse, slice_of(start.data + used, start.len - used));
	equals = memchr(part.data, '=', part.len);
	if (equals == NULL)
		return diag_set(parse->diag, ERR_SYNTAX,
		    "O/R address: no \"=\" after \"%.*s\"",
		    charset_is_printable(start)
			? (int)(start.len > 32 ? 32 : start.len)
			: 0,
		    (const char *)start.data);
	label = trim(slice_of(part.data, (size_t)(equals - part.data)));
	upper = arena_alloc(parse->arena, label.len + 1);
	if (upper == NULL)
		return diag_set(parse->diag, arena_error(parse->arena),
		    "O/R address: %s", arena_reason(parse->arena));
	for (i = 0; i < label.len; i++)
		upper[i] = (uint8_t)charset_fold(label.data[i]) >= 'a' &&
			(label.data[i] | 0x20) <= 'z'
		    ? (uint8_t)(label.data[i] & 0xdf)
		    : label.data[i];
	if (!charset_is_printable(label))
		return diag_set(
		    parse->diag, ERR_SYNTAX, "O/R address: unknown attribute");
	return parse_attribute(parse, slice_of(upper, label.len),
	    slice_of(
		equals + 1, (size_t)(part.data + part.len - (equals + 1))));
}

/* complete - what the parts say together */
static int
complete(struct parse *parse)
{
	struct or_address *address = parse->address;

	if (parse->has_type)
		return diag_set(
		    parse->diag, ERR_SYNTAX, "DDA: type without value");
	if (parse->what == OR_CHECK_PREFIX ||
	    (parse->seen & 1U << OR_ADMD) != 0)
		return 0;
	if (address->attribute[OR_PRMD].len == 0)
		return diag_set(parse->diag, ERR_VALUE, "ADMD: missing");
	address->attribute[OR_ADMD] = slice_of_string(" ");
	return 0;
}

/* parse_text - an address or a prefix */
static int
parse_text(struct slice text, enum or_check what, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	struct or_address got = {.dda_count = 0};
	struct parse parse = {
	    .arena = arena, .address = &got, .what = what, .diag = diag};
	struct slice copy, part;
	int error = 0;

	if (text.len > OR_ADDRESS_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "O/R address: longer than %d octets", OR_ADDRESS_MAX);
	if (trim(text).len == 0 && what == OR_CHECK_ADDRESS)
		return diag_set(diag, ERR_SYNTAX, "O/R address: empty");
	if (arena_slice(arena, text, &copy) != 0)
		return diag_set(diag, arena_error(arena), "O/R address: %s",
		    arena_reason(arena));
	begin(&parse, copy);
	while (error == 0 && take_part(&parse, &part) > 0)
		error = parse_part(&parse, part);
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

/* or_address_parse - an address from text in any of the forms */
int
or_address_parse(struct slice text, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	return parse_text(text, OR_CHECK_ADDRESS, arena, address, diag);
}

/* or_address_parse_prefix - an address space from text */
int
or_address_parse_prefix(struct slice text, struct arena *arena,
    struct or_address *prefix, struct diag *diag)
{
	return parse_text(text, OR_CHECK_PREFIX, arena, prefix, diag);
}
