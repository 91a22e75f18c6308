/* SPDX-License-Identifier: ISC */
/*
 * line.c - see line.h
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "msmi/line.h"

/* line_append - append a formatted line */
int
line_append(struct buffer *out, const char *fmt, ...)
{
	char line[LINE_OCTETS + 1];
	va_list ap;
	int error;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	error = buffer_append(out, line, strlen(line));
	return error < 0 ? error : buffer_append(out, "\r\n", 2);
}
