/* SPDX-License-Identifier: ISC */
/*
 * out_report.c - a report as a person reads it
 *
 * "[002] unknown address. Message not delivered to:" and who, with what the
 * standard says of it; recipients that share a code stand together.
 */
#include <stdio.h>

#include "base/calendar.h"
#include "base/escape.h"
#include "msmi/line.h"
#include "msmi/out.h"

#define SHOWN_MAX 200 /* recipients in a report's text */

/* take_subject - take the subject of a returned message */
static int
take_subject(void *arg, const struct ipm_heading *heading, unsigned level)
{
	struct out *out = arg;

	/* Only the outermost heading is that of the message. */
	if (level > 0 || out->assembly.subject.len > 0)
		return 0;
	return arena_slice(
	    &out->arena, heading->subject, &out->assembly.subject);
}

/* returned_subject - find the subject of the message that the report is
 * about */
static struct slice
returned_subject(struct out *out, const struct report *report)
{
	const struct ipm_handler handler = {
	    .heading = take_subject, .arg = out};
	struct ipm_decoder decoder;

	out->assembly.subject = (struct slice){0};
	if (!report->has_content)
		return out->assembly.subject;
	ipm_decoder_init(&decoder, &handler, UINT64_MAX);
	/* A content that cannot be read has no subject, and that is all. */
	(void)!ipm_decoder_push(&decoder, report->content, NULL);
	ipm_decoder_fini(&decoder);
	return out->assembly.subject;
}

/* put_actual - append a line for whom the message was redirected to */
static int
put_actual(
    struct out *out, const struct report_recipient *r, struct buffer *text)
{
	const char *address = address_for_mmff(
	    &out->msmi.addressing, &r->actual.address, &out->arena);

	return line_append(
	    text, "        redirected to %s", address == NULL ? "?" : address);
}

/* out_report_put_recipient - append a line for a recipient, and what is known
 * of it */
static int
out_report_put_recipient(
    struct out *out, const struct report_recipient *r, struct buffer *text)
{
	const struct or_name *name =
	    r->has_intended ? &r->intended : &r->actual;
	const char *address = address_for_mmff(
	    &out->msmi.addressing, &name->address, &out->arena);
	char described[REPORT_TEXT], shown[512], when[CALENDAR_TEXT_MAX];
	int error =
	    line_append(text, "    %s", address == NULL ? "?" : address);

	if (error == 0 && r->has_intended)
		error = put_actual(out, r, text);
	if (error == 0 && r->delivered && r->delivery_time != P1_NO_TIME)
		error = line_append(text, "        at %s",
		    calendar_format(r->delivery_time, when));
	report_describe(r, described);
	if (error == 0 && !r->delivered)
		error = line_append(text, "        %s", described);
	if (error == 0 && r->supplementary.len > 0) {
		(void)escape_text(shown, sizeof(shown), r->supplementary);
		error = line_append(text, "        %s", shown);
	}
	return error;
}

/* code_of - find the code of a recipient, 0 for one that was reached */
static int
code_of(const struct report_recipient *r)
{
	return r->delivered ? 0 : (int)ndr_of_report(r->reason, r->diagnostic);
}

/* put_group - append all recipients of one code */
static int
put_group(
    struct out *out, const struct report *report, int code, struct buffer *text)
{
	bool begun = false;
	size_t shown = 0;
	int error = 0;

	for (size_t i = 0; error == 0 && i < report->recipient_count; i++) {
		const struct report_recipient *r = &report->recipients[i];

		/* Bounded, for a report on thousands would be of no use. */
		if (code_of(r) != code || shown++ >= SHOWN_MAX)
			continue;
		if (!begun && code != 0)
			error = line_append(text,
			    "[%03d] %s. Message not delivered to:",
			    ndr_number((enum ndr_code)code),
			    ndr_text((enum ndr_code)code));
		else if (!begun)
			error = line_append(text, "Message delivered to:");
		begun = true;
		if (error == 0)
			error = out_report_put_recipient(out, r, text);
	}
	if (error == 0 && shown > SHOWN_MAX)
		error =
		    line_append(text, "    and %zu others", shown - SHOWN_MAX);
	return error == 0 && begun ? line_append(text, "%s", "") : error;
}

