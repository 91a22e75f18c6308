/* SPDX-License-Identifier: ISC */
/*
 * or_name.h - O/R names as headings of messages have them: one ORName, BER
 */
#ifndef FOURPOST_MIXER_OR_NAME_H
#define FOURPOST_MIXER_OR_NAME_H

#include "mhs/or_address.h"

/* or_name_of - read an ORName.  Errors of or_name_decode; ERR_VALUE: it has no
 * address */
int or_name_of(
    struct slice octets, struct arena *arena, struct or_name *name) WARN_UNUSED;

/* or_name_octets - write an ORName into the arena */
int or_name_octets(const struct or_name *name, struct arena *arena,
    struct slice *octets) WARN_UNUSED;

#endif
