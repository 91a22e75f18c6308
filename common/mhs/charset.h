/* SPDX-License-Identifier: ISC */
/*
 * charset.h - the character sets of X.400 to and from UTF-8
 *
 * T.61 (TeletexString as it is used: ASCII positions, ISO 6937 graphics in
 * the upper half, a non-spacing diacritic before its letter), BMPString
 * (UCS-2; surrogate pairs are accepted as UTF-16), UniversalString (UCS-4),
 * PrintableString, IA5String, ISO 8859-1.
 *
 * To UTF-8 never fails but for memory: what is not a character becomes
 * U+FFFD.  The result is valid UTF-8.  Controls stay: who wants none calls
 * charset_no_controls.  From UTF-8: ERR_VALUE where a character has no place
 * in the set, ERR_SYNTAX where the text is not UTF-8, ERR_NOMEM.
 *
 * Results lie in the arena, or are the input itself where nothing changes.
 */
#ifndef FOURPOST_MHS_CHARSET_H
#define FOURPOST_MHS_CHARSET_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

int charset_t61_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8) WARN_UNUSED;
int charset_latin1_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8) WARN_UNUSED;
int charset_bmp_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8) WARN_UNUSED;
int charset_universal_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8) WARN_UNUSED;

int charset_utf8_to_t61(
    struct slice utf8, struct arena *arena, struct slice *text) WARN_UNUSED;
int charset_utf8_to_bmp(
    struct slice utf8, struct arena *arena, struct slice *text) WARN_UNUSED;
int charset_utf8_to_universal(
    struct slice utf8, struct arena *arena, struct slice *text) WARN_UNUSED;

/* charset_no_controls - replace each control and non-character by U+FFFD */
int charset_no_controls(
    struct slice utf8, struct arena *arena, struct slice *clean) WARN_UNUSED;

/* charset_has_control - tell whether charset_no_controls would change
 * anything */
bool charset_has_control(struct slice utf8);

/* charset_is_utf8 - tell whether this is valid UTF-8 (no surrogates, no
 * overlong) */
bool charset_is_utf8(struct slice text);

/* charset_is_printable - tell whether there are A-Z a-z 0-9 space ' ( ) + ,
 * - . / : = ? alone */
bool charset_is_printable(struct slice text);

/* charset_is_numeric - tell whether there are digits and space alone */
bool charset_is_numeric(struct slice text);

/* charset_ascii_run - count how many octets at the front are below 128 */
size_t charset_ascii_run(struct slice text);

/* charset_is_ascii - tell whether all octets are below 128 */
bool charset_is_ascii(struct slice text);

/*
 * charset_next - take the next character of UTF-8
 *
 * Moves *pos on.  U+FFFD for what is none; never called at or past the end.
 */
uint32_t charset_next(struct slice utf8, size_t *pos);

/* charset_begin - get the beginning of UTF-8 that has so many octets at most,
 * and no part of a character */
struct slice charset_begin(struct slice utf8, size_t most);

/* charset_fold - take the case from a character (Latin, Greek, Cyrillic) */
uint32_t charset_fold(uint32_t character);

/* charset_length - count how many characters UTF-8 has */
size_t charset_length(struct slice utf8);

/*
 * ASCII within PrintableString (RFC 2156 3.4): (a) @, (p) %, (b) !, (q) ",
 * (u) _, (l) (, (r) ), (nnn) any, decimal.
 */
int charset_ascii_to_printable(struct slice ascii, struct arena *arena,
    struct slice *printable) WARN_UNUSED;

/* charset_printable_to_ascii - read what charset_ascii_to_printable writes; a
 * "(" that begins nothing of that kind is one.  ERR_VALUE: not ASCII */
int charset_printable_to_ascii(struct slice printable, struct arena *arena,
    struct slice *ascii) WARN_UNUSED;

#endif
