/* SPDX-License-Identifier: ISC */
/*
 * ipm_decode.c - read an interpersonal message or notification as it arrives
 *
 * Contract in ipm_decode.h.  Each open element has a place, which says what
 * may stand within it; the place of an element follows from that of its
 * parent and from its tag.
 */
#include "mhs/ipm_decode.h"
#include "mhs/ipm_oid.h"
#include "mhs/ipm_part.h"

#define CTX BER_CTX
#define UNI BER_UNI

enum place {
	AT_IPM,	       /* heading, body */
	AT_HEADING,    /* captured */
	AT_BODY,       /* body parts */
	AT_SKIP,       /* nothing of it matters */
	AT_RAW,	       /* handed on as BER */
	AT_TEXT,       /* ia5-text: parameters, data */
	AT_TELETEX,    /* teletex: parameters, pages */
	AT_PAGES,      /* pages of T.61 */
	AT_STRING,     /* octets to be handed on */
	AT_BITS,       /* the same, of a BIT STRING */
	AT_MESSAGE,    /* parameters, IPM */
	AT_EXTENDED,   /* parameters, data */
	AT_PARAMETERS, /* captured */
	AT_EXTERNAL,   /* data of an extended body */
	AT_OID,	       /* its type, captured */
	AT_VALUE,      /* its single-ASN1-type */
	AT_FILES,      /* FileTransferData */
	AT_FILE,       /* an EXTERNAL in it */
	AT_FILE_VALUE, /* its single-ASN1-type */
	AT_IPN,	       /* fields of a notification, choice */
	AT_IPN_COMMON, /* a field, captured */
	AT_IPN_CHOICE, /* its kind */
	AT_IPN_KIND,   /* fields of that kind */
	AT_IPN_FIELD   /* a field, captured */
};

/* emit - hand contents of a part to the handler */
static int
emit(void *arg, struct slice octets)
{
	struct ipm_decoder *d = arg;

	if (octets.len == 0 || d->handler.part_data == NULL)
		return 0;
	return d->handler.part_data(d->handler.arg, octets);
}

/* open_text - begin to convert what is emitted from the set of a text */
static void
open_text(struct ipm_decoder *d, enum ipm_kind kind)
{
	enum ipm_set set = IPM_SET_LATIN1;
	bool whole = true;

	if (kind == IPM_KIND_TELETEX)
		set = IPM_SET_T61;
	else if (kind == IPM_KIND_GENERAL_TEXT)
		set = ipm_part_sets(buffer_slice(&d->parameters), &whole);
	d->original = !whole && d->handler.part_original != NULL;
	ipm_text_init(&d->text, set,
	    kind == IPM_KIND_GENERAL_TEXT ? IPM_ESCAPES_OBEYED
					  : IPM_ESCAPES_TEXT);
	d->text_open = true;
}

/* is_raw - tell whether the part at hand is to be handed on as BER */
static bool
is_raw(const struct ipm_decoder *d)
{
	for (unsigned i = 0; d->raw != NULL && i < d->raw->count; i++)
		if (d->raw->part[i] == d->part[d->level].number)
			return true;
	return false;
}

/* refuse_message - end the decoding because of a message within the message */
static int
refuse_message(struct ipm_decoder *d, unsigned level, const char *why)
{
	d->unreadable = d->part[level].number;
	return diag_set(d->diag, ERR_SYNTAX, "forwarded message: %s", why);
}

/* begin_part - report a part, now that its kind is known */
static int
begin_part(struct ipm_decoder *d, enum ipm_kind kind)
{
	struct ipm_part part = {
	    .kind = kind,
	    .level = d->level,
	    .text = kind == IPM_KIND_IA5_TEXT || kind == IPM_KIND_TELETEX ||
		kind == IPM_KIND_GENERAL_TEXT,
	    .oid = slice_of(d->oid, d->oid_len),
	    .parameters = buffer_slice(&d->parameters),
	    .size = -1,
	    .modified = IPM_NO_TIME,
	};
	struct arena arena;
	int error = 0;

	d->part[d->level].kind = kind;
	d->part[d->level].begun = true;
	if (part.text) {
		open_text(d, kind);
		part.original = d->original;
	}
	part.unreadable = kind == IPM_KIND_MESSAGE && is_raw(d);
	arena_init(&arena, IPM_PARAMETERS_MAX);
	if (kind == IPM_KIND_FILE)
		error = ipm_part_file(part.parameters, &arena, &part);
	if (error == 0 && d->handler.part_begin != NULL)
		error = d->handler.part_begin(d->handler.arg, &part);
	arena_fini(&arena);
	return error;
}

