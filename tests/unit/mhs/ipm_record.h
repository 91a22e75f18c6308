/* SPDX-License-Identifier: ISC */
/*
 * ipm_record.h - write down what a decoder tells, so that tests compare text
 *
 * One line a heading, a part, its end; contents follow their part between
 * brackets.  Headings show what the tests look at.
 */
#ifndef FOURPOST_TESTS_IPM_RECORD_H
#define FOURPOST_TESTS_IPM_RECORD_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "mhs/ipm_decode.h"
#include "mhs/or_address.h"
#include "tests/unit/test.h"

struct record {
	struct buffer text;
	uint64_t octets; /* of all parts */
	bool quiet;	 /* contents are not written down */
	unsigned headings, parts, ends;
	char original[256]; /* octets of a text in an unknown set */
	size_t original_len;
};

/* record_init - begin with nothing told yet */
void record_init(struct record *record);

void record_fini(struct record *record);

/* record_text - get what was told, as a string */
const char *record_text(struct record *record);

/* record_decoder - get a decoder that tells this record */
void record_decoder(struct ipm_decoder *decoder, struct record *record);

/* record_decode - decode octets in pieces of this size; the result of all */
int record_decode(struct record *record, struct slice octets, size_t piece,
    struct diag *diag);

#endif
