/* SPDX-License-Identifier: ISC */
/*
 * record.c - message records as BER, and what all records have in common
 *
 * See record.h and queue.asn.  Elements are in the order of the ASN.1 module;
 * those that have their default value are not written.
 */
#include "store/content.h"
#include "store/record.h"

enum message_tag {
	TAG_KIND = 0,
	TAG_STATE = 1,
	TAG_PRIORITY = 2,
	TAG_LINK = 3,
	TAG_FROM_LINK = 4,
	TAG_ARRIVAL = 5,
	TAG_NEXT_TRY = 6,
	TAG_EXPIRES = 7,
	TAG_ATTEMPTS = 8,
	TAG_TRANSFER_ATTEMPTS = 9,
	TAG_CRASHES = 10,
	TAG_CONTENT_ID = 12,
	TAG_CONTENT_LENGTH = 13,
	TAG_MTS_ID = 14,
	TAG_REASON = 15,
	TAG_SOURCE = 17,
	TAG_STRIP = 18,
	TAG_EXPANDED = 19,
	TAG_EXPLICIT = 20,
	TAG_ENVELOPE_ID = 25,
	TAG_ENVELOPE_LENGTH = 26,
	TAG_NAMES = 28,
	TAG_INSIDE = 29,
	TAG_OUTSIDE = 30,
	TAG_DEFERRALS = 31,
	TAG_RECIPIENTS = 39,
	TAG_OWN_TIME = 42
};

/* record_begin_as - begin a record with another version */
void
record_begin_as(struct ber_writer *writer, struct buffer *out, int64_t version)
{
	/* The version comes first, so that an unknown one is told before
	 * anything is guessed at. */
	ber_writer_init(writer, out);
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put_integer(writer, BER_UNI(BER_INTEGER), version);
}

/* record_begin - begin a record with its version */
void
record_begin(struct ber_writer *writer, struct buffer *out)
{
	record_begin_as(writer, out, RECORD_VERSION);
}

/* record_error - translate an error of the BER reader */
int
record_error(int code)
{
	/* Lack of memory and a newer version are not the record's fault, or ask
	 * for a newer release; everything else is damage. */
	if (code == 0 || code == ERR_NOMEM || code == ERR_UNSUPPORTED)
		return code;
	return ERR_CORRUPT;
}

/* record_open_to - read a record of any version up to one */
int
record_open_to(struct slice value, const char *name, int64_t newest,
    struct ber_reader *inner, struct diag *diag)
{
	struct ber_reader outer;
	struct ber_element el;
	int64_t version;
	int rc;

	ber_reader_init(&outer, value, diag);
	rc = ber_expect(&outer, BER_UNI(BER_SEQUENCE), name, &el);
	if (rc == 0)
		rc = ber_enter(&outer, &el, inner);
	if (rc == 0)
		rc = ber_end(&outer, name);
	if (rc == 0)
		rc = ber_expect(inner, BER_UNI(BER_INTEGER), "version", &el);
	if (rc == 0)
		rc = ber_get_integer(
		    inner, &el, "version", 0, INT32_MAX, &version);
	/* A version that is not ours is refused rather than guessed at. */
	if (rc == 0 && (version < RECORD_VERSION || version > newest))
		rc = diag_set(diag, ERR_UNSUPPORTED,
		    "%s: version %lld is not known", name, (long long)version);
	return rc;
}

/* record_open - read the version of a record and go on with its elements */
int
record_open(struct slice value, const char *name, struct ber_reader *inner,
    struct diag *diag)
{
	return record_open_to(value, name, RECORD_VERSION, inner, diag);
}

/* record_number - decode the next element, a number of 0..max */
int
record_number(struct ber_reader *inner, unsigned tag, const char *name,
    uint64_t max, uint64_t *value)
{
	struct ber_element el;
	int64_t number;
	/* Elements have a fixed order: another tag is damage, or an element
	 * that is missing. */
	int rc = ber_expect(inner, BER_CTX(tag), name, &el);

	if (rc == 0)
		rc =
		    ber_get_integer(inner, &el, name, 0, (int64_t)max, &number);
	if (rc == 0)
		*value = (uint64_t)number;
	return rc;
}

