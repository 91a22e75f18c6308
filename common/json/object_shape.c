/* SPDX-License-Identifier: ISC */
/*
 * object_shape.c - the members of the one form, as tables
 *
 * fourpost-json(5) says what each means.
 */
#include "json/object_shape.h"

#include "json/object.h"

#define NAMED(n, t)	     .name = (n), .type = JSON_SHAPE_##t
#define TEXT(n, from, to)    NAMED(n, TEXT), .least = (from), .most = (to)
#define OCTETS(n)	     NAMED(n, OCTETS)
#define INTEGER(n, from, to) NAMED(n, INTEGER), .least = (from), .most = (to)
#define TIME(n)		     INTEGER(n, OBJECT_TIME_MIN, OBJECT_TIME_MAX)
#define TRUTH(n)	     NAMED(n, TRUTH)
#define WORD(n, list)	     NAMED(n, WORD), .words = (list)
#define OBJECT(n, table)     NAMED(n, OBJECT), .members = (table)
#define MANY(n)		     .count = JSON_SHAPE_LIST, .items = (n)
#define OUT		     .way = JSON_SHAPE_OUT
#define NEEDED		     .need = JSON_SHAPE_REQUIRED
#define END                  \
	{                    \
		.name = NULL \
	}

#define NUMBER_MAX INT32_MAX

const char *const object_kinds[] = {
    "message", "probe", "report", "notification", NULL};
const char *const object_priorities[] = {
    "normal", "non-urgent", "urgent", NULL};
const char *const object_flags[] = {"disclosure-of-recipients",
    "implicit-conversion-prohibited", "alternate-recipient-allowed",
    "content-return-request", "recipient-reassignment-prohibited",
    "dl-expansion-prohibited", "conversion-with-loss-prohibited", NULL};
const char *const object_requests[] = {"none", "non-delivery", "report", NULL};
const char *const object_mta_requests[] = {
    "none", "non-delivery", "report", "audited", NULL};
const char *const object_criticality[] = {
    "submission", "transfer", "delivery", NULL};
const char *const object_actions[] = {"relayed", "rerouted", NULL};
const char *const object_results[] = {"failed", "delivered", NULL};
const char *const object_ipm_requests[] = {
    "receipt", "non-receipt", "return", NULL};
const char *const object_importances[] = {"low", "normal", "high", NULL};
const char *const object_sensitivities[] = {
    "none", "personal", "private", "company-confidential", NULL};
const char *const object_notifications[] = {
    "non-receipt", "receipt", "other", NULL};

static const struct json_shape labelled[] = {
    {TEXT("type", 1, OR_TEXT_MAX), NEEDED},
    {TEXT("value", 0, OR_ADDRESS_MAX), NEEDED}, END};

static const struct json_shape or_address[] = {{TEXT("c", 0, OR_TEXT_MAX)},
    {TEXT("a", 0, OR_TEXT_MAX)}, {TEXT("p", 0, OR_TEXT_MAX)},
    {TEXT("o", 0, OR_TEXT_MAX)}, {TEXT("ou", 0, OR_TEXT_MAX), MANY(4)},
    {TEXT("cn", 0, OR_TEXT_MAX)}, {TEXT("s", 0, OR_TEXT_MAX)},
    {TEXT("g", 0, OR_TEXT_MAX)}, {TEXT("i", 0, OR_TEXT_MAX)},
    {TEXT("q", 0, OR_TEXT_MAX)}, {TEXT("x121", 0, OR_TEXT_MAX)},
    {TEXT("nid", 0, OR_TEXT_MAX)}, {TEXT("tid", 0, OR_TEXT_MAX)},
    {TEXT("ttype", 0, OR_TEXT_MAX)},
    {OBJECT("dda", labelled), MANY(OR_DDA_MAX)},
    {OBJECT("other", labelled), MANY(0)}, END};

/* An O/R name: in two forms, with a directory name beside it. */
#define OR_NAME(n)                                                        \
	{TEXT(n, 1, OR_ADDRESS_MAX)}, {OBJECT("or_address", or_address)}, \
	{                                                                 \
		OCTETS("directory_name")                                  \
	}

static const struct json_shape name[] = {OR_NAME("address"), END};

static const struct json_shape extension[] = {{TEXT("type", 1, 255), NEEDED},
    {WORD("criticality", object_criticality), MANY(3)}, {OCTETS("value")}, END};

