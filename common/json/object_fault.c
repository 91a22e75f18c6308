/* SPDX-License-Identifier: ISC */
/*
 * object_fault.c - why a JSON text was refused, and where in it
 *
 * Contract in object_fault.h.
 */
#include "json/object_fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "json/json_place.h"

/* object_fault_set - note place and reason and return the code */
int
object_fault_set(struct object_fault *fault, int error, const char *pointer,
    const char *fmt, ...)
{
	char text[sizeof(fault->text)];
	va_list args;

	if (fault->error != 0)
		return fault->error;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fault->error = error;
	(void)escape_printable(
	    fault->text, sizeof(fault->text), slice_of_string(text));
	(void)snprintf(fault->pointer, sizeof(fault->pointer), "%s", pointer);
	return error;
}

/* object_fault_locate - find the line of a fault */
void
object_fault_locate(struct object_fault *fault, struct slice text)
{
	if (fault->line == 0)
		fault->line = json_place_line(text, fault->pointer);
}
