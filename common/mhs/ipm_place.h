/* SPDX-License-Identifier: ISC */
/*
 * ipm_place.h - private to ipm_decode.c: where an element stands
 *
 * Each open element has a place, which says what may stand within it; the
 * place of an element follows from that of its parent and from its tag.
 */
#ifndef FOURPOST_MHS_IPM_PLACE_H
#define FOURPOST_MHS_IPM_PLACE_H

#include "mhs/ipm_decode.h"

enum ipm_place {
	AT_IPM,	       /* heading, body */
	AT_HEADING,    /* captured */
	AT_BODY,       /* body parts */
	AT_SKIP,       /* nothing of it matters */
	AT_RAW,	       /* handed on as BER */
	AT_TEXT,       /* ia5-text: parameters, data */
	AT_TELETEX,    /* teletex: parameters, pages */
	AT_PAGES,      /* pages of T.61 */
	AT_STRING,     /* octets to be handed on */
	AT_BITS,       /* the same, of a BIT STRING */
	AT_MESSAGE,    /* parameters, IPM */
	AT_FORWARD,    /* its parameters */
	AT_DELIVERY,   /* its delivery time, captured */
	AT_EXTENDED,   /* parameters, data */
	AT_PARAMETERS, /* captured */
	AT_EXTERNAL,   /* data of an extended body */
	AT_OID,	       /* its type, captured */
	AT_VALUE,      /* its single-ASN1-type */
	AT_FILES,      /* FileTransferData */
	AT_FILE,       /* an EXTERNAL in it */
	AT_FILE_VALUE, /* its single-ASN1-type */
	AT_IPN,	       /* fields of a notification, choice */
	AT_IPN_COMMON, /* a field, captured */
	AT_IPN_CHOICE, /* its kind */
	AT_IPN_KIND,   /* fields of that kind */
	AT_IPN_FIELD   /* a field, captured */
};

/* ipm_place_outermost - find the place of the outermost element, or an error */
int ipm_place_outermost(
    struct ipm_decoder *d, const struct ber_stream_event *event) WARN_UNUSED;

/* ipm_place_find - find the place of an element within its parent, and tell of
 * the part that it begins; or an error */
int ipm_place_find(struct ipm_decoder *d, enum ipm_place parent,
    const struct ber_stream_event *event) WARN_UNUSED;

#endif
