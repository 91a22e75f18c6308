/* SPDX-License-Identifier: ISC */
/*
 * heading_oid.h - heading extensions of X.420 that have a field (annex A.1),
 * as contents octets: id-hex is 2.6.1.5
 */
#ifndef FOURPOST_MIXER_HEADING_OID_H
#define FOURPOST_MIXER_HEADING_OID_H

#include "base/slice.h"

#define HEADING_OID_INCOMPLETE_COPY slice_of("\x56\x01\x05\x00", 4)
#define HEADING_OID_LANGUAGES	    slice_of("\x56\x01\x05\x01", 4)
#define HEADING_OID_AUTO_SUBMITTED  slice_of("\x56\x01\x05\x02", 4)

/* The comments of an address (RFC 2156 5.3.4). */
#define HEADING_REPLY_REQUESTED "Reply requested"
#define HEADING_TELEPHONE	"Tel "

/* The phrase of an originator that a heading does not name. */
#define HEADING_NOBODY "unspecified"

/* The group that stands for recipients none of whom is named. */
#define HEADING_UNDISCLOSED "undisclosed-recipients"

#endif
