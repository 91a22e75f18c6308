/* SPDX-License-Identifier: ISC */
/*
 * or_address_split.h - divide the text of an O/R address into its attributes
 *
 * For the files of or_address alone.  Each part has its label in capitals and
 * its value without quoting; a domain defined attribute has its type instead
 * of a label.  What quotes depends on the form of the text:
 *
 *   ";" (F.401, RFC 1685, Exchange)  ";;" in a value is ";"; "/" and "$" are
 *                                    ordinary
 *   "/" in front (RFC 2156, and the other delimiter of RFC 1685)
 *                                    "//" is "/", and "$" before one of
 *                                    / ; = $ * makes that an ordinary
 *                                    character; "*" and then {nnn} are the
 *                                    teletex form
 *   "/" between (no ";", no "/" in front)
 *                                    "//" is "/"; a "/" divides only where a
 *                                    label and "=" follow
 *
 * "==" is "=" in the type of a domain defined attribute and nowhere else.
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_SPLIT_H
#define FOURPOST_MHS_OR_ADDRESS_SPLIT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum or_split_form {
	OR_SPLIT_SEMICOLON,
	OR_SPLIT_SLASH,	 /* "/" in front */
	OR_SPLIT_BETWEEN /* "/" between alone */
};

enum or_part_kind {
	OR_PART_ATTRIBUTE,
	OR_PART_DDA, /* DDA:type, in the order of the text */
	OR_PART_DD   /* DD.type, which RFC 2156 reads from the right */
};

struct or_part {
	enum or_part_kind kind;
	unsigned number;    /* of DD1.type to DD4.type, else 0 */
	struct slice label; /* in capitals, or the type of a DDA */
	struct slice value; /* without quoting and blanks around it */
	bool blank;	    /* the value was of blanks alone, but not empty */
	bool has_value;	    /* false: no "=" after the type of a DDA */
};

struct or_split {
	struct slice rest;
	enum or_split_form form;
	struct arena *arena;
};

/* or_split_init - begin with a text; it is borrowed, parts use the arena */
void
or_split_init(struct or_split *split, struct slice text, struct arena *arena);

/* or_split_next - take the next part: 1, 0 at the end, ERR_SYNTAX, ERR_NOMEM */
int or_split_next(struct or_split *split, struct or_part *part,
    struct diag *diag) WARN_UNUSED;

/* or_split_trim - take the blanks from both ends of a text */
struct slice or_split_trim(struct slice text);

#endif
