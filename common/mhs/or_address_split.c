/* SPDX-License-Identifier: ISC */
/*
 * or_address_split.c - divide the text of an O/R address into its attributes
 *
 * Contract in or_address_split.h (RFC 1685 F.3.2, RFC 2156 4.1).
 */
#include "mhs/charset.h"
#include "mhs/or_address_split.h"

/* is_blank - tell whether an octet is ignored around labels and values */
static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* or_split_trim - take the blanks from both ends of a text */
struct slice
or_split_trim(struct slice text)
{
	while (text.len != 0 && is_blank(text.data[0]))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len != 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* delimiter - get the character that divides the parts */
static uint8_t
delimiter(const struct or_split *split)
{
	return split->form == OR_SPLIT_SEMICOLON ? ';' : '/';
}

/* skip_character - get the place after a character, quoted or not; the octet
 * before that place is the character */
static size_t
skip_character(const struct or_split *split, struct slice text, size_t at)
{
	uint8_t c = text.data[at], next;

	if (at + 1 == text.len)
		return at + 1;
	next = text.data[at + 1];
	/* F.401 doubles a delimiter that belongs to a value, RFC 2156 puts a
	 * "$" before it. */
	if (c == delimiter(split) && next == c)
		return at + 2;
	if (split->form == OR_SPLIT_SLASH && c == '$' &&
	    (next == '$' || next == ';' || next == '/' || next == '=' ||
		next == '*'))
		return at + 2;
	return at + 1;
}

/* starts_with - tell whether a text begins so, whatever the case */
static bool
starts_with(struct slice text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len &&
	    strncasecmp((const char *)text.data, start, len) == 0;
}

/* drop - take octets from the front of a text */
static struct slice
drop(struct slice text, size_t len)
{
	return slice_of(text.data + len, text.len - len);
}

/* label_follows - tell whether "label=" stands at this place */
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

/* is_delimiter - tell whether a part ends at this place, where no character is
 * quoted */
static bool
is_delimiter(const struct or_split *split, struct slice text, size_t at)
{
	if (text.data[at] == delimiter(split))
		return split->form != OR_SPLIT_BETWEEN ||
		    label_follows(text, at + 1);
	/* RFC 2156 4.1.3 has both, mixed. */
	return split->form == OR_SPLIT_SLASH && text.data[at] == ';' &&
	    (at + 1 == text.len || label_follows(text, at + 1));
}

/* or_split_init - begin with a text, without what stands around it */
void
or_split_init(struct or_split *split, struct slice text, struct arena *arena)
{
	struct slice inner = or_split_trim(text);

	/* X400 addresses are often written in brackets, and copied so. */
	if (inner.len >= 2 && inner.data[0] == '[' &&
	    inner.data[inner.len - 1] == ']')
		text = slice_of(inner.data + 1, inner.len - 2);
	/* Blanks at the end may be the value of an ADMD, and remain. */
	while (text.len != 0 && is_blank(text.data[0]))
		text = drop(text, 1);
	if (starts_with(text, "X400:"))
		text = drop(text, 5);
	while (text.len != 0 && is_blank(text.data[0]))
		text = drop(text, 1);
	split->arena = arena;
	split->form = OR_SPLIT_BETWEEN;
	if (text.len != 0 && text.data[0] == '/') {
		split->form = OR_SPLIT_SLASH;
		text = drop(text, 1);
	} else if (text.len != 0 && memchr(text.data, ';', text.len) != NULL) {
		/* A semicolon decides: "/" may then be within a value. */
		split->form = OR_SPLIT_SEMICOLON;
	}
	split->rest = text;
}

/* take_raw - take the text up to the next delimiter: 1, or 0 at the end */
static int
take_raw(struct or_split *split, struct slice *raw)
{
	struct slice text = split->rest;
	bool begun = false;
	size_t at = 0, next;

	if (text.len == 0)
		return 0;
	for (; at < text.len; at = next) {
		/* A delimiter is doubled in a value, and never before it. */
		next = begun ? skip_character(split, text, at) : at + 1;
		if (next == at + 1 && is_delimiter(split, text, at))
			break;
		begun |= !is_blank(text.data[at]);
	}
	*raw = slice_of(text.data, at);
	split->rest = drop(text, at < text.len ? at + 1 : at);
	return 1;
}

/* unquote - make a value of what stands for it; in the arena */
static int
unquote(const struct or_split *split, struct slice raw, struct slice *value)
{
	size_t at = 0, len = 0;
	uint8_t *out;

	*value = raw;
	if (raw.len == 0)
		return 0;
	/* The value is never longer than what stands for it. */
	out = arena_alloc(split->arena, raw.len);
	if (out == NULL)
		return arena_error(split->arena);
	while (at < raw.len) {
		at = skip_character(split, raw, at);
		out[len++] = raw.data[at - 1];
	}
	*value = slice_of(out, len);
	return 0;
}

/* star_of - find the "*" that divides a printable form from a teletex one (RFC
 * 2156 3.5); the length of raw: there is none */
static size_t
star_of(const struct or_split *split, struct slice raw)
{
	size_t at = 0, next;

	if (split->form != OR_SPLIT_SLASH)
		return raw.len;
	for (; at < raw.len; at = next) {
		next = skip_character(split, raw, at);
		/* "*" alone stands for any value in an address space. */
		if (raw.data[at] == '*' && next < raw.len)
			return at;
	}
	return raw.len;
}

/* take_octets - take the octets of T.61 that stand in braces, three digits
 * each; the octets of text up to the closing brace, or ERR_SYNTAX */
static int
take_octets(struct slice text, uint8_t *out, size_t *len)
{
	size_t at = 0;

	while (at + 3 <= text.len && text.data[at] != '}') {
		unsigned octet = 0;

		for (unsigned i = 0; i < 3; i++, at++) {
			if (text.data[at] < '0' || text.data[at] > '9')
				return ERR_SYNTAX;
			octet = 10 * octet + (text.data[at] - '0');
		}
		if (octet > 255)
			return ERR_SYNTAX;
		out[(*len)++] = (uint8_t)octet;
	}
	return at > 0 && at < text.len && text.data[at] == '}' ? (int)at
							       : ERR_SYNTAX;
}

/* unquote_teletex - make a value of a teletex-string; in the arena */
static int
unquote_teletex(
    const struct or_split *split, struct slice raw, struct slice *value)
{
	uint8_t *out = arena_alloc(split->arena, raw.len);
	size_t at = 0, len = 0;
	int used;

	if (out == NULL)
		return arena_error(split->arena);
	while (at < raw.len) {
		if (raw.data[at] == '{') {
			used = take_octets(drop(raw, at + 1), out, &len);
			if (used < 0)
				return used;
			at += (size_t)used + 2;
			continue;
		}
		at = skip_character(split, raw, at);
		out[len++] = raw.data[at - 1];
	}
	return charset_t61_to_utf8(slice_of(out, len), split->arena, value);
}

/* set_value - note the value of a part: of two forms of a name the printable
 * one, since they are the same name */
static int
set_value(const struct or_split *split, struct slice raw, struct or_part *part)
{
	struct slice trimmed = or_split_trim(raw), ignored;
	size_t star = star_of(split, trimmed);
	int error;

	part->has_value = true;
	part->blank = trimmed.len == 0 && raw.len != 0;
	if (star == trimmed.len)
		return unquote(split, trimmed, &part->value);
	/* Of a printable and a teletex form the first is enough: it is the same
	 * name. */
	error = unquote_teletex(split, drop(trimmed, star + 1),
	    star == 0 ? &part->value : &ignored);
	if (error != 0 || star == 0)
		return error;
	return unquote(
	    split, or_split_trim(slice_of(trimmed.data, star)), &part->value);
}

/* reason_of - say why a value could not be read */
static const char *
reason_of(const struct or_split *split, int error)
{
	return error == ERR_SYNTAX
	    ? "no \"{nnn}\" of three digits to 255 each after \"*\""
	    : arena_reason(split->arena);
}

/* set_type - note type and value of a DDA; "==" in the type is "=" */
static int
set_type(const struct or_split *split, struct slice text, struct or_part *part)
{
	size_t at = 0, len = 0, next;
	uint8_t *out = arena_alloc(split->arena, text.len + 1);

	if (out == NULL)
		return arena_error(split->arena);
	for (; at < text.len; at = next) {
		next = skip_character(split, text, at);
		/* In a type "=" is doubled, as the first single one ends it. */
		if (text.data[at] == '=') {
			if (next == text.len || text.data[next] != '=')
				break;
			next++;
		}
		out[len++] = text.data[next - 1];
	}
	part->label = or_split_trim(slice_of(out, len));
	if (at == text.len)
		return 0;
	return set_value(split, drop(text, at + 1), part);
}

/* dda_start - get how much of a part is "DDA:" or the like, or 0 */
static size_t
dda_start(struct slice raw, struct or_part *part)
{
	static const struct {
		const char *start;
		enum or_part_kind kind;
		unsigned number;
	} table[] = {{"DDA:", OR_PART_DDA, 0}, {"DDA.", OR_PART_DDA, 0},
	    {"DD:", OR_PART_DD, 0}, {"DD.", OR_PART_DD, 0},
	    {"DD1.", OR_PART_DD, 1}, {"DD2.", OR_PART_DD, 2},
	    {"DD3.", OR_PART_DD, 3}, {"DD4.", OR_PART_DD, 4},
	    {"DD1:", OR_PART_DD, 1}, {"DD2:", OR_PART_DD, 2},
	    {"DD3:", OR_PART_DD, 3}, {"DD4:", OR_PART_DD, 4}};

	/* Fields of Exchange's style, which are attributes by themselves. */
	if (starts_with(raw, "DDA.TYPE=") || starts_with(raw, "DDA.VALUE="))
		return 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (starts_with(raw, table[i].start)) {
			part->kind = table[i].kind;
			part->number = table[i].number;
			return strlen(table[i].start);
		}
	}
	return 0;
}

