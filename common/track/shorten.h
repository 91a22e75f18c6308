/* SPDX-License-Identifier: ISC */
/*
 * shorten.h - addresses of a list, each without what it shares with the one
 * before
 *
 * The recipients of one message often end alike: ";P=ACME;A=VIAT;C=DE", and
 * differ in few octets before that.  A short address is
 *
 *	an octet	how many octets at its end are those at the end of the
 *			address before it; then for what is in front of these
 *	an octet	how many octets are those of the address before it, at
 *			the same place
 *	an octet	how many octets follow, which are other ones
 *	octets
 *
 * the last three as often as it takes.
 */
#ifndef FOURPOST_TRACK_SHORTEN_H
#define FOURPOST_TRACK_SHORTEN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define SHORTEN_TEXT_MAX 768 /* octets of an address */
/* Octets of a short one: two for each 255 others. */
#define SHORTEN_MAX (SHORTEN_TEXT_MAX + 16)

/* shorten - write a text of at most SHORTEN_TEXT_MAX octets as a short one,
 * into room */
struct slice
shorten(struct slice before, struct slice text, uint8_t room[SHORTEN_MAX]);

/* shorten_undo - read a short text into the arena.  ERR_VALUE, ERR_NOMEM,
 * ERR_LIMIT (it is longer than SHORTEN_TEXT_MAX) */
int shorten_undo(struct slice before, struct slice short_text,
    struct arena *arena, struct slice *text) WARN_UNUSED;

#endif
