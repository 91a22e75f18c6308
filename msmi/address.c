/* SPDX-License-Identifier: ISC */
/*
 * address.c - addresses of Microsoft Mail as O/R addresses, and back
 *
 * Contract in address.h.
 */
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "mhs/charset.h"
#include "msmi/address.h"
#include "msmi/code_page.h"

#define DDA_TYPE_MAX 8 /* X.411 ub-domain-defined-attribute-type-length */

/* is_type - tell whether an address is of this type */
static bool
is_type(struct slice type, const char *name)
{
	return type.len == strlen(name) &&
	    strncasecmp((const char *)type.data, name, type.len) == 0;
}

/* is_ours - tell whether a mailbox is of this postoffice */
static bool
is_ours(const struct addressing *a, const struct mailbox *mailbox)
{
	return strcasecmp(mailbox->network, a->msmail->network) == 0 &&
	    strcasecmp(mailbox->postoffice, a->msmail->po_name) == 0;
}

/* copy_below - copy an address, so that the copy can be changed */
static int
copy_below(const struct or_address *prefix, struct arena *arena,
    struct or_address *address)
{
	*address = *prefix;
	/* The octets are those of the address before the change. */
	address->encoded = (struct slice){0};
	if (prefix->dda_count == 0)
		return 0;
	address->dda =
	    arena_array(arena, prefix->dda_count, sizeof(*address->dda));
	if (address->dda == NULL)
		return arena_error(arena);
	memcpy(address->dda, prefix->dda,
	    prefix->dda_count * sizeof(*address->dda));
	return 0;
}

/* with_dda - add a domain defined attribute to our own domain */
static int
with_dda(const struct addressing *a, const char *type, const char *value,
    struct arena *arena, struct or_address *address, struct diag *diag)
{
	struct or_address made;
	int error;

	if (a->conf->mta.domain.address == NULL)
		return diag_set(diag, ERR_VALUE, "we have no domain");
	if ((error = copy_below(a->conf->mta.domain.address, arena, &made)) <
		0 ||
	    (error = or_address_set_dda(&made, type, value, arena)) < 0 ||
	    (error = or_address_seal(&made, arena, diag)) < 0)
		return error;
	*address = made;
	return 0;
}

/* has_wildcard - tell whether an address-space names no one place */
static bool
has_wildcard(const struct or_address *space)
{
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		if (slice_equal_string(space->attribute[i], "*"))
			return true;
	}
	return space->attribute[OR_COUNTRY].len == 0 ||
	    space->attribute[OR_SURNAME].len != 0;
}

/* address_of_mailbox - make the O/R address of a mailbox */
int
address_of_mailbox(const struct addressing *a, const struct mailbox *mailbox,
    struct arena *arena, struct or_address *address, struct diag *diag)
{
	const struct or_address *known = map_address(a->map, mailbox);
	const struct conf_addresses *spaces = &a->msmail->address_space;
	char text[MAILBOX_TEXT];
	int error;

	/* The map comes first: an administrator wrote it. */
	if (known != NULL) {
		*address = *known;
		return 0;
	}
	for (size_t i = 0; is_ours(a, mailbox) && i < spaces->count; i++) {
		struct or_address made;

		if (spaces->items[i].address == NULL ||
		    has_wildcard(spaces->items[i].address))
			continue;
		if ((error = copy_below(
			 spaces->items[i].address, arena, &made)) < 0)
			return error;
		/* A name that no surname can be still fits a DDA. */
		if (or_address_set(&made, OR_SURNAME, mailbox->name, arena) ==
			0 &&
		    or_address_seal(&made, arena, NULL) == 0) {
			*address = made;
			return 0;
		}
	}
	/* RFC 2156 and MS Mail's gateway both use a domain defined attribute
	 * for foreign names. */
	return with_dda(
	    a, "MS", mailbox_format(mailbox, text), arena, address, diag);
}

