/* SPDX-License-Identifier: ISC */
/*
 * p1_definite.h - an element in definite, minimal lengths
 *
 * What is kept raw is kept in this form, so that a relay can send it.  An
 * element that is in it already is borrowed, another one written anew in the
 * arena.  Primitive contents stay as they are.
 *
 * Errors: those of ber/reader.h, ERR_NOMEM.
 */
#ifndef FOURPOST_MHS_P1_DEFINITE_H
#define FOURPOST_MHS_P1_DEFINITE_H

#include "base/arena.h"
#include "ber/reader.h"

/* p1_is_definite - tell whether all lengths in these octets are; what is
 * malformed
 * may be told either way */
bool p1_is_definite(struct slice octets);

/* p1_is_definite_but - likewise of one element, without a look into those that
 * bear a tag within it */
bool p1_is_definite_but(struct slice octets, uint32_t tag);

/*
 * p1_definite - make the same element with definite lengths in *to
 *
 * Its offset is that of el, so that errors point to about the right place.
 */
int p1_definite(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ber_element *to) WARN_UNUSED;

/* p1_keep - keep the whole element, definite, as a slice */
int p1_keep(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct slice *whole) WARN_UNUSED;

#endif
