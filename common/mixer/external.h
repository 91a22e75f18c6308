/* SPDX-License-Identifier: ISC */
/*
 * external.h - the value in the EXTERNAL that the parameters of a body part are
 * (X.420 7.3.12)
 */
#ifndef FOURPOST_MIXER_EXTERNAL_H
#define FOURPOST_MIXER_EXTERNAL_H

#include "ber/reader.h"

/*
 * external_open - read the elements of the SET or SEQUENCE in such an EXTERNAL
 *
 * parameters: [0] { OBJECT IDENTIFIER, [0] { SET or SEQUENCE { elements } } },
 * as ipm_part has it; the reader borrows it.  False: it is built otherwise.
 */
bool
external_open(struct slice parameters, struct ber_reader *elements) WARN_UNUSED;

#endif
