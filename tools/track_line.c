/* SPDX-License-Identifier: ISC */
/*
 * track_line.c - lines about tracked messages, of the fields of their rows
 */
#include "tools/track_line.h"

#include <sys/ioctl.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"

#define WIDTH_MIN 60

/* --- fields --- */

/* track_field - find the field of that name, or NULL */
const struct ipc_field *
track_field(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}

/* track_text - get a text, escaped, "" if it is not there; one of eight buffers
 * in turn */
const char *
track_text(const struct ipc_row *row, const char *name)
{
	static char texts[8][OUTPUT_CELL_MAX * 2];
	static unsigned turn;
	const struct ipc_field *field = track_field(row, name);
	char *text = texts[turn++ % 8];

	text[0] = '\0';
	if (field != NULL)
		(void)escape_text(text, sizeof(texts[0]), field->octets);
	return text;
}

/* track_number - get a number, or -1 if it is not there */
int64_t
track_number(const struct ipc_row *row, const char *name)
{
	const struct ipc_field *field = track_field(row, name);

	return field == NULL ? -1 : field->number;
}

/* track_has - tell whether a text is there */
bool
track_has(const struct ipc_row *row, const char *name)
{
	const struct ipc_field *field = track_field(row, name);

	return field != NULL && field->octets.len > 0;
}

/* --- words --- */

/* track_time - write a time as 2026-11-30 14:02:11, local; one of two buffers
 * in turn */
const char *
track_time(int64_t ms)
{
	static char texts[2][24];
	static unsigned turn;
	char *text = texts[turn++ % 2];
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	text[0] = '\0';
	if (localtime_r(&seconds, &tm) != NULL)
		(void)strftime(text, sizeof(texts[0]), "%F %T", &tm);
	return text;
}

/* track_delay - write a delay as "40 ms", "1.8s", "3m 12s"; one of four
 * buffers in turn */
const char *
track_delay(int64_t ms)
{
	static char texts[4][32];
	static unsigned turn;
	char *text = texts[turn++ % 4];
	int64_t s = ms / 1000;

	if (ms < 1000)
		(void)snprintf(text, sizeof(texts[0]), "%" PRId64 " ms", ms);
	else if (s < 60)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
	else if (s < 3600)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "m %" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "h %" PRId64 "m", s / 3600, s % 3600 / 60);
	else
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "d %" PRId64 "h", s / 86400, s % 86400 / 3600);
	return text;
}

/* --- lines --- */

/* track_line_add - append to a line; what has no room is left out */
void
track_line_add(struct track_line *line, const char *fmt, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line->text + line->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		line->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* track_width - get the width of the terminal; 0: it is none, and nothing is
 * cut */
size_t
track_width(const struct output *out)
{
	struct winsize size;

	if (!isatty(fileno(out->stream)) ||
	    ioctl(fileno(out->stream), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col == 0	      ? 80
	    : size.ws_col < WIDTH_MIN ? WIDTH_MIN
				      : size.ws_col;
}

/* cut_length - find how many octets of a text fit into so many columns, at
 * least as many as the text up to there */
static size_t
cut_length(const char *text, size_t columns)
{
	size_t at = 0;

	while (text[at] != '\0' && columns > 0) {
		at++;
		while ((text[at] & 0xc0) == 0x80)
			at++;
		columns--;
	}
	return at;
}

/* track_line_wrap - print a line; what is beyond the width goes on below,
 * indented, broken at a blank or semicolon if there is any */
void
track_line_wrap(
    struct output *out, const struct track_line *line, size_t indent)
{
	size_t width = track_width(out), at, lead = 0;
	const char *rest = line->text;
	char piece[TRACK_LINE_MAX + 64];

	for (;;) {
		at = width == 0 ? strlen(rest) : cut_length(rest, width - lead);
		if (rest[at] != '\0') {
			size_t back = at;

			while (back > at / 2 && rest[back - 1] != ' ' &&
			    rest[back - 1] != ';')
				back--;
			if (back > at / 2)
				at = back;
		}
		(void)snprintf(piece, sizeof(piece), "%*s%.*s", (int)lead, "",
		    (int)at, rest);
		output_text(out, slice_of_string(piece));
		rest += at;
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return;
		lead = indent;
	}
}

/* track_line_cell - append a text in so many columns, cut if need be */
void
track_line_cell(struct track_line *line, const char *text, size_t columns)
{
	size_t len = cut_length(text, columns), used = 0;

	if (text[len] != '\0') {
		len = cut_length(text, columns - 1);
		track_line_add(line, "%.*s\xe2\x80\xa6  ", (int)len, text);
		return;
	}
	for (size_t i = 0; text[i] != '\0'; i++)
		used += (text[i] & 0xc0) != 0x80;
	track_line_add(line, "%s%*s  ", text, (int)(columns - used), "");
}

/* track_line_put - print a line as it is */
void
track_line_put(struct output *out, const struct track_line *line)
{
	output_text(out, slice_of(line->text, line->len));
}
