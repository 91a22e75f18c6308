/* SPDX-License-Identifier: ISC */
/*
 * report.c - read a ReportTransferContent (X.411 12.2.1.3)
 *
 * Writing is in report_encode.c, words in report_name.c.
 */
#include "ber/header.h"
#include "ber/list.h"
#include "ber/time.h"
#include "mhs/p1_definite.h"
#include "mhs/report.h"

#define CONTENT_IDENTIFIER_READ 64
#define SUPPLEMENTARY_READ	4096

/* report_init - empty */
void
report_init(struct report *report)
{
	*report = (struct report){.has_content = false};
	/* X.411: without a content type the report does not say what came. */
	report->content_type.built_in = P1_CONTENT_UNIDENTIFIED;
}

/* report_recipient_init - set up a recipient: not delivered, no diagnostic,
 * no times */
void
report_recipient_init(struct report_recipient *recipient)
{
	*recipient = (struct report_recipient){
	    .number = 1,
	    .arrival = P1_NO_TIME,
	    .delivery_time = P1_NO_TIME,
	    .reason = REASON_TRANSFER_FAILURE,
	    .diagnostic = DIAGNOSTIC_NONE,
	};
}

/* unknown - refuse an element that has no place here */
static int
unknown(const struct ber_reader *reader, const struct ber_element *el,
    const char *where)
{
	char tag[BER_TAG_TEXT_MAX];

	return ber_error(reader, el, ERR_SYNTAX, where,
	    "element %s has no place here", ber_tag_format(el->tag, tag));
}

/* decode_time - read a UTCTime */
static int
decode_time(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, int64_t *seconds)
{
	struct slice text;
	int n;

	n = ber_get_octets(reader, el, field, 32, arena, &text);
	if (n == 0 && utc_time_parse(text, seconds) != 0)
		n = ber_error(reader, el, ERR_VALUE, field, "not a time");
	return n;
}

/* decode_number - read an INTEGER; X.411 has 0 to 32767, and we report on
 * recipients beyond */
static int
decode_number(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, int *value)
{
	int64_t number;
	int n;

	n = ber_get_integer(reader, el, field, 0, P1_RECIPIENTS_READ, &number);
	if (n == 0)
		*value = (int)number;
	return n;
}

/* decode_delivery - read DeliveryReport or NonDeliveryReport: two numbers or a
 * time and one */
static int
decode_delivery(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct report_recipient *recipient)
{
	struct ber_reader inner;
	struct ber_element part;
	bool first = false;
	int n;

	recipient->delivered = el->tag == BER_CTX(0);
	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		if (part.tag != BER_CTX(0) && part.tag != BER_CTX(1))
			return unknown(&inner, &part, "report-type");
		/* Either report has one mandatory element, [0]. */
		first = first || part.tag == BER_CTX(0);
		if (recipient->delivered && part.tag == BER_CTX(0))
			n = decode_time(&inner, &part, "message-delivery-time",
			    arena, &recipient->delivery_time);
		else if (recipient->delivered)
			n = decode_number(&inner, &part, "type-of-MTS-user",
			    &recipient->user_type);
		else if (part.tag == BER_CTX(0))
			n = decode_number(&inner, &part,
			    "non-delivery-reason-code", &recipient->reason);
		else
			n = decode_number(&inner, &part,
			    "non-delivery-diagnostic-code",
			    &recipient->diagnostic);
	}
	if (n == 0 && !first)
		n = ber_error(
		    reader, el, ERR_SYNTAX, "report-type", "incomplete");
	return n;
}

/* decode_last_trace - read LastTraceInformation, which holds the report type */
static int
decode_last_trace(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct report_recipient *recipient)
{
	struct ber_reader inner, choice;
	struct ber_element part, type;
	bool typed = false;
	int n;

	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		switch (part.tag) {
		case BER_CTX(0):
			n = decode_time(&inner, &part, "arrival-time", arena,
			    &recipient->arrival);
			break;
		case BER_APP(5):
			n = p1_keep(
			    &inner, &part, arena, &recipient->converted_eits);
			break;
		case BER_CTX(1):
			n = ber_enter(&inner, &part, &choice);
			if (n == 0)
				n = ber_next(&choice, &type);
			if (n <= 0)
				return n < 0
				    ? n
				    : ber_error(&inner, &part, ERR_SYNTAX,
					  "report-type", "empty");
			/* X.411: delivered is [0], not delivered [1]. */
			if (type.tag != BER_CTX(0) && type.tag != BER_CTX(1))
				return unknown(&choice, &type, "report-type");
			typed = true;
			n = decode_delivery(&choice, &type, arena, recipient);
			break;
		default:
			return unknown(&inner, &part, "last-trace-information");
		}
	}
	if (n == 0 && !typed)
		n = ber_error(reader, el, ERR_SYNTAX, "report-type", "missing");
	return n;
}

/* decode_recipient_part - read one element of per-recipient fields */
static int
decode_recipient_part(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena,
    struct report_recipient *recipient, unsigned *fields)
{
	size_t bits;

