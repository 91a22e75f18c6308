/* SPDX-License-Identifier: ISC */
/*
 * line_end.c - line ends of text as X.400 has them, CR LF
 *
 * Contract in line_end.h.
 */
#include "mhs/line_end.h"

#define BLOCK 64

/* count_block - count line ends in a block that needs no look at its end: those
 * of one octet, less those of two; the octet before it is looked at */
static int
count_block(const uint8_t *block)
{
	const uint8_t *before = block - 1;
	uint8_t ends = 0, pairs = 0;

	/* Compilers make a few instructions of it for 16 octets each. */
	for (unsigned i = 0; i < BLOCK; i++) {
		ends += (block[i] == '\r') | (block[i] == '\n');
		pairs += (before[i] == '\r') & (block[i] == '\n');
	}
	return (int)ends - 2 * (int)pairs;
}

/* line_end_growth - get how many octets longer a piece will be */
int64_t
line_end_growth(struct line_end *line_end, struct slice text)
{
	bool after_cr = line_end->after_cr;
	int64_t growth = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t octet = text.data[i];

		while (i > 0 && text.len - i > BLOCK) {
			growth += count_block(text.data + i);
			i += BLOCK;
			after_cr = text.data[i - 1] == '\r';
			octet = text.data[i];
		}
		if (octet == '\r')
			growth++;
		else if (octet == '\n')
			growth += after_cr ? -1 : 1;
		after_cr = octet == '\r';
	}
	line_end->after_cr = after_cr;
	return growth;
}

/* append_converted - write a piece with its line ends converted into room for
 * it: how many octets */
static size_t
append_converted(struct line_end *line_end, struct slice text, uint8_t *room)
{
	bool after_cr = line_end->after_cr;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t octet = text.data[i];

		if (octet == '\r' || (octet == '\n' && !after_cr)) {
			room[len++] = '\r';
			room[len++] = '\n';
		} else if (octet != '\n') {
			room[len++] = octet;
		}
		after_cr = octet == '\r';
	}
	line_end->after_cr = after_cr;
	return len;
}

/* line_end_append - append a piece with its line ends converted */
int
line_end_append(
    struct line_end *line_end, struct slice text, struct buffer *out)
{
	struct line_end measured = *line_end;
	int64_t growth = line_end_growth(&measured, text);
	uint8_t *room;
	int error;

	if (text.len == 0)
		return 0;
	/* Each CR or LF that stands alone makes it longer, so that there is
	 * none. */
	if (growth == 0 && !line_end->after_cr) {
		*line_end = measured;
		return buffer_append(out, text.data, text.len);
	}
	error =
	    buffer_reserve(out, (size_t)((int64_t)text.len + growth), &room);
	if (error < 0)
		return error;
	buffer_commit(out, append_converted(line_end, text, room));
	return 0;
}