/* end_part - end a part that is complete */
static int
end_part(struct ipm_decoder *d)
{
	enum ipm_kind kind = IPM_KIND_OTHER;
	int error;

	if (d->part[d->level].begun &&
	    d->part[d->level].kind == IPM_KIND_MESSAGE && !is_raw(d) &&
	    !d->part[d->level].heading)
		return refuse_message(d, d->level, "nothing in it");
	/* An extended body without a value is still a part. */
	if (!d->part[d->level].begun && (error = begin_part(d, kind)) < 0)
		return error;
	kind = d->part[d->level].kind;
	if (d->text_open) {
		d->text_open = false;
		error = ipm_text_finish(&d->text, emit, d);
		ipm_text_fini(&d->text);
		if (error < 0)
			return error;
	}
	d->part[d->level].begun = false;
	if (d->handler.part_end == NULL)
		return 0;
	return d->handler.part_end(d->handler.arg, kind, d->level);
}

/* enter_message - begin a message within a message */
static int
enter_message(struct ipm_decoder *d)
{
	if (d->level + 1 >= IPM_LEVELS)
		return refuse_message(
		    d, d->level, "a message within too many others");
	d->part[d->level].heading = false;
	d->level++;
	return AT_IPM;
}

/* begin_body - find the place of a body part by its tag and tell of it */
static int
begin_body(struct ipm_decoder *d, uint32_t tag)
{
	static const struct {
		uint32_t tag;
		enum ipm_kind kind;
		enum place place;
	} table[] = {
	    {CTX(0), IPM_KIND_IA5_TEXT, AT_TEXT},
	    {CTX(3), IPM_KIND_G3_FACSIMILE, AT_RAW},
	    {CTX(4), IPM_KIND_G4_CLASS1, AT_RAW},
	    {CTX(5), IPM_KIND_TELETEX, AT_TELETEX},
	    {CTX(6), IPM_KIND_VIDEOTEX, AT_RAW},
	    {CTX(7), IPM_KIND_NATIONALLY, AT_RAW},
	    {CTX(8), IPM_KIND_ENCRYPTED, AT_RAW},
	    {CTX(9), IPM_KIND_MESSAGE, AT_MESSAGE},
	    {CTX(11), IPM_KIND_MIXED_MODE, AT_RAW},
	    {CTX(14), IPM_KIND_BILATERALLY, AT_STRING},
	};
	int error;

	if (++d->parts > IPM_BODIES_MAX)
		return diag_set(d->diag, ERR_LIMIT, "more than %d body parts",
		    IPM_BODIES_MAX);
	d->oid_len = 0;
	buffer_reset(&d->parameters);
	d->part[d->level].begun = false;
	d->part[d->level].number = d->parts;
	d->part[d->level].heading = false;
	if (tag == CTX(15))
		return AT_EXTENDED;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].tag == tag) {
			error = begin_part(d, table[i].kind);
			if (error < 0)
				return error;
			return table[i].place == AT_MESSAGE && is_raw(d)
			    ? AT_RAW
			    : (int)table[i].place;
		}
	}
	error = begin_part(d, IPM_KIND_OTHER);
	return error < 0 ? error : AT_RAW;
}

/* begin_message - get the place of an extended body's message */
static int
begin_message(struct ipm_decoder *d, uint32_t tag)
{
	if (is_raw(d))
		return AT_RAW;
	if (tag != UNI(BER_SEQUENCE))
		return refuse_message(d, d->level, "no message in it");
	return enter_message(d);
}

/* begin_value - get the place of an extended body's value by its type */
static int
begin_value(struct ipm_decoder *d, uint32_t tag)
{
	struct slice oid = slice_of(d->oid, d->oid_len);

	if (!d->part[d->level].begun) {
		int error = begin_part(d, ipm_part_kind(ipm_oid_et(oid)));

		if (error < 0)
			return error;
	}
	switch (d->part[d->level].kind) {
	case IPM_KIND_IA5_TEXT:
	case IPM_KIND_GENERAL_TEXT:
	case IPM_KIND_BILATERALLY:
		return AT_STRING;
	case IPM_KIND_TELETEX:
		return AT_PAGES;
	case IPM_KIND_FILE:
		return AT_FILES;
	case IPM_KIND_MESSAGE:
		return begin_message(d, tag);
	case IPM_KIND_G3_FACSIMILE:
	case IPM_KIND_G4_CLASS1:
	case IPM_KIND_VIDEOTEX:
	case IPM_KIND_ENCRYPTED:
	case IPM_KIND_MIXED_MODE:
	case IPM_KIND_NATIONALLY:
	case IPM_KIND_OTHER:
		break;
	}
	return AT_RAW;
}

