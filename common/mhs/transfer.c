/* SPDX-License-Identifier: ISC */
/*
 * transfer.c - an MTS-APDU on its way in or out (X.419, MTS-APDU)
 *
 * The reader sees the elements of the octets through one ber_stream; those of
 * an APDU that stands in an OCTET STRING of its EXTERNAL through a second one.
 * `base` is the depth at which the APDU itself begins in its stream.
 */
#include "mhs/transfer.h"

#define GATHERED_KEPT 65536 /* octets of memory that outlive a reset */

#define SINGLE_ASN1   BER_CTX(0)
#define OCTET_ALIGNED BER_CTX(1)

/* transfer_is_apart - tell whether the envelope is large */
bool
transfer_is_apart(const struct transfer_reader *reader)
{
	return reader->curtail.taken > 0;
}

/* transfer_recipients - count the recipients of the envelope */
uint64_t
transfer_recipients(const struct transfer_reader *reader)
{
	return reader->apart.count + reader->envelope.recipient_count;
}

/* transfer_left_out - count the recipients that the envelope is without */
uint64_t
transfer_left_out(const struct transfer_reader *reader)
{
	return reader->curtail.left_out + reader->apart.left_out;
}

/* transfer_elements_left_out - count the other elements */
uint64_t
transfer_elements_left_out(const struct transfer_reader *reader)
{
	return reader->curtail.elements_left_out +
	    reader->apart.elements_left_out;
}

/* fail - note what is wrong at this event and return code */
static int
fail(struct transfer_reader *reader, const struct ber_stream_event *event,
    int code, const char *why)
{
	return diag_set(reader->diag, code, "MTS-APDU at offset %llu: %s",
	    (unsigned long long)event->offset, why);
}

/* top_of - tell at which depth the envelope lies: a probe's is the APDU itself,
 * others have theirs one level down */
static unsigned
top_of(const struct transfer_reader *reader)
{
	return reader->base + (reader->kind == MTS_PROBE ? 0 : 1);
}

/* hand_recipients - hand on the recipients that are here, and give their memory
 * back */
static int
hand_recipients(struct transfer_reader *reader, struct slice recipients)
{
	struct diag diag = {0};
	int error = p1_apart_push(&reader->apart, recipients, &diag);

	if (error != 0)
		return diag_set(reader->diag, error,
		    "envelope at offset %llu, within: %s",
		    (unsigned long long)reader->envelope_offset,
		    diag_text(&diag));
	curtail_take(&reader->curtail, &reader->gathered);
	/* All may be too many. */
	if (buffer_length(&reader->apart.out) == 0)
		return 0;
	error = reader->handler.recipients(
	    reader->handler.arg, buffer_slice(&reader->apart.out));
	buffer_reset(&reader->apart.out);
	return error;
}

/* hand_due - hand on the recipients of a large envelope before an event: those
 * of a piece, or the last ones */
static int
hand_due(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	struct slice here =
	    curtail_recipients(&reader->curtail, &reader->gathered);
	bool last = transfer_is_apart(reader) && event->kind == STREAM_END &&
	    event->depth == top_of(reader) + 1;

	if (reader->handler.recipients == NULL || here.len == 0 ||
	    (here.len < TRANSFER_APART && !last))
		return 0;
	return hand_recipients(reader, here);
}

/* transfer_keep - gather the octets of an event of the envelope */
static int
transfer_keep(
    struct transfer_reader *reader, const struct ber_stream_event *event)
{
	int error = hand_due(reader, event);

	if (error != 0)
		return error;
	error = curtail_gather(
	    &reader->curtail, &reader->gathered, event, top_of(reader));
	if (error != 0)
		return fail(reader, event, error,
		    error == ERR_LIMIT ? "envelope larger than is allowed"
				       : "out of memory");
	return 0;
}

