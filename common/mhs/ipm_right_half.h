/* SPDX-License-Identifier: ISC */
/*
 * ipm_right_half.h - the right halves of the sets of ISO 8859
 */
#ifndef FOURPOST_MHS_IPM_RIGHT_HALF_H
#define FOURPOST_MHS_IPM_RIGHT_HALF_H

#include "mhs/ipm_text.h"

/* ipm_right_half - get the character of an octet from 80 on; U+FFFD where the
 * set has none */
uint32_t ipm_right_half(enum ipm_set set, uint8_t octet);

#endif
