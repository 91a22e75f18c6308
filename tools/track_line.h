/* SPDX-License-Identifier: ISC */
/*
 * track_line.h - lines about tracked messages, of the fields of their rows
 */
#ifndef FOURPOST_TOOLS_TRACK_LINE_H
#define FOURPOST_TOOLS_TRACK_LINE_H

#include "tools/output.h"

#define TRACK_LINE_MAX 4096 /* octets */

/* track_field - find the field of that name, or NULL */
const struct ipc_field *
track_field(const struct ipc_row *row, const char *name);

/* track_text - get a text, escaped, "" if it is not there; one of eight buffers
 * in turn */
const char *track_text(const struct ipc_row *row, const char *name);

/* track_number - get a number, or -1 if it is not there */
int64_t track_number(const struct ipc_row *row, const char *name);

/* track_has - tell whether a text is there */
bool track_has(const struct ipc_row *row, const char *name);

/* track_time - write a time as 2026-11-30 14:02:11, local; one of two buffers
 * in turn */
const char *track_time(int64_t ms);

/* track_delay - write a delay as "40 ms", "1.8s", "3m 12s"; one of four buffers
 * in turn */
const char *track_delay(int64_t ms);

/* A line that is put together. */
struct track_line {
	char text[TRACK_LINE_MAX];
	size_t len;
};

/* track_line_add - append to a line; what has no room is left out */
void
track_line_add(struct track_line *line, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* track_line_cell - append a text in so many columns, cut if need be */
void track_line_cell(struct track_line *line, const char *text, size_t columns);

/* track_line_put - print a line as it is */
void track_line_put(struct output *out, const struct track_line *line);

/* track_line_wrap - print a line; what is beyond the width goes on below,
 * indented, broken at a blank or semicolon if there is any */
void track_line_wrap(
    struct output *out, const struct track_line *line, size_t indent);

/* track_width - get the width of the terminal; 0: it is none, and nothing is
 * cut */
size_t track_width(const struct output *out);

#endif
