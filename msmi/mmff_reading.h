/* SPDX-License-Identifier: ISC */
/*
 * mmff_reading.h - the header of a message file while it is read
 *
 * mmff_read.c knows the tokens, mmff_address.c the addresses, mmff_text.c
 * lines, characters and numbers.
 */
#ifndef FOURPOST_MSMI_MMFF_READING_H
#define FOURPOST_MSMI_MMFF_READING_H

#include "msmi/mmff.h"

enum line_end {
	END_CR,
	END_LF,
	END_CRLF
};

struct reading {
	enum conf_code_page page;
	struct mmff *mmff;
	struct mmff_diag *diag;
	struct arena *arena;
	struct slice head;
	uint64_t size;
	size_t pos;
	unsigned line;
	enum line_end end; /* of the first line */
	size_t to_room, attachment_room;
	bool done;    /* the last line was read */
	bool whole;   /* head is the whole file */
	bool unended; /* the line at hand has no end */
};

/* mmff_shown - escape text from outside, in one of a few static rooms */
const char *mmff_shown(struct slice text);

/* mmff_trim - cut blanks off at both ends */
struct slice mmff_trim(struct slice text);

/* mmff_is_token - tell whether text is this token, in any case */
bool mmff_is_token(struct slice text, const char *token);

/* mmff_utf8 - convert text of a header to UTF-8, in the arena, by the code
 * page; what should be UTF-8 and is not counts as Latin-1 */
int
mmff_utf8(struct reading *r, struct slice text, struct slice *utf8) WARN_UNUSED;

/*
 * mmff_next_line - find the line at pos, without its end
 *
 * 1, 0 at the end of the file, or an error noted.  In a file whose lines end
 * in CR a LF after it belongs to what follows: the text may begin so.
 */
int mmff_next_line(struct reading *r, struct slice *line) WARN_UNUSED;

/* mmff_number - parse decimal digits and nothing else */
bool mmff_number(struct slice text, uint64_t max, uint64_t *value);

/* mmff_grow - make room for one more in an array of the arena */
int mmff_grow(struct reading *r, void **list, size_t count, size_t *room,
    size_t size) WARN_UNUSED;

/* mmff_on_address - read TO or FROM */
int mmff_on_address(
    struct reading *r, struct slice tail, enum mmff_role role) WARN_UNUSED;

#endif
