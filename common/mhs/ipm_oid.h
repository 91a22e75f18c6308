/* SPDX-License-Identifier: ISC */
/*
 * ipm_oid.h - the object identifiers of X.420 annex, as contents octets
 *
 * id-ipms is 2.6.1: id-et (extended body part types) 2.6.1.4, id-hex (heading
 * extensions) 2.6.1.5, id-ep (their parameters) 2.6.1.11.
 */
#ifndef FOURPOST_MHS_IPM_OID_H
#define FOURPOST_MHS_IPM_OID_H

#include "base/slice.h"

/* The last arc of id-et and id-ep is the same. */
#define IPM_ET_IA5_TEXT	    0
#define IPM_ET_G3_FACSIMILE 2
#define IPM_ET_G4_CLASS1    3
#define IPM_ET_TELETEX	    4
#define IPM_ET_VIDEOTEX	    5
#define IPM_ET_ENCRYPTED    6
#define IPM_ET_MESSAGE	    7
#define IPM_ET_MIXED_MODE   8
#define IPM_ET_BILATERALLY  9
#define IPM_ET_NATIONALLY   10
#define IPM_ET_GENERAL_TEXT 11
#define IPM_ET_FILE	    12
#define IPM_ET_REPORT	    14
#define IPM_ET_NOTIFICATION 15
#define IPM_ET_VOICE	    16

#define IPM_OID_ET(n) slice_of("\x56\x01\x04" n, 4)
#define IPM_OID_EP(n) slice_of("\x56\x01\x0b" n, 4)

#define IPM_OID_ET_GENERAL_TEXT	 IPM_OID_ET("\x0b")
#define IPM_OID_ET_FILE		 IPM_OID_ET("\x0c")
#define IPM_OID_EP_GENERAL_TEXT	 IPM_OID_EP("\x0b")
#define IPM_OID_EP_FILE		 IPM_OID_EP("\x0c")
#define IPM_OID_EXTENDED_SUBJECT slice_of("\x56\x01\x05\x08", 4)

/* 1.0.8571.2.4, FTAM unstructured binary abstract syntax (ISO 8571-2) */
#define IPM_OID_UNSTRUCTURED_BINARY slice_of("\x28\xc2\x7b\x02\x04", 5)

/* ipm_oid_et - get the last arc if octets are an id-et, else -1 */
static inline int
ipm_oid_et(struct slice octets)
{
	if (octets.len != 4 || memcmp(octets.data, "\x56\x01\x04", 3) != 0 ||
	    octets.data[3] > 127)
		return -1;
	return octets.data[3];
}

#endif
