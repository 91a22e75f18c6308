/* SPDX-License-Identifier: ISC */
/*
 * p1_decode.c - read an envelope of P1 (X.411 12.2)
 *
 * If any length is not definite and minimal the whole is rewritten first, so
 * that all that is kept raw is in the form that is sent.
 */
#include "ber/header.h"
#include "ber/list.h"
#include "ber/time.h"
#include "mhs/p1.h"
#include "mhs/p1_definite.h"
#include "mhs/p1_field.h"
#include "mhs/p1_recipient.h"

#define CONTENT_IDENTIFIER_READ 64
#define CONTENT_LENGTH_MAX	INT64_MAX

/* Fields that were there; each element of a SET comes once. */
enum field {
	FIELD_IDENTIFIER = 1 << 0,
	FIELD_ORIGINATOR = 1 << 1,
	FIELD_EITS = 1 << 2,
	FIELD_CONTENT_TYPE = 1 << 3,
	FIELD_CONTENT_IDENTIFIER = 1 << 4,
	FIELD_PRIORITY = 1 << 5,
	FIELD_INDICATORS = 1 << 6,
	FIELD_ZERO = 1 << 7, /* deferred time, content length */
	FIELD_BILATERAL = 1 << 8,
	FIELD_TRACE = 1 << 9,
	FIELD_EXTENSIONS = 1 << 10,
	FIELD_RECIPIENTS = 1 << 11
};

/* The list of recipients. */
static const struct ber_list_kind recipients_kind = {
    .member = "recipient",
    .size = sizeof(struct p1_recipient),
    .least = 1,
    .most = P1_RECIPIENTS_READ,
    .get = p1_recipient_get,
};

/* begin_recipients - make room for the per-recipient-fields, which are read
 * later */
static int
begin_recipients(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_decoding *decoding)
{
	struct p1_envelope *envelope = &decoding->envelope;
	void *items;
	int n =
	    ber_list_begin(reader, el, "per-recipient-fields", &recipients_kind,
		arena, &decoding->list, &items, &envelope->recipient_count);

	envelope->recipients = n == 0 ? items : NULL;
	return n;
}

/* decode_internal - add the internal trace of one extension to the envelope's
 */
static int
decode_internal(const struct ber_reader *reader, const struct ber_element *el,
    const struct extension *internal, struct arena *arena,
    struct p1_envelope *envelope)
{
	const char *field = "internal-trace-information";
	struct ber_reader inner = {.rest = internal->value,
	    .offset = el->offset,
	    .depth = el->depth + 2,
	    .diag = reader->diag};
	struct ber_element value;
	struct trace trace;
	int n = ber_next(&inner, &value);

	if (n == 0)
		return ber_error(reader, el, ERR_SYNTAX, field, "empty");
	if (n > 0)
		n = trace_internal_decode(&inner, &value, field, arena, &trace);
	if (n == 0 &&
	    (n = trace_join(&envelope->internal_trace, arena, &trace)) ==
		ERR_LIMIT)
		return ber_error(
		    reader, el, n, field, "more than %d", TRACE_MAX);
	envelope->internal_trace_criticality |= internal->criticality;
	return n;
}

/*
 * decode_extensions - read those of the envelope; internal trace is set apart
 *
 * A peer that gives internal trace twice is not refused: loops are looked for
 * in all of it, and what goes on has it once.
 */
static int
decode_extensions(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_envelope *envelope)
{
	const struct extension *internal;
	int n;

	/* Peers split long internal trace over several extensions of one
	 * number; all are one trace to us. */
	n = extension_list_decode(
	    reader, el, "extensions", arena, &envelope->extensions);
	while (n == 0 &&
	    (internal = extension_find(
		 &envelope->extensions, EXTENSION_INTERNAL_TRACE)) != NULL) {
		n = decode_internal(reader, el, internal, arena, envelope);
		extension_remove(
		    &envelope->extensions, EXTENSION_INTERNAL_TRACE);
	}
	return n;
}

/* decode_zero - read [0]: a message's deferred time, a probe's content
 * length */
