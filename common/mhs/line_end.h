/* SPDX-License-Identifier: ISC */
/*
 * line_end.h - line ends of text as X.400 has them, CR LF
 *
 * Text in files ends its lines in CR, LF or CR LF.  In ia5-text and general
 * text a line ends in CR LF (T.50, RFC 2157), and a bare CR or LF is shown as
 * an overprinted or a staggered line by who takes the set at its word.  So
 * text is converted where it begins here and where it leaves X.400.
 *
 * Text comes in pieces; what is kept between them is in struct line_end, zeros
 * at first.  Octets or UTF-8: no set that passes here has CR or LF as part of
 * another character.
 */
#ifndef FOURPOST_MHS_LINE_END_H
#define FOURPOST_MHS_LINE_END_H

#include "base/buffer.h"
#include "base/slice.h"

struct line_end {
	bool after_cr; /* a LF that comes now is part of the line end before */
};

/* line_end_growth - get how many octets longer a piece will be, less than 0
 * if it becomes shorter */
int64_t line_end_growth(struct line_end *line_end, struct slice text);

/* line_end_append - append a piece with its line ends converted.  ERR_LIMIT,
 * ERR_NOMEM of the buffer */
int line_end_append(struct line_end *line_end, struct slice text,
    struct buffer *out) WARN_UNUSED;

#endif
