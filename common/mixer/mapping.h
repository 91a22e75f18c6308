/* SPDX-License-Identifier: ISC */
/*
 * mapping.h - what a gateway maps messages by
 *
 * One for a process; all that it points to must outlive it.
 */
#ifndef FOURPOST_MIXER_MAPPING_H
#define FOURPOST_MIXER_MAPPING_H

#include "mime/mime_charset.h"
#include "mixer/address.h"

#define MAPPING_SECRET_LEN 16

struct mapping {
	const struct address_map *addresses;
	struct mime_charsets *charsets;
	int64_t now; /* seconds since 1970, of a message without a date */
	/* Boundaries are made of it, so that nobody can write one into a text
	 * that is to come. */
	uint8_t secret[MAPPING_SECRET_LEN];
};

#endif
