/* SPDX-License-Identifier: ISC */
/*
 * escape.h - make text from outside fit to be printed
 *
 * Whatever a peer, a file or a message contains goes through here before a
 * person's terminal or a log sees it.  Printable ASCII and printable UTF-8
 * pass; anything else becomes \xNN, octet by octet: controls (C0, C1, DEL),
 * malformed UTF-8, and the characters that turn the direction of writing or
 * hide (U+200B-F, U+2028-E, U+2060-F, U+FEFF).
 *
 * Each function writes a NUL-terminated string of less than size octets and
 * returns its length; size 0 writes nothing.  What does not fit is cut where
 * neither a character nor an escape is split, and "..." tells so if size
 * leaves room for it.
 */
#ifndef FOURPOST_BASE_ESCAPE_H
#define FOURPOST_BASE_ESCAPE_H

#include "base/slice.h"

/* escape_text - escape, a backslash too, so that nothing is ambiguous */
size_t escape_text(char *dst, size_t size, struct slice from);

/* escape_quoted - escape as escape_text, and a quote becomes \" */
size_t escape_quoted(char *dst, size_t size, struct slice from);

/* escape_printable - escape as escape_text, but backslashes stay: for text
 * whose foreign parts were escaped before */
size_t escape_printable(char *dst, size_t size, struct slice from);

/* escape_character - measure the printable character that from begins
 * with, 0 if it begins with none */
size_t escape_character(struct slice from);

#endif
