/* SPDX-License-Identifier: ISC */
/*
 * mts_id.c - MTS identifiers as RFC 2156 writes them (4.7.1)
 *
 * Contract in mts_id.h.
 */
#include "mixer/mts_id.h"

#include "mhs/charset.h"
#include "mhs/or_address.h"
#include "mime/mime_header.h"

/* mts_id_format - write one into the arena */
const char *
mts_id_format(const struct mts_identifier *identifier, struct arena *arena)
{
	const struct global_domain *domain = &identifier->domain;
	struct or_address address = {.dda_count = 0};
	const char *slash;

	address.attribute[OR_COUNTRY] = domain->country;
	address.attribute[OR_ADMD] = domain->admd;
	address.attribute[OR_PRMD] = domain->prmd;
	slash = or_address_format(&address, OR_STYLE_RFC2156, arena);
	return slash != NULL ? arena_printf(arena, "[%s;%.*s]", slash,
				   (int)identifier->local.len,
				   (const char *)identifier->local.data)
			     : NULL;
}

/* mts_id_parse - read one */
int
mts_id_parse(
    struct slice text, struct arena *arena, struct mts_identifier *identifier)
{
	const size_t skip = sizeof(MTS_ID_ENVELOPE) - 1;
	struct mts_identifier id = {.local = {.len = 0}};
	struct or_address address;
	const uint8_t *semicolon;
	size_t len;

	if (mime_name_begins(text, MTS_ID_ENVELOPE))
		text = slice_of(text.data + skip, text.len - skip);
	text = mime_trim(text);
	if (text.len < 2 || text.data[0] != '[' ||
	    text.data[text.len - 1] != ']')
		return ERR_SYNTAX;
	text = slice_of(text.data + 1, text.len - 2);
	semicolon = memchr(text.data, ';', text.len);
	if (semicolon == NULL)
		return ERR_SYNTAX;
	len = (size_t)(semicolon - text.data);
	if (or_address_parse(slice_of(text.data, len), arena, &address, NULL) !=
	    0)
		return ERR_SYNTAX;
	id.domain.country = address.attribute[OR_COUNTRY];
	id.domain.admd = address.attribute[OR_ADMD];
	id.domain.prmd = address.attribute[OR_PRMD];
	id.domain.country_numeric = charset_is_numeric(id.domain.country);
	id.local = slice_of(semicolon + 1, text.len - len - 1);
	if (id.local.len == 0 || id.local.len > MTS_LOCAL_MAX ||
	    id.domain.country.len == 0 || id.domain.admd.len == 0)
		return ERR_SYNTAX;
	*identifier = id;
	return 0;
}