/* set_label - note a label in capitals; ERR_VALUE if no label looks so */
static int
set_label(const struct or_split *split, struct slice raw, struct or_part *part)
{
	struct slice label = or_split_trim(raw);
	uint8_t *upper = arena_alloc(split->arena, label.len + 1);

	if (upper == NULL)
		return arena_error(split->arena);
	if (!charset_is_printable(label))
		return ERR_VALUE;
	for (size_t i = 0; i < label.len; i++)
		upper[i] = label.data[i] >= 'a' && label.data[i] <= 'z'
		    ? (uint8_t)(label.data[i] & 0xdf)
		    : label.data[i];
	part->label = slice_of(upper, label.len);
	return 0;
}

/* set_part - note what a part that is not empty says */
static int
set_part(const struct or_split *split, struct slice raw, struct or_part *part,
    struct diag *diag)
{
	struct slice start = or_split_trim(raw);
	const uint8_t *equals;
	size_t used = dda_start(start, part);
	int error;

	if (used != 0) {
		/* Blanks at the end are for set_value to see. */
		raw = slice_of(
		    start.data, (size_t)(raw.data + raw.len - start.data));
		error = set_type(split, drop(raw, used), part);
		return error == 0
		    ? 0
		    : diag_set(diag, error, "DDA: %s", reason_of(split, error));
	}
	equals = memchr(raw.data, '=', raw.len);
	if (equals == NULL)
		return diag_set(diag, ERR_SYNTAX,
		    "O/R address: no \"=\" after \"%.*s\"",
		    charset_is_printable(start)
			? (int)(start.len > 32 ? 32 : start.len)
			: 0,
		    (const char *)start.data);
	used = (size_t)(equals - raw.data);
	error = set_label(split, slice_of(raw.data, used), part);
	if (error == ERR_VALUE)
		return diag_set(
		    diag, ERR_SYNTAX, "O/R address: unknown attribute");
	if (error == 0)
		error = set_value(split, drop(raw, used + 1), part);
	if (error != 0)
		return diag_set(diag, error, "%.*s: %s", (int)part->label.len,
		    (const char *)part->label.data, reason_of(split, error));
	return 0;
}

/* or_split_next - take the next part that is not empty */
int
or_split_next(struct or_split *split, struct or_part *part, struct diag *diag)
{
	struct slice raw;
	int error;

	while (take_raw(split, &raw) > 0) {
		if (or_split_trim(raw).len == 0)
			continue;
		*part = (struct or_part){.kind = OR_PART_ATTRIBUTE};
		error = set_part(split, raw, part, diag);
		return error == 0 ? 1 : error;
	}
	return 0;
}