/* begin_apdu - tell which of the three an APDU is */
static int
begin_apdu(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	if (event->kind != STREAM_BEGIN || !event->constructed)
		return fail(reader, event, ERR_SYNTAX, "no APDU");
	if (p1_kind_of(event->tag, &reader->kind) < 0)
		return fail(reader, event, ERR_SYNTAX,
		    "neither message, probe nor report");
	if (reader->kind != MTS_PROBE) {
		reader->state = TRANSFER_APDU;
		return 0;
	}
	/* The tag of a probe stands for that of the envelope's SET. */
	reader->state = TRANSFER_ENVELOPE;
	reader->envelope_offset = event->offset;
	return transfer_keep(reader, event);
}

/* begin_envelope - begin the first element of a message or report */
static int
begin_envelope(
    struct transfer_reader *reader, const struct ber_stream_event *event)
{
	if (event->kind != STREAM_BEGIN || event->tag != BER_UNI(BER_SET) ||
	    !event->constructed)
		return fail(reader, event, ERR_SYNTAX, "envelope missing");
	reader->state = TRANSFER_ENVELOPE;
	reader->envelope_offset = event->offset;
	return transfer_keep(reader, event);
}

/* decode_once - decode what is gathered of an envelope */
static int
decode_once(struct transfer_reader *reader, struct diag *diag)
{
	struct slice octets = buffer_slice(&reader->gathered);

	if (!transfer_is_apart(reader))
		return p1_decode(reader->kind, octets, &reader->arena,
		    &reader->envelope, diag);
	reader->arena.max = P1_APART_REST;
	return p1_decode_rest(
	    reader->kind, octets, &reader->arena, &reader->envelope, diag);
}

/* decode_gathered - decode an envelope that is whole, without what takes more
 * memory than it may */
static int
decode_gathered(struct transfer_reader *reader, struct diag *diag)
{
	int error = decode_once(reader, diag), again = error;

	/* Less and less of the envelope is kept until it fits: its originator
	 * must be known to be told. */
	while (again == ERR_LIMIT) {
		arena_reset(&reader->arena);
		if (curtail_reduce(&reader->curtail, &reader->gathered) != 0)
			return error;
		again = decode_once(reader, NULL);
	}
	return again == 0 ? 0 : error;
}

/* end_envelope - decode an envelope that is whole, and tell */
static int
end_envelope(struct transfer_reader *reader)
{
	struct diag diag;
	int error;

	diag_clear(&diag);
	error = decode_gathered(reader, &diag);
	if (error != 0)
		return diag_set(reader->diag, error,
		    "envelope at offset %llu, within: %s",
		    (unsigned long long)reader->envelope_offset,
		    diag_text(&diag));
	reader->state =
	    reader->kind == MTS_PROBE ? TRANSFER_DONE : TRANSFER_CONTENT;
	return reader->handler.envelope(reader->handler.arg, &reader->envelope,
	    buffer_slice(&reader->gathered));
}

/* transfer_gather - collect one more event of the envelope */
static int
transfer_gather(
    struct transfer_reader *reader, const struct ber_stream_event *event)
{
	int error;

	error = transfer_keep(reader, event);
	if (error != 0)
		return error;
	if (event->kind == STREAM_END && event->depth == top_of(reader))
		return end_envelope(reader);
	return 0;
}

/* hand_on - hand on a piece of the content */
static int
hand_on(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	if (event->raw.len == 0)
		return 0;
	if (event->raw.len > reader->content_max - reader->content_length)
		return fail(reader, event, ERR_LIMIT, "content too large");
	reader->content_length += event->raw.len;
	return reader->handler.content(reader->handler.arg, event->raw);
}

/* announce - tell how many octets of content come, where that is known */
static int
announce(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	/* A report's content is an element of its own, whose header belongs to
	 * it. */
	uint64_t header = reader->kind == MTS_REPORT ? event->raw.len : 0;

	/* An indefinite length or segments give no number. */
	if (reader->handler.announced == NULL ||
	    event->length > UINT64_MAX - 1 - header ||
	    (reader->kind == MTS_MESSAGE && event->constructed))
		return 0;
	return reader->handler.announced(
	    reader->handler.arg, event->length + header);
}

