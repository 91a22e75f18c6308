/* SPDX-License-Identifier: ISC */
/*
 * conf_report.c - collect what is wrong with a configuration
 */
#include "conf/conf_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* keep - insert an error behind those of its line and the lines before */
static void
keep(struct conf_errors *errors, unsigned line, const struct diag *diag)
{
	size_t at = errors->count;

	while (at > 0 && errors->items[at - 1].line > line)
		at--;
	memmove(&errors->items[at + 1], &errors->items[at],
	    (errors->count - at) * sizeof(errors->items[0]));
	errors->items[at].line = line;
	errors->items[at].diag = *diag;
	errors->count++;
}

/* conf_report - note an error as FILE:LINE: REASON */
int
conf_report(
    struct conf_report *report, int code, unsigned line, const char *fmt, ...)
{
	struct conf_errors *errors = report->errors;
	struct diag diag = {0};
	char reason[sizeof(diag.text)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	(void)diag_set(&diag, code, "%s:%u: %s", report->file, line, reason);
	if (report->code == 0) {
		report->code = code;
		(void)diag_set(report->first, code, "%s", diag.text);
	}
	if (errors != NULL && errors->count < CONF_ERRORS_MAX)
		keep(errors, line, &diag);
	return errors == NULL || errors->count == CONF_ERRORS_MAX ||
		code == ERR_NOMEM
	    ? report->code
	    : 0;
}
