/* SPDX-License-Identifier: ISC */
/*
 * output.h - what the tools print: tables for people, JSON for programs
 *
 * Everything printed is a row of named, typed fields, those that qmgr sends
 * (struct ipc_row) or such made by a tool; one vtable writes them as text or
 * as JSON, so that a tool has no code for either.
 *
 *	static const struct output_column columns[] = {
 *	    {"name", "LINK", OUTPUT_PLAIN}, {"next_open", "NEXT", OUTPUT_PLAIN}};
 *
 *	output_init(&out, options.format, stdout);
 *	output_table(&out, columns, 2);
 *	output_row(&out, row);			for each
 *	return output_finish(&out);
 *
 * Text	  Columns are aligned over the first OUTPUT_ALIGN_ROWS rows, and fitted
 *	  to a terminal (output_fit.c); fields that no column names are not
 *	  shown; times are relative ("3m ago", "in
 *	  2h"), colour is used on a terminal alone (and not if NO_COLOR is set);
 *	  text from outside is escaped; what is empty or missing is "-".
 * JSON	  One object a line with every field of the row; times are whole
 *	  seconds since 1970, a time of 0 is null; octets are hexadecimal text;
 *	  what is not UTF-8 is escaped as in text.
 *
 * Errors of writing stick; output_finish tells of them.
 */
#ifndef FOURPOST_TOOLS_OUTPUT_H
#define FOURPOST_TOOLS_OUTPUT_H

#include <stdio.h>

#include "ipc/record.h"

#define OUTPUT_ALIGN_ROWS  1000
#define OUTPUT_COLUMNS_MAX 24
#define OUTPUT_CELL_MAX	   512 /* octets of one cell of a table, escaped */

enum output_format {
	OUTPUT_TEXT,
	OUTPUT_JSON
};

/* How text shows a field; its type (ipc_field_type) decides the rest. */
enum output_style {
	OUTPUT_PLAIN,	 /* numbers to the right, times relative */
	OUTPUT_SIZE,	 /* octets, as "1.5M" */
	OUTPUT_SECONDS,	 /* a number of seconds, as "3m" */
	OUTPUT_RATE,	 /* a number within a minute, as "0.5" a second */
	OUTPUT_STATE,	 /* a word, coloured by what it means */
	OUTPUT_ABSOLUTE, /* a time as 2024-01-31 12:00:00, local */
	OUTPUT_FITTED,	 /* shortened where the line would not fit */
	OUTPUT_BELOW,	 /* the last column; in a line of its own where the
			  * line would not fit */
};

struct output_column {
	const char *name;  /* of the field */
	const char *title; /* above the column; of the line, in details */
	enum output_style style;
};

struct output;

/* The differences of text and JSON. */
struct output_vtable {
	void (*table)(struct output *output);
	void (*row)(struct output *output, const struct ipc_row *row);
	void (*details)(struct output *output, const struct ipc_row *row);
	void (*text)(struct output *output, struct slice text);
	void (*finish)(struct output *output);
};

struct output {
	const struct output_vtable *vtable;
	FILE *stream; /* borrowed */
	bool colour;
	bool failed;
	int64_t now;  /* ms since 1970: what relative times refer to */
	size_t limit; /* columns of the terminal; 0: of any length */
	bool below;   /* the last column stands below */
	const struct output_column *columns; /* borrowed */
	size_t column_count;
	/* text: rows kept until widths are known */
	char **cells; /* owned; column_count of them a row */
	size_t row_count;
	size_t width[OUTPUT_COLUMNS_MAX];
	bool right[OUTPUT_COLUMNS_MAX];
	bool aligned;
};

/* output_init - prepare to write to stream in this format */
void
output_init(struct output *output, enum output_format format, FILE *stream);

/* output_table - begin a table with these columns, which are borrowed */
void output_table(
    struct output *output, const struct output_column *columns, size_t count);

/* output_row - print one row of the table (JSON: one object) */
void output_row(struct output *output, const struct ipc_row *row);

/*
 * output_details - print one thing, a line for each field (JSON: one object)
 *
 * columns give titles and styles; fields that none names come after, with
 * their names as titles; rows within the row are shown indented.
 */
void output_details(struct output *output, const struct output_column *columns,
    size_t count, const struct ipc_row *row);

/* output_text - print a sentence or lines for people; nothing in JSON. Newlines
 * stay; anything else that is not printable is escaped */
void output_text(struct output *output, struct slice text);

/* output_printf - print a formatted sentence; at most 1,023 octets */
void
output_printf(struct output *output, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* output_size - format octets as "512", "1.5K", "30M" */
void output_size(int64_t octets, char *text, size_t size);

/* output_relative - format a time as seen from now, ms since 1970: "3m ago",
 * "in 2h" */
void output_relative(int64_t then, int64_t now, char *text, size_t size);

/* output_finish - write what is kept; 0, or ERR_IO if anything could not be
 * written.  output_init makes it usable again */
int output_finish(struct output *output) WARN_UNUSED;

/*
 * output_progress - show on a terminal's standard error how far long work is
 *
 * total 0: unknown.  Nothing if standard error is no terminal; written at
 * most ten times a second; output_progress_end removes the line.
 */
void output_progress(const char *what, uint64_t done, uint64_t total);
void output_progress_end(void);

/* --- fields of rows that a tool makes itself --- */

#define OUTPUT_FIELD_TEXT(n, s)                         \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_TEXT,                     \
	    .octets = slice_of_string(s)})
#define OUTPUT_FIELD_SLICE(n, s)                        \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_TEXT,                     \
	    .octets = (s)})
#define OUTPUT_FIELD_NUMBER(n, i)                       \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_NUMBER,                   \
	    .number = (int64_t)(i)})
#define OUTPUT_FIELD_TRUTH(n, b)                        \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_TRUTH,                    \
	    .number = (b) ? 1 : 0})
#define OUTPUT_FIELD_TIME(n, ms)                        \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_TIME,                     \
	    .number = (int64_t)(ms)})
#define OUTPUT_FIELD_ROWS(n, r, c)                      \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_ROWS,                     \
	    .rows = (r),                                \
	    .row_count = (c)})

#endif