/* begin_external - find the place of what stands in an extended body's
 * EXTERNAL */
static int
begin_external(struct ipm_decoder *d, uint32_t tag)
{
	int error;

	switch (tag) {
	case UNI(BER_OID):
		return AT_OID;
	case CTX(0):
		return AT_VALUE;
	case CTX(1):
	case CTX(2):
		/* Octets whose structure only their type tells. */
		if (!d->part[d->level].begun &&
		    (error = begin_part(d, IPM_KIND_OTHER)) < 0)
			return error;
		return tag == CTX(1) ? AT_STRING : AT_BITS;
	default:
		return AT_SKIP;
	}
}

/* begin_file - find the place of what stands in the EXTERNAL of a file */
static int
begin_file(uint32_t tag)
{
	switch (tag) {
	case CTX(0):
		return AT_FILE_VALUE;
	case CTX(1):
		return AT_STRING;
	case CTX(2):
		return AT_BITS;
	default:
		return AT_SKIP;
	}
}

/* begin_top - find the place of the outermost element */
static int
begin_top(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	if (event->offset != 0 || !event->constructed ||
	    (event->tag != CTX(0) && event->tag != CTX(1)))
		return diag_set(d->diag, ERR_SYNTAX,
		    "neither an interpersonal message nor a notification");
	return event->tag == CTX(0) ? AT_IPM : AT_IPN;
}

/* begin_in_ipn - find the place of a notification's field */
static int
begin_in_ipn(struct ipm_decoder *d, enum place parent, uint32_t tag)
{
	if (parent == AT_IPN)
		return tag == CTX(0) ? AT_IPN_CHOICE : AT_IPN_COMMON;
	if (parent == AT_IPN_CHOICE) {
		if (tag > CTX(2) || tag < CTX(0))
			return AT_SKIP;
		d->has_choice = true;
		d->notification = tag == CTX(0) ? IPM_NON_RECEIPT
		    : tag == CTX(1)		? IPM_RECEIPT
						: IPM_OTHER_NOTIFICATION;
		return AT_IPN_KIND;
	}
	/* A returned message may be large, and nobody here reads it. */
	if (d->notification == IPM_NON_RECEIPT && tag == CTX(3))
		return AT_SKIP;
	return d->notification == IPM_OTHER_NOTIFICATION ? AT_SKIP
							 : AT_IPN_FIELD;
}

/* begin_in_message - get the place of what stands in a message */
static int
begin_in_message(struct ipm_decoder *d, uint32_t tag)
{
	bool within = d->level > 0;
	bool *heading = within ? &d->part[d->level - 1].heading : NULL;

	if (within &&
	    (*heading ? tag != UNI(BER_SEQUENCE) : tag != UNI(BER_SET)))
		return refuse_message(
		    d, d->level - 1, "neither a heading nor a body");
	if (within)
		*heading = true;
	if (tag == UNI(BER_SET))
		return AT_HEADING;
	return tag == UNI(BER_SEQUENCE) ? AT_BODY : AT_SKIP;
}

/* begin_at - find the place of an element; tell of the part that it begins */
static int
begin_at(struct ipm_decoder *d, enum place parent,
    const struct ber_stream_event *event)
{
	uint32_t tag = event->tag;

	switch (parent) {
	case AT_IPM:
		return begin_in_message(d, tag);
	case AT_BODY:
		return begin_body(d, tag);
	case AT_TEXT:
		return tag == UNI(BER_SET) ? AT_SKIP : AT_STRING;
	case AT_TELETEX:
		return tag == UNI(BER_SET) ? AT_SKIP : AT_PAGES;
	case AT_PAGES:
		return AT_STRING;
	case AT_STRING:
	case AT_BITS:
		return (int)parent; /* a segment of a constructed string */
	case AT_MESSAGE:
		if (tag == UNI(BER_SEQUENCE))
			return enter_message(d);
		/* Delivery time and envelope, which nobody is shown. */
		return tag == UNI(BER_SET)
		    ? AT_SKIP
		    : refuse_message(d, d->level, "no message in it");
	case AT_EXTENDED:
		return tag == CTX(0) ? AT_PARAMETERS : AT_EXTERNAL;
	case AT_EXTERNAL:
		return begin_external(d, tag);
	case AT_VALUE:
		return begin_value(d, tag);
	case AT_FILES:
		return AT_FILE;
	case AT_FILE:
		return begin_file(tag);
	case AT_FILE_VALUE:
		return event->constructed && tag != UNI(BER_OCTET_STRING)
		    ? AT_RAW
		    : AT_STRING;
	case AT_IPN:
	case AT_IPN_CHOICE:
	case AT_IPN_KIND:
		return begin_in_ipn(d, parent, tag);
	case AT_HEADING:
	case AT_PARAMETERS:
	case AT_OID:
	case AT_IPN_COMMON:
	case AT_IPN_FIELD:
	case AT_SKIP:
	case AT_RAW:
		break;
	}
	return (int)parent;
}

