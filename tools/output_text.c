/* SPDX-License-Identifier: ISC */
/*
 * output_text.c - rows as tables and lists for people
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "tools/output_format.h"

#define SECOND	     1000
#define MINUTE	     (60 * SECOND)
#define HOUR	     (60 * MINUTE)
#define DAY	     (24 * HOUR)
#define INDENT	     2
#define DEPTH_MAX    4
#define BELOW_INDENT ((size_t)6) /* of the last cell, in a line of its own */
#define COLOUR_NONE  ""

struct state_colour {
	const char *word;
	const char *colour;
};

/* Words that states are called by; any other has no colour. */
static const struct state_colour state_colours[] = {
    {"up", "\033[32m"},
    {"running", "\033[32m"},
    {"ok", "\033[32m"},
    {"active", "\033[32m"},
    {"clean", "\033[32m"},
    {"waiting", "\033[33m"},
    {"recovering", "\033[33m"},
    {"deferred", "\033[33m"},
    {"held", "\033[33m"},
    {"disabled", "\033[33m"},
    {"throttled", "\033[31m"},
    {"failed", "\033[31m"},
    {"quarantined", "\033[31m"},
    {"unusable", "\033[31m"},
};

/* put_string - put a string to the stream; an error sticks */
static void
put_string(struct output *output, const char *text)
{
	if (fputs(text, output->stream) == EOF)
		output->failed = true;
}

/* put_blanks - put as many blanks */
static void
put_blanks(struct output *output, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_string(output, " ");
}

