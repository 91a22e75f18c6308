/* SPDX-License-Identifier: ISC */
/*
 * mime_charset.h - text in the character sets of the Internet, to UTF-8
 *
 * iconv loads a module of the C library for each set, which a process in its
 * sandbox cannot; so all sets are opened before it is confined, and one that
 * the machine does not have is a set that is not known.  US-ASCII and UTF-8
 * need none.
 *
 * Text comes in pieces.  A text that is not what its set says is ERR_VALUE, so
 * that whoever reads it can keep its octets instead of guessing.
 */
#ifndef FOURPOST_MIME_MIME_CHARSET_H
#define FOURPOST_MIME_MIME_CHARSET_H

#include <iconv.h>

#include "base/arena.h"
#include "base/buffer.h"

#define MIME_CHARSETS 40 /* room for the sets of the table */

/* Sets that are no number of the table. */
#define MIME_CHARSET_ASCII   (-1)
#define MIME_CHARSET_UTF8    (-2)
#define MIME_CHARSET_UNKNOWN (-3)

struct mime_charsets {
	iconv_t set[MIME_CHARSETS];
	bool open[MIME_CHARSETS];
};

/* mime_charsets_open - open all sets; never fails, for a set may be missing */
void mime_charsets_open(struct mime_charsets *charsets);

/* mime_charsets_close - give them back */
void mime_charsets_close(struct mime_charsets *charsets);

/* mime_charset_find - find a set by its name or an alias, in any case; an
 * empty name is US-ASCII */
int mime_charset_find(const struct mime_charsets *charsets, struct slice name);

/* Returns 0 to go on. */
typedef int (*mime_sink)(void *arg, struct slice octets);

struct mime_conversion {
	struct mime_charsets *charsets;
	int set;
	uint8_t held[16]; /* a character that is not whole */
	size_t held_len;
};

/* mime_conversion_init - prepare for a text in this set, which is known */
void mime_conversion_init(struct mime_conversion *conversion,
    struct mime_charsets *charsets, int set);

/*
 * mime_conversion_push - hand on octets as UTF-8
 *
 * US-ASCII and UTF-8 are handed on as they are: ipm_text.h decides what octets
 * beyond ASCII are.  ERR_VALUE; what the sink returned.
 */
int mime_conversion_push(struct mime_conversion *conversion,
    struct slice octets, mime_sink sink, void *arg) WARN_UNUSED;

/* mime_conversion_finish - check that no character was cut; ERR_VALUE */
int mime_conversion_finish(
    struct mime_conversion *conversion, mime_sink sink, void *arg) WARN_UNUSED;

/* mime_charset_text - convert a short text whole, as well as that goes: what
 * is not readable becomes U+FFFD.  ERR_LIMIT, ERR_NOMEM of the arena */
int mime_charset_text(struct mime_charsets *charsets, struct slice name,
    struct slice octets, struct arena *arena, struct slice *utf8) WARN_UNUSED;

#endif
