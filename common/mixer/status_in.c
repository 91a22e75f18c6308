/* SPDX-License-Identifier: ISC */
/*
 * status_in.c - notifications of the Internet as reports and notifications of
 * X.400 (RFC 2156 5.1.8, RFC 3464, RFC 8098)
 *
 * Contract in status_in.h.
 */
#include "mixer/status_in.h"

#include <stdlib.h>
#include <string.h>

#include "mhs/charset.h"
#include "mime/mime_address.h"
#include "mime/mime_date.h"
#include "mime/mime_header.h"
#include "mixer/message_id.h"
#include "mixer/mts_id.h"
#include "mixer/or_name.h"
#include "mixer/status_code.h"

/* Reasons of a non-receipt (X.420 8.3.1, 8.3.2). */
#define REASON_DISCARDED 0
#define REASON_FORWARDED 1

#define CODE_MAX 32767 /* X.411, ub-diagnostic-codes and ub-reason-codes */

/* take_group - take fields up to an empty line; false: there are no more */
static bool
take_group(struct slice *text, struct slice *group)
{
	size_t start = 0, end;

	while (start < text->len &&
	    (text->data[start] == '\r' || text->data[start] == '\n'))
		start++;
	for (end = start; end < text->len; end++) {
		/* An empty line, with or without CR. */
		if (text->data[end] != '\n')
			continue;
		if (end + 1 == text->len || text->data[end + 1] == '\n' ||
		    (end + 2 < text->len && text->data[end + 1] == '\r' &&
			text->data[end + 2] == '\n')) {
			end++;
			break;
		}
	}
	*group = slice_of(text->data + start, end - start);
	*text = slice_of(text->data + end, text->len - end);
	return group->len > 0;
}

/* typed_value - get the value behind "type;", or all of it */
static struct slice
typed_value(const struct mime_field *field)
{
	const uint8_t *semicolon;
	size_t len;

	if (field == NULL)
		return (struct slice){.len = 0};
	semicolon = field->value.len > 0
	    ? memchr(field->value.data, ';', field->value.len)
	    : NULL;
	if (semicolon == NULL)
		return mime_trim(field->value);
	len = (size_t)(semicolon - field->value.data) + 1;
	return mime_trim(
	    slice_of(field->value.data + len, field->value.len - len));
}

/* read_name - read the O/R name that a field of a recipient stands for */
static int
read_name(const struct mapping *mapping, const struct mime_field *field,
    struct arena *arena, struct or_name *name)
{
	struct slice value = typed_value(field);
	struct or_name read = {.directory_name = {.len = 0}};
	enum address_kind kind;
	int error;

	if (value.len == 0)
		return ERR_NOTFOUND;
	if (mime_name_begins(field->value, "x400"))
		error = or_address_parse(value, arena, &read.address, NULL);
	else
		error = address_from_internet(mapping->addresses, value, arena,
		    &read.address, &kind, NULL);
	if (error < 0)
		return error == ERR_NOMEM ? error : ERR_NOTFOUND;
	*name = read;
	return 0;
}

/* read_time - read a field of a time */
static int64_t
read_time(const struct mime_header *group, const char *name)
{
	const struct mime_field *field = mime_header_find(group, name);
	int64_t seconds;

	return field != NULL && mime_date_parse(field->value, &seconds) == 0
	    ? seconds
	    : P1_NO_TIME;
}

/* read_number - read which recipient of the message it was; 1 if not told */
static int
read_number(const struct mime_header *group)
{
	const struct mime_field *field = mime_header_find(
	    group, "X400-Originally-Specified-Recipient-Number");
	int number = 0;

	for (size_t i = 0; field != NULL && i < field->value.len; i++) {
		uint8_t c = field->value.data[i];

		if (c < '0' || c > '9' || number > P1_RECIPIENTS_MAX)
			return 1;
		number = 10 * number + (c - '0');
	}
	return number > 0 && number <= P1_RECIPIENTS_MAX ? number : 1;
}

/* read_code - read the number behind a word of Diagnostic-Code; -1: none */
static int
read_code(const char *text, const char *word)
{
	const char *at = strcasestr(text, word);
	long number;
	char *end;

	if (at == NULL)
		return -1;
	number = strtol(at + strlen(word), &end, 10);
	return end == at + strlen(word) || number < 0 || number > CODE_MAX
	    ? -1
	    : (int)number;
}

/* set_codes - set reason and diagnostic as X.400 said them, else by the
 * status */
