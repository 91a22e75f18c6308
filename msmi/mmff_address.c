/* SPDX-License-Identifier: ISC */
/*
 * mmff_address.c - the addresses of TO and FROM in a message file
 */
#include "mhs/charset.h"
#include "msmi/mmff_reading.h"

#define NAME_SHOWN 32 /* octets of a name that is too long */

/* free_form - take the name before a bracket: no quotes, not too long */
static struct slice
free_form(struct slice name)
{
	size_t pos = 0, count = 0;

	name = mmff_trim(name);
	/* Quotes around a name are no part of it. */
	if (name.len >= 2 && name.data[0] == '"' &&
	    name.data[name.len - 1] == '"')
		name = mmff_trim(slice_of(name.data + 1, name.len - 2));
	while (pos < name.len && count++ < MMFF_FREE_FORM_MAX)
		(void)charset_next(name, &pos);
	return slice_of(name.data, pos);
}

/* find_bracket - find where the bracket begins that a text ends in, or its
 * length */
static size_t
find_bracket(struct slice text)
{
	size_t i;

	if (text.len < 2 || text.data[text.len - 1] != ']')
		return text.len;
	for (i = text.len - 1; i > 0 && text.data[i] != '['; i--)
		;
	/* "=" or ":" before it: it is part of the address */
	if (text.data[i] != '[' || memchr(text.data, '=', i) != NULL ||
	    memchr(text.data, ':', i) != NULL ||
	    (i > 0 && text.data[i - 1] != ' ' && text.data[i - 1] != '"'))
		return text.len;
	return i;
}

/*
 * split_address - name, type and text of an address
 *
 * name [TYPE:text], [TYPE:text], TYPE:text, or text.  A type is a word before
 * the first colon; what has "=", "/" or ";" before it is an address already.
 */
static void
split_address(struct slice text, struct mmff_address *address)
{
	size_t i = find_bracket(text);

	if (i < text.len) {
		address->name = free_form(slice_of(text.data, i));
		text = mmff_trim(slice_of(text.data + i + 1, text.len - i - 2));
	}
	i = 0;
	/* A type is a short word before a colon; anything else is part of the
	 * name. */
	while (i < text.len && i < 16 &&
	    ((text.data[i] >= 'A' && text.data[i] <= 'Z') ||
		(text.data[i] >= 'a' && text.data[i] <= 'z') ||
		(text.data[i] >= '0' && text.data[i] <= '9')))
		i++;
	address->type = slice_of(text.data, 0);
	address->text = text;
	if (i > 0 && i < text.len && text.data[i] == ':') {
		address->type = slice_of(text.data, i);
		address->text =
		    mmff_trim(slice_of(text.data + i + 1, text.len - i - 1));
	}
}

/* is_x400 - tell whether an address is an O/R address in text */
static bool
is_x400(const struct mmff_address *address)
{
	return mmff_is_token(address->type, "X400") ||
	    (address->type.len == 0 &&
		memchr(address->text.data, '=', address->text.len) != NULL);
}

/* mmff_address_check - check that an address has a text, not too long */
int
mmff_address_check(const struct mmff_address *address, enum mmff_role role,
    struct mmff_diag *diag)
{
	if (address->text.len == 0)
		return mmff_fail(diag, MMFF_ADDRESS, address->line, "empty");
	/* X.400 addresses have a bound of their own. */
	if (address->text.len > MMFF_ADDRESS_MAX && !is_x400(address))
		return mmff_fail(diag, MMFF_TOO_BIG, address->line,
		    "in %s, a name of %zu octets, more than %d: %.*s...",
		    role == MMFF_TO ? "TO" : "FROM", address->text.len,
		    MMFF_ADDRESS_MAX, NAME_SHOWN,
		    (const char *)address->text.data);
	return 0;
}

/* mmff_on_address - read TO or FROM */
int
mmff_on_address(struct reading *r, struct slice tail, enum mmff_role role)
{
	struct mmff_address address = {.line = r->line};
	struct slice utf8;
	void *list = r->mmff->to;
	int error;

	if ((error = mmff_utf8(r, tail, &utf8)) < 0)
		return error;
	split_address(utf8, &address);
	if (role == MMFF_FROM) {
		error = mmff_address_check(&address, role, r->diag);
		if (error < 0)
			return error;
		if (r->mmff->has_from)
			return mmff_fail(
			    r->diag, MMFF_TOKEN, r->line, "a second FROM");
		r->mmff->from = address;
		r->mmff->has_from = true;
		return 0;
	}
	if (r->mmff->to_count == MMFF_RECIPIENTS_MAX)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "in group TO, more than %d", MMFF_RECIPIENTS_MAX);
	error = mmff_grow(
	    r, &list, r->mmff->to_count, &r->to_room, sizeof(*r->mmff->to));
	if (error < 0)
		return error;
	r->mmff->to = list;
	r->mmff->to[r->mmff->to_count++] = address;
	return 0;
}
