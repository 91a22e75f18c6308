/* SPDX-License-Identifier: ISC */
/*
 * conf_address.c - the O/R addresses of the configuration
 *
 * A global domain identifier is X.411's (figure 2): country and
 * administration domain are mandatory, the private domain is not.
 */
#include "conf/conf_address.h"

#include "mhs/or_address.h"

/* check_domain - check that there are C and A, perhaps P, and nothing else */
static int
check_domain(const struct or_address *address, struct diag *diag)
{
	for (int i = OR_PRMD + 1; i < OR_ATTRIBUTES; i++) {
		if (address->attribute[i].len > 0) {
			return diag_set(diag, ERR_VALUE,
			    "a domain has C, A and P alone, not %s",
			    or_attribute_label((enum or_attribute)i));
		}
	}
	if (address->dda_count > 0 || address->extension_count > 0) {
		return diag_set(
		    diag, ERR_VALUE, "a domain has C, A and P alone");
	}
	if (address->attribute[OR_COUNTRY].len == 0)
		return diag_set(diag, ERR_VALUE, "C is missing");
	/* X.411 writes "no ADMD" as a blank, which must be meant and not
	 * forgotten. */
	if (address->attribute[OR_ADMD].len == 0) {
		return diag_set(diag, ERR_VALUE,
		    "A is missing (if there is none: \"A= \")");
	}
	return 0;
}

/* interpret - parse the text as an address */
static int
interpret(const char *text, enum conf_address_kind kind, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	struct slice slice = slice_of_string(text);
	int r;

	switch (kind) {
	case CONF_ADDRESS_WHOLE:
		return or_address_parse(slice, arena, address, diag);
	case CONF_ADDRESS_SPACE:
		if (strcmp(text, "*") == 0)
			return 0; /* a prefix without attributes */
		return or_address_parse_prefix(slice, arena, address, diag);
	case CONF_ADDRESS_DOMAIN:
		r = or_address_parse(slice, arena, address, diag);
		return r < 0 ? r : check_domain(address, diag);
	}
	return ERR_UNSUPPORTED;
}

/* conf_address_parse - parse a text, and keep it with its meaning in the
 * arena */
int
conf_address_parse(const char *text, enum conf_address_kind kind,
    struct arena *arena, struct conf_address *address, struct diag *diag)
{
	struct or_address *parsed;
	char *copy;
	int r;

	/* An empty value is a setting that is not given. */
	if (*text == '\0' && kind == CONF_ADDRESS_WHOLE) {
		*address = (struct conf_address){.text = ""};
		return 0;
	}
	if (*text == '\0')
		return diag_set(diag, ERR_VALUE, "must not be empty");
	parsed = arena_alloc(arena, sizeof(*parsed));
	copy = arena_string(arena, slice_of_string(text));
	if (parsed == NULL || copy == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	r = interpret(text, kind, arena, parsed, diag);
	if (r < 0) {
		diag_prefix(diag, "\"%s\"", text);
		return r;
	}
	address->text = copy;
	address->address = parsed;
	return 0;
}

/* conf_addresses_cover - tell whether one of these address spaces covers an
 * address */
bool
conf_addresses_cover(
    const struct conf_addresses *spaces, const struct or_address *address)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (or_address_matches(spaces->items[i].address, address) >= 0)
			return true;
	return false;
}

/* conf_address_postmaster - make the address S=Postmaster in a domain */
int
conf_address_postmaster(const struct conf_address *domain, struct arena *arena,
    struct conf_address *address, struct diag *diag)
{
	struct or_address *parsed = arena_alloc(arena, sizeof(*parsed));
	char *text;
	int r;

	if (parsed == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	/* Forms go along, so that the postmaster's domain is encoded as the
	 * MTA's. */
	for (int i = OR_COUNTRY; i <= OR_PRMD; i++) {
		parsed->attribute[i] = domain->address->attribute[i];
		parsed->forms[i] = domain->address->forms[i];
	}
	r = or_address_set(parsed, OR_SURNAME, "Postmaster", arena);
	if (r == 0)
		r = or_address_seal(parsed, arena, diag);
	if (r < 0)
		return r;
	text = or_address_format(parsed, OR_STYLE_F401, arena);
	if (text == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	address->text = text;
	address->address = parsed;
	return 0;
}