/* record_octets - decode the next element, min..max octets, borrowed */
int
record_octets(struct ber_reader *inner, unsigned tag, const char *name,
    size_t min, size_t max, struct slice *value)
{
	struct ber_element el;
	int rc = ber_expect(inner, BER_CTX(tag), name, &el);

	if (rc != 0)
		return rc;
	/* Lengths are checked before they are used: a record may have been
	 * written by anybody with the file. */
	if (el.constructed || el.contents.len < min || el.contents.len > max)
		return ber_error(inner, &el, ERR_VALUE, name, "bad length");
	*value = el.contents;
	return 0;
}

/* record_optional_number - decode a number as record_number does; 0 if it is
 * not there */
int
record_optional_number(struct ber_reader *inner, unsigned tag, const char *name,
    uint64_t max, uint64_t *value)
{
	uint32_t next;
	int rc = ber_peek(inner, &next);

	/* Zero is what an older release would have written, since it is not
	 * written at all. */
	*value = 0;
	if (rc <= 0 || next != BER_CTX(tag))
		return rc < 0 ? rc : 0;
	return record_number(inner, tag, name, max, value);
}

/* record_optional_octets - decode octets as record_octets does; empty if they
 * are not there */
int
record_optional_octets(struct ber_reader *inner, unsigned tag, const char *name,
    size_t max, struct slice *value)
{
	uint32_t next;
	int rc = ber_peek(inner, &next);

	*value = slice_of(NULL, 0);
	if (rc <= 0 || next != BER_CTX(tag))
		return rc < 0 ? rc : 0;
	return record_octets(inner, tag, name, 0, max, value);
}

/* put_optional - encode a number, unless it is 0 */
static void
put_optional(struct ber_writer *writer, unsigned tag, uint64_t value)
{
	/* Elements with their default value are left out, so that old and new
	 * records read alike. */
	if (value != 0)
		record_put_number(writer, tag, value);
}

/* put_optional_octets - encode octets, unless there are none */
static void
put_optional_octets(
    struct ber_writer *writer, unsigned tag, struct slice octets)
{
	if (octets.len != 0)
		ber_put(writer, BER_CTX(tag), octets);
}

/* record_encode_message - encode the head, and the body as body->outside
 * says */
int
record_encode_message(const struct store_message *message,
    const struct record_body *body, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, TAG_KIND, message->kind);
	record_put_number(&w, TAG_STATE, message->state);
	record_put_number(&w, TAG_PRIORITY, message->priority);
	record_put_number(&w, TAG_LINK, message->link);
	put_optional(&w, TAG_FROM_LINK, message->from_link);
	record_put_number(&w, TAG_ARRIVAL, (uint64_t)message->arrival);
	put_optional(&w, TAG_NEXT_TRY, (uint64_t)message->next_try);
	put_optional(&w, TAG_EXPIRES, (uint64_t)message->expires);
	put_optional(&w, TAG_ATTEMPTS, message->attempts);
	put_optional(&w, TAG_TRANSFER_ATTEMPTS, message->transfer_attempts);
	put_optional(&w, TAG_CRASHES, message->crashes);
	put_optional(&w, TAG_CONTENT_ID, message->content_id);
	put_optional(&w, TAG_CONTENT_LENGTH, message->content_length);
	put_optional_octets(&w, TAG_MTS_ID, message->mts_id);
	put_optional_octets(&w, TAG_REASON, message->reason);
	put_optional(&w, TAG_SOURCE, message->source);
	put_optional(&w, TAG_STRIP, message->strip);
	put_optional(&w, TAG_EXPANDED, message->expanded);
	put_optional(&w, TAG_EXPLICIT, message->explicit);
	put_optional(&w, TAG_DEFERRALS, message->deferrals);
	put_optional_octets(&w, TAG_NAMES, message->names);
	if (message->envelope_id != 0) {
		record_put_number(&w, TAG_ENVELOPE_ID, message->envelope_id);
		record_put_number(
		    &w, TAG_ENVELOPE_LENGTH, message->envelope_length);
	}
	put_optional(&w, TAG_RECIPIENTS, message->recipients);
	put_optional(&w, TAG_OWN_TIME, message->own_time);
	/* Unknown elements of a newer release are kept as they are: a queue may
	 * be opened by an older one and go back. */
	ber_put_raw(&w, message->extra);
	ber_begin(&w, BER_CTX(body->outside ? TAG_OUTSIDE : TAG_INSIDE));
	if (body->outside) {
		record_put_number(&w, 0, body->envelope);
		record_put_number(&w, 1, body->content);
	} else {
		ber_put(&w, BER_CTX(0), message->envelope);
		ber_put(&w, BER_CTX(1), message->content);
	}
	ber_end_element(&w);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* decode_routing - decode the elements from kind to expires */
