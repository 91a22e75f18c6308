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

enum mapping_blind {
	MAPPING_BLIND_SHOWN, /* as it is, for who looks at a heading */
	MAPPING_BLIND_HIDDEN
};

/* An identifier that was cut (message_id.h), and what it was cut from. */
struct mapping_cut {
	struct slice local;
	struct slice text; /* empty: it is not known */
};

struct mapping {
	const struct address_map *addresses;
	struct mime_charsets *charsets;
	int64_t now; /* seconds since 1970, of a message without a date */
	/* Boundaries are made of it, so that nobody can write one into a text
	 * that is to come. */
	uint8_t secret[MAPPING_SECRET_LEN];
	enum conf_foreign_from foreign_from;
	enum conf_attachments attachments;
	enum conf_text_form text;
	enum conf_unmappable unmappable;
	enum conf_receipts receipts;
	/* A message has several recipients, and all but one heading: of its
	 * blind recipients nobody is told but `only`, and that one of himself.
	 * NULL: the message goes to several. */
	enum mapping_blind blind;
	const struct or_address *only;
	/* The sender of a message of the Internet (MAIL FROM) may ask for
	 * receipts, beside its author.  Empty: nobody may; NULL: not known. */
	const char *sender;
	/* The sender on the Internet of a message of X.400, its author if the
	 * heading names none.  NULL: not known. */
	const char *author;
	/* Finds what identifiers were cut from, as far as anybody remembers;
	 * texts are in the arena.  NULL: nobody does. */
	void (*recall)(void *arg, struct arena *arena, struct mapping_cut *cut,
	    size_t count);
	void *recall_arg;
};

/* mapping_tells_blind - tell whether a heading may name a blind recipient, by
 * its ORName */
bool mapping_tells_blind(const struct mapping *mapping, struct slice name);

/* mapping_set - set what a section mixer says of it, but for addresses */
void mapping_set(struct mapping *mapping, const struct conf_mixer *mixer);

#endif