/* width_of - count the columns that escaped text takes on a terminal */
static size_t
width_of(const char *text)
{
	size_t width = 0;

	/* Each character takes a column; octets that continue one take none. */
	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* span - format a number of milliseconds as people say it: "3m", "2h", "5d" */
static void
span(int64_t ms, char *text, size_t size)
{
	if (ms < MINUTE)
		(void)snprintf(text, size, "%" PRId64 "s", ms / SECOND);
	else if (ms < HOUR)
		(void)snprintf(text, size, "%" PRId64 "m", ms / MINUTE);
	else if (ms < 2 * DAY)
		(void)snprintf(text, size, "%" PRId64 "h", ms / HOUR);
	else
		(void)snprintf(text, size, "%" PRId64 "d", ms / DAY);
}

/* output_relative - format a time as seen from now: "3m ago", "in 2h" */
void
output_relative(int64_t then, int64_t now, char *text, size_t size)
{
	char interval[24];

	if (then <= now) {
		span(now - then, interval, sizeof(interval));
		(void)snprintf(text, size, "%s ago", interval);
	} else {
		span(then - now, interval, sizeof(interval));
		(void)snprintf(text, size, "in %s", interval);
	}
}

/* absolute - format a time as the local clock shows it */
static void
absolute(int64_t ms, char *text, size_t size)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL ||
	    strftime(text, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(text, size, "?");
}

/* output_size - format octets as "512", "1.5K", "30M" */
void
output_size(int64_t octets, char *text, size_t size)
{
	static const char units[] = "KMGTP";
	double value = (double)octets;
	size_t unit = 0;

	if (octets < 1024) {
		(void)snprintf(text, size, "%" PRId64, octets);
		return;
	}
	/* Two digits are enough to compare sizes by. */
	for (value /= 1024; value >= 1024 && units[unit + 1] != '\0'; unit++)
		value /= 1024;
	(void)snprintf(
	    text, size, value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

static void
field_text(const struct output *output, const struct ipc_field *field,
    enum output_style style, char *text, size_t size);

/* rows_text - format rows in one cell: the first, and how many more */
static void
rows_text(const struct output *output, const struct ipc_field *field,
    char *text, size_t size)
{
	size_t len;

	*text = '\0';
	if (field->row_count == 0)
		return;
	if (field->rows[0].field_count > 0 &&
	    field->rows[0].fields[0].type != IPC_FIELD_ROWS)
		field_text(output, &field->rows[0].fields[0], OUTPUT_PLAIN,
		    text, size);
	len = strlen(text);
	if (field->row_count > 1) {
		(void)snprintf(
		    text + len, size - len, " +%zu", field->row_count - 1);
	}
}

/* octets_text - format octets in hexadecimal, as far as they fit */
static void
octets_text(struct slice octets, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < octets.len && 2 * i + 3 <= size; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", octets.data[i]);
}

/* number_text - format a number as its style says */
static void
number_text(int64_t number, enum output_style style, char *text, size_t size)
{
	if (style == OUTPUT_SIZE)
		output_size(number, text, size);
	else if (style == OUTPUT_SECONDS)
		span(number * 1000, text, size);
	else if (style == OUTPUT_RATE && number > 0)
		(void)snprintf(text, size, "%.*f", number < 600 ? 2 : 0,
		    (double)number / 60);
	else
		(void)snprintf(text, size, "%" PRId64, number);
}

/* field_text - format what a field holds, escaped; empty if it holds nothing */
static void
field_text(const struct output *output, const struct ipc_field *field,
    enum output_style style, char *text, size_t size)
{
	*text = '\0';
	switch (field->type) {
	case IPC_FIELD_NUMBER:
		number_text(field->number, style, text, size);
		break;
	case IPC_FIELD_TEXT:
		escape_text(text, size, field->octets);
		break;
	case IPC_FIELD_TRUTH:
		(void)snprintf(text, size, "%s", field->number ? "yes" : "no");
		break;
	case IPC_FIELD_TIME:
		/* 0 is no time, and shown as nothing. */
		if (field->number == 0)
			break;
		if (style == OUTPUT_ABSOLUTE)
			absolute(field->number, text, size);
		else
			output_relative(field->number, output->now, text, size);
		break;
	case IPC_FIELD_ROWS:
		rows_text(output, field, text, size);
		break;
	case IPC_FIELD_OCTETS:
		octets_text(field->octets, text, size);
		break;
	}
}

/* field_find - find the field of that name in a row, or NULL */
static const struct ipc_field *
field_find(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++) {
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	}
	return NULL;
}

/* colour_of - choose how a state's word is shown */
static const char *
colour_of(const struct output *output, size_t column, const char *text)
{
	if (!output->colour || output->columns[column].style != OUTPUT_STATE)
		return COLOUR_NONE;
	for (size_t i = 0; i < sizeof(state_colours) / sizeof(state_colours[0]);
	     i++) {
		if (strcmp(state_colours[i].word, text) == 0)
			return state_colours[i].colour;
	}
	return COLOUR_NONE;
}

/* put_cell - put one cell of a line, padded unless it is the last on the
 * left */
static void
put_cell(struct output *output, size_t column, const char *text)
{
	const char *colour = colour_of(output, column, text);
	bool last = column + 1 == output_columns_in_line(output);
	size_t width = width_of(text);
	size_t pad =
	    output->width[column] > width ? output->width[column] - width : 0;

	if (column > 0)
		put_string(output, "  ");
	if (output->right[column])
		put_blanks(output, pad);
	put_string(output, colour);
	put_string(output, text);
	if (*colour != '\0')
		put_string(output, "\033[0m");
	if (!output->right[column] && !last)
		put_blanks(output, pad);
}

/* put_below - put the last cell of a row in a line of its own */
static void
put_below(struct output *output, char *text)
{
	if (strcmp(text, "-") == 0)
		return;
	if (output->limit > BELOW_INDENT)
		output_cut(text, output->limit - BELOW_INDENT);
	put_blanks(output, BELOW_INDENT);
	put_string(output, text);
	put_string(output, "\n");
}

/* put_line - put the cells of one row */
static void
put_line(struct output *output, char *const *cells)
{
	size_t count = output_columns_in_line(output);

	for (size_t i = 0; i < count; i++) {
		if (output->limit > 0 &&
		    output->columns[i].style == OUTPUT_FITTED)
			output_cut(cells[i], output->width[i]);
		put_cell(output, i, cells[i]);
	}
	put_string(output, "\n");
	if (count < output->column_count)
		put_below(output, cells[count]);
}

/* put_titles - put the line above a table */
static void
put_titles(struct output *output)
{
	if (output->colour)
		put_string(output, "\033[1m");
	for (size_t i = 0; i < output_columns_in_line(output); i++)
		put_cell(output, i, output->columns[i].title);
	put_string(output, output->colour ? "\033[0m\n" : "\n");
}

/* flush_rows - write the rows kept, now that widths are known */
static void
flush_rows(struct output *output)
{
	size_t count = output->column_count;

	/* Widths are those of the first rows: later ones are not waited for. */
	if (!output->aligned && output->row_count > 0) {
		output_fit(output);
		put_titles(output);
	}
	output->aligned = output->row_count > 0 || output->aligned;
	for (size_t i = 0; i < output->row_count; i++) {
		put_line(output, &output->cells[i * count]);
		for (size_t j = 0; j < count; j++)
			free(output->cells[i * count + j]);
	}
	output->row_count = 0;
}

/* text_table - begin a new table, without widths */
static void
text_table(struct output *output)
{
	output->aligned = false;
	output->below = false;
	for (size_t i = 0; i < output->column_count; i++) {
		output->width[i] = width_of(output->columns[i].title);
		output->right[i] = false;
	}
	free(output->cells);
	output->cells = reallocarray(NULL,
	    OUTPUT_ALIGN_ROWS * output->column_count, sizeof(*output->cells));
	if (output->cells == NULL)
		output->failed = true;
}

/* cell - format one field of a row, to be freed */
static char *
cell(struct output *output, const struct ipc_row *row, size_t column)
{
	const struct output_column *c = &output->columns[column];
	const struct ipc_field *field = field_find(row, c->name);
	char text[OUTPUT_CELL_MAX] = "";
	size_t width;

	if (field != NULL) {
		field_text(output, field, c->style, text, sizeof(text));
		output->right[column] = field->type == IPC_FIELD_NUMBER;
	}
	/* A mark keeps the columns apart. */
	if (*text == '\0')
		(void)strlcpy(text, "-", sizeof(text));
	width = width_of(text);
	if (!output->aligned && width > output->width[column])
		output->width[column] = width;
	return strdup(text);
}

/* text_row - keep a row until the widths are known */
static void
text_row(struct output *output, const struct ipc_row *row)
{
	char **cells;

	if (output->cells == NULL || output->column_count == 0)
		return;
	cells = &output->cells[output->row_count * output->column_count];
	for (size_t i = 0; i < output->column_count; i++) {
		cells[i] = cell(output, row, i);
		if (cells[i] == NULL) {
			while (i-- > 0)
				free(cells[i]);
			output->failed = true;
			return;
		}
	}
	if (++output->row_count == OUTPUT_ALIGN_ROWS)
		flush_rows(output);
}

/* column_of - find what the columns say of a field, or NULL */
static const struct output_column *
column_of(const struct output *output, struct slice name)
{
	for (size_t i = 0; i < output->column_count; i++) {
		if (slice_equal_string(name, output->columns[i].name))
			return &output->columns[i];
	}
	return NULL;
}

static void
put_details(struct output *output, const struct ipc_row *row, size_t depth);

/* put_detail - put the line of one field, its title padded to width */
static void
put_detail(struct output *output, const struct ipc_field *field, size_t width,
    size_t depth)
{
	const struct output_column *c = column_of(output, field->name);
	char title[64], text[8 * OUTPUT_CELL_MAX];

	if (c != NULL)
		(void)strlcpy(title, c->title, sizeof(title));
	else
		escape_text(title, sizeof(title), field->name);
	put_blanks(output, depth * INDENT);
	put_string(output, title);
	if (field->type == IPC_FIELD_ROWS && field->row_count > 0 &&
	    depth < DEPTH_MAX) {
		put_string(output, "\n");
		for (size_t i = 0; i < field->row_count; i++)
			put_details(output, &field->rows[i], depth + 1);
		return;
	}
	field_text(output, field, c != NULL ? c->style : OUTPUT_PLAIN, text,
	    sizeof(text));
	put_blanks(output, width - width_of(title) + 2);
	put_string(output, *text != '\0' ? text : "-");
	put_string(output, "\n");
}

/* title_width - measure the longest title among a row's fields */
static size_t
title_width(const struct output *output, const struct ipc_row *row)
{
	size_t width = 0;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct output_column *c =
		    column_of(output, row->fields[i].name);
		char title[64];
		size_t own;

		if (c != NULL)
			(void)strlcpy(title, c->title, sizeof(title));
		else
			escape_text(title, sizeof(title), row->fields[i].name);
		own = width_of(title);
		width = own > width ? own : width;
	}
	return width;
}

/* put_details - put a line for each field: those of the columns, then the
 * rest */
static void
put_details(struct output *output, const struct ipc_row *row, size_t depth)
{
	size_t width = title_width(output, row);

	for (size_t i = 0; i < output->column_count; i++) {
		const struct ipc_field *field =
		    field_find(row, output->columns[i].name);

		if (field != NULL)
			put_detail(output, field, width, depth);
	}
	for (size_t i = 0; i < row->field_count; i++) {
		if (column_of(output, row->fields[i].name) == NULL)
			put_detail(output, &row->fields[i], width, depth);
	}
}

/* text_details - put one thing */
static void
text_details(struct output *output, const struct ipc_row *row)
{
	put_details(output, row, 0);
}

/* text_text - put lines; newlines are kept, the rest is escaped */
static void
text_text(struct output *output, struct slice text)
{
	while (text.len > 0) {
		const uint8_t *newline = memchr(text.data, '\n', text.len);
		size_t len =
		    newline != NULL ? (size_t)(newline - text.data) : text.len;
		/* Each octet may become four. */
		char *escaped = malloc(4 * len + 1);

		if (escaped == NULL) {
			output->failed = true;
			return;
		}
		escape_printable(
		    escaped, 4 * len + 1, slice_of(text.data, len));
		put_string(output, escaped);
		free(escaped);
		put_string(output, "\n");
		len += newline != NULL;
		text = slice_of(text.data + len, text.len - len);
	}
}

const struct output_vtable output_vtable_text = {
    .table = text_table,
    .row = text_row,
    .details = text_details,
    .text = text_text,
    .finish = flush_rows,
};