/* begin_content - begin the second element of a message or report */
static int
begin_content(
    struct transfer_reader *reader, const struct ber_stream_event *event)
{
	uint32_t tag = reader->kind == MTS_MESSAGE ? BER_UNI(BER_OCTET_STRING)
						   : BER_UNI(BER_SET);
	int error;

	if (event->depth == reader->base) {
		/* The content ends here. */
		if (!reader->content_ended)
			return fail(
			    reader, event, ERR_SYNTAX, "content missing");
		reader->state = TRANSFER_DONE;
		return 0;
	}
	if (reader->content_ended)
		return fail(
		    reader, event, ERR_SYNTAX, "something after the content");
	if (event->tag != tag ||
	    (tag == BER_UNI(BER_SET) && !event->constructed))
		return fail(reader, event, ERR_SYNTAX, "not what a content is");
	reader->content_begun = true;
	/* A message's content is the contents of the OCTET STRING, a report's
	 * the element as a whole. */
	error = announce(reader, event);
	return error == 0 && reader->kind == MTS_REPORT ? hand_on(reader, event)
							: error;
}

/* content - take one more event of the content, or around it */
static int
content(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	int error = 0;

	if (!reader->content_begun || reader->content_ended)
		return begin_content(reader, event);
	if (reader->kind == MTS_REPORT)
		error = hand_on(reader, event);
	/* Headers of segments are not part of the content. */
	else if (event->kind == STREAM_DATA)
		error = hand_on(reader, event);
	else if (event->tag != BER_UNI(BER_OCTET_STRING))
		error = fail(reader, event, ERR_SYNTAX, "content: not octets");
	if (event->kind == STREAM_END && event->depth == reader->base + 1)
		reader->content_ended = true;
	return error;
}

/* apdu - take an event at or below the APDU itself */
static int
apdu(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	switch (reader->state) {
	case TRANSFER_OUTER:
		return begin_apdu(reader, event);
	case TRANSFER_APDU:
		return begin_envelope(reader, event);
	case TRANSFER_ENVELOPE:
		return transfer_gather(reader, event);
	case TRANSFER_CONTENT:
		return content(reader, event);
	case TRANSFER_DONE:
	case TRANSFER_FAILED:
	default:
		return fail(reader, event, ERR_SYNTAX, "octets after the APDU");
	}
}

/* on_inner - take an event within an octet-aligned EXTERNAL */
static int
on_inner(void *arg, const struct ber_stream_event *event)
{
	return apdu(arg, event);
}

/* wrapped - take an event of an EXTERNAL, but of an APDU in its [0] */
static int
wrapped(struct transfer_reader *reader, const struct ber_stream_event *event)
{
	size_t i;

	if (event->depth == 1 && event->kind == STREAM_BEGIN) {
		reader->octet_aligned = event->tag == OCTET_ALIGNED;
		if (reader->octet_aligned || event->tag == SINGLE_ASN1)
			return reader->state == TRANSFER_OUTER
			    ? 0
			    : fail(reader, event, ERR_SYNTAX, "second APDU");
		if (event->tag == BER_UNI(BER_INTEGER) && !event->constructed)
			reader->has_context = true;
		else if (event->tag != BER_UNI(BER_OID) &&
		    event->tag != BER_UNI(7))
			return fail(reader, event, ERR_UNSUPPORTED,
			    "EXTERNAL of an unknown sort");
		return 0;
	}
	if (event->kind != STREAM_DATA)
		return 0;
	if (reader->octet_aligned)
		return ber_stream_push(
		    &reader->inner, event->raw, reader->diag);
	/* Only the low 32 bits are kept: more cannot be a context that was
	 * agreed. */
	if (event->tag == BER_UNI(BER_INTEGER))
		for (i = 0; i < event->raw.len; i++)
			reader->context = (reader->context & 0xffffff) << 8 |
			    event->raw.data[i];
	return 0;
}

