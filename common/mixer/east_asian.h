/* SPDX-License-Identifier: ISC */
/*
 * east_asian.h - general text in sets of two octets a character (RFC 2157 6.2)
 *
 * Japanese, Chinese and Korean sets that escape sequences switch to, as
 * ISO-2022-JP and ISO-2022-JP-2 (RFC 1554) have them.
 */
#ifndef FOURPOST_MIXER_EAST_ASIAN_H
#define FOURPOST_MIXER_EAST_ASIAN_H

#include "base/slice.h"

/* The set of mime_charset.h that reads such text. */
#define EAST_ASIAN_CHARSET "iso-2022-jp"

/* east_asian_is - tell whether the parameters [0] of a general text have such
 * sets, and no others */
bool east_asian_is(struct slice parameters);

#endif
