/* SPDX-License-Identifier: ISC */
/*
 * stream_state.c - where a stream stands, as octets
 *
 * Fixed widths, most significant octet first: version 1, total 8, header 1
 * and its octets, depth 1, and of each open element tag 4, end 8, flags 1.
 */
#include "ber/stream.h"

#define VERSION	    1
#define CONSTRUCTED 1
#define INDEFINITE  2

/* put_number - count octets of a number */
static void
put_number(uint8_t **at, uint64_t value, unsigned count)
{
	while (count-- > 0)
		*(*at)++ = (uint8_t)(value >> (8 * count));
}

/* get - count octets of a number; false if they are not there */
static bool
get(struct slice *from, unsigned count, uint64_t *value)
{
	uint64_t v = 0;

	if (from->len < count)
		return false;
	for (unsigned i = 0; i < count; i++)
		v = v << 8 | from->data[i];
	*from = slice_of(from->data + count, from->len - count);
	*value = v;
	return true;
}

/* ber_stream_save - write where the stream stands */
int
ber_stream_save(const struct ber_stream *stream, struct buffer *out)
{
	uint8_t octets[11 + BER_HEADER_MAX + 13 * BER_DEPTH_MAX];
	uint8_t *at = octets;

	if (stream->error != 0)
		return ERR_STATE;
	put_number(&at, VERSION, 1);
	put_number(&at, stream->total, 8);
	put_number(&at, stream->header_len, 1);
	memcpy(at, stream->header, stream->header_len);
	at += stream->header_len;
	put_number(&at, stream->depth, 1);
	for (unsigned i = 0; i < stream->depth; i++) {
		put_number(&at, stream->open[i].tag, 4);
		put_number(&at, stream->open[i].end, 8);
		put_number(&at,
		    (stream->open[i].constructed ? CONSTRUCTED : 0U) |
			(stream->open[i].indefinite ? INDEFINITE : 0U),
		    1);
	}
	return buffer_append(out, octets, (size_t)(at - octets));
}

/* restore_open - restore one open element, which must lie within those before
 * it */
static bool
restore_open(struct ber_stream *stream, unsigned i, struct slice *from)
{
	uint64_t tag, end, flags;
	uint64_t around = i == 0 ? UINT64_MAX : stream->open[i - 1].end;

	if (!get(from, 4, &tag) || !get(from, 8, &end) ||
	    !get(from, 1, &flags) || flags > (CONSTRUCTED | INDEFINITE) ||
	    end > around || end < stream->total ||
	    (i > 0 && !stream->open[i - 1].constructed))
		return false;
	stream->open[i].tag = (uint32_t)tag;
	stream->open[i].end = end;
	stream->open[i].constructed = (flags & CONSTRUCTED) != 0;
	stream->open[i].indefinite = (flags & INDEFINITE) != 0;
	return true;
}

/* ber_stream_restore - go on from there */
int
ber_stream_restore(struct ber_stream *stream, struct slice octets)
{
	struct ber_stream s = *stream;
	uint64_t version, header, depth;

	if (!get(&octets, 1, &version) || version != VERSION ||
	    !get(&octets, 8, &s.total) || s.total > s.max ||
	    !get(&octets, 1, &header) || header > sizeof(s.header) ||
	    header > octets.len)
		return ERR_CORRUPT;
	memcpy(s.header, octets.data, (size_t)header);
	s.header_len = (unsigned)header;
	octets = slice_of(octets.data + header, octets.len - (size_t)header);
	if (!get(&octets, 1, &depth) || depth > BER_DEPTH_MAX)
		return ERR_CORRUPT;
	s.depth = (unsigned)depth;
	for (unsigned i = 0; i < s.depth; i++)
		if (!restore_open(&s, i, &octets))
			return ERR_CORRUPT;
	if (octets.len != 0)
		return ERR_CORRUPT;
	*stream = s;
	return 0;
}
