/* SPDX-License-Identifier: ISC */
/*
 * mime_record.h - write down what a reader tells, so that tests compare text
 *
 * "1 leaf text/plain [octets]", a line for each entity; those within others
 * come before the "]" of those.
 */
#ifndef FOURPOST_TESTS_UNIT_MIME_MIME_RECORD_H
#define FOURPOST_TESTS_UNIT_MIME_MIME_RECORD_H

#include "mime/mime_reader.h"

struct mime_record {
	struct buffer text;
	struct mime_charsets charsets;
	struct mime_limits limits;
	enum mime_fault fault;
	bool whole; /* read multipart/signed as one leaf */
	bool quiet; /* contents are counted only */
	uint64_t octets;
};

void mime_record_init(struct mime_record *record);
void mime_record_fini(struct mime_record *record);

/* mime_record_begin - set up a reader that tells this record */
void mime_record_begin(struct mime_record *record, struct mime_reader *reader);

/* mime_record_read - read octets in pieces of a size; the result */
int
mime_record_read(struct mime_record *record, struct slice octets, size_t piece);

/* mime_record_text - get what was told, as a string */
const char *mime_record_text(struct mime_record *record);

#endif