static int
set_codes(const struct mime_header *group, struct arena *arena,
    struct report_recipient *r)
{
	const struct mime_field *status = mime_header_find(group, "Status");
	const struct mime_field *said =
	    mime_header_find(group, "Diagnostic-Code");
	struct status_code code = {0, 0, 0};
	const char *text;

	if (status != NULL)
		code = status_code_parse(status->value);
	status_code_report(code, &r->reason, &r->diagnostic);
	if (said == NULL || !mime_name_begins(said->value, "x400"))
		return 0;
	text = arena_string(arena, said->value);
	if (text == NULL)
		return arena_error(arena);
	if (read_code(text, "Reason ") >= 0) {
		r->reason = read_code(text, "Reason ");
		r->diagnostic = read_code(text, "Diagnostic ");
	}
	return 0;
}

/* set_outcome - set what became of a recipient; 1, or 0: nothing final */
static int
set_outcome(const struct mime_header *group, struct arena *arena,
    struct report_recipient *r)
{
	const struct mime_field *action = mime_header_find(group, "Action");
	int error = 0;

	if (action == NULL)
		return 0;
	r->delivered = mime_name_is(action->value, "delivered");
	/* RFC 2156 writes "failure" in its examples. */
	if (!r->delivered && !mime_name_begins(action->value, "fail"))
		return 0;
	if (!r->delivered)
		error = set_codes(group, arena, r);
	return error < 0 ? error : 1;
}

/* set_names - set whom the message was for, and who it became */
static int
set_names(const struct mapping *mapping, const struct mime_header *group,
    struct arena *arena, struct report_recipient *r)
{
	const struct mime_field *from =
	    mime_header_find(group, "Original-Recipient");
	struct or_name original, final;
	int has_original, has_final;

	has_original = read_name(mapping, from, arena, &original);
	from = mime_header_find(group, "X400-Redirect-Recipient");
	has_final = read_name(mapping, from, arena, &final);
	if (has_final == ERR_NOTFOUND)
		has_final = read_name(mapping,
		    mime_header_find(group, "Final-Recipient"), arena, &final);
	if (has_original == ERR_NOMEM || has_final == ERR_NOMEM)
		return ERR_NOMEM;
	if (has_original < 0 && has_final < 0)
		return ERR_NOTFOUND;
	r->actual = has_final == 0 ? final : original;
	r->has_intended = has_original == 0 && has_final == 0 &&
	    or_address_compare(&original.address, &final.address) != 0;
	if (r->has_intended)
		r->intended = original;
	return 0;
}

/* without_quotes - take the text in quotes, and ";" behind them */
static struct slice
without_quotes(struct slice text)
{
	text = mime_trim(text);
	if (text.len > 2 && text.data[text.len - 1] == ';')
		text.len--;
	if (text.len >= 2 && text.data[0] == '"' &&
	    text.data[text.len - 1] == '"')
		text = slice_of(text.data + 1, text.len - 2);
	return text;
}

/* set_supplementary - keep what the other side says, as far as there is room */
static int
set_supplementary(const struct mime_header *group, struct arena *arena,
    struct report_recipient *r)
{
	const struct mime_field *x400 =
	    mime_header_find(group, "X400-Supplementary-Info");
	const struct mime_field *said =
	    mime_header_find(group, "Diagnostic-Code");
	struct slice text = typed_value(said);
	uint8_t *out;

	/* A code of X.400 is the reason itself (set_codes). */
	if (x400 != NULL)
		text = without_quotes(x400->value);
	else if (said != NULL && mime_name_begins(said->value, "x400"))
		text.len = 0;
	if (text.len > REPORT_SUPPLEMENTARY_MAX)
		text.len = REPORT_SUPPLEMENTARY_MAX;
	out = arena_alloc(arena, text.len + 1);
	if (out == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < text.len; i++)
		out[i] = charset_is_printable(slice_of(text.data + i, 1))
		    ? text.data[i]
		    : (uint8_t)'?';
	r->supplementary = slice_of(out, text.len);
	return 0;
}

/* read_recipient - read the fields of a recipient; 1: it tells something */
static int
read_recipient(const struct mapping *mapping, const struct mime_header *group,
    struct arena *arena, struct report_recipient *r)
{
	int error;

