/* SPDX-License-Identifier: ISC */
/*
 * or_address_compound.h - attributes made of several labels or of parts
 *
 * For the files of or_address alone.
 *
 *   PN                    given name, initials, surname (RFC 2156 4.1)
 *   PD-A1 to PD-A6        the lines of an unformatted postal address (F.401);
 *   PD-ADDRESS            all of them, divided by "|" (RFC 2156)
 *   ISDN NET-NUM E.164    an E.163 or E.164 address, NET-SUB its sub-address
 *
 * The last two are extension attributes 16 and 22, which struct or_address
 * holds as BER.  Their text is written only where reading it gives the same
 * octets again; everything else of them is EXT:16 and EXT:22.
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_COMPOUND_H
#define FOURPOST_MHS_OR_ADDRESS_COMPOUND_H

#include "mhs/or_address_attribute.h"

#define OR_UNFORMATTED_LINES 6 /* X.411 ub-pds-physical-address-lines */
#define OR_E164_LEN	     15
#define OR_SUB_ADDRESS_LEN   40

/* Attributes that several labels make, as far as they were read. */
struct or_compound {
	struct arena *arena;
	struct slice lines[OR_UNFORMATTED_LINES]; /* PD-A1 to PD-A6 */
	struct slice number;			  /* ISDN */
	struct slice sub_address;
	bool has_pn;
};

/* or_compound_parse - note what a label gives; 1 if it is none of these */
int or_compound_parse(struct or_compound *compound, struct or_address *address,
    struct slice label, struct slice value, struct diag *diag) WARN_UNUSED;

/* or_compound_finish - add what the labels made to the address */
int or_compound_finish(const struct or_compound *compound,
    struct or_address *address, struct diag *diag) WARN_UNUSED;

/*
 * or_compound_read - get the lines of an unformatted address, or the number
 * of an E.164 address, as they stand in an extension attribute
 *
 * How many there are; 0 if this text cannot say all that the element does.
 */
unsigned or_compound_read(const struct or_extension *extension,
    struct arena *arena, struct slice lines[OR_UNFORMATTED_LINES]) WARN_UNUSED;

#endif