/* captured - tell whether an element of this place is read whole */
static bool
captured(enum place place)
{
	return place == AT_HEADING || place == AT_PARAMETERS ||
	    place == AT_OID || place == AT_IPN_COMMON || place == AT_IPN_FIELD;
}

/* capture - keep octets of what is read whole */
static int
capture(struct ipm_decoder *d, struct slice raw)
{
	int error = buffer_append(
	    d->into_fields ? &d->fields : &d->capture, raw.data, raw.len);

	if (error == ERR_LIMIT)
		return diag_set(
		    d->diag, error, "heading or parameters: %s", "too long");
	return error;
}

/* on_begin - note that an element begins */
static int
on_begin(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	enum place parent =
	    event->depth > 0 ? (enum place)d->place[event->depth - 1] : AT_SKIP;
	int place =
	    event->depth > 0 ? begin_at(d, parent, event) : begin_top(d, event);

	if (place < 0)
		return place;
	d->place[event->depth] = (uint8_t)place;
	if (d->capturing == 0 && captured((enum place)place)) {
		d->capturing = event->depth + 1;
		d->into_fields = place == AT_IPN_FIELD;
		if (place != AT_IPN_COMMON && place != AT_IPN_FIELD)
			buffer_reset(&d->capture);
	}
	if (d->capturing > 0)
		return capture(d, event->raw);
	d->drop_octet = place == AT_BITS;
	if (place == AT_RAW)
		return emit(d, event->raw);
	return 0;
}

/* on_data - take octets of a primitive element */
static int
on_data(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	enum place place = (enum place)d->place[event->depth];
	struct slice octets = event->raw;

	if (d->capturing > 0)
		return capture(d, octets);
	if (place == AT_BITS && d->drop_octet && octets.len > 0) {
		d->drop_octet = false;
		octets = slice_of(octets.data + 1, octets.len - 1);
	}
	if (place == AT_STRING && d->text_open) {
		int error = d->original
		    ? d->handler.part_original(d->handler.arg, octets)
		    : 0;

		return error < 0 ? error
				 : ipm_text_push(&d->text, octets, emit, d);
	}
	if (place == AT_STRING || place == AT_BITS || place == AT_RAW)
		return emit(d, octets);
	return 0;
}

/* end_heading - read a heading that is complete and tell of it */
static int
end_heading(struct ipm_decoder *d)
{
	struct ipm_heading heading;
	struct arena arena;
	int error;

	if (d->handler.heading == NULL)
		return 0;
	arena_init(&arena, IPM_ARENA_MAX);
	error = ipm_heading_decode(
	    buffer_slice(&d->capture), &arena, &heading, d->diag);
	if (error < 0 && error != ERR_NOMEM && d->level > 0)
		d->unreadable = d->part[d->level - 1].number;
	if (error == 0)
		error = d->handler.heading(d->handler.arg, &heading, d->level);
	arena_fini(&arena);
	return error;
}

/* end_oid - note the type of an extended body */
static int
end_oid(struct ipm_decoder *d)
{
	struct ber_reader reader;
	struct ber_element el;
	struct slice oid;
	int error;

	ber_reader_init(&reader, buffer_slice(&d->capture), d->diag);
	if ((error = ber_expect(&reader, UNI(BER_OID), "type", &el)) < 0 ||
	    (error = ber_get_oid(&reader, &el, "type", &oid)) < 0)
		return error;
	if (oid.len > sizeof(d->oid))
		return diag_set(d->diag, ERR_LIMIT, "type: too long");
	memcpy(d->oid, oid.data, oid.len);
	d->oid_len = (unsigned)oid.len;
	return 0;
}

