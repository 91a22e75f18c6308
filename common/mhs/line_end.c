/* SPDX-License-Identifier: ISC */
/*
 * line_end.c - line ends of text as X.400 has them, CR LF
 *
 * Contract in line_end.h.
 */
#include "mhs/line_end.h"

/* line_end_growth - get how many octets longer a piece will be */
int64_t
line_end_growth(struct line_end *line_end, struct slice text)
{
	bool after_cr = line_end->after_cr;
	int64_t growth = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t octet = text.data[i];

		if (octet == '\r')
			growth++;
		else if (octet == '\n')
			growth += after_cr ? -1 : 1;
		after_cr = octet == '\r';
	}
	line_end->after_cr = after_cr;
	return growth;
}

/* line_end_append - append a piece with its line ends converted */
int
line_end_append(
    struct line_end *line_end, struct slice text, struct buffer *out)
{
	struct line_end measured = *line_end;
	int64_t growth = line_end_growth(&measured, text);
	bool after_cr = line_end->after_cr;
	size_t len = 0;
	uint8_t *room;
	int error;

	if (text.len == 0)
		return 0;
	error =
	    buffer_reserve(out, (size_t)((int64_t)text.len + growth), &room);
	if (error < 0)
		return error;
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
	buffer_commit(out, len);
	return 0;
}