/* on_event - take an event of the outermost stream */
static int
on_event(void *arg, const struct ber_stream_event *event)
{
	struct transfer_reader *reader = arg;
	bool first = event->depth == 0 && event->kind == STREAM_BEGIN;

	/* A second APDU in one transfer would have nobody to acknowledge it. */
	if (first && reader->external)
		return fail(reader, event, ERR_SYNTAX, "octets after the APDU");
	if (first && reader->state == TRANSFER_OUTER &&
	    event->tag == BER_UNI(BER_EXTERNAL)) {
		reader->external = true;
		reader->base = 2;
		return 0;
	}
	/* X.410 mode: no EXTERNAL. */
	if (!reader->external)
		return apdu(reader, event);
	if (event->depth >= 2 && !reader->octet_aligned)
		return apdu(reader, event);
	if (reader->octet_aligned)
		reader->base = 0;
	return wrapped(reader, event);
}

/* rewind_reader - expect an APDU */
static void
rewind_reader(struct transfer_reader *reader)
{
	/* Octets that BER adds to segments of content are bounded likewise. */
	uint64_t max = reader->content_max < UINT64_MAX / 8
	    ? reader->content_max * 4 + 2 * P1_ENVELOPE_MAX
	    : UINT64_MAX - 1;

	ber_stream_init(&reader->stream, max, on_event, reader);
	ber_stream_init(&reader->inner, max, on_inner, reader);
	reader->state = TRANSFER_OUTER;
	reader->kind = MTS_MESSAGE;
	reader->external = reader->octet_aligned = false;
	reader->has_context = false;
	reader->context = 0;
	reader->base = 0;
	reader->content_begun = reader->content_ended = false;
	reader->content_length = 0;
	reader->envelope_offset = 0;
	curtail_init(&reader->curtail);
	p1_apart_reset(&reader->apart);
	reader->arena.max = P1_ARENA_MAX;
	reader->error = 0;
}

/* transfer_reader_init - expect one APDU */
void
transfer_reader_init(struct transfer_reader *reader,
    const struct transfer_handler *handler, uint64_t content_max)
{
	*reader = (struct transfer_reader){
	    .handler = *handler, .content_max = content_max};
	buffer_init(&reader->gathered, P1_ENVELOPE_MAX);
	arena_init(&reader->arena, P1_ARENA_MAX);
	p1_apart_init(&reader->apart);
	rewind_reader(reader);
}

/* transfer_reader_reset - forget all, expect the next APDU */
void
transfer_reader_reset(struct transfer_reader *reader)
{
	/* A large buffer is given back, so that one big envelope does not stay
	 * in memory for ever. */
	if (reader->gathered.capacity > GATHERED_KEPT) {
		buffer_fini(&reader->gathered);
		buffer_init(&reader->gathered, P1_ENVELOPE_MAX);
	} else {
		buffer_reset(&reader->gathered);
	}
	arena_reset(&reader->arena);
	rewind_reader(reader);
}

/* transfer_reader_fini - give the memory back */
void
transfer_reader_fini(struct transfer_reader *reader)
{
	buffer_fini(&reader->gathered);
	arena_fini(&reader->arena);
	p1_apart_fini(&reader->apart);
	reader->state = TRANSFER_FAILED;
	reader->error = ERR_STATE;
}

/* transfer_push - take octets that arrived */
int
transfer_push(
    struct transfer_reader *reader, struct slice octets, struct diag *diag)
{
	int error;

	if (reader->error != 0)
		return diag_set(diag, reader->error, "failed before");
	if (octets.len == 0)
		return 0;
	reader->diag = diag;
	error = ber_stream_push(&reader->stream, octets, diag);
	reader->diag = NULL;
	if (error != 0) {
		reader->error = error;
		reader->state = TRANSFER_FAILED;
	}
	return error;
}

/* transfer_finish - check that the APDU is complete */
int
transfer_finish(struct transfer_reader *reader, struct diag *diag)
{
	if (reader->error != 0)
		return diag_set(diag, reader->error, "failed before");
	if (reader->state == TRANSFER_DONE &&
	    ber_stream_complete(&reader->stream))
		return 0;
	reader->error = ERR_TRUNCATED;
	reader->state = TRANSFER_FAILED;
	return diag_set(diag, ERR_TRUNCATED,
	    "MTS-APDU at offset %llu: ended too early",
	    (unsigned long long)reader->stream.total);
}