static int
decode_routing(struct ber_reader *inner, struct store_message *m)
{
	uint64_t kind, state, priority, link, from = 0, time[3] = {0, 0, 0};
	int rc;

	/* Every number is bounded by its enum, since it becomes an index. */
	rc = record_number(inner, TAG_KIND, "kind", MTS_REPORT, &kind);
	if (rc == 0)
		rc = record_number(
		    inner, TAG_STATE, "state", STORE_QUARANTINED, &state);
	if (rc == 0)
		rc = record_number(inner, TAG_PRIORITY, "priority",
		    STORE_NON_URGENT, &priority);
	if (rc == 0)
		rc = record_number(inner, TAG_LINK, "link", UINT32_MAX, &link);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_FROM_LINK, "from-link", UINT32_MAX, &from);
	if (rc == 0)
		rc = record_number(
		    inner, TAG_ARRIVAL, "arrival", RECORD_NUMBER_MAX, &time[0]);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_NEXT_TRY, "next-try",
		    RECORD_NUMBER_MAX, &time[1]);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_EXPIRES, "expires", RECORD_NUMBER_MAX, &time[2]);
	if (rc != 0)
		return rc;
	m->kind = (enum mts_kind)kind;
	m->state = (enum store_state)state;
	m->priority = (enum store_priority)priority;
	m->link = (uint32_t)link;
	m->from_link = (uint32_t)from;
	m->arrival = (int64_t)time[0];
	m->next_try = (int64_t)time[1];
	m->expires = (int64_t)time[2];
	return 0;
}

/* decode_details - decode the elements from attempts to names */
static int
decode_details(struct ber_reader *inner, struct store_message *m)
{
	uint64_t count[3] = {0, 0, 0}, source = 0, strip = 0;
	uint64_t explicit = 0, deferrals = 0;
	int rc;

	rc = record_optional_number(
	    inner, TAG_ATTEMPTS, "attempts", UINT32_MAX, &count[0]);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_TRANSFER_ATTEMPTS,
		    "transfer-attempts", UINT32_MAX, &count[1]);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_CRASHES, "crashes", UINT32_MAX, &count[2]);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_CONTENT_ID, "content-id",
		    RECORD_NUMBER_MAX, &m->content_id);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_CONTENT_LENGTH,
		    "content-length", RECORD_NUMBER_MAX, &m->content_length);
	if (rc == 0)
		rc = record_optional_octets(
		    inner, TAG_MTS_ID, "mts-id", STORE_MTS_ID_MAX, &m->mts_id);
	if (rc == 0)
		rc = record_optional_octets(
		    inner, TAG_REASON, "reason", STORE_REASON_MAX, &m->reason);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_SOURCE, "source", UINT32_MAX, &source);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_STRIP, "strip", UINT32_MAX, &strip);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_EXPANDED, "expanded",
		    RECORD_NUMBER_MAX, &m->expanded);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_EXPLICIT, "explicit", 1, &explicit);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_DEFERRALS, "deferrals", UINT32_MAX, &deferrals);
	if (rc == 0)
		rc = record_optional_octets(
		    inner, TAG_NAMES, "names", STORE_NAMES_MAX, &m->names);
	m->explicit = explicit == 1;
	m->source = (uint32_t)source;
	m->strip = (uint32_t)strip;
	m->attempts = (uint32_t)count[0];
	m->transfer_attempts = (uint32_t)count[1];
	m->crashes = (uint32_t)count[2];
	m->deferrals = (uint32_t)deferrals;
	return rc;
}

