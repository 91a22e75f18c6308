/* SPDX-License-Identifier: ISC */
/*
 * boundary.h - boundaries that no text can hold
 *
 * "=_" and a digest of a secret: quoted-printable writes no "=_" (RFC 2045
 * 6.7), base64 neither, and nobody who writes a text knows the secret.
 */
#ifndef FOURPOST_MIXER_BOUNDARY_H
#define FOURPOST_MIXER_BOUNDARY_H

#include "mixer/mapping.h"

#define BOUNDARY_LEN 34 /* "=_" and 32 hexadecimal digits */

/* Numbers of boundaries of reports and receipts; those of messages, which may
 * stand within them, begin at 1. */
#define BOUNDARY_OUTERMOST 0

/* boundary_make - make the boundary of a number.  ERR_NOMEM */
int boundary_make(const uint8_t secret[MAPPING_SECRET_LEN], unsigned number,
    char text[BOUNDARY_LEN + 1]) WARN_UNUSED;

#endif
