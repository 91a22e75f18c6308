/* SPDX-License-Identifier: ISC */
/*
 * conf_report.c - collect what is wrong with a configuration
 */
#include "conf/conf_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

/* conf_report_fini - give back what the report holds */
void
conf_report_fini(struct conf_report *report)
{
	free(report->places);
	report->places = NULL;
	report->place_count = 0;
}

/* conf_report_place - note where lines are */
int
conf_report_place(struct conf_report *report, const struct conf_place *place)
{
	size_t count = report->place_count;
	struct conf_place *places = report->places;

	/* Room is doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0) {
		places = reallocarray(
		    places, count == 0 ? 1 : 2 * count, sizeof(*places));
		if (places == NULL)
			return ERR_NOMEM;
		report->places = places;
	}
	places[report->place_count++] = *place;
	return 0;
}

/* conf_place_of - find where a line is, by places in order */
struct conf_place
conf_place_of(const struct conf_place *places, size_t count, unsigned line,
    const char *file)
{
	struct conf_place found = {1, 1, file, false};
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places[middle].first <= line) {
			found = places[middle];
			low = middle + 1;
		} else
			high = middle;
	}
	found.line += line - found.first;
	return found;
}

/* conf_report_where - find where a line is */
struct conf_place
conf_report_where(const struct conf_report *report, unsigned line)
{
	struct conf_place place = conf_place_of(
	    report->places, report->place_count, line, report->file);

	if (report->place_count == 0)
		place.shared = report->shared;
	return place;
}

/* conf_report - note an error as FILE:LINE: REASON */
int
conf_report(
    struct conf_report *report, int code, unsigned line, const char *fmt, ...)
{
	struct conf_errors *errors = report->errors;
	const struct conf_place place = conf_report_where(report, line);
	struct diag diag = {0};
	char reason[sizeof(diag.text)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	(void)diag_set(
	    &diag, code, "%s:%u: %s", place.file, place.line, reason);
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
