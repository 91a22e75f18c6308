/* SPDX-License-Identifier: ISC */
/*
 * ipm_text.h - the text of bodies between UTF-8 and what X.420 carries
 *
 * Both ways as a stream, because a text may be larger than memory.
 *
 * Out: the whole text is scanned once, which says how it will travel: ASCII
 * as an IA5 text body; else, where ISO 8859-1 has all its characters, as
 * general text in that set; else as general text in UTF-8.  Text that is not
 * UTF-8 is taken to be ISO 8859-1.  A second pass converts it: its lines end
 * in CR LF whatever they ended in (line_end.h), and a NUL, at which others end
 * a text, becomes a space.
 *
 * In: IA5, T.61, and general text in the registered sets 6, 100 (Latin-1),
 * 101 (Latin-2), 144 (Cyrillic), 126 (Greek), 148 (Latin-5), 203 (Latin-9), the
 * other right halves of ISO 8859 (enum ipm_set), 142 and 156 (ISO 6937, which
 * T.61 is read as), 190-192 and 196 (UTF-8), switched by ISO 2022 escape
 * sequences or not.  Text that announces no right
 * half reads as ISO 8859-1.  A character of a set that is not known, and an
 * octet that is no UTF-8, becomes U+FFFD, so that the reader sees a gap and no
 * other character; ipm_part_sets tells in advance, so that the original can be
 * kept beside it.  Line ends stay as they are.
 */
#ifndef FOURPOST_MHS_IPM_TEXT_H
#define FOURPOST_MHS_IPM_TEXT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "mhs/line_end.h"

enum ipm_repertoire {
	IPM_IA5,
	IPM_LATIN1,
	IPM_UTF8
};

struct ipm_scan {
	bool ascii;
	bool utf8;   /* valid so far */
	bool latin1; /* valid, and ISO 8859-1 has it all */
	uint64_t octets;
	uint64_t characters;
	uint32_t character; /* that is not whole yet */
	uint32_t least;	    /* below this it would be overlong */
	unsigned missing;   /* octets of it */
	struct line_end line_end;
	int64_t growth; /* octets that line ends will take more */
	bool nul;	/* it has one */
};

/* ipm_scan_init - begin with nothing seen */
void ipm_scan_init(struct ipm_scan *scan);

/* ipm_scan_push - look at the next octets of the text */
void ipm_scan_push(struct ipm_scan *scan, struct slice text);

/* ipm_scan_finish - decide how the text travels, and in how many octets */
enum ipm_repertoire ipm_scan_finish(struct ipm_scan *scan, uint64_t *length);

/* ipm_scan_keeps - tell whether the text travels as it is; scan is what
 * ipm_scan_finish was called on */
bool ipm_scan_keeps(const struct ipm_scan *scan);

/*
 * ipm_scan_convert - convert octets of the text as they travel
 *
 * scan is what ipm_scan_finish was called on, the octets come in the same
 * order.  *state starts as 0.  ERR_LIMIT, ERR_NOMEM of the buffer.
 */
int ipm_scan_convert(const struct ipm_scan *scan, unsigned *state,
    struct slice text, struct buffer *out) WARN_UNUSED;

/* The sets of text that comes in; the values are ISO registrations. */
enum ipm_set {
	IPM_SET_ASCII = 6,
	IPM_SET_LATIN1 = 100,
	IPM_SET_LATIN2 = 101,
	IPM_SET_T61 = 102,
	IPM_SET_GREEK = 126,
	IPM_SET_CYRILLIC = 144,
	IPM_SET_LATIN5 = 148,
	IPM_SET_UTF8 = 196,
	IPM_SET_LATIN9 = 203,
	/* The following are read, and never written. */
	IPM_SET_LATIN3 = 109,
	IPM_SET_LATIN4 = 110,
	IPM_SET_ARABIC = 127,
	IPM_SET_HEBREW = 138,
	IPM_SET_LATIN6 = 157,
	IPM_SET_THAI = 166,
	IPM_SET_LATIN7 = 179,
	IPM_SET_LATIN8 = 199,
	IPM_SET_LATIN10 = 226,
	IPM_SET_UNKNOWN = 32768 /* beyond all registrations */
};

struct ipm_text {
	enum ipm_set set;
	enum ipm_set before;	    /* UTF-8 was switched to */
	enum ipm_set designated[4]; /* G1 to G3, by their number */
	unsigned right;		    /* which of them is the right half */
	bool escapes;		    /* IPM_ESCAPES_OBEYED */
	bool left_unknown;	    /* the left half is no ASCII now */
	uint8_t held[4]; /* an escape sequence or a character begun */
	unsigned held_len;
	struct arena arena;
};

/* Returns 0 to go on. */
typedef int (*ipm_text_sink)(void *arg, struct slice utf8);

/* How escape sequences of ISO 2022 in a text are taken. */
enum ipm_escapes {
	IPM_ESCAPES_TEXT,
	IPM_ESCAPES_OBEYED
};

/* ipm_text_init - prepare for text in this set; ipm_text_fini frees */
void ipm_text_init(
    struct ipm_text *text, enum ipm_set set, enum ipm_escapes escapes);
void ipm_text_fini(struct ipm_text *text);

/* ipm_text_push - hand on octets as UTF-8; what the sink returned, ERR_NOMEM */
int ipm_text_push(struct ipm_text *text, struct slice octets,
    ipm_text_sink sink, void *arg) WARN_UNUSED;

/* ipm_text_finish - hand on what was held */
int ipm_text_finish(
    struct ipm_text *text, ipm_text_sink sink, void *arg) WARN_UNUSED;

/*
 * ipm_text_graphic - write a name as the octets of a GraphicString; how many
 *
 * ASCII as it is; else in the first of the six right halves above that has all
 * its characters, behind the escape sequence that designates it (X.690 8.21
 * allows registered sets of graphics alone); else in UTF-8 behind ESC % G,
 * which that does not allow, because no such set has the name.  out has room
 * for utf8.len + 3 octets.
 */
size_t ipm_text_graphic(struct slice utf8, uint8_t *out);

/* ipm_set_known - find the set of a registration; false if it is not known.
 * Sets of controls and of the left half leave *set as it is. */
bool ipm_set_known(int64_t registration, enum ipm_set *set);

#endif
