/* SPDX-License-Identifier: ISC */
/*
 * log_line.c - a line of the event log being made
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/log_line.h"

#define CUT_MARK " [cut]\n"

/* add - append text, as much as there is room for */
static void
add(struct log_line *line, const char *text, size_t len)
{
	size_t room = sizeof(line->text) - sizeof(CUT_MARK) - line->len;

	if (line->cut)
		return;
	if (len > room) {
		line->cut = true;
		len = room;
		/* Do not leave half a character behind. */
		while (len != 0 && (text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

/* add_value - append a value, quoted if it is not a plain word */
static void
add_value(struct log_line *line, struct slice value)
{
	char text[LOG_LINE_MAX * 2];
	size_t i, len;
	bool plain = value.len != 0;

	for (i = 0; i < value.len && plain; i++)
		plain = value.data[i] > ' ' && value.data[i] < 0x7f &&
		    strchr("\"=\\", value.data[i]) == NULL;
	if (plain) {
		add(line, (const char *)value.data, value.len);
		return;
	}
	len = escape_quoted(text + 1, sizeof(text) - 2, value);
	text[0] = text[len + 1] = '"';
	add(line, text, len + 2);
}

/* log_line_add - append " name=value" */
void
log_line_add(struct log_line *line, const struct log_field *field)
{
	char number[24];
	int len;

	if (field->type == LOG_TYPE_STRING && field->string == NULL)
		return;
	add(line, " ", 1);
	add(line, field->name, strlen(field->name));
	add(line, "=", 1);
	switch (field->type) {
	case LOG_TYPE_STRING:
		add_value(line, slice_of_string(field->string));
		break;
	case LOG_TYPE_SLICE:
		add_value(line, field->slice);
		break;
	case LOG_TYPE_INT:
		len =
		    snprintf(number, sizeof(number), "%" PRId64, field->number);
		add(line, number, (size_t)len);
		break;
	case LOG_TYPE_END:
		break;
	}
}

/* log_line_begin - write "TIME IDENT[PID]: NUMBER SEVERITY TEXT" */
void
log_line_begin(struct log_line *line, enum event_name event, const char *ident)
{
	static const char *const severities[] = {
	    [SEVERITY_INFO] = "info",
	    [SEVERITY_WARN] = "warn",
	    [SEVERITY_ERROR] = "error",
	    [SEVERITY_FATAL] = "fatal",
	    [SEVERITY_PANIC] = "panic",
	};
	int64_t wall = clock_wall();
	char text[256], date[CALENDAR_TEXT_MAX];

	line->len = 0;
	line->cut = false;
	calendar_format(wall / 1000, date);
	(void)snprintf(text, sizeof(text), "%.19s.%03dZ %s[%ld]: ", date,
	    (int)(wall % 1000), ident, (long)getpid());
	add(line, text, strlen(text));
	line->head = line->len;
	(void)snprintf(text, sizeof(text), "%d %s %s", event_number(event),
	    severities[event_severity(event)], event_text(event));
	add(line, text, strlen(text));
}

/* log_line_end - write the newline, with a mark before it if the line was
 * cut */
void
log_line_end(struct log_line *line)
{
	const char *end = line->cut ? CUT_MARK : "\n";
	size_t len = strlen(end);

	memcpy(line->text + line->len, end, len);
	line->len += len;
}
