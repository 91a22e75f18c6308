/* SPDX-License-Identifier: ISC */
/*
 * output_fit.c - tables that fit the terminal
 *
 * Where a line is too long the widest columns that are OUTPUT_FITTED are
 * narrowed, and what they hold is cut.  If that takes too much of them, the
 * last column goes to a line below, if it is OUTPUT_BELOW.
 */
#include "tools/output_format.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LIMIT_MIN   40
#define FIT_MIN	    8  /* no column is narrowed beyond */
#define FIT_COMFORT 24 /* nor beyond this, if a line below helps */
#define GAP	    2  /* between columns */

/* output_terminal_width - get the columns of a terminal; 0: it is none */
size_t
output_terminal_width(int fd)
{
	struct winsize size;

	if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) != 0 ||
	    size.ws_col == 0)
		return 0;
	return size.ws_col < LIMIT_MIN ? LIMIT_MIN : size.ws_col;
}

/* line_width - add up the columns of one line */
static size_t
line_width(const struct output *output)
{
	size_t count = output_columns_in_line(output), width = 0;

	for (size_t i = 0; i < count; i++)
		width += output->width[i] + (i > 0 ? GAP : 0);
	return width;
}

/* widest - find the widest column that may be narrowed, or NULL */
static size_t *
widest(struct output *output)
{
	size_t *found = NULL;

	for (size_t i = 0; i < output_columns_in_line(output); i++)
		if (output->columns[i].style == OUTPUT_FITTED &&
		    output->width[i] > FIT_MIN &&
		    (found == NULL || output->width[i] > *found))
			found = &output->width[i];
	return found;
}

/* output_columns_in_line - count the columns that stand in one line */
size_t
output_columns_in_line(const struct output *output)
{
	return output->column_count - (output->below ? 1 : 0);
}

/* narrowable - count the columns that may go without much loss */
static size_t
narrowable(const struct output *output)
{
	size_t sum = 0;

	for (size_t i = 0; i < output->column_count; i++)
		if (output->columns[i].style == OUTPUT_FITTED &&
		    output->width[i] > FIT_COMFORT)
			sum += output->width[i] - FIT_COMFORT;
	return sum;
}

/* output_fit - fit the widths of a table to the terminal */
void
output_fit(struct output *output)
{
	size_t *width, count = output->column_count;

	if (output->limit == 0 || count == 0 ||
	    line_width(output) <= output->limit)
		return;
	output->below = output->columns[count - 1].style == OUTPUT_BELOW &&
	    line_width(output) - narrowable(output) > output->limit;
	/* The widest loses first, so that short values stay whole. */
	while (line_width(output) > output->limit &&
	    (width = widest(output)) != NULL)
		--*width;
}

/* count_suffix - count the octets of " +3" at the end, which says how many more
 * there are */
static size_t
count_suffix(const char *text)
{
	const char *at = strrchr(text, ' ');

	return at != NULL && at[1] == '+' &&
		strspn(at + 2, "0123456789") == strlen(at + 2)
	    ? strlen(at)
	    : 0;
}

/* output_cut - shorten an escaped text to so many columns */
void
output_cut(char *text, size_t columns)
{
	size_t suffix = count_suffix(text), seen = 0, keep;
	char *end = NULL, *rest = text + strlen(text) - suffix;

	if (columns < suffix + GAP)
		return;
	keep = columns - suffix - GAP;
	for (char *at = text; at < rest; at++) {
		if (((unsigned char)*at & 0xc0) == 0x80)
			continue;
		if (seen == keep)
			end = at;
		seen++;
	}
	if (seen + suffix <= columns)
		return;
	/* More than two columns go, so that two dots have room. */
	memcpy(end, "..", 2);
	memmove(end + 2, rest, suffix + 1);
}
