/* SPDX-License-Identifier: ISC */
/*
 * ipm_decode.c - read an interpersonal message or notification as it arrives
 *
 * Contract in ipm_decode.h.  ipm_place.c finds where each element stands,
 * ipm_body.c hands the parts on.
 */
#include "ber/time.h"
#include "mhs/ipm_body.h"
#include "mhs/ipm_decode.h"
#include "mhs/ipm_oid.h"
#include "mhs/ipm_part.h"
#include "mhs/ipm_place.h"

#define CTX BER_CTX
#define UNI BER_UNI

/* captured - tell whether an element of this place is read whole */
static bool
captured(enum ipm_place place)
{
	return place == AT_HEADING || place == AT_PARAMETERS ||
	    place == AT_DELIVERY || place == AT_OID || place == AT_IPN_COMMON ||
	    place == AT_IPN_FIELD;
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
	enum ipm_place parent = event->depth > 0
	    ? (enum ipm_place)d->place[event->depth - 1]
	    : AT_SKIP;
	int place = event->depth > 0 ? ipm_place_find(d, parent, event)
				     : ipm_place_outermost(d, event);

	if (place < 0)
		return place;
	d->place[event->depth] = (uint8_t)place;
	/* Only the outermost element that is read whole counts: others lie
	 * within it. */
	if (d->capturing == 0 && captured((enum ipm_place)place)) {
		d->capturing = event->depth + 1;
		d->into_fields = place == AT_IPN_FIELD;
		if (place != AT_IPN_COMMON && place != AT_IPN_FIELD)
			buffer_reset(&d->capture);
	}
	if (d->capturing > 0)
		return capture(d, event->raw);
	d->drop_octet = place == AT_BITS;
	if (place == AT_RAW)
		return ipm_body_emit(d, event->raw);
	return 0;
}

/* on_data - take octets of a primitive element */
static int
on_data(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	enum ipm_place place = (enum ipm_place)d->place[event->depth];
	struct slice octets = event->raw;

	if (d->capturing > 0)
		return capture(d, octets);
	if (place == AT_BITS && d->drop_octet && octets.len > 0) {
		/* The first octet of a BIT STRING says how many bits are
		 * unused, and is no content. */
		d->drop_octet = false;
		octets = slice_of(octets.data + 1, octets.len - 1);
	}
	if (place == AT_STRING && d->text_open) {
		int error = d->original
		    ? d->handler.part_original(d->handler.arg, octets)
		    : 0;

		return error < 0
		    ? error
		    : ipm_text_push(&d->text, octets, ipm_body_emit, d);
	}
	if (place == AT_STRING || place == AT_BITS || place == AT_RAW)
		return ipm_body_emit(d, octets);
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
	/* A heading that cannot be read costs its forwarded message, not the
	 * whole content. */
	if (error < 0 && error != ERR_NOMEM && d->level > 0)
		d->unreadable = d->part[d->level - 1].number;
	if (error == 0 && d->level > 0)
		heading.delivery = d->part[d->level - 1].delivery;
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
	/* The place for a type is fixed, for it is kept while octets arrive. */
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

/* end_delivery - note when a forwarded message was delivered, if that can be
 * read */
static void
end_delivery(struct ipm_decoder *d)
{
	struct ber_reader reader;
	struct ber_element el;
	int64_t seconds;

	ber_reader_init(&reader, buffer_slice(&d->capture), NULL);
	if (ber_next(&reader, &el) > 0 &&
	    utc_time_parse(el.contents, &seconds) == 0)
		d->part[d->level].delivery = seconds;
}

/* end_captured - use an element that was read whole */
static int
end_captured(struct ipm_decoder *d, enum ipm_place place)
{
	struct slice octets = buffer_slice(&d->capture);

	d->capturing = 0;
	d->into_fields = false;
	if (place == AT_HEADING)
		return end_heading(d);
	if (place == AT_OID)
		return end_oid(d);
	if (place == AT_DELIVERY)
		end_delivery(d);
	if (place == AT_PARAMETERS) {
		buffer_reset(&d->parameters);
		return buffer_append(&d->parameters, octets.data, octets.len);
	}
	return 0; /* of a notification, whose end is to come */
}

/* ipm_decode_on_end - note that an element is complete */
static int
ipm_decode_on_end(struct ipm_decoder *d, const struct ber_stream_event *event)
{
	enum ipm_place place = (enum ipm_place)d->place[event->depth], parent;
	int error;

	if (d->capturing > 0) {
		if ((error = capture(d, event->raw)) < 0)
			return error;
		if (d->capturing == event->depth + 1)
			return end_captured(d, place);
		return 0;
	}
	if (place == AT_RAW && (error = ipm_body_emit(d, event->raw)) < 0)
		return error;
	if (event->depth == 0)
		return place == AT_IPN ? end_notification(d) : 0;
	parent = (enum ipm_place)d->place[event->depth - 1];
	if (place == AT_IPM)
		d->level--;
	if (parent == AT_PAGES && d->text_open) {
		/* A diacritic at the end of a page has no letter. */
		error = ipm_text_finish(&d->text, ipm_body_emit, d);
		return error < 0 ? error
				 : ipm_body_emit(d, slice_of_string("\r\n"));
	}
	return parent == AT_BODY ? ipm_body_end(d) : 0;
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
		return ipm_decode_on_end(d, event);
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
	/* Errors that the stream finds go to the caller of this very piece. */
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
