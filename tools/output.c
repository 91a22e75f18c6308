/* SPDX-License-Identifier: ISC */
/*
 * output.c - what the tools print, whatever the format
 *
 * output_text.c and output_json.c are the formats.
 */
#include "tools/output.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "tools/output_format.h"

#define PRINTF_MAX	  1024
#define PROGRESS_INTERVAL 100 /* ms */

static uint64_t progress_next; /* monotonic; 0: no line stands */

/* output_init - prepare to write to stream in this format */
void
output_init(struct output *output, enum output_format format, FILE *stream)
{
	/* NO_COLOR is a convention of many programs. */
	const char *no_colour = getenv("NO_COLOR");

	memset(output, 0, sizeof(*output));
	output->vtable =
	    format == OUTPUT_JSON ? &output_vtable_json : &output_vtable_text;
	output->stream = stream;
	output->colour = isatty(fileno(stream)) == 1 &&
	    (no_colour == NULL || *no_colour == '\0');
	output->now = clock_wall();
	output->limit = output_terminal_width(fileno(stream));
}

/* set_columns - set the columns of what comes next */
static void
set_columns(
    struct output *output, const struct output_column *columns, size_t count)
{
	output->vtable->finish(output);
	output->columns = columns;
	output->column_count =
	    count < OUTPUT_COLUMNS_MAX ? count : OUTPUT_COLUMNS_MAX;
}

/* output_table - begin a table with these columns */
void
output_table(
    struct output *output, const struct output_column *columns, size_t count)
{
	set_columns(output, columns, count);
	output->vtable->table(output);
}

/* output_row - print one row of the table */
void
output_row(struct output *output, const struct ipc_row *row)
{
	output->vtable->row(output, row);
}

/* output_details - print one thing, a line for each field */
void
output_details(struct output *output, const struct output_column *columns,
    size_t count, const struct ipc_row *row)
{
	set_columns(output, columns, count);
	output->vtable->details(output, row);
}

/* output_text - print a sentence or lines for people */
void
output_text(struct output *output, struct slice text)
{
	output->vtable->finish(output);
	output->vtable->text(output, text);
}

/* output_printf - print a formatted sentence for people */
void
output_printf(struct output *output, const char *fmt, ...)
{
	char text[PRINTF_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	output_text(output, slice_of_string(text));
}

/* output_finish - write what is kept */
int
output_finish(struct output *output)
{
	output->vtable->finish(output);
	free(output->cells);
	output->cells = NULL;
	/* A full disk or a closed pipe must not pass for success. */
	if (fflush(output->stream) != 0 || ferror(output->stream))
		output->failed = true;
	return output->failed ? ERR_IO : 0;
}

/* output_progress - show on a terminal how far long work is */
void
output_progress(const char *what, uint64_t done, uint64_t total)
{
	uint64_t now = clock_monotonic();
	char escaped[128];

	/* Progress is for people who watch; logs and pipes would only fill with
	 * it. */
	if (now < progress_next || isatty(STDERR_FILENO) != 1)
		return;
	progress_next = now + PROGRESS_INTERVAL;
	escape_printable(escaped, sizeof(escaped), slice_of_string(what));
	if (total > 0) {
		(void)fprintf(stderr, "\r%s %" PRIu64 " of %" PRIu64 "\033[K",
		    escaped, done, total);
	} else {
		(void)fprintf(stderr, "\r%s %" PRIu64 "\033[K", escaped, done);
	}
}

/* output_progress_end - remove the line */
void
output_progress_end(void)
{
	if (progress_next != 0)
		(void)fprintf(stderr, "\r\033[K");
	progress_next = 0;
}
