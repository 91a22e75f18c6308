/* SPDX-License-Identifier: ISC */
/*
 * output_json.c - rows as JSON, one object a line
 */
#include "ipc/row_json.h"
#include "tools/output_format.h"

#define LINE_MAX_OCTETS ((size_t)16 * 1024 * 1024)

/* json_table - print nothing: every row stands for itself */
static void
json_table(struct output *output)
{
	(void)output;
}

/* json_row - print one line */
static void
json_row(struct output *output, const struct ipc_row *row)
{
	struct buffer text;
	struct slice line;

	buffer_init(&text, LINE_MAX_OCTETS);
	if (row_json_append(row, &text) != 0 ||
	    buffer_append(&text, "\n", 1) != 0)
		output->failed = true;
	line = buffer_slice(&text);
	if (fwrite(line.data, 1, line.len, output->stream) != line.len)
		output->failed = true;
	buffer_fini(&text);
}

/* json_text - print nothing: sentences are for people */
static void
json_text(struct output *output, struct slice text)
{
	(void)output;
	(void)text;
}

/* json_finish - finish without anything, for nothing is kept */
static void
json_finish(struct output *output)
{
	(void)output;
}

const struct output_vtable output_vtable_json = {
    .table = json_table,
    .row = json_row,
    .details = json_row,
    .text = json_text,
    .finish = json_finish,
};
