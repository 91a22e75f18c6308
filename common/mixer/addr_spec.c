/* SPDX-License-Identifier: ISC */
/*
 * addr_spec.c - the address of a mailbox of the Internet (RFC 5321 4.1.2)
 *
 * Contract in addr_spec.h.
 */
#include "mixer/addr_spec.h"

#include <ctype.h>

/* is_atext - tell whether an octet may stand in an atom (RFC 5322 3.2.3) */
static bool
is_atext(uint8_t c)
{
	return c < 0x80 &&
	    (isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c)));
}

/* refuse - say that a text is no address */
static int
refuse(struct diag *diag, const char *reason)
{
	return diag_set(diag, ERR_SYNTAX, "no address: %s", reason);
}

/* parse_quoted - read a local part in quotes; *used is how long it was */
static int
parse_quoted(struct slice text, struct arena *arena, struct slice *local,
    size_t *used, struct diag *diag)
{
	uint8_t *out = arena_alloc(arena, text.len);
	size_t len = 0, i = 1;

	if (out == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	while (i < text.len && text.data[i] != '"') {
		i += text.data[i] == '\\';
		if (i == text.len || text.data[i] < ' ' || text.data[i] > '~')
			return refuse(diag, "an octet that may not be quoted");
		out[len++] = text.data[i++];
	}
	if (i == text.len)
		return refuse(diag, "a quote is open");
	*used = i + 1;
	*local = slice_of(out, len);
	return 0;
}

/* parse_local - read the local part; *used is how long it was */
static int
parse_local(struct slice text, struct arena *arena, struct slice *local,
    size_t *used, struct diag *diag)
{
	size_t len = 0;

	if (text.len > 0 && text.data[0] == '"')
		return parse_quoted(text, arena, local, used, diag);
	/* Dots at either end or in a row are not allowed, but people have such
	 * addresses. */
	while (len < text.len &&
	    (is_atext(text.data[len]) || text.data[len] == '.'))
		len++;
	*used = len;
	*local = slice_of(text.data, len);
	return len == 0 ? refuse(diag, "no local part") : 0;
}

/* addr_spec_is_label - tell whether a text may be a label of a domain */
bool
addr_spec_is_label(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c >= 0x80 || (!isalnum(c) && c != '-'))
			return false;
	}
	return text.len > 0 && text.len <= ADDR_SPEC_LABEL_MAX &&
	    text.data[0] != '-' && text.data[text.len - 1] != '-';
}

/* is_domain - tell whether a text is a domain, or an address literal */
static bool
is_domain(struct slice text)
{
	bool literal = text.len > 2 && text.data[0] == '[' &&
	    text.data[text.len - 1] == ']';
	size_t label = 0;

	if (text.len > ADDR_SPEC_DOMAIN_MAX)
		return false;
	for (size_t i = literal; i < text.len - literal; i++) {
		uint8_t c = text.data[i];

		if (c >= 0x80)
			return false;
		if (literal && !isalnum(c) && c != '.' && c != ':' && c != '-')
			return false;
		/* Some hosts have names with an underscore. */
		if (!literal && !isalnum(c) && c != '-' && c != '_' &&
		    (c != '.' || label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
	}
	return label > 0;
}

/* addr_spec_parse - read the text of an address */
int
addr_spec_parse(struct slice text, struct arena *arena, struct addr_spec *spec,
    struct diag *diag)
{
	struct addr_spec got;
	size_t used = 0;
	int error = parse_local(text, arena, &got.local, &used, diag);

	if (error != 0)
		return error;
	if (used == text.len || text.data[used] != '@')
		return refuse(diag, "no @ behind the local part");
	got.domain = slice_of(text.data + used + 1, text.len - used - 1);
	if (!is_domain(got.domain))
		return refuse(diag, "no domain behind the @");
	*spec = got;
	return 0;
}

/* is_dot_atom - tell whether a local part needs no quotes */
static bool
is_dot_atom(struct slice local)
{
	bool dot = true;

	for (size_t i = 0; i < local.len; i++) {
		bool is = local.data[i] == '.';

		if ((is && dot) || (!is && !is_atext(local.data[i])))
			return false;
		dot = is;
	}
	return !dot;
}

/* addr_spec_format - write it, with quotes where it needs them */
int
addr_spec_format(const struct addr_spec *spec, struct arena *arena,
    struct slice *text, struct diag *diag)
{
	bool plain = is_dot_atom(spec->local);
	uint8_t *out =
	    arena_alloc(arena, 2 * spec->local.len + spec->domain.len + 3);
	size_t len = 0;

	if (out == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (!plain)
		out[len++] = '"';
	for (size_t i = 0; i < spec->local.len; i++) {
		uint8_t c = spec->local.data[i];

		/* A control would end a line of the message, or the command. */
		if (c < ' ' || c > '~')
			return diag_set(diag, ERR_VALUE,
			    "no local part can have the octet %u", c);
		if (c == '"' || c == '\\')
			out[len++] = '\\';
		out[len++] = c;
	}
	if (!plain)
		out[len++] = '"';
	out[len++] = '@';
	memcpy(out + len, spec->domain.data, spec->domain.len);
	*text = slice_of(out, len + spec->domain.len);
	return 0;
}
