/* SPDX-License-Identifier: ISC */
/*
 * imcea.h - an O/R address as Exchange encapsulates it in a local part
 *
 *	IMCEAX400-c=DE+3Ba=VIAT+3Bs=Doe+20Jr+3B
 *
 * Letters, digits, "=" and "-" are themselves, "_" is "/", +XX is any octet.
 * Written is that for O/R addresses with characters that RFC 2156 has no text
 * for; so a local part of atoms says every address.
 */
#ifndef FOURPOST_MIXER_IMCEA_H
#define FOURPOST_MIXER_IMCEA_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* imcea_is - tell whether a local part is encapsulated so */
bool imcea_is(struct slice local);

/* imcea_decode - get the text of the O/R address.  ERR_SYNTAX, ERR_LIMIT,
 * ERR_NOMEM */
int imcea_decode(
    struct slice local, struct arena *arena, struct slice *text) WARN_UNUSED;

/* imcea_encode - encapsulate the text of an O/R address.  ERR_LIMIT, ERR_NOMEM
 */
int imcea_encode(
    struct slice text, struct arena *arena, struct slice *local) WARN_UNUSED;

#endif