/* internet_address - make the O/R address of an SMTP address: a DDA of the
 * standard's own type, and "@" as "(a)" (RFC 2156 4.1) */
static int
internet_address(const struct addressing *a, struct slice text,
    struct arena *arena, struct or_address *address, struct diag *diag)
{
	struct slice printable = text;
	char *value;

	if (charset_is_ascii(text) &&
	    charset_ascii_to_printable(text, arena, &printable) < 0)
		return arena_error(arena);
	if ((value = arena_string(arena, printable)) == NULL)
		return arena_error(arena);
	return with_dda(a, "RFC-822", value, arena, address, diag);
}

/* foreign_address - make the O/R address of an address of another mail
 * system */
static int
foreign_address(const struct addressing *a, const struct mmff_address *from,
    struct arena *arena, struct or_address *address, struct diag *diag)
{
	char *type = arena_string(arena, from->type);
	char *value = arena_string(arena, from->text);

	if (type == NULL || value == NULL)
		return arena_error(arena);
	if (from->type.len > DDA_TYPE_MAX)
		return diag_set(
		    diag, ERR_VALUE, "unknown address type %s", type);
	if (strcasecmp(type, "SMTP") == 0)
		return internet_address(a, from->text, arena, address, diag);
	return with_dda(a, type, value, arena, address, diag);
}

/* address_from_mmff - make the O/R address of an address in a file */
int
address_from_mmff(const struct addressing *a, const struct mmff_address *from,
    struct arena *arena, struct or_address *address, struct diag *diag)
{
	struct mailbox mailbox;
	int error;

	if (is_type(from->type, "X400") ||
	    (from->type.len == 0 &&
		(from->text.data[0] == '/' ||
		    memchr(from->text.data, '=', from->text.len) != NULL)))
		return or_address_parse(from->text, arena, address, diag);
	if (from->type.len > 0 && !is_type(from->type, "CSI") &&
	    !is_type(from->type, "MS") && !is_type(from->type, "MSMAIL") &&
	    !is_type(from->type, "PCM"))
		return foreign_address(a, from, arena, address, diag);
	if ((error = mailbox_parse(from->text, &mailbox, diag)) < 0)
		return error;
	return address_of_mailbox(a, &mailbox, arena, address, diag);
}

/* dda_mailbox - find the mailbox that a DDA of type MS names */
static bool
dda_mailbox(const struct or_address *address, struct mailbox *mailbox)
{
	for (unsigned i = 0; i < address->dda_count; i++) {
		if (is_type(address->dda[i].type, "MS") &&
		    mailbox_parse(address->dda[i].value, mailbox, NULL) == 0)
			return true;
	}
	return false;
}

/* names_domain - tell whether an address space is of one domain */
static bool
names_domain(const struct or_address *space)
{
	const struct slice *attribute = space->attribute;
	bool any = false;

	for (unsigned i = OR_COUNTRY; i <= OR_PRMD; i++) {
		any |= slice_equal_string(attribute[i], "*");
	}
	return !any && attribute[OR_COUNTRY].len > 0 &&
	    (attribute[OR_ADMD].len > 0 || attribute[OR_PRMD].len > 0);
}

/* is_within - tell whether an address is below one of our address spaces
 *
 * An address space without a domain ("*", for a postoffice that takes what
 * nobody else does) makes nobody's mailboxes ours.
 */
static bool
is_within(const struct addressing *a, const struct or_address *address)
{
	const struct conf_addresses *spaces = &a->msmail->address_space;

	for (size_t i = 0; i < spaces->count; i++) {
		const struct or_address *space = spaces->items[i].address;

		if (space != NULL && names_domain(space) &&
		    or_address_matches(space, address) >= 0)
			return true;
	}
	return false;
}

/* is_domestic - tell whether a DDA of type MS of this address is ours to read
 *
 * The type is no registered one: another domain's MS names its mailboxes.
 */