/* put_reporter - append who reports: the domain, and the MTA where the report
 * names it */
static int
put_reporter(const struct p1_envelope *envelope, struct buffer *text)
{
	char domain[GLOBAL_DOMAIN_TEXT], mta[128] = "";

	global_domain_format(&envelope->identifier.domain, domain);
	/* The first element is of the MTA that made the report. */
	if (envelope->internal_trace.count > 0)
		(void)escape_text(
		    mta, sizeof(mta), envelope->internal_trace.elements[0].mta);
	return line_append(text, "Reported by: %s%s%s", domain,
	    mta[0] == '\0' ? "" : ", ", mta);
}

/* put_original - append what is known of the message that the report is
 * about */
static int
put_original(
    const struct report *report, struct slice about, struct buffer *text)
{
	int64_t sent =
	    report->has_trace ? trace_begun(&report->trace) : TRACE_NO_TIME;
	int64_t arrival = report->recipients[0].arrival;
	char id[MTS_IDENTIFIER_TEXT], shown[512], when[CALENDAR_TEXT_MAX];
	int error;

	mts_identifier_format(&report->subject, id);
	error = line_append(text, "Message: %s", id);
	if (error == 0 && sent != TRACE_NO_TIME)
		error =
		    line_append(text, "Sent: %s", calendar_format(sent, when));
	if (error == 0 && arrival != P1_NO_TIME)
		error = line_append(
		    text, "Arrived there: %s", calendar_format(arrival, when));
	(void)escape_text(shown, sizeof(shown), about);
	if (error == 0 && about.len > 0)
		error = line_append(text, "Subject: %s", shown);
	(void)escape_text(shown, sizeof(shown), report->content_identifier);
	if (error == 0 && report->content_identifier.len > 0)
		error = line_append(text, "Content identifier: %s", shown);
	return error;
}

/* name_report - make the subject of a report: that of the message, what its
 * sender called it, or whom it was for */
static int
name_report(struct out *out, const struct report *report, bool failed,
    struct slice about, struct slice *subject)
{
	const struct report_recipient *first = &report->recipients[0];
	const char *line, *to = "";

	if (about.len == 0)
		about = report->content_identifier;
	if (about.len == 0) {
		to = address_for_mmff(&out->msmi.addressing,
		    first->has_intended ? &first->intended.address
					: &first->actual.address,
		    &out->arena);
		if (to == NULL)
			return arena_error(&out->arena);
	}
	line = arena_printf(&out->arena, "%s: %s%.*s%s",
	    failed ? "NDR" : "Registered",
	    about.len == 0 ? "your message to " : "", (int)about.len,
	    about.len == 0 ? "" : (const char *)about.data, to);
	if (line == NULL)
		return arena_error(&out->arena);
	*subject = slice_of_string(line);
	return 0;
}

/* out_report_text - write what the sender reads of a report */
int
out_report_text(struct out *out, const struct p1_envelope *envelope,
    const struct report *report, struct buffer *text, struct slice *subject)
{
	struct slice about = returned_subject(out, report);
	bool failed = false;
	int error = 0;

	/* the failed first: that is what the reader must know */
	for (int code = 99; error == 0 && code >= 0; code--) {
		for (size_t i = 0; i < report->recipient_count; i++) {
			if (code_of(&report->recipients[i]) != code)
				continue;
			failed = failed || code != 0;
			error = put_group(out, report, code, text);
			break;
		}
	}
	if (error == 0)
		error = put_reporter(envelope, text);
	if (error == 0)
		error = put_original(report, about, text);
	return error == 0 ? name_report(out, report, failed, about, subject)
			  : error;
}
