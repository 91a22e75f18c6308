/* SPDX-License-Identifier: ISC */
/*
 * p1_field.h - the elements of a SET of P1 while it is read: which were there
 *
 * Private to the readers of envelopes.
 */
#ifndef FOURPOST_MHS_P1_FIELD_H
#define FOURPOST_MHS_P1_FIELD_H

#include "ber/reader.h"

/* p1_no_place - refuse an element that has no place here; ERR_SYNTAX */
int p1_no_place(const struct ber_reader *reader, const struct ber_element *el,
    const char *where);

/* p1_once - note a field, one bit, that was read; ERR_SYNTAX if it was there
 * before */
int p1_once(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, unsigned field, unsigned *fields) WARN_UNUSED;

#endif