static bool
is_domestic(const struct addressing *a, const struct or_address *address)
{
	const struct or_address *domain = a->conf->mta.domain.address;

	return (domain != NULL && or_address_matches(domain, address) >= 0) ||
	    is_within(a, address);
}

/* space_mailbox - find the mailbox that a surname below an address-space
 * names */
static bool
space_mailbox(const struct addressing *a, const struct or_address *address,
    struct mailbox *mailbox)
{
	/* Any other attribute makes it the address of another person. */
	if (!is_within(a, address) || address->dda_count > 0 ||
	    address->attribute[OR_SURNAME].len == 0 ||
	    address->attribute[OR_GIVEN].len != 0 ||
	    address->attribute[OR_INITIALS].len != 0 ||
	    address->attribute[OR_GENERATION].len != 0 ||
	    address->attribute[OR_COMMON_NAME].len != 0)
		return false;
	return mailbox_set(mailbox, a->msmail->network, a->msmail->po_name,
		   address->attribute[OR_SURNAME], NULL) == 0;
}

/* address_to_mailbox - find the mailbox of this postoffice that is meant */
int
address_to_mailbox(const struct addressing *a, const struct or_address *address,
    struct mailbox *mailbox, struct diag *diag)
{
	const struct mailbox *known = map_mailbox(a->map, address);
	struct mailbox found;
	char text[MAILBOX_TEXT];

	if (known != NULL)
		found = *known;
	else if (!(is_domestic(a, address) && dda_mailbox(address, &found)) &&
	    !space_mailbox(a, address, &found))
		return diag_set(diag, ERR_NOTFOUND,
		    "the address names no mailbox of this postoffice");
	(void)mailbox_format(&found, text);
	if (!is_ours(a, &found))
		return diag_set(diag, ERR_NOTFOUND,
		    "%s is not of postoffice %s/%s", text, a->msmail->network,
		    a->msmail->po_name);
	/* A postoffice whose mailboxes are all known has no others. */
	if (known == NULL && a->map->count > 0 &&
	    map_address(a->map, &found) == NULL)
		return diag_set(diag, ERR_NOTFOUND, "no mailbox %s", text);
	*mailbox = found;
	return 0;
}

/* is_mailbox_of - tell whether a bare mailbox in a file is this address */
static bool
is_mailbox_of(const struct addressing *a, const struct mailbox *mailbox,
    const struct or_address *address, struct arena *arena)
{
	struct or_address again;

	return address_of_mailbox(a, mailbox, arena, &again, NULL) == 0 &&
	    or_address_compare(&again, address) == 0;
}

/* can_code - tell whether the postoffice's code page has all of a text */
static bool
can_code(const struct addressing *a, struct slice text)
{
	size_t pos = 0;

	while (pos < text.len)
		if (!code_page_has(
			a->msmail->code_page, charset_next(text, &pos)))
			return false;
	return true;
}

/* address_for_mmff - format an O/R address as text of a file */
const char *
address_for_mmff(const struct addressing *a, const struct or_address *address,
    struct arena *arena)
{
	const struct mailbox *known = map_mailbox(a->map, address);
	struct mailbox found;
	char text[MAILBOX_TEXT];
	const char *x400;

	if (known != NULL)
		found = *known;
	/* Shown as a mailbox only if an answer would come back to the same
	 * address. */
	if ((known != NULL || dda_mailbox(address, &found) ||
		space_mailbox(a, address, &found)) &&
	    is_mailbox_of(a, &found, address, arena))
		return arena_printf(arena, "%s", mailbox_format(&found, text));
	x400 = or_address_format(address, OR_STYLE_F401, arena);
	if (x400 == NULL)
		return NULL;
	/* A mark in place of a character would be another address. */
	return arena_printf(arena, "X400:%s%s", x400,
	    can_code(a, slice_of_string(x400)) ? "" : ADDRESS_UNANSWERABLE);
}
