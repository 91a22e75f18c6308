/* SPDX-License-Identifier: ISC */
/*
 * object_get_report.c - read what reports and notifications say
 *
 * Contract in object_get.h.
 */
#include "json/object_element.h"
#include "json/object_extension.h"
#include "json/object_get.h"
#include "json/object_name.h"
#include "json/object_request.h"
#include "json/object_shape.h"

/* get_outcome - read whether a recipient got the message, and when or why
 * not */
static void
get_outcome(struct json_reading *r, const json_t *object,
    struct report_recipient *recipient)
{
	recipient->delivered =
	    json_get_word(object, "result", object_results, 0) == 1;
	recipient->delivery_time =
	    json_get_integer(object, "delivery_time", P1_NO_TIME);
	recipient->user_type =
	    (int)json_get_integer(object, "user_type", REPORT_USER_PUBLIC);
	/* X.411: without a reason it was unable-to-transfer. */
	recipient->reason =
	    (int)json_get_integer(object, "reason", REASON_UNABLE_TO_TRANSFER);
	recipient->diagnostic =
	    (int)json_get_integer(object, "diagnostic", DIAGNOSTIC_NONE);
	if (recipient->delivered &&
	    (json_object_get(object, "reason") != NULL ||
		json_object_get(object, "diagnostic") != NULL))
		json_get_refuse(r, ERR_VALUE, "result",
		    "\"delivered\" has neither reason nor diagnostic");
	if (!recipient->delivered && recipient->delivery_time != P1_NO_TIME)
		json_get_refuse(
		    r, ERR_VALUE, "result", "\"failed\" has no delivery time");
	if (recipient->delivered && recipient->delivery_time == P1_NO_TIME)
		json_get_refuse(
		    r, ERR_VALUE, NULL, "\"delivery_time\" is missing");
}

/* get_reported - read what a report says of one recipient */
static void
get_reported(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct report_recipient *recipient = item;
	const json_t *intended = json_object_get(object, "originally_intended");
	size_t before;

	(void)index;
	(void)arg;
	report_recipient_init(recipient);
	recipient->number = (int)json_get_integer(object, "n", 1);
	object_name_get(r, object, "address", &recipient->actual);
	if (recipient->actual.address.encoded.len == 0)
		json_get_refuse(r, ERR_VALUE, NULL,
		    "neither \"address\" nor \"or_address\"");
	recipient->indicators = object_request_get(object);
	get_outcome(r, object, recipient);
	recipient->arrival = json_get_integer(object, "arrival",
	    recipient->delivered ? recipient->delivery_time : 0);
	recipient->supplementary = json_get_text(r, object, "text");
	recipient->converted_eits =
	    object_element_get(r, object, "converted_eits", OBJECT_ANY_TAG);
	recipient->has_intended = intended != NULL;
	if (intended != NULL) {
		before = json_pointer_enter(
		    &r->at, slice_of_string("originally_intended"));
		object_name_get(r, intended, "address", &recipient->intended);
		json_pointer_leave(&r->at, before);
	}
	object_extension_get(r, object, &recipient->extensions);
}

/* get_subject - read which message a report is about */
static void
get_subject(struct json_reading *r, const json_t *object, struct report *report)
{
	struct diag diag = {0};
	int error = mts_identifier_parse(
	    slice_of_string(
		json_string_value(json_object_get(object, "subject_id"))),
	    r->arena, &report->subject, &diag);

	if (error != 0)
		json_get_refuse(r, error, "subject_id", "%s", diag_text(&diag));
}

/* object_get_report - read what a report says */
void
object_get_report(
    struct json_reading *r, const json_t *top, struct object *object)
{
	const json_t *given = json_object_get(top, "report"), *type;
	struct report *report = &object->report;
	size_t before = json_pointer_enter(&r->at, slice_of_string("report"));

	report_init(report);
	get_subject(r, given, report);
	report->recipients = json_get_list(r, given, "recipients",
	    sizeof(struct report_recipient), 0, get_reported, NULL,
	    &report->recipient_count);
	if (report->recipient_count == 0)
		json_get_refuse(r, ERR_VALUE, "recipients", "no recipient");
	report->content_identifier =
	    json_get_text(r, given, "content_identifier");
	type = json_object_get(given, "content_type");
	report->has_content_type = type != NULL;
	if (type != NULL &&
	    p1_content_type_parse(
		json_string_value(type), r->arena, &report->content_type) != 0)
		json_get_refuse(
		    r, ERR_VALUE, "content_type", "not a content type");
	report->original_eits =
	    object_element_get(r, given, "eits", BER_APP(5));
	report->has_content =
	    json_object_get(given, "returned_content") != NULL;
	report->content = json_get_octets(r, given, "returned_content");
	object_extension_get(r, given, &report->extensions);
	json_pointer_leave(&r->at, before);
}

/* get_user - read a user whom a notification names, if it does */
static void
get_user(struct json_reading *r, const json_t *object, const char *name,
    struct ipm_descriptor *descriptor)
{
	const json_t *user = json_object_get(object, name);
	size_t before = json_pointer_enter(&r->at, slice_of_string(name));

	if (user != NULL)
		object_get_descriptor(r, user, descriptor);
	json_pointer_leave(&r->at, before);
}

/* object_get_notification - read what a notification says */
void
object_get_notification(
    struct json_reading *r, const json_t *top, struct object *object)
{
	const json_t *given = json_object_get(top, "notification");
	struct ipm_notification *n = &object->notification;
	size_t before =
	    json_pointer_enter(&r->at, slice_of_string("notification"));

	n->kind = (enum ipm_notification_kind)json_get_word(
	    given, "kind", object_notifications, IPM_NON_RECEIPT);
	object_get_identifier(r, given, "subject_ipm", &n->subject_ipm);
	if (n->subject_ipm.user.len == 0 && n->subject_ipm.local.len == 0)
		json_get_refuse(
		    r, ERR_VALUE, "subject_ipm", "it names no message");
	get_user(r, given, "originator", &n->originator);
	get_user(r, given, "intended", &n->intended);
	n->receipt_time = json_get_integer(given, "receipt_time", IPM_NO_TIME);
	n->automatic = json_is_true(json_object_get(given, "automatic"));
	n->reason = (int)json_get_integer(given, "reason", -1);
	n->discard_reason = (int)json_get_integer(given, "discard_reason", -1);
	n->comment = json_get_text(r, given, "comment");
	if (n->kind == IPM_RECEIPT && n->receipt_time == IPM_NO_TIME)
		json_get_refuse(
		    r, ERR_VALUE, NULL, "\"receipt_time\" is missing");
	if (n->kind == IPM_NON_RECEIPT && n->reason < 0)
		json_get_refuse(r, ERR_VALUE, NULL, "\"reason\" is missing");
	json_pointer_leave(&r->at, before);
}
