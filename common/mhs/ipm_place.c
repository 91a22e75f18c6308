/* SPDX-License-Identifier: ISC */
/*
 * ipm_place.c - where an element of an interpersonal message stands
 *
 * See ipm_place.h.
 */
#include "mhs/ipm_body.h"
#include "mhs/ipm_oid.h"
#include "mhs/ipm_part.h"
#include "mhs/ipm_place.h"

#define CTX BER_CTX
#define UNI BER_UNI

/* begin_body - find the place of a body part by its tag and tell of it */
static int
begin_body(struct ipm_decoder *d, uint32_t tag)
{
	static const struct {
		uint32_t tag;
		enum ipm_kind kind;
		enum ipm_place place;
	} table[] = {
	    {CTX(0), IPM_KIND_IA5_TEXT, AT_TEXT},
	    {CTX(3), IPM_KIND_G3_FACSIMILE, AT_RAW},
	    {CTX(4), IPM_KIND_G4_CLASS1, AT_RAW},
	    {CTX(5), IPM_KIND_TELETEX, AT_TELETEX},
	    {CTX(6), IPM_KIND_VIDEOTEX, AT_RAW},
	    {CTX(7), IPM_KIND_NATIONALLY, AT_RAW},
	    {CTX(8), IPM_KIND_ENCRYPTED, AT_RAW},
	    {CTX(9), IPM_KIND_MESSAGE, AT_MESSAGE},
	    {CTX(11), IPM_KIND_MIXED_MODE, AT_RAW},
	    {CTX(14), IPM_KIND_BILATERALLY, AT_STRING},
	};
	int error;

	/* Bounded, since each part may become a file of its own. */
	if (++d->parts > IPM_BODIES_MAX)
		return diag_set(d->diag, ERR_LIMIT, "more than %d body parts",
		    IPM_BODIES_MAX);
	d->oid_len = 0;
	d->tag = tag & 0x1fU;
	d->files = 0;
	buffer_reset(&d->parameters);
	d->part[d->level].begun = false;
	d->part[d->level].number = d->parts;
	d->part[d->level].heading = false;
	d->part[d->level].delivery = IPM_NO_TIME;
	d->aligned = d->octets = false;
	if (tag == CTX(15))
		return AT_EXTENDED;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].tag == tag) {
			error = ipm_body_begin(d, table[i].kind);
			if (error < 0)
				return error;
			return table[i].place == AT_MESSAGE &&
				ipm_body_is_raw(d)
			    ? AT_RAW
			    : (int)table[i].place;
		}
	}
	/* A body of a later edition is passed on as octets. */
	error = ipm_body_begin(d, IPM_KIND_OTHER);
	return error < 0 ? error : AT_RAW;
}

/* begin_message - get the place of an extended body's message */
static int
begin_message(struct ipm_decoder *d, uint32_t tag)
{
	if (ipm_body_is_raw(d))
		return AT_RAW;
	if (tag != UNI(BER_SEQUENCE))
		return ipm_body_refuse(d, d->level, "no message in it");
	return ipm_body_enter(d);
}

/* kind_of - find the kind of an extended body */
static enum ipm_kind
kind_of(const struct ipm_decoder *d, struct slice oid)
{
	enum ipm_kind kind = ipm_part_kind(ipm_oid_et(oid));

	return kind == IPM_KIND_FILE && d->plain_files &&
		(ipm_body_is_raw(d) ||
		    ipm_part_is_compressed(buffer_slice(&d->parameters)))
	    ? IPM_KIND_OTHER
	    : kind;
}

/* begin_value - get the place of an extended body's value by its type */
static int
begin_value(struct ipm_decoder *d, uint32_t tag)
{
	struct slice oid = slice_of(d->oid, d->oid_len);

	/* Parameters may have told the kind already; else the type of the value
	 * does. */
	if (!d->part[d->level].begun) {
		int error;

		d->octets = tag == UNI(BER_OCTET_STRING);
		error = ipm_body_begin(d, kind_of(d, oid));

		if (error < 0)
			return error;
	}
	switch (d->part[d->level].kind) {
	case IPM_KIND_IA5_TEXT:
	case IPM_KIND_GENERAL_TEXT:
	case IPM_KIND_BILATERALLY:
		return AT_STRING;
	case IPM_KIND_TELETEX:
		return AT_PAGES;
	case IPM_KIND_FILE:
		return AT_FILES;
	case IPM_KIND_MESSAGE:
		return begin_message(d, tag);
	case IPM_KIND_G3_FACSIMILE:
	case IPM_KIND_G4_CLASS1:
	case IPM_KIND_VIDEOTEX:
	case IPM_KIND_ENCRYPTED:
	case IPM_KIND_MIXED_MODE:
	case IPM_KIND_NATIONALLY:
	case IPM_KIND_OTHER:
		break;
	}
	return AT_RAW;
}

/* begin_external - find the place of what stands in an extended body's
 * EXTERNAL */