static const struct json_shape trace[] = {{TEXT("domain", 0, 447), OUT},
    {TEXT("mta", 0, 64), OUT}, {TIME("arrival"), OUT},
    {WORD("action", object_actions), OUT},
    {TEXT("attempted_domain", 0, 447), OUT},
    {TEXT("attempted_mta", 0, 64), OUT}, {TIME("deferred"), OUT},
    {OCTETS("converted_eits"), OUT}, {TRUTH("redirected"), OUT},
    {TRUTH("dl_operation"), OUT}, END};

static const struct json_shape history[] = {OR_NAME("address"),
    {TIME("time"), OUT}, {INTEGER("reason", 0, NUMBER_MAX), OUT}, END};

static const struct json_shape recipient[] = {OR_NAME("address"),
    {INTEGER("n", 1, NUMBER_MAX), OUT},
    {INTEGER("original_number", 1, P1_RECIPIENTS_READ)}, {TRUTH("responsible")},
    {WORD("report_request", object_requests)},
    {WORD("mta_report_request", object_mta_requests)},
    {INTEGER("explicit_conversion", 0, INT16_MAX)},
    {TEXT("alternate_recipient", 1, OR_ADDRESS_MAX)},
    {OBJECT("originally_intended", name), OUT},
    {OBJECT("redirections", history), MANY(0), OUT},
    {OBJECT("extensions", extension), MANY(EXTENSION_MAX)}, END};

static const struct json_shape content[] = {{TEXT("file", 1, OBJECT_FILE_MAX)},
    {INTEGER("octets", 0, IPM_CONTENT_MAX)}, {OCTETS("base64")}, END};

static const struct json_shape identifier[] = {
    OR_NAME("address"), {TEXT("local", 0, IPM_IDENTIFIER_MAX)}, END};

#define DESCRIPTOR                                           \
	OR_NAME("address"), {TEXT("name", 0, IPM_TEXT_MAX)}, \
	{                                                    \
		TEXT("telephone", 0, IPM_IDENTIFIER_MAX)     \
	}

static const struct json_shape descriptor[] = {DESCRIPTOR, END};

static const struct json_shape ipm_recipient[] = {DESCRIPTOR,
    {WORD("requests", object_ipm_requests), MANY(3)},
    {TRUTH("reply_requested")}, {INTEGER("precedence", 0, 127)},
    {OCTETS("extensions")}, END};

static const struct json_shape ipm_extension[] = {
    {TEXT("type", 1, 255), NEEDED}, {OCTETS("value")}, END};

static const struct json_shape ipm[] = {{OBJECT("id", identifier)},
    {OBJECT("from", descriptor)},
    {OBJECT("authorizing", descriptor), MANY(IPM_LIST_MAX)},
    {OBJECT("to", ipm_recipient), MANY(IPM_LIST_MAX)},
    {OBJECT("cc", ipm_recipient), MANY(IPM_LIST_MAX)},
    {OBJECT("bcc", ipm_recipient), MANY(IPM_LIST_MAX)},
    {OBJECT("in_reply_to", identifier)},
    {OBJECT("obsoletes", identifier), MANY(IPM_LIST_MAX)},
    {OBJECT("related", identifier), MANY(IPM_LIST_MAX)},
    {TEXT("subject", 0, IPM_TEXT_MAX)}, {TIME("expiry")}, {TIME("reply_time")},
    {OBJECT("reply_recipients", descriptor), MANY(IPM_LIST_MAX)},
    {WORD("importance", object_importances)},
    {WORD("sensitivity", object_sensitivities)}, {TRUTH("auto_forwarded")},
    {INTEGER("precedence", 0, 127)}, {TIME("authorization_time")},
    {TEXT("originators_reference", 0, IPM_TEXT_MAX)},
    {OBJECT("extensions", ipm_extension), MANY(IPM_LIST_MAX)},
    {INTEGER("unreadable_fields", 0, NUMBER_MAX), OUT}, END};

