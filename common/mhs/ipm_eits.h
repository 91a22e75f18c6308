/* SPDX-License-Identifier: ISC */
/*
 * ipm_eits.h - the encoded information types of an interpersonal message
 * (X.411 8.5.6, X.420 20)
 */
#ifndef FOURPOST_MHS_IPM_EITS_H
#define FOURPOST_MHS_IPM_EITS_H

#include "mhs/ipm_encode.h"

/*
 * ipm_eits - encode the types of the parts as an element [APPLICATION 5]
 *
 * A general text lists the character sets that its body part lists, each as
 * {1 0 10021 7 1 0 n}: 1 and 6 (control characters, ASCII), and 100 (Latin-1)
 * or 196 (UTF-8).  The element lies in the arena.  ERR_NOMEM.
 */
int ipm_eits(const struct ipm_outgoing *parts, size_t count,
    struct arena *arena, struct slice *element) WARN_UNUSED;

/* 1.3.6.1.7.1.3.5, eit-mixer: of a message that came from the Internet */
#define IPM_EIT_MIXER slice_of("\x2b\x06\x01\x07\x01\x03\x05", 7)

/* ipm_eits_with - likewise, with one more type, as contents octets */
int ipm_eits_with(const struct ipm_outgoing *parts, size_t count,
    struct slice more, struct arena *arena, struct slice *element) WARN_UNUSED;

#endif
