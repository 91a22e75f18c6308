/* SPDX-License-Identifier: ISC */
/*
 * status_code.c - why a message is not delivered, in X.400 and on the Internet
 *
 * Contract in status_code.h.
 */
#include "mixer/status_code.h"

/* A row of either direction; which members count says its table. */
struct status_row {
	int code; /* reason or diagnostic */
	unsigned class, subject, detail;
	int reason, diagnostic;
};

static const struct status_row reasons[] = {
#define REASON(reason, class, subject, detail) \
	{reason, class, subject, detail, 0, 0},
#include "mixer/status_table.h"
#undef REASON
};

static const struct status_row diagnostics[] = {
#define DIAGNOSTIC(diagnostic, class, subject, detail) \
	{diagnostic, class, subject, detail, 0, 0},
#include "mixer/status_table.h"
#undef DIAGNOSTIC
};

static const struct status_row statuses[] = {
#define STATUS(subject, detail, reason, diagnostic) \
	{0, 0, subject, detail, reason, diagnostic},
#include "mixer/status_table.h"
#undef STATUS
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* find_code - find the row of a code, or NULL */
static const struct status_row *
find_code(const struct status_row *rows, size_t count, int code)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

/* status_code_of - get the status of a reason and a diagnostic */
struct status_code
status_code_of(int reason, int diagnostic)
{
	const struct status_row *row =
	    find_code(diagnostics, COUNT(diagnostics), diagnostic);

	if (row == NULL)
		row = find_code(reasons, COUNT(reasons), reason);
	return row != NULL
	    ? (struct status_code){row->class, row->subject, row->detail}
	    : (struct status_code){5, 0, 0};
}

/* number - take a number of at most three digits; false: there is none */
static bool
number(struct slice *text, unsigned *value)
{
	size_t len = 0;

	*value = 0;
	while (len < text->len && len < 3 && text->data[len] >= '0' &&
	    text->data[len] <= '9')
		*value = 10 * *value + (unsigned)(text->data[len++] - '0');
	*text = slice_of(text->data + len, text->len - len);
	return len > 0;
}

/* dot - take a dot; false: there is none */
static bool
dot(struct slice *text)
{
	if (text->len == 0 || text->data[0] != '.')
		return false;
	*text = slice_of(text->data + 1, text->len - 1);
	return true;
}

/* status_code_parse - read "5.1.1" */
struct status_code
status_code_parse(struct slice text)
{
	struct status_code code;

	if (!number(&text, &code.class) || !dot(&text) ||
	    !number(&text, &code.subject) || !dot(&text) ||
	    !number(&text, &code.detail))
		return (struct status_code){0, 0, 0};
	return code;
}

/* find_status - find the row of a status, or NULL */
static const struct status_row *
find_status(unsigned subject, unsigned detail)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].subject == subject &&
		    statuses[i].detail == detail)
			return &statuses[i];
	return NULL;
}

/* status_code_report - get reason and diagnostic of a status */
void
status_code_report(struct status_code code, int *reason, int *diagnostic)
{
	const struct status_row *row = find_status(code.subject, code.detail);

	if (row == NULL)
		row = find_status(code.subject, 0);
	if (row == NULL)
		row = find_status(0, 0);
	*reason = row != NULL ? row->reason : 1;
	*diagnostic = row != NULL ? row->diagnostic : -1;
}