/* decode_object - decode which object is the envelope, how long it is, for how
 * many the copy is, and whether it has a time of its own */
static int
decode_object(struct ber_reader *inner, struct store_message *m)
{
	uint64_t length = 0, recipients = 0, own_time = 0;
	int rc = record_optional_number(inner, TAG_ENVELOPE_ID, "envelope-id",
	    RECORD_NUMBER_MAX, &m->envelope_id);

	if (rc == 0)
		rc = record_optional_number(inner, TAG_ENVELOPE_LENGTH,
		    "envelope-length", STORE_ENVELOPE_MAX, &length);
	if (rc == 0)
		rc = record_optional_number(inner, TAG_RECIPIENTS, "recipients",
		    UINT32_MAX, &recipients);
	if (rc == 0)
		rc = record_optional_number(
		    inner, TAG_OWN_TIME, "own-time", 1, &own_time);
	m->own_time = own_time == 1;
	m->envelope_length = (size_t)length;
	m->recipients = (uint32_t)recipients;
	return rc;
}

/* decode_extra - keep elements that we do not know, up to the body */
static int
decode_extra(struct ber_reader *inner, struct store_message *m)
{
	struct ber_element el;
	const uint8_t *begin = inner->rest.data;
	size_t len = 0;
	uint32_t tag;
	int rc;

	/* Everything between the known elements and the body came from a newer
	 * release; it is kept octet for octet. */
	while ((rc = ber_peek(inner, &tag)) == 1 &&
	    tag != BER_CTX(TAG_INSIDE) && tag != BER_CTX(TAG_OUTSIDE)) {
		rc = ber_next(inner, &el);
		if (rc < 0)
			return rc;
		len += el.whole.len;
		/* A bound, because it is copied into every record that is
		 * written. */
		if (len > STORE_EXTRA_MAX)
			return ber_error(inner, &el, ERR_LIMIT, "record",
			    "too much that is unknown");
	}
	if (rc == 1 && len != 0)
		m->extra = slice_of(begin, len);
	return rc < 0 ? rc : 0;
}

/* decode_body - decode envelope and content, or how long they are outside */
static int
decode_body(
    struct ber_reader *inner, struct store_message *m, struct record_body *body)
{
	struct ber_reader in;
	struct ber_element el;
	uint64_t envelope, content;
	int rc = ber_optional(inner, BER_CTX(TAG_OUTSIDE), &el);

	if (rc < 0)
		return rc;
	body->outside = rc == 1;
	if (!body->outside)
		rc = ber_expect(inner, BER_CTX(TAG_INSIDE), "body", &el);
	else
		rc = 0;
	if (rc == 0)
		rc = ber_enter(inner, &el, &in);
	if (rc != 0)
		return rc;
	if (body->outside) {
		rc = record_number(
		    &in, 0, "envelope", STORE_ENVELOPE_MAX, &envelope);
		if (rc == 0)
			rc = record_number(
			    &in, 1, "content", STORE_INLINE_MAX, &content);
		if (rc != 0)
			return rc;
		body->envelope = (size_t)envelope;
		body->content = (size_t)content;
	} else {
		rc = record_octets(
		    &in, 0, "envelope", 0, STORE_ENVELOPE_MAX, &m->envelope);
		if (rc == 0)
			rc = record_octets(&in, 1, "content", 0,
			    STORE_INLINE_MAX, &m->content);
		body->envelope = m->envelope.len;
		body->content = m->content.len;
	}
	return rc;
}

