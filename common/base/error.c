/* SPDX-License-Identifier: ISC */
/*
 * error.c - the result codes of the library, and a place for the reason
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/escape.h"

/* Room for a text before it is escaped and cut to a diag's size. */
#define FORMAT_MAX 1024

/* error_strerror - return what an enum error means, a static string */
const char *
error_strerror(int code)
{
	static const char *const text[] = {
	    [0] = "no error",
	    [-ERR_NOMEM] = "out of memory",
	    [-ERR_SYNTAX] = "malformed",
	    [-ERR_TRUNCATED] = "ended too early",
	    [-ERR_LIMIT] = "over a limit",
	    [-ERR_UNSUPPORTED] = "not supported",
	    [-ERR_VALUE] = "value out of range",
	    [-ERR_TIMEOUT] = "timed out",
	    [-ERR_CLOSED] = "closed by the other side",
	    [-ERR_IO] = "input/output error",
	    [-ERR_NOTFOUND] = "not found",
	    [-ERR_EXISTS] = "exists already",
	    [-ERR_FULL] = "no room for the time being",
	    [-ERR_DENIED] = "not allowed",
	    [-ERR_BUSY] = "in use",
	    [-ERR_CORRUPT] = "corrupt",
	    [-ERR_STATE] = "not possible in this state",
	    [-ERR_CANCELLED] = "cancelled",
	    [-ERR_AGAIN] = "nothing yet",
	    [-ERR_REFUSED] = "refused by the peer",
	    [-ERR_PROTOCOL] = "protocol error of the peer",
	};

	if (code > 0 || code < ERR_PROTOCOL)
		return "unknown error";
	return text[-code];
}

/* diag_set - note the reason and return its code */
int
diag_set(struct diag *diag, int code, const char *fmt, ...)
{
	char text[FORMAT_MAX];
	va_list ap;

	/* The first reason is nearest to the cause. */
	if (diag == NULL || diag->code != 0)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag->code = code;
	escape_printable(diag->text, sizeof(diag->text), slice_of_string(text));
	return code;
}

/* diag_prefix - put "prefix: " before the text that is there, if any */
void
diag_prefix(struct diag *diag, const char *fmt, ...)
{
	char prefix[sizeof(diag->text)], text[FORMAT_MAX];
	va_list ap;

	if (diag == NULL || diag->code == 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof(text), "%s: %s", prefix, diag_text(diag));
	escape_printable(diag->text, sizeof(diag->text), slice_of_string(text));
}

/* diag_clear - forget the reason, so that diag can be used again */
void
diag_clear(struct diag *diag)
{
	if (diag == NULL)
		return;
	diag->code = 0;
	diag->text[0] = '\0';
}

/* diag_text - return the text, or the meaning of code where there is none */
const char *
diag_text(const struct diag *diag)
{
	if (diag->code != 0 && diag->text[0] != '\0')
		return diag->text;
	return error_strerror(diag->code);
}
