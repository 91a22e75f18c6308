/* SPDX-License-Identifier: ISC */
/*
 * record.h - private to store/: message records as BER (queue.asn)
 *
 * Decoding borrows from the value; encoding appends to a buffer.  Values come
 * from our own disk, and are checked all the same: ERR_SYNTAX and its kin from
 * the BER reader become ERR_CORRUPT here, an unknown version ERR_UNSUPPORTED,
 * with the field in diag.
 */
#ifndef FOURPOST_STORE_RECORD_H
#define FOURPOST_STORE_RECORD_H

#include "ber/writer.h"
#include "store/message.h"

#define RECORD_VERSION 1
/* Of the header while some envelope is an object, which releases that know no
 * such envelopes would read as empty. */
#define RECORD_VERSION_OBJECTS 2
#define RECORD_NUMBER_MAX      INT64_MAX

/* record_begin - begin a record with its version; ber_end_element ends it */
void record_begin(struct ber_writer *writer, struct buffer *out);

/* record_begin_as - begin a record with another version */
void
record_begin_as(struct ber_writer *writer, struct buffer *out, int64_t version);

/* record_open - read the version of a record and go on with its elements */
int record_open(struct slice value, const char *name, struct ber_reader *inner,
    struct diag *diag) WARN_UNUSED;

/* record_open_to - read a record of any version up to one */
int record_open_to(struct slice value, const char *name, int64_t newest,
    struct ber_reader *inner, struct diag *diag) WARN_UNUSED;

/* record_error - translate an error of the BER reader */
int record_error(int code);

/* record_number - decode the next element, a number of 0..max.  ERR_… of the
 * reader */
int record_number(struct ber_reader *inner, unsigned tag, const char *name,
    uint64_t max, uint64_t *value) WARN_UNUSED;

/* record_optional_number - decode a number as record_number does; 0 if it is
 * not there */
int record_optional_number(struct ber_reader *inner, unsigned tag,
    const char *name, uint64_t max, uint64_t *value) WARN_UNUSED;

/* record_octets - decode the next element, min..max octets, borrowed */
int record_octets(struct ber_reader *inner, unsigned tag, const char *name,
    size_t min, size_t max, struct slice *value) WARN_UNUSED;

/* record_optional_octets - decode octets as record_octets does, from 0; empty
 * if it is not there */
int record_optional_octets(struct ber_reader *inner, unsigned tag,
    const char *name, size_t max, struct slice *value) WARN_UNUSED;

/* record_put_number - write an element that record_number reads */
static inline void
record_put_number(struct ber_writer *writer, unsigned tag, uint64_t value)
{
	ber_put_integer(writer, BER_CTX(tag), (int64_t)value);
}

/* Where the envelope and an inline content are. */
struct record_body {
	bool outside;
	size_t envelope; /* their lengths */
	size_t content;
};

/* record_encode_message - encode the head, and the body as body->outside
 * says */
int record_encode_message(const struct store_message *message,
    const struct record_body *body, struct buffer *out) WARN_UNUSED;

/* record_decode_message - decode all but id; envelope and content are set only
 * if they are inside */
int record_decode_message(struct slice value, struct store_message *message,
    struct record_body *body, struct diag *diag) WARN_UNUSED;

/* record_valid - check that the fields are within their bounds: 0, ERR_VALUE,
 * ERR_LIMIT */
int record_valid(
    const struct store_message *message, struct diag *diag) WARN_UNUSED;

#endif