static int
begin_external(struct ipm_decoder *d, uint32_t tag)
{
	int error;

	switch (tag) {
	case UNI(BER_OID):
		return AT_OID;
	case CTX(0):
		return AT_VALUE;
	case CTX(1):
	case CTX(2):
		d->aligned = d->octets = true;
		/* Octets whose structure only their type tells. */
		if (!d->part[d->level].begun &&
		    (error = ipm_body_begin(d, IPM_KIND_OTHER)) < 0)
			return error;
		return tag == CTX(1) ? AT_STRING : AT_BITS;
	default:
		return AT_SKIP;
	}
}

/* begin_file - find the place of what stands in the EXTERNAL of a file */
static int
begin_file(uint32_t tag)
{
	switch (tag) {
	case CTX(0):
		return AT_FILE_VALUE;
	case CTX(1):
		return AT_STRING;
	case CTX(2):
		return AT_BITS;
	default:
		return AT_SKIP;
	}
}

/* ipm_place_outermost - find the place of the outermost element */
int
ipm_place_outermost(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	/* X.420: an IPM is [0], an IPN [1], and nothing stands before
	 * either. */
	if (event->offset != 0 || !event->constructed ||
	    (event->tag != CTX(0) && event->tag != CTX(1)))
		return diag_set(d->diag, ERR_SYNTAX,
		    "neither an interpersonal message nor a notification");
	return event->tag == CTX(0) ? AT_IPM : AT_IPN;
}

/* begin_in_ipn - find the place of a notification's field */
static int
begin_in_ipn(struct ipm_decoder *d, enum ipm_place parent, uint32_t tag)
{
	if (parent == AT_IPN)
		return tag == CTX(0) ? AT_IPN_CHOICE : AT_IPN_COMMON;
	if (parent == AT_IPN_CHOICE) {
		if (tag > CTX(2) || tag < CTX(0))
			return AT_SKIP;
		d->has_choice = true;
		d->notification = tag == CTX(0) ? IPM_NON_RECEIPT
		    : tag == CTX(1)		? IPM_RECEIPT
						: IPM_OTHER_NOTIFICATION;
		return AT_IPN_KIND;
	}
	/* A returned message may be large, and nobody here reads it. */
	if (d->notification == IPM_NON_RECEIPT && tag == CTX(3))
		return AT_SKIP;
	return d->notification == IPM_OTHER_NOTIFICATION ? AT_SKIP
							 : AT_IPN_FIELD;
}

/* begin_in_message - get the place of what stands in a message */
static int
begin_in_message(struct ipm_decoder *d, uint32_t tag)
{
	bool within = d->level > 0;
	bool *heading = within ? &d->part[d->level - 1].heading : NULL;

	/* X.420: first the heading, then the body; a forwarded message without
	 * them is attached as octets. */
	if (within &&
	    (*heading ? tag != UNI(BER_SEQUENCE) : tag != UNI(BER_SET)))
		return ipm_body_refuse(
		    d, d->level - 1, "neither a heading nor a body");
	if (within)
		*heading = true;
	if (tag == UNI(BER_SET))
		return AT_HEADING;
	return tag == UNI(BER_SEQUENCE) ? AT_BODY : AT_SKIP;
}

/* ipm_place_find - find the place of an element; tell of the part that it
 * begins */
int
ipm_place_find(struct ipm_decoder *d, enum ipm_place parent,
    const struct ber_stream_event *event)
{
	uint32_t tag = event->tag;

	switch (parent) {
	case AT_IPM:
		return begin_in_message(d, tag);
	case AT_BODY:
		return begin_body(d, tag);
	case AT_TEXT:
		return tag == UNI(BER_SET) ? AT_SKIP : AT_STRING;
	case AT_TELETEX:
		return tag == UNI(BER_SET) ? AT_SKIP : AT_PAGES;
	case AT_PAGES:
		return AT_STRING;
	case AT_STRING:
	case AT_BITS:
		return (int)parent; /* a segment of a constructed string */
	case AT_MESSAGE:
		if (tag == UNI(BER_SEQUENCE))
			return ipm_body_enter(d);
		return tag == UNI(BER_SET)
		    ? AT_FORWARD
		    : ipm_body_refuse(d, d->level, "no message in it");
	case AT_FORWARD:
		/* Its envelope nobody is shown. */
		return tag == CTX(0) && !event->constructed ? AT_DELIVERY
							    : AT_SKIP;
	case AT_EXTENDED:
		return tag == CTX(0) ? AT_PARAMETERS : AT_EXTERNAL;
	case AT_EXTERNAL:
		return begin_external(d, tag);
	case AT_VALUE:
		return begin_value(d, tag);
	case AT_FILES:
		if (d->plain_files && d->files++ > 0)
			return ipm_body_refuse(
			    d, d->level, "a file in several pieces");
		return AT_FILE;
	case AT_FILE:
		return begin_file(tag);
	case AT_FILE_VALUE:
		return event->constructed && tag != UNI(BER_OCTET_STRING)
		    ? AT_RAW
		    : AT_STRING;
	case AT_IPN:
	case AT_IPN_CHOICE:
	case AT_IPN_KIND:
		return begin_in_ipn(d, parent, tag);
	case AT_HEADING:
	case AT_DELIVERY:
	case AT_PARAMETERS:
	case AT_OID:
	case AT_IPN_COMMON:
	case AT_IPN_FIELD:
	case AT_SKIP:
	case AT_RAW:
		break;
	}
	return (int)parent;
}
