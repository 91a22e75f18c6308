/* SPDX-License-Identifier: ISC */
/*
 * oid_text.h - object identifiers as numbers with dots (X.690 8.19)
 */
#ifndef FOURPOST_MIXER_OID_TEXT_H
#define FOURPOST_MIXER_OID_TEXT_H

#include "base/slice.h"

#define OID_TEXT_MAX 256

/* oid_text - write contents octets as "2.6.1.4.12"; cut where it has no room */
void oid_text(struct slice oid, char text[OID_TEXT_MAX]);

#endif
