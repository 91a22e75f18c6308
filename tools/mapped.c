/* SPDX-License-Identifier: ISC */
/*
 * mapped.c - an address as a section mixer has it on the other side
 */
#include "tools/mapped.h"

static const char *const hows[] = {
    [ADDRESS_PAIRED] = "by map or users",
    [ADDRESS_SLASH] = "whole O/R address at mail-domain",
    [ADDRESS_INTERNET] = "of the Internet, beneath gateway-address",
    [ADDRESS_ELSEWHERE] = "of the Internet, but not beneath gateway-address",
};

/* A sender to such an address has the gateway send to the Internet. */
static const char route[] = "a source route: it has a DDA of type RFC-822";

/* mapped_read - map an address to the other side by a section */
int
mapped_read(const struct address_map *map, const char *text,
    struct arena *arena, struct mapped *mapped, struct diag *diag)
{
	struct or_address address;
	enum address_kind kind = ADDRESS_PAIRED;
	const char *formatted;
	int error;

	mapped->source_route = false;
	/* No address of the Internet is read as an O/R address: behind its "@"
	 * there is no "=". */
	if (or_address_parse(slice_of_string(text), arena, &address, NULL) ==
	    0) {
		error = address_to_internet(
		    map, &address, arena, &mapped->text, &kind, diag);
		mapped->how = hows[kind];
		return error;
	}
	error = address_from_internet(
	    map, slice_of_string(text), arena, &address, &kind, diag);
	if (error != 0)
		return error;
	mapped->source_route =
	    kind != ADDRESS_INTERNET && address_names_internet(&address);
	mapped->how = mapped->source_route ? route : hows[kind];
	formatted = or_address_format(&address, OR_STYLE_F401, arena);
	if (formatted == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	mapped->text = slice_of_string(formatted);
	return 0;
}
