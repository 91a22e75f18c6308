/* SPDX-License-Identifier: ISC */
/*
 * address_key.h - O/R addresses as keys to search by
 *
 * The key of G=Jo;S=Doe;P=Acme;A=Viat;C=de is ;C=DE;A=VIAT;P=ACME;S=DOE;G=JO;
 * the hierarchy first, so that the beginning of an address, as people in a
 * domain or an organization share it, is the beginning of the key; capitals and
 * single spaces, so that whatever compares equal is equal.
 *
 * What is searched for is an address or some of its attributes, in any form
 * that or_address_parse_prefix reads, or else a text that occurs in the key.
 */
#ifndef FOURPOST_TRACK_ADDRESS_KEY_H
#define FOURPOST_TRACK_ADDRESS_KEY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

#define ADDRESS_KEY_MAX	  1600
#define ADDRESS_KEY_PARTS 16

/* Something searched for.  An attribute may stand there with the beginning of
 * its value alone. */
struct address_pattern {
	char text[ADDRESS_KEY_MAX];
	size_t text_len;
	/* the leading attributes, none left out: what keys begin with */
	struct slice prefix; /* of text; empty: any beginning */
	struct slice parts[ADDRESS_KEY_PARTS]; /* of text: each occurs */
	size_t part_count;
};

/* address_key - write the key of an address, as qmgr writes addresses: its
 * length, without a NUL.  A text that is no address is folded only */
size_t address_key(struct slice address, char key[ADDRESS_KEY_MAX]);

/* address_pattern_parse - parse what is searched for.  ERR_LIMIT */
int address_pattern_parse(
    struct slice text, struct address_pattern *pattern) WARN_UNUSED;

/* address_pattern_matches - tell whether a key is one searched for */
bool address_pattern_matches(
    const struct address_pattern *pattern, struct slice key);

#endif