static const struct json_shape part[] = {{TEXT("type", 1, 255), NEEDED},
    {TEXT("name", 0, IPM_TEXT_MAX)}, {TEXT("charset", 1, 32), OUT},
    {INTEGER("modified", INT64_MIN, INT64_MAX)}, {OCTETS("parameters")},
    {TRUTH("aligned")}, {TEXT("text", 0, OBJECT_INLINE_MAX)},
    {TEXT("file", 1, OBJECT_FILE_MAX)}, {INTEGER("octets", 0, IPM_CONTENT_MAX)},
    {OCTETS("base64")}, END};

static const struct json_shape report_recipient[] = {
    {INTEGER("n", 0, P1_RECIPIENTS_READ), NEEDED}, OR_NAME("address"),
    {WORD("result", object_results), NEEDED},
    {INTEGER("reason", 0, P1_RECIPIENTS_READ)},
    {INTEGER("diagnostic", 0, P1_RECIPIENTS_READ)}, {TIME("delivery_time")},
    {TEXT("text", 0, IPM_HEADING_MAX)}, {TIME("arrival")},
    {INTEGER("user_type", 0, P1_RECIPIENTS_READ)}, {OCTETS("converted_eits")},
    {OBJECT("originally_intended", name)}, {TRUTH("responsible")},
    {WORD("report_request", object_requests)},
    {WORD("mta_report_request", object_mta_requests)},
    {OBJECT("extensions", extension), MANY(EXTENSION_MAX)}, END};

static const struct json_shape report[] = {
    {TEXT("subject_id", 1, MTS_IDENTIFIER_TEXT - 1), NEEDED},
    {TEXT("submission", 1, 100), OUT},
    {OBJECT("recipients", report_recipient), MANY(P1_RECIPIENTS_READ), NEEDED},
    {TEXT("content_identifier", 0, 255)}, {TEXT("content_type", 1, 255)},
    {OCTETS("eits")}, {OBJECT("trace", trace), MANY(TRACE_MAX), OUT},
    {OCTETS("returned_content")},
    {INTEGER("returned_octets", 0, IPM_CONTENT_MAX), OUT},
    {OCTETS("additional"), OUT},
    {OBJECT("extensions", extension), MANY(EXTENSION_MAX)}, END};

static const struct json_shape notification[] = {
    {WORD("kind", object_notifications), NEEDED},
    {OBJECT("subject_ipm", identifier), NEEDED},
    {OBJECT("originator", descriptor)}, {OBJECT("intended", descriptor)},
    {TIME("receipt_time")}, {TRUTH("automatic")},
    {INTEGER("reason", 0, INT16_MAX)},
    {INTEGER("discard_reason", 0, INT16_MAX)},
    {TEXT("comment", 0, IPM_TEXT_MAX)}, {TEXT("text", 0, 255), OUT}, END};

const struct json_shape object_shape[] = {{WORD("kind", object_kinds), NEEDED},
    {INTEGER("id", 0, INT64_MAX), OUT},
    {TEXT("mts_id", 0, MTS_IDENTIFIER_TEXT - 1), OUT}, OR_NAME("originator"),
    {OBJECT("recipients", recipient), MANY(P1_RECIPIENTS_READ)},
    {WORD("priority", object_priorities)}, {TEXT("content_type", 1, 255)},
    {OCTETS("eits")}, {TEXT("eits_types", 1, 255), MANY(0), OUT},
    {TEXT("content_identifier", 0, 255)}, {TEXT("correlator", 0, 512)},
    {OCTETS("correlator_octets")}, {INTEGER("content_length", 0, INT64_MAX)},
    {TIME("deferred")}, {TIME("latest")},
    {WORD("flags", object_flags), MANY(7)},
    {OBJECT("trace", trace), MANY(TRACE_MAX), OUT},
    {OBJECT("internal_trace", trace), MANY(TRACE_MAX), OUT},
    {OBJECT("dl_history", history), MANY(0), OUT}, {OCTETS("bilateral"), OUT},
    {OBJECT("extensions", extension), MANY(EXTENSION_MAX)},
    {TIME("arrival"), OUT}, {INTEGER("attempt", 1, NUMBER_MAX), OUT},
    {TEXT("key", 1, OBJECT_KEY_MAX)}, {OBJECT("content", content)},
    {OBJECT("ipm", ipm)}, {OBJECT("parts", part), MANY(IPM_PARTS_MAX)},
    {OBJECT("report", report)}, {OBJECT("notification", notification)},
    {TEXT("unreadable", 0, 255), OUT}, END};
