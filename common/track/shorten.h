/* SPDX-License-Identifier: ISC */
/*
 * shorten.h - addresses of a list, each without what it shares with the one
 * before
 *
 * The recipients of one message often end alike: ";P=ACME;A=VIAT;C=DE".  A
 * short address is an octet, how many of the octets at the end are those of
 * the address before it, and the octets in front of these.
 */
#ifndef FOURPOST_TRACK_SHORTEN_H
#define FOURPOST_TRACK_SHORTEN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define SHORTEN_MAX 1024 /* octets of a short address */

/* shorten_shared - count the octets at the end that a text shares with the one
 * before, at most 255 */
size_t shorten_shared(struct slice before, struct slice text);

/* shorten - write a text of less than SHORTEN_MAX octets as a short one, into
 * room */
struct slice
shorten(struct slice before, struct slice text, uint8_t room[SHORTEN_MAX]);

/* shorten_undo - read a short text, of which the arena gets what it shares.
 * ERR_VALUE, ERR_NOMEM, ERR_LIMIT (longer than max) */
int shorten_undo(struct slice before, struct slice short_text, size_t max,
    struct arena *arena, struct slice *text) WARN_UNUSED;

#endif
