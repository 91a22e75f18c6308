/* SPDX-License-Identifier: ISC */
/*
 * mmff_error.c - errors with the numbers and words of FFAPI (Q85043, Q118533)
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "msmi/mmff.h"

/* name_of - name an error */
static const char *
name_of(enum mmff_error code)
{
	switch (code) {
	case MMFF_TOKEN:
		return "Unknown error processing token";
	case MMFF_UNMATCHED:
		return "Cannot match token";
	case MMFF_ADDRESS:
		return "Bad address";
	case MMFF_LINE:
		return "Unable to partition line";
	case MMFF_TOO_BIG:
		return "Contents fields too big";
	case MMFF_XTEXT:
		return "Bad or missing XTEXT file name";
	case MMFF_OPEN:
		return "Failure opening text body file";
	case MMFF_NONE:
	case MMFF_PARSER:
		break;
	}
	return "Unknown parser error";
}

/* mmff_fail - note an error of a line */
int
mmff_fail(struct mmff_diag *diag, enum mmff_error code, unsigned line,
    const char *fmt, ...)
{
	char detail[256];
	size_t len;
	va_list ap;

	if (diag->code != MMFF_NONE)
		return ERR_SYNTAX;
	diag->code = code;
	diag->line = line;
	len = (size_t)snprintf(diag->text, sizeof(diag->text),
	    "%d-1-%u %s: ", (int)code, line, name_of(code));
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	(void)escape_printable(diag->text + len, sizeof(diag->text) - len,
	    slice_of_string(detail));
	return ERR_SYNTAX;
}