	report_recipient_init(r);
	error = set_outcome(group, arena, r);
	if (error <= 0)
		return error;
	error = set_names(mapping, group, arena, r);
	if (error < 0)
		return error == ERR_NOTFOUND ? 0 : error;
	r->number = read_number(group);
	r->indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
	    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	r->arrival = read_time(group, "X400-Last-Trace");
	if (r->arrival == P1_NO_TIME)
		r->arrival = read_time(group, "Last-Attempt-Date");
	if (r->arrival == P1_NO_TIME)
		r->arrival = mapping->now;
	if (r->delivered) {
		r->delivery_time = read_time(group, "X400-Delivery-Time");
		if (r->delivery_time == P1_NO_TIME)
			r->delivery_time = r->arrival;
		r->user_type = REPORT_USER_OTHER;
	}
	error = set_supplementary(group, arena, r);
	return error < 0 ? error : 1;
}

/* read_subject - read which message it is about */
static int
read_subject(
    const struct mime_header *group, struct arena *arena, struct report *report)
{
	const struct mime_field *field =
	    mime_header_find(group, "Original-Envelope-Id");
	int error = field != NULL
	    ? mts_id_parse(field->value, arena, &report->subject)
	    : ERR_NOTFOUND;

	return error == ERR_SYNTAX ? ERR_NOTFOUND : error;
}

/* count_groups - count the groups of fields */
static size_t
count_groups(struct slice text)
{
	struct slice group;
	size_t count = 0;

	while (take_group(&text, &group))
		count++;
	return count;
}

/* status_to_report - make the content of a report */
int
status_to_report(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct report *report)
{
	struct mime_header group;
	struct slice octets;
	struct report r;
	size_t room = count_groups(text);
	int error;

	if (room < 2 || room > P1_RECIPIENTS_MAX)
		return ERR_NOTFOUND;
	report_init(&r);
	r.recipients = arena_array(arena, room, sizeof(*r.recipients));
	if (r.recipients == NULL)
		return arena_error(arena);
	(void)take_group(&text, &octets);
	if ((error = mime_header_parse(octets, arena, &group)) < 0 ||
	    (error = read_subject(&group, arena, &r)) < 0)
		return error;
	while (take_group(&text, &octets)) {
		error = mime_header_parse(octets, arena, &group);
		if (error == 0)
			error = read_recipient(mapping, &group, arena,
			    &r.recipients[r.recipient_count]);
		if (error < 0)
			return error;
		r.recipient_count += (size_t)error;
	}
	if (r.recipient_count == 0)
		return ERR_NOTFOUND;
	*report = r;
	return 0;
}

/* set_disposition - set what a disposition says; false: nothing of X.420 */
static bool
set_disposition(const struct mime_field *field, struct ipm_notification *n)
{
	struct slice what = typed_value(field);

	n->automatic =
	    field != NULL && mime_name_begins(field->value, "automatic-action");
	n->reason = -1;
	n->discard_reason = -1;
	if (mime_name_begins(what, "displayed")) {
		n->kind = IPM_RECEIPT;
		return true;
	}
	n->kind = IPM_NON_RECEIPT;
	n->reason = mime_name_begins(what, "dispatched") ? REASON_FORWARDED
							 : REASON_DISCARDED;
	return mime_name_begins(what, "dispatched") ||
	    mime_name_begins(what, "deleted");
}

/* status_to_notification - make a notification */
int
status_to_notification(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct ipm_notification *notification)
{
	struct ipm_notification n = {.receipt_time = IPM_NO_TIME};
	struct mime_header group;
	struct slice octets, *ids = NULL;
	struct or_name name;
	size_t count = 0;
	const struct mime_field *field;
	int error;

	if (!take_group(&text, &octets))
		return ERR_NOTFOUND;
	if ((error = mime_header_parse(octets, arena, &group)) < 0)
		return error;
	field = mime_header_find(&group, "Original-Message-ID");
	if (field != NULL)
		error = mime_address_ids(field->value, arena, &ids, &count);
	if (error < 0 || count == 0)
		return error < 0 ? error : ERR_NOTFOUND;
	if (!set_disposition(mime_header_find(&group, "Disposition"), &n))
		return ERR_NOTFOUND;
	error = message_id_to_x400(mapping, ids[0], arena, &n.subject_ipm);
	if (error == 0)
		error = read_name(mapping,
		    mime_header_find(&group, "Final-Recipient"), arena, &name);
	if (error == 0)
		error = or_name_octets(&name, arena, &n.originator.name);
	if (error < 0)
		return error;
	if (n.kind == IPM_RECEIPT) {
		n.receipt_time = read_time(&group, "X400-Receipt-Time");
		if (n.receipt_time == P1_NO_TIME)
			n.receipt_time = mapping->now;
	}
	*notification = n;
	return 0;
}