	/* A SET: an element that comes twice would silently replace the
	 * first. */
	if ((el->tag & BER_TAG_MAX) < 32) {
		if ((*fields & 1U << (el->tag & 31)) != 0)
			return ber_error(reader, el, ERR_SYNTAX,
			    "per-recipient-fields", "element comes twice");
		*fields |= 1U << (el->tag & 31);
	}
	switch (el->tag) {
	case BER_CTX(0):
		return or_name_decode(reader, el, "actual-recipient-name",
		    arena, &recipient->actual);
	case BER_CTX(1):
		return decode_number(reader, el,
		    "originally-specified-recipient-number",
		    &recipient->number);
	case BER_CTX(2):
		return ber_get_bits(reader, el, "per-recipient-indicators",
		    &recipient->indicators, &bits);
	case BER_CTX(3):
		return decode_last_trace(reader, el, arena, recipient);
	case BER_CTX(4):
		recipient->has_intended = true;
		return or_name_decode(reader, el,
		    "originally-intended-recipient-name", arena,
		    &recipient->intended);
	case BER_CTX(5):
		return ber_get_octets(reader, el, "supplementary-information",
		    SUPPLEMENTARY_READ, arena, &recipient->supplementary);
	case BER_CTX(6):
		return extension_list_decode(
		    reader, el, "extensions", arena, &recipient->extensions);
	default:
		return unknown(reader, el, "per-recipient-fields");
	}
}

/* decode_recipient - read the per-recipient fields of one recipient */
static int
decode_recipient(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	struct report_recipient *recipient = item;
	struct ber_reader inner;
	struct ber_element part;
	unsigned fields = 0;
	int n;

	(void)name;
	report_recipient_init(recipient);
	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0)
		n = decode_recipient_part(
		    &inner, &part, arena, recipient, &fields);
	/* The fields are counted by their tag: 1 is [0], 8 is [3]. */
	if (n == 0 && (fields & 1) == 0)
		n = ber_error(
		    reader, el, ERR_SYNTAX, "actual-recipient-name", "missing");
	if (n == 0 && (fields & 8) == 0)
		n = ber_error(reader, el, ERR_SYNTAX, "last-trace-information",
		    "missing");
	return n;
}

/* decode_recipients - read the per-recipient-fields */
static int
decode_recipients(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct report *report)
{
	static const struct ber_list_kind recipients = {
	    .member = "recipient",
	    .size = sizeof(struct report_recipient),
	    .least = 1,
	    .most = P1_RECIPIENTS_READ,
	    .get = decode_recipient,
	};
	size_t count;
	void *items;
	int n = ber_get_list(reader, el, "per-recipient-fields", &recipients,
	    arena, &items, &count);

	if (n != 0)
		return n;
	report->recipients = items;
	report->recipient_count = count;
	return 0;
}

/* decode_content - read returned-content, which may be large */
static int
decode_content(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct report *report)
{
	/* The flag tells an empty content that was returned from none. */
	report->has_content = true;
	return ber_get_octets(
	    reader, el, "returned-content", SIZE_MAX, arena, &report->content);
}

/* report_decode_tagged - read an element with a context tag */
static int
report_decode_tagged(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena, struct report *report)
{
	switch (el->tag) {
	case BER_CTX(0):
		return decode_recipients(reader, el, arena, report);
	case BER_CTX(1):
		return decode_content(reader, el, arena, report);
	case BER_CTX(2):
		return p1_keep(reader, el, arena, &report->additional);
	case BER_CTX(3):
		return extension_list_decode(
		    reader, el, "extensions", arena, &report->extensions);
	default:
		return unknown(reader, el, "report");
	}
}

/* report_decode_element - read one element of the SET */
static int
report_decode_element(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena, struct report *report)
{
	switch (el->tag) {
	case MTS_IDENTIFIER_TAG:
		return mts_identifier_decode(
		    reader, el, "subject-identifier", arena, &report->subject);
	case TRACE_TAG:
		report->has_trace = true;
		return trace_decode(reader, el,
		    "subject-intermediate-trace-information", arena,
		    &report->trace);
	case BER_APP(5):
		return p1_keep(reader, el, arena, &report->original_eits);
	case BER_APP(6):
	case BER_UNI(BER_OID):
	case BER_UNI(13):
		report->has_content_type = true;
		return p1_content_type_decode(
		    reader, el, &report->content_type);
	case BER_APP(10):
		return ber_get_octets(reader, el, "content-identifier",
		    CONTENT_IDENTIFIER_READ, arena,
		    &report->content_identifier);
	default:
		return report_decode_tagged(reader, el, arena, report);
	}
}

/* seen - get a bit for an element, to tell those that come twice */
static uint64_t
seen(uint32_t tag)
{
	uint32_t number = tag & BER_TAG_MAX;

	return number < 16 ? 1ULL << (number + 16 * (tag >> 24 & 3)) : 0;
}

/* decode - read a report content */
static int
decode(struct slice octets, struct arena *arena, struct report *report,
    struct diag *diag)
{
	struct ber_reader reader, inner;
	struct ber_element el, part;
	uint64_t fields = 0;
	int n;

	ber_reader_init(&reader, octets, diag);
	n = ber_expect(&reader, BER_UNI(BER_SET), "report", &el);
	if (n == 0)
		n = ber_end(&reader, "report");
	if (n == 0)
		n = ber_enter(&reader, &el, &inner);
	report_init(report);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		if ((fields & seen(part.tag)) != 0)
			return ber_error(&inner, &part, ERR_SYNTAX, "report",
			    "element comes twice");
		fields |= seen(part.tag);
		n = report_decode_element(&inner, &part, arena, report);
	}
	if (n == 0 && (fields & seen(MTS_IDENTIFIER_TAG)) == 0)
		n = ber_error(
		    &reader, &el, ERR_SYNTAX, "subject-identifier", "missing");
	if (n == 0 && (fields & seen(BER_CTX(0))) == 0)
		n = ber_error(&reader, &el, ERR_SYNTAX, "per-recipient-fields",
		    "missing");
	return n;
}

/* report_decode - read a ReportTransferContent */
int
report_decode(struct slice octets, struct arena *arena, struct report *report,
    struct diag *diag)
{
	struct report got;
	int error;

	error = decode(octets, arena, &got, diag);
	if (error == 0)
		*report = got;
	return error;
}
