/* SPDX-License-Identifier: ISC */
/*
 * mime_word.h - words of headers in other character sets (RFC 2047)
 *
 * A word that cannot be decoded is text as it stands; characters that its set
 * does not have become U+FFFD.  A language after the set (RFC 2231 5) is
 * ignored.  The result is UTF-8 without controls, in the arena.
 */
#ifndef FOURPOST_MIME_MIME_WORD_H
#define FOURPOST_MIME_MIME_WORD_H

#include "mime/mime_charset.h"

/* mime_word_decode - decode all encoded words of a text; blanks between two of
 * them go.  ERR_LIMIT, ERR_NOMEM */
int mime_word_decode(struct mime_charsets *charsets, struct slice text,
    struct arena *arena, struct slice *utf8) WARN_UNUSED;

#endif
