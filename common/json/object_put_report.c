/* SPDX-License-Identifier: ISC */
/*
 * object_put_report.c - put what reports and notifications say
 *
 * Contract in object_put.h.
 */
#include "json/object_extension.h"
#include "json/object_name.h"
#include "json/object_put.h"
#include "json/object_request.h"
#include "json/object_shape.h"

static const struct extension_list nothing_told;

/* put_outcome - put whether a recipient got the message, and when or why not */
static void
put_outcome(struct json_put *put, json_t *one, const struct report_recipient *r)
{
	json_put_string(put, one, "result", object_results[r->delivered]);
	if (r->delivered) {
		if (r->delivery_time != P1_NO_TIME)
			json_put_integer(
			    put, one, "delivery_time", r->delivery_time);
		json_put_integer(put, one, "user_type", r->user_type);
		return;
	}
	json_put_integer(put, one, "reason", r->reason);
	if (r->diagnostic != DIAGNOSTIC_NONE)
		json_put_integer(put, one, "diagnostic", r->diagnostic);
}

/* put_reported - put what a report says of one recipient */
static void
put_reported(
    struct json_put *put, json_t *list, const struct report_recipient *r)
{
	json_t *one = json_put_object(put, list, NULL);

	json_put_integer(put, one, "n", r->number);
	object_name_put(put, one, "address", &r->actual, OBJECT_NAME_FULL);
	put_outcome(put, one, r);
	if (r->supplementary.len > 0)
		json_put_text(put, one, "text", r->supplementary);
	if (r->arrival != P1_NO_TIME)
		json_put_integer(put, one, "arrival", r->arrival);
	if (r->converted_eits.len > 0)
		json_put_octets(put, one, "converted_eits", r->converted_eits);
	if (r->has_intended)
		object_name_put(put,
		    json_put_object(put, one, "originally_intended"), "address",
		    &r->intended, OBJECT_NAME_FULL);
	object_request_put(put, one, r->indicators);
	object_extension_put(put, one, &r->extensions, &nothing_told);
}

/* put_returned - put the content that a report returns, or how long it is */
static void
put_returned(struct json_put *put, json_t *object, const struct report *report)
{
	if (!report->has_content)
		return;
	json_put_integer(
	    put, object, "returned_octets", (int64_t)report->content.len);
	if (report->content.len <= OBJECT_INLINE_MAX)
		json_put_octets(
		    put, object, "returned_content", report->content);
}

/* object_put_report - put what a report says */
void
object_put_report(struct json_put *put, json_t *top,
    const struct report *report, struct slice submission)
{
	json_t *object = json_put_object(put, top, "report"), *list;
	char text[MTS_IDENTIFIER_TEXT], type[P1_CONTENT_TYPE_TEXT];

	mts_identifier_format(&report->subject, text);
	json_put_string(put, object, "subject_id", text);
	if (submission.len > 0)
		json_put_text(put, object, "submission", submission);
	list = json_put_array(put, object, "recipients");
	for (size_t i = 0; i < report->recipient_count; i++)
		put_reported(put, list, &report->recipients[i]);
	if (report->content_identifier.len > 0)
		json_put_text(put, object, "content_identifier",
		    report->content_identifier);
	if (report->has_content_type) {
		p1_content_type_format(&report->content_type, type);
		json_put_string(put, object, "content_type", type);
	}
	if (report->original_eits.len > 0)
		json_put_octets(put, object, "eits", report->original_eits);
	if (report->has_trace)
		object_put_trace(put, object, "trace", &report->trace);
	put_returned(put, object, report);
	if (report->additional.len > 0)
		json_put_octets(put, object, "additional", report->additional);
	object_extension_put(put, object, &report->extensions, &nothing_told);
}

/* has_user - tell whether a descriptor names anybody */
static bool
has_user(const struct ipm_descriptor *descriptor)
{
	return descriptor->name.len > 0 || descriptor->free_form.len > 0 ||
	    descriptor->telephone.len > 0;
}

/* object_put_notification - put what a notification says */
void
object_put_notification(
    struct json_put *put, json_t *top, const struct ipm_notification *n)
{
	json_t *object = json_put_object(put, top, "notification");

	json_put_string(put, object, "kind", object_notifications[n->kind]);
	object_put_identifier(put, object, "subject_ipm", &n->subject_ipm);
	if (has_user(&n->originator))
		object_put_descriptor(put,
		    json_put_object(put, object, "originator"), &n->originator);
	if (has_user(&n->intended))
		object_put_descriptor(put,
		    json_put_object(put, object, "intended"), &n->intended);
	if (n->receipt_time != IPM_NO_TIME)
		json_put_integer(put, object, "receipt_time", n->receipt_time);
	if (n->automatic)
		json_put_true(put, object, "automatic");
	if (n->reason >= 0)
		json_put_integer(put, object, "reason", n->reason);
	if (n->discard_reason >= 0)
		json_put_integer(
		    put, object, "discard_reason", n->discard_reason);
	if (n->comment.len > 0)
		json_put_text(put, object, "comment", n->comment);
	json_put_string(put, object, "text", ipm_notification_reason(n));
}