static int
decode_zero(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_envelope *envelope)
{
	struct slice text;
	int n;

	/* X.411: [0] is the deferred time of a message and the content length
	 * of a probe. */
	if (envelope->kind == MTS_PROBE)
		return ber_get_integer(reader, el, "content-length", 0,
		    CONTENT_LENGTH_MAX, &envelope->content_length);
	n = ber_get_octets(
	    reader, el, "deferred-delivery-time", 32, arena, &text);
	if (n == 0 && utc_time_parse(text, &envelope->deferred_time) != 0)
		n = ber_error(reader, el, ERR_VALUE, "deferred-delivery-time",
		    "not a time");
	return n;
}

/* decode_common - read an element that any kind may have */
static int
decode_common(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_envelope *envelope, unsigned *fields)
{
	const char *name;
	int n;

	switch (el->tag) {
	case OR_NAME_TAG:
		name = envelope->kind == MTS_REPORT ? "report-destination-name"
						    : "originator-name";
		n = p1_once(reader, el, name, FIELD_ORIGINATOR, fields);
		return n != 0 ? n
			      : or_name_decode(reader, el, name, arena,
				    &envelope->originator);
	case MTS_IDENTIFIER_TAG:
		name = envelope->kind == MTS_REPORT ? "report-identifier"
		    : envelope->kind == MTS_PROBE   ? "probe-identifier"
						    : "message-identifier";
		n = p1_once(reader, el, name, FIELD_IDENTIFIER, fields);
		return n != 0 ? n
			      : mts_identifier_decode(reader, el, name, arena,
				    &envelope->identifier);
	case TRACE_TAG:
		n = p1_once(
		    reader, el, "trace-information", FIELD_TRACE, fields);
		return n != 0 ? n
			      : trace_decode(reader, el, "trace-information",
				    arena, &envelope->trace);
	default:
		return 1;
	}
}

/* decode_described - read an element that tells of a message's or probe's
 * content,
 * 1 if this is none */
static int
decode_described(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_envelope *envelope, unsigned *fields)
{
	int64_t number = 0;
	size_t bits;
	int n;

	switch (el->tag) {
	case BER_APP(5):
		/* Kept as octets: most messages are passed on without anybody
		 * looking at their types. */
		envelope->original_eits = el->whole;
		return p1_once(reader, el, "original-encoded-information-types",
		    FIELD_EITS, fields);
	case BER_APP(6):
	case BER_UNI(BER_OID):
	case BER_UNI(13):
		n = p1_once(
		    reader, el, "content-type", FIELD_CONTENT_TYPE, fields);
		return n != 0 ? n
			      : p1_content_type_decode(
				    reader, el, &envelope->content_type);
	case BER_APP(7):
		if (envelope->kind != MTS_MESSAGE)
			return 1;
		n = p1_once(reader, el, "priority", FIELD_PRIORITY, fields);
		if (n == 0)
			n = ber_get_integer(
			    reader, el, "priority", 0, 2, &number);
		if (n == 0)
			envelope->priority = (enum p1_priority)number;
		return n;
	case BER_APP(8):
		n = p1_once(reader, el, "per-message-indicators",
		    FIELD_INDICATORS, fields);
		return n != 0
		    ? n
		    : ber_get_bits(reader, el, "per-message-indicators",
			  &envelope->indicators, &bits);
	case BER_APP(10):
		n = p1_once(reader, el, "content-identifier",
		    FIELD_CONTENT_IDENTIFIER, fields);
		return n != 0 ? n
			      : ber_get_octets(reader, el, "content-identifier",
				    CONTENT_IDENTIFIER_READ, arena,
				    &envelope->content_identifier);
	default:
		return 1;
	}
}

/* p1_decode_tagged - read an element with a context tag of a message or
 * probe */
static int
p1_decode_tagged(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_decoding *decoding, unsigned *fields)
{
	struct p1_envelope *envelope = &decoding->envelope;
	int n;

	switch (el->tag) {
	case BER_CTX(0):
		n = p1_once(reader, el, "[0]", FIELD_ZERO, fields);
		return n != 0 ? n : decode_zero(reader, el, arena, envelope);
	case BER_CTX(1):
		if (!el->constructed)
			return ber_error(reader, el, ERR_SYNTAX,
			    "per-domain-bilateral-information", "no sequence");
		envelope->bilateral = el->contents;
		return p1_once(reader, el, "per-domain-bilateral-information",
		    FIELD_BILATERAL, fields);
	case BER_CTX(2):
		n = p1_once(reader, el, "per-recipient-fields",
		    FIELD_RECIPIENTS, fields);
		return n != 0 ? n
			      : begin_recipients(reader, el, arena, decoding);
	case BER_CTX(3):
		n = p1_once(reader, el, "extensions", FIELD_EXTENSIONS, fields);
		return n != 0 ? n
			      : decode_extensions(reader, el, arena, envelope);
	default:
		return p1_no_place(reader, el, "envelope");
	}
}

