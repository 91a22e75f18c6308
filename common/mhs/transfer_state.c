/* SPDX-License-Identifier: ISC */
/*
 * transfer_state.c - where a reader of an MTS-APDU stands, as octets
 *
 * kind 1, flags 1, length of the content so far 8, then the stream.  The
 * envelope is not needed any more.
 */
#include "mhs/transfer.h"

#define FIXED	      10
#define CONTENT_BEGUN 1
#define CONTENT_ENDED 2
#define APDU_DONE     4

/* transfer_save - note where the reader stands within a content */
int
transfer_save(const struct transfer_reader *reader, struct buffer *out)
{
	uint8_t fixed[FIXED] = {(uint8_t)(p1_tag(reader->kind) & BER_TAG_MAX)};
	int error;

	if (reader->error != 0 || reader->external ||
	    (reader->state != TRANSFER_CONTENT &&
		reader->state != TRANSFER_DONE))
		return ERR_STATE;
	fixed[1] = (uint8_t)((reader->content_begun ? CONTENT_BEGUN : 0) |
	    (reader->content_ended ? CONTENT_ENDED : 0) |
	    (reader->state == TRANSFER_DONE ? APDU_DONE : 0));
	for (unsigned i = 0; i < 8; i++)
		fixed[2 + i] =
		    (uint8_t)(reader->content_length >> (8 * (7 - i)));
	error = buffer_append(out, fixed, sizeof(fixed));
	return error != 0 ? error : ber_stream_save(&reader->stream, out);
}

/* transfer_restore - set a reader that was just reset */
int
transfer_restore(struct transfer_reader *reader, struct slice octets)
{
	uint64_t length = 0;
	enum mts_kind kind;
	uint8_t flags;
	int error;

	if (reader->error != 0 || reader->state != TRANSFER_OUTER)
		return ERR_STATE;
	if (octets.len < FIXED ||
	    p1_kind_of(BER_CTX(octets.data[0]), &kind) < 0 ||
	    octets.data[1] > (CONTENT_BEGUN | CONTENT_ENDED | APDU_DONE))
		return ERR_CORRUPT;
	for (unsigned i = 0; i < 8; i++)
		length = length << 8 | octets.data[2 + i];
	if (length > reader->content_max)
		return ERR_CORRUPT;
	error = ber_stream_restore(
	    &reader->stream, slice_of(octets.data + FIXED, octets.len - FIXED));
	if (error != 0)
		return error;
	flags = octets.data[1];
	reader->kind = kind;
	reader->content_begun = (flags & CONTENT_BEGUN) != 0;
	reader->content_ended = (flags & CONTENT_ENDED) != 0;
	reader->content_length = length;
	reader->state =
	    (flags & APDU_DONE) != 0 ? TRANSFER_DONE : TRANSFER_CONTENT;
	return 0;
}
