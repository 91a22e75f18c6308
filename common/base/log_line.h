/* SPDX-License-Identifier: ISC */
/*
 * log_line.h - a line of the event log being made
 *
 * The form of a line is in log.h.
 */
#ifndef FOURPOST_BASE_LOG_LINE_H
#define FOURPOST_BASE_LOG_LINE_H

#include "base/event.h"
#include "base/log.h"

#define LOG_LINE_MAX 2048 /* octets, with its newline */

/* A line being made. */
struct log_line {
	char text[LOG_LINE_MAX];
	size_t len;
	bool cut;
	size_t head; /* of its octets: the time and who writes */
};

/* log_line_begin - write "TIME IDENT[PID]: NUMBER SEVERITY TEXT" */
void
log_line_begin(struct log_line *line, enum event_name event, const char *ident);

/* log_line_add - append " name=value", as much of it as there is room for */
void log_line_add(struct log_line *line, const struct log_field *field);

/* log_line_end - write the newline, with a mark before it if the line was
 * cut */
void log_line_end(struct log_line *line);

#endif