/* p1_decode_element - read one element of the SET */
static int
p1_decode_element(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct p1_decoding *decoding, unsigned *fields)
{
	struct p1_envelope *envelope = &decoding->envelope;
	int n;

	n = decode_common(reader, el, arena, envelope, fields);
	if (n <= 0)
		return n;
	if (envelope->kind != MTS_REPORT) {
		n = decode_described(reader, el, arena, envelope, fields);
		return n <= 0
		    ? n
		    : p1_decode_tagged(reader, el, arena, decoding, fields);
	}
	/* A report's envelope has no other context tag. */
	if (el->tag != BER_CTX(1))
		return p1_no_place(reader, el, "envelope");
	n = p1_once(reader, el, "extensions", FIELD_EXTENSIONS, fields);
	return n != 0 ? n : decode_extensions(reader, el, arena, envelope);
}

/* Where the recipients of an envelope are that is read. */
enum recipients {
	RECIPIENTS_WITHIN,
	RECIPIENTS_APART
};

/* check_complete - check that all is there that its kind must have */
static int
check_complete(const struct ber_reader *reader, const struct ber_element *el,
    enum mts_kind kind, enum recipients where, unsigned fields)
{
	static const struct {
		unsigned field;
		const char *name;
	} needed[] = {
	    {FIELD_IDENTIFIER, "identifier"},
	    {FIELD_ORIGINATOR, "originator or destination"},
	    {FIELD_TRACE, "trace-information"},
	    /* Not in a report: */
	    {FIELD_CONTENT_TYPE, "content-type"},
	    {FIELD_RECIPIENTS, "per-recipient-fields"},
	};
	/* The last two are not in a report. */
	size_t i, count = kind == MTS_REPORT ? 3 : 5;

	if (where == RECIPIENTS_APART && (fields & FIELD_RECIPIENTS) != 0)
		return ber_error(reader, el, ERR_SYNTAX, "per-recipient-fields",
		    "within and apart");
	if (where == RECIPIENTS_APART)
		fields |= FIELD_RECIPIENTS;
	for (i = 0; i < count; i++)
		if ((fields & needed[i].field) == 0)
			return ber_error(reader, el, ERR_SYNTAX, needed[i].name,
			    "missing in this %s", mts_kind_name(kind));
	return 0;
}

/* begin_any - read all but the recipients of an envelope whose lengths may
 * still be of any form */
static int
begin_any(enum mts_kind kind, enum recipients where, struct slice octets,
    struct arena *arena, struct p1_decoding *decoding, struct diag *diag)
{
	struct ber_reader reader, inner;
	struct ber_element el, part;
	unsigned fields = 0;
	int n;

	ber_reader_init(&reader, octets, diag);
	n = ber_next(&reader, &el);
	if (n <= 0)
		return n < 0 ? n
			     : diag_set(diag, ERR_TRUNCATED, "envelope: empty");
	/* X.411: a probe is nothing but its envelope, so the tag of the choice
	 * replaces that of the SET. */
	if (el.tag != BER_UNI(BER_SET) &&
	    !(kind == MTS_PROBE && el.tag == p1_tag(MTS_PROBE)))
		return p1_no_place(&reader, &el, "envelope");
	n = ber_end(&reader, "envelope");
	if (n == 0)
		n = ber_enter(&reader, &el, &inner);
	*decoding = (struct p1_decoding){.decoded = 0};
	p1_init(&decoding->envelope, kind);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0)
		n = p1_decode_element(&inner, &part, arena, decoding, &fields);
	return n != 0 ? n : check_complete(&reader, &el, kind, where, fields);
}

/* some_any - read the next recipients, of any form: 1, there are more */
static int
some_any(struct p1_decoding *decoding, size_t most, struct arena *arena,
    struct diag *diag)
{
	/* A report has none. */
	if (decoding->envelope.recipient_count == 0)
		return 0;
	decoding->list.diag = diag;
	return ber_list_some(&decoding->list, "per-recipient-fields",
	    &recipients_kind, arena, decoding->envelope.recipients,
	    &decoding->decoded, most);
}

