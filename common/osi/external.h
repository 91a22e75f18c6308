/* SPDX-License-Identifier: ISC */
/*
 * external.h - the EXTERNAL around an APDU that is transferred (X.419)
 *
 * In normal mode the octets of a transfer are the encoding of one EXTERNAL:
 * indirect-reference is the presentation context of the APDU's abstract
 * syntax, single-ASN1-type holds the APDU.  It is written and read here
 * without holding the APDU.
 */
#ifndef FOURPOST_OSI_EXTERNAL_H
#define FOURPOST_OSI_EXTERNAL_H

#include "base/error.h"
#include "base/slice.h"

#define EXTERNAL_PREFIX_MAX 32	/* of ours */
#define EXTERNAL_HEADER_MAX 128 /* of theirs: references, descriptor, tags */
#define EXTERNAL_TAIL_MAX   4	/* two end-of-contents */

/* external_prefix - write the octets before an APDU of len octets, in definite
 * lengths; returns how many */
size_t external_prefix(
    uint8_t prefix[EXTERNAL_PREFIX_MAX], uint32_t context, uint64_t len);

enum external_state {
	EXTERNAL_HEADER,
	EXTERNAL_APDU,
	EXTERNAL_FAILED
};

/*
 * Takes the EXTERNAL off octets that arrive in pieces.
 *
 * Where its lengths are indefinite, only a parser of the APDU could tell where
 * that ends.  Instead as many octets as the EXTERNAL's two end-of-contents
 * have are held back until more octets come, or until the end of the transfer
 * shows that they are the end-of-contents.
 */
struct external {
	enum external_state state;
	uint32_t context; /* whose EXTERNAL it must be; 0: there is none, as in
	                     X.410 mode: all octets are the APDU */
	uint8_t header[EXTERNAL_HEADER_MAX];
	size_t header_len;
	uint64_t left; /* of the APDU; UINT64_MAX: not said */
	size_t tail;   /* octets of end-of-contents that close it: 0, 2, 4 */
	uint64_t tail_left; /* definite APDU: end-of-contents to come */
	uint8_t held[EXTERNAL_TAIL_MAX];
	size_t held_len;
	uint8_t given[EXTERNAL_TAIL_MAX]; /* what out[0] may point into */
};

/* external_init - begin another */
void external_init(struct external *external, uint32_t context);

/*
 * external_push - read the next octets of the transfer
 *
 * out[0] and out[1] are the octets of the APDU that are known by now, in
 * order; either may be empty.  They borrow from octets and from external.
 * ERR_SYNTAX, ERR_LIMIT, ERR_VALUE (another context).
 */
int external_push(struct external *external, struct slice octets,
    struct slice out[2], struct diag *diag) WARN_UNUSED;

/*
 * external_save - write all that another process needs to go on
 * external_restore - go on; the context is the one there.  ERR_CORRUPT, also
 * where one of the two modes saved what the other restores
 *
 * At most EXTERNAL_SAVED_APDU octets once the header was read.  Before that
 * they may be more than EXTERNAL_SAVED_MAX, and then cannot be saved:
 * external_saved_len tells how many.
 */
#define EXTERNAL_SAVED_MAX  48
#define EXTERNAL_SAVED_APDU 16
size_t external_saved_len(const struct external *external);
size_t
external_save(const struct external *external, uint8_t to[EXTERNAL_SAVED_MAX]);
int external_restore(struct external *external, uint32_t context,
    struct slice saved) WARN_UNUSED;

/* external_finish - check at the end of a transfer that the EXTERNAL is
 * complete: 0, or ERR_TRUNCATED, ERR_SYNTAX */
int
external_finish(const struct external *external, struct diag *diag) WARN_UNUSED;

#endif
