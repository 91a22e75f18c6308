/* SPDX-License-Identifier: ISC */
/*
 * writer.h - write BER: definite lengths, minimal, in the order given
 *
 * A writer appends to a buffer that its caller owns.  Errors stick: after the
 * first one every call does nothing, and ber_finish tells.  So a sequence of
 * writes needs one check.
 */
#ifndef FOURPOST_BER_WRITER_H
#define FOURPOST_BER_WRITER_H

#include "base/buffer.h"
#include "ber/reader.h"

struct ber_writer {
	struct buffer *out; /* borrowed */
	int error;
	unsigned depth;
	size_t mark[BER_DEPTH_MAX]; /* where the contents of each begin */
};

/* ber_writer_init - write at the end of out */
void ber_writer_init(struct ber_writer *writer, struct buffer *out);

/* ber_finish - check that all was written and every begin has its end: 0, or
 * an error */
int ber_finish(struct ber_writer *writer) WARN_UNUSED;

/* ber_begin - begin a constructed element; ber_end_element closes it */
void ber_begin(struct ber_writer *writer, uint32_t tag);
void ber_end_element(struct ber_writer *writer);

/* A primitive element with these contents. */
void ber_put(struct ber_writer *writer, uint32_t tag, struct slice contents);
void ber_put_integer(struct ber_writer *writer, uint32_t tag, int64_t value);
void ber_put_boolean(struct ber_writer *writer, uint32_t tag, bool value);
void ber_put_null(struct ber_writer *writer, uint32_t tag);
void ber_put_string(struct ber_writer *writer, uint32_t tag, const char *text);

/* ber_put_bits - count bits of value, bit 0 the most significant */
void ber_put_bits(
    struct ber_writer *writer, uint32_t tag, uint32_t value, size_t count);

/* ber_put_raw - write octets that are BER already */
void ber_put_raw(struct ber_writer *writer, struct slice octets);

/* ber_put_element - write an element that was read, with definite minimal
 * lengths throughout and its primitive contents unchanged */
void ber_put_element(struct ber_writer *writer, const struct ber_element *el);

/* The form of an element's contents. */
enum ber_form {
	BER_PRIMITIVE,
	BER_CONSTRUCTED /* further elements */
};

/*
 * ber_put_header - write tag and length alone, for contents that are sent
 * apart
 *
 * For content that never is in memory as a whole.
 */
void ber_put_header(struct ber_writer *writer, uint32_t tag, enum ber_form form,
    uint64_t length);

/* ber_header_length - count the octets that ber_put_header would write */
size_t ber_header_length(uint32_t tag, uint64_t length);

#endif