/* p1_decode_begin - read an envelope but for its recipients */
int
p1_decode_begin(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_decoding *decoding, struct diag *diag)
{
	if (octets.len > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "envelope: more than %d octets", P1_ENVELOPE_MAX);
	/* The recipients are looked at when they are read. */
	if (!p1_is_definite_but(octets, BER_CTX(2)))
		return ERR_UNSUPPORTED;
	return begin_any(
	    kind, RECIPIENTS_WITHIN, octets, arena, decoding, diag);
}

/* p1_decode_begin_apart - read an envelope but for its recipients, which are
 * apart from it */
int
p1_decode_begin_apart(enum mts_kind kind, struct slice rest,
    struct slice recipients, struct arena *arena, struct p1_decoding *decoding,
    struct diag *diag)
{
	const struct ber_element list = {.tag = BER_CTX(2),
	    .constructed = true,
	    .contents = recipients,
	    .whole = recipients};
	struct ber_reader reader;
	int n;

	if (!p1_is_definite(rest))
		return ERR_UNSUPPORTED;
	n = begin_any(kind, RECIPIENTS_APART, rest, arena, decoding, diag);
	ber_reader_init(&reader, recipients, diag);
	return n != 0 ? n : begin_recipients(&reader, &list, arena, decoding);
}

/* p1_decode_some - read the next recipients */
int
p1_decode_some(struct p1_decoding *decoding, size_t most, struct arena *arena,
    struct diag *diag)
{
	struct slice read = decoding->list.rest;
	int n = some_any(decoding, most, arena, diag);

	read.len -= decoding->list.rest.len;
	return n < 0 || p1_is_definite(read) ? n : ERR_UNSUPPORTED;
}

/* p1_decode_whole - read an envelope whose lengths may still be of any form */
static int
p1_decode_whole(enum mts_kind kind, enum recipients where, struct slice octets,
    struct arena *arena, struct p1_envelope *envelope, struct diag *diag)
{
	struct p1_decoding decoding;
	int n = begin_any(kind, where, octets, arena, &decoding, diag);

	if (n == 0)
		n = some_any(&decoding, SIZE_MAX, arena, diag);
	if (n == 0)
		*envelope = decoding.envelope;
	return n;
}

/* p1_decode_octets - read an envelope from its SET, in lengths of any form */
static int
p1_decode_octets(enum mts_kind kind, enum recipients where, struct slice octets,
    struct arena *arena, struct p1_envelope *envelope, struct diag *diag)
{
	struct p1_envelope got;
	struct ber_reader reader;
	struct ber_element el, definite;
	struct slice exact = octets;
	int n;

	/* Checked before the envelope is copied: its length is the peer's. */
	if (octets.len > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "envelope: more than %d octets", P1_ENVELOPE_MAX);
	/* Octets of indefinite length are rewritten first, so that every
	 * element can be kept as one slice. */
	if (!p1_is_definite(octets)) {
		ber_reader_init(&reader, octets, diag);
		n = ber_next(&reader, &el);
		if (n <= 0)
			return n < 0
			    ? n
			    : diag_set(diag, ERR_TRUNCATED, "envelope: empty");
		n = ber_end(&reader, "envelope");
		if (n == 0)
			n = p1_definite(&reader, &el, arena, &definite);
		if (n != 0)
			return n;
		exact = definite.whole;
	}
	n = p1_decode_whole(kind, where, exact, arena, &got,
	    exact.data == octets.data ? diag : NULL);
	/* The caller's envelope changes only when all is read. */
	if (n == 0) {
		*envelope = got;
		return 0;
	}
	/* Once more for the offset in what came. */
	if (exact.data != octets.data &&
	    p1_decode_whole(kind, where, octets, arena, &got, diag) == 0)
		(void)diag_set(diag, n, "envelope: malformed");
	return n;
}

/* p1_decode - read an envelope from its SET */
int
p1_decode(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_envelope *envelope, struct diag *diag)
{
	return p1_decode_octets(
	    kind, RECIPIENTS_WITHIN, octets, arena, envelope, diag);
}

/* p1_decode_rest - read an envelope whose recipients are apart */
int
p1_decode_rest(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_envelope *envelope, struct diag *diag)
{
	return p1_decode_octets(
	    kind, RECIPIENTS_APART, octets, arena, envelope, diag);
}
