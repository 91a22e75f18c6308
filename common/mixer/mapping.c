/* SPDX-License-Identifier: ISC */
/*
 * mapping.c - what a gateway maps messages by
 */
#include "mixer/mapping.h"

#include "mixer/or_name.h"

#define SCRATCH_MAX ((size_t)256 * 1024)

/* mapping_set - set what a section mixer says of it */
void
mapping_set(struct mapping *mapping, const struct conf_mixer *mixer)
{
	mapping->foreign_from = mixer->foreign_from;
	mapping->attachments = mixer->attachments;
	mapping->text = mixer->text;
	mapping->unmappable = mixer->unmappable;
	mapping->receipts = mixer->receipts;
}

/* mapping_tells_blind - tell whether a heading may name a blind recipient */
bool
mapping_tells_blind(const struct mapping *mapping, struct slice name)
{
	struct or_name read;
	struct arena arena;
	bool tells;

	if (mapping->blind == MAPPING_BLIND_SHOWN)
		return true;
	if (mapping->only == NULL)
		return false;
	arena_init(&arena, SCRATCH_MAX);
	tells = or_name_of(name, &arena, &read) == 0 &&
	    or_address_compare(&read.address, mapping->only) == 0;
	arena_fini(&arena);
	return tells;
}
