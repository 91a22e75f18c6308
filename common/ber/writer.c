/* SPDX-License-Identifier: ISC */
/*
 * writer.c - write BER: definite lengths, minimal, in the order given
 *
 * One length octet is left free at each begin; where more than 127 octets
 * follow, the contents are moved once to make room.
 */
#include "ber/header.h"
#include "ber/writer.h"

/* A header that we write: 5 identifier octets, 1 + 8 length octets. */
#define WRITE_MAX 14

/* ber_writer_init - write at the end of out */
void
ber_writer_init(struct ber_writer *writer, struct buffer *out)
{
	writer->out = out;
	writer->error = 0;
	writer->depth = 0;
}

/* ber_finish - check that all was written and every begin has its end */
int
ber_finish(struct ber_writer *writer)
{
	if (writer->error == 0 && writer->depth != 0)
		writer->error = ERR_STATE;
	return writer->error;
}

/* append_octets - append octets to the buffer */
static void
append_octets(struct ber_writer *writer, const void *data, size_t len)
{
	if (writer->error == 0)
		writer->error = buffer_append(writer->out, data, len);
}

/* format_tag - write identifier octets into out: how many */
static size_t
format_tag(uint32_t tag, enum ber_form form, uint8_t out[WRITE_MAX])
{
	uint8_t first = (uint8_t)((tag >> 24 & 3) << 6 |
	    (form == BER_CONSTRUCTED ? 0x20 : 0));
	uint32_t number = tag & BER_TAG_MAX;
	size_t len = 1;
	unsigned shift;

	if (number < 0x1f) {
		out[0] = (uint8_t)(first | number);
		return 1;
	}
	out[0] = first | 0x1f;
	for (shift = 21; number >> shift == 0; shift -= 7)
		;
	for (; shift > 0; shift -= 7)
		out[len++] = (uint8_t)(0x80 | (number >> shift & 0x7f));
	out[len++] = number & 0x7f;
	return len;
}

/* format_length - write length octets into out: how many */
static size_t
format_length(uint64_t length, uint8_t out[WRITE_MAX])
{
	size_t count = 1, i;

	if (length < 0x80) {
		out[0] = (uint8_t)length;
		return 1;
	}
	while (count < 8 && length >> (8 * count) != 0)
		count++;
	out[0] = (uint8_t)(0x80 | count);
	for (i = 0; i < count; i++)
		out[1 + i] = (uint8_t)(length >> (8 * (count - 1 - i)));
	return 1 + count;
}

/* ber_put_header - write tag and length alone, for contents that are sent
 * apart */
void
ber_put_header(struct ber_writer *writer, uint32_t tag, enum ber_form form,
    uint64_t length)
{
	uint8_t header[2 * WRITE_MAX];
	size_t len = format_tag(tag, form, header);

	len += format_length(length, header + len);
	append_octets(writer, header, len);
}

/* ber_header_length - count the octets that ber_put_header would write */
size_t
ber_header_length(uint32_t tag, uint64_t length)
{
	uint8_t header[WRITE_MAX];

	return format_tag(tag, BER_PRIMITIVE, header) +
	    format_length(length, header);
}

/* ber_begin - begin a constructed element; ber_end_element closes it */
void
ber_begin(struct ber_writer *writer, uint32_t tag)
{
	if (writer->error == 0 && writer->depth == BER_DEPTH_MAX)
		writer->error = ERR_LIMIT;
	ber_put_header(writer, tag, BER_CONSTRUCTED, 0);
	if (writer->error == 0)
		writer->mark[writer->depth++] = buffer_length(writer->out);
}

/* ber_end_element - set the length of the element that ber_begin began */
void
ber_end_element(struct ber_writer *writer)
{
	uint8_t header[WRITE_MAX], *room, *contents;
	size_t len, mark, extra;

	if (writer->error == 0 && writer->depth == 0)
		writer->error = ERR_STATE;
	if (writer->error != 0)
		return;
	mark = writer->mark[writer->depth - 1];
	len = buffer_length(writer->out) - mark;
	extra = format_length(len, header) - 1;
	if (extra != 0) {
		writer->error = buffer_reserve(writer->out, extra, &room);
		if (writer->error != 0)
			return;
		contents = room - len;
		memmove(contents + extra, contents, len);
		buffer_commit(writer->out, extra);
	}
	memcpy(writer->out->data + writer->out->start + mark - 1, header,
	    1 + extra);
	writer->depth--;
}

/* ber_put - write a primitive element with these contents */
void
ber_put(struct ber_writer *writer, uint32_t tag, struct slice contents)
{
	ber_put_header(writer, tag, BER_PRIMITIVE, contents.len);
	append_octets(writer, contents.data, contents.len);
}

/* ber_put_integer - write an INTEGER or ENUMERATED in as few octets as it
 * needs */
void
ber_put_integer(struct ber_writer *writer, uint32_t tag, int64_t value)
{
	uint64_t bits = (uint64_t)value;
	uint8_t octets[8];
	size_t i, first = 0;

	for (i = 0; i < 8; i++)
		octets[i] = (uint8_t)(bits >> (56 - 8 * i));
	while (first < 7 &&
	    ((octets[first] == 0 && octets[first + 1] < 0x80) ||
		(octets[first] == 0xff && octets[first + 1] >= 0x80)))
		first++;
	ber_put(writer, tag, slice_of(octets + first, 8 - first));
}

/* ber_put_boolean - write a BOOLEAN; true is 0xff */
void
ber_put_boolean(struct ber_writer *writer, uint32_t tag, bool value)
{
	uint8_t octet = value ? 0xff : 0;

	ber_put(writer, tag, slice_of(&octet, 1));
}

/* ber_put_null - write a NULL */
void
ber_put_null(struct ber_writer *writer, uint32_t tag)
{
	ber_put(writer, tag, slice_of(NULL, 0));
}

/* ber_put_string - write the octets of text */
void
ber_put_string(struct ber_writer *writer, uint32_t tag, const char *text)
{
	ber_put(writer, tag, slice_of_string(text));
}

/* ber_put_bits - count bits of value, bit 0 the most significant */
void
ber_put_bits(
    struct ber_writer *writer, uint32_t tag, uint32_t value, size_t count)
{
	uint8_t octets[5] = {0};
	size_t i;

	if (count > 32) {
		if (writer->error == 0)
			writer->error = ERR_VALUE;
		return;
	}
	octets[0] = (uint8_t)((8 - count % 8) % 8);
	for (i = 0; i < count; i++)
		if ((value & BER_BIT(i)) != 0)
			octets[1 + i / 8] |= (uint8_t)(0x80U >> i % 8);
	ber_put(writer, tag, slice_of(octets, 1 + (count + 7) / 8));
}

/* ber_put_raw - write octets that are BER already */
void
ber_put_raw(struct ber_writer *writer, struct slice octets)
{
	append_octets(writer, octets.data, octets.len);
}

/* ber_put_element - write an element that was read, in definite minimal
 * lengths */
void
ber_put_element(struct ber_writer *writer, const struct ber_element *el)
{
	struct ber_reader none = {.diag = NULL}, inner;
	struct ber_element nested;
	int n;

	if (!el->constructed) {
		ber_put(writer, el->tag, el->contents);
		return;
	}
	ber_begin(writer, el->tag);
	n = ber_enter(&none, el, &inner);
	if (n == 0) {
		while (
		    writer->error == 0 && (n = ber_next(&inner, &nested)) > 0)
			ber_put_element(writer, &nested);
	}
	if (n < 0 && writer->error == 0)
		writer->error = n;
	ber_end_element(writer);
}