/* record_decode_message - decode all but the id */
int
record_decode_message(struct slice value, struct store_message *message,
    struct record_body *body, struct diag *diag)
{
	struct store_message m = {.id = message->id};
	struct record_body b = {.outside = false};
	struct ber_reader inner;
	int rc;

	rc = record_open(value, "message record", &inner, diag);
	if (rc == 0)
		rc = decode_routing(&inner, &m);
	if (rc == 0)
		rc = decode_details(&inner, &m);
	if (rc == 0)
		rc = decode_object(&inner, &m);
	if (rc == 0)
		rc = decode_extra(&inner, &m);
	if (rc == 0)
		rc = decode_body(&inner, &m, &b);
	if (rc == 0)
		rc = ber_end(&inner, "message record");
	/* The length outside and the octets inside must agree: the length is
	 * what the queue is charged for. */
	if (rc == 0 && m.content_id == 0 && b.content != m.content_length)
		rc = diag_set(diag, ERR_CORRUPT,
		    "message record: content of %zu octets, not %llu",
		    b.content, (unsigned long long)m.content_length);
	if (rc == 0 && m.content_id != 0 && b.content != 0)
		rc = diag_set(diag, ERR_CORRUPT,
		    "message record: content both inline and apart");
	if (rc == 0 && m.envelope_id != 0 && b.envelope != 0)
		rc = diag_set(diag, ERR_CORRUPT,
		    "message record: envelope both inline and apart");
	if (rc != 0)
		return record_error(rc);
	if (m.envelope_id == 0)
		m.envelope_length = b.envelope;
	*message = m;
	*body = b;
	return 0;
}

/* check_length - check that a slice is within its bound */
static int
check_length(
    struct slice slice, size_t max, const char *name, struct diag *diag)
{
	if (slice.len <= max)
		return 0;
	return diag_set(diag, ERR_LIMIT,
	    "message record: %s of %zu octets, at most %zu", name, slice.len,
	    max);
}

/* record_valid - check that the fields are within their bounds */
int
/* The enums are compared as unsigned, so that a negative value fails the same
 * test. */
record_valid(const struct store_message *m, struct diag *diag)
{
	int rc;

	if ((unsigned)m->kind > MTS_REPORT ||
	    (unsigned)m->state > STORE_QUARANTINED ||
	    (unsigned)m->priority > STORE_NON_URGENT || m->arrival < 0 ||
	    m->next_try < 0 || m->expires < 0 ||
	    m->content_length > RECORD_NUMBER_MAX ||
	    m->content_id > RECORD_NUMBER_MAX ||
	    m->envelope_id > RECORD_NUMBER_MAX ||
	    m->expanded > RECORD_NUMBER_MAX)
		return diag_set(
		    diag, ERR_VALUE, "message record: value out of range");
	/* hours of arrival are counted in 32 bits */
	if (m->arrival / 3600000 > UINT32_MAX)
		return diag_set(
		    diag, ERR_VALUE, "message record: arrival out of range");
	rc = check_length(m->mts_id, STORE_MTS_ID_MAX, "mts-id", diag);
	if (rc == 0)
		rc = check_length(m->names, STORE_NAMES_MAX, "names", diag);
	if (rc == 0)
		rc = check_length(m->reason, STORE_REASON_MAX, "reason", diag);
	if (rc == 0)
		rc = check_length(m->extra, STORE_EXTRA_MAX, "extra", diag);
	if (rc == 0)
		rc = check_length(
		    m->envelope, STORE_ENVELOPE_MAX, "envelope", diag);
	if (rc == 0 && m->envelope_length > STORE_ENVELOPE_MAX)
		rc = diag_set(diag, ERR_LIMIT,
		    "message record: envelope of %zu octets",
		    m->envelope_length);
	if (rc == 0)
		rc =
		    check_length(m->content, STORE_INLINE_MAX, "content", diag);
	return rc;
}