/* end_notification - read a notification that is complete and tell of it */
static int
end_notification(struct ipm_decoder *d)
{
	struct ipm_notification notification;
	struct arena arena;
	int error;

	if (d->handler.notification == NULL)
		return 0;
	/* The choice is mandatory (X.420 8); no kind is the default. */
	if (!d->has_choice)
		return diag_set(d->diag, ERR_SYNTAX,
		    "a notification that says neither receipt nor non-receipt");
	arena_init(&arena, IPM_ARENA_MAX);
	error = ipm_notification_decode(buffer_slice(&d->capture),
	    buffer_slice(&d->fields), d->notification, &arena, &notification,
	    d->diag);
	if (error == 0)
		error = d->handler.notification(d->handler.arg, &notification);
	arena_fini(&arena);
	return error;
}

/* end_captured - use an element that was read whole */
static int
end_captured(struct ipm_decoder *d, enum place place)
{
	struct slice octets = buffer_slice(&d->capture);

	d->capturing = 0;
	d->into_fields = false;
	if (place == AT_HEADING)
		return end_heading(d);
	if (place == AT_OID)
		return end_oid(d);
	if (place == AT_PARAMETERS) {
		buffer_reset(&d->parameters);
		return buffer_append(&d->parameters, octets.data, octets.len);
	}
	return 0; /* of a notification, whose end is to come */
}

/* on_end - note that an element is complete */
static int
on_end(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	enum place place = (enum place)d->place[event->depth], parent;
	int error;

	if (d->capturing > 0) {
		if ((error = capture(d, event->raw)) < 0)
			return error;
		if (d->capturing == event->depth + 1)
			return end_captured(d, place);
		return 0;
	}
	if (place == AT_RAW && (error = emit(d, event->raw)) < 0)
		return error;
	if (event->depth == 0)
		return place == AT_IPN ? end_notification(d) : 0;
	parent = (enum place)d->place[event->depth - 1];
	if (place == AT_IPM)
		d->level--;
	if (parent == AT_PAGES && d->text_open) {
		/* A diacritic at the end of a page has no letter. */
		error = ipm_text_finish(&d->text, emit, d);
		return error < 0 ? error : emit(d, slice_of_string("\r\n"));
	}
	return parent == AT_BODY ? end_part(d) : 0;
}

/* on_event - pass on an event of the stream */
static int
on_event(void *arg, const struct ber_stream_event *event)
{
	struct ipm_decoder *d = arg;

	switch (event->kind) {
	case STREAM_BEGIN:
		return on_begin(d, event);
	case STREAM_DATA:
		return on_data(d, event);
	case STREAM_END:
		return on_end(d, event);
	}
	return 0;
}

/* ipm_decoder_init - expect one content */
void
ipm_decoder_init(
    struct ipm_decoder *d, const struct ipm_handler *handler, uint64_t max)
{
	memset(d, 0, sizeof(*d));
	d->handler = *handler;
	buffer_init(&d->capture, IPM_HEADING_MAX);
	buffer_init(&d->fields, IPM_PARAMETERS_MAX);
	buffer_init(&d->parameters, IPM_PARAMETERS_MAX);
	ber_stream_init(&d->stream, max, on_event, d);
}

/* ipm_decoder_fini - give back its memory */
void
ipm_decoder_fini(struct ipm_decoder *d)
{
	buffer_fini(&d->capture);
	buffer_fini(&d->fields);
	buffer_fini(&d->parameters);
	if (d->text_open)
		ipm_text_fini(&d->text);
	d->text_open = false;
}

/* ipm_decoder_push - take octets that arrived */
int
ipm_decoder_push(struct ipm_decoder *d, struct slice octets, struct diag *diag)
{
	int error;

	d->diag = diag;
	error = ber_stream_push(&d->stream, octets, diag);
	d->diag = NULL;
	return error;
}

/* ipm_decoder_finish - check that the content is complete */
int
ipm_decoder_finish(struct ipm_decoder *d, struct diag *diag)
{
	if (d->stream.error < 0)
		return d->stream.error;
	if (!ber_stream_complete(&d->stream))
		return diag_set(diag, ERR_TRUNCATED,
		    "ends within the message, after %llu octets",
		    (unsigned long long)d->stream.total);
	return 0;
}
