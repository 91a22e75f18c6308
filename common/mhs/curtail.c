/* SPDX-License-Identifier: ISC */
/*
 * curtail.c - gather an envelope as it arrives, in bounded memory
 */
#include "mhs/curtail.h"

/* Room for recipients: the elements behind them need some room, and so
 * does the trace that we add. */
#define RECIPIENTS_ROOM ((size_t)P1_ENVELOPE_MAX - 65536)

/* Room for the elements before the recipients, and with those behind. */
#define BEFORE_ROOM ((size_t)P1_ENVELOPE_MAX / 2)
#define BEHIND_ROOM ((size_t)P1_ENVELOPE_MAX - 1024)

#define RECIPIENT_LIST BER_CTX(2)

/* Tags of what an envelope can do without, wherever they stand: a report's [1]
 * and the [3] of others are extensions, [1] of others is bilateral information,
 * [3] of a recipient is its extensions. */
#define BILATERAL  BER_CTX(1)
#define EXTENSIONS BER_CTX(3)
#define EITS	   BER_APP(5)

/*
 * shorten - write the length of an element that ends where gathered does
 *
 * The header keeps its octets, because a length may have leading zeros: the
 * tag has one octet here, and the length never grows.
 */
static void
shorten(struct buffer *gathered, size_t at)
{
	uint8_t *octets = gathered->data + gathered->start + at;
	size_t len = buffer_length(gathered) - at - 2;
	unsigned more = octets[1] & 0x7f;

	if (octets[1] == 0x80) /* indefinite */
		return;
	if (octets[1] < 0x80) {
		octets[1] = (uint8_t)len;
		return;
	}
	/* The form of the length was chosen by the peer; it is kept, since
	 * octets behind it would have to move. */
	len -= more;
	for (unsigned i = more; i > 0; i--) {
		octets[1 + i] = (uint8_t)len;
		len >>= 8;
	}
}

/* curtail_append - gather the octets of an event */
static int
curtail_append(struct buffer *gathered, const struct ber_stream_event *event)
{
	return buffer_append(gathered, event->raw.data, event->raw.len);
}

/* room_for - compute what is left of a bound */
static size_t
room_for(
    const struct curtail *curtail, const struct buffer *gathered, size_t bound)
{
	size_t used = buffer_length(gathered) + (size_t)curtail->taken;

	return bound > used ? bound - used : 0;
}

/* fits - tell whether an event, and the element that it begins, fit */
static bool
fits(const struct ber_stream_event *event, size_t room)
{
	/* The length of an element tells early that it does not fit, before its
	 * octets fill the room. */
	return event->raw.len <= room &&
	    (event->kind != STREAM_BEGIN || event->length == BER_INDEFINITE ||
		event->length <= room);
}

/* begin_recipient - decide whether a recipient is kept */
static void
begin_recipient(struct curtail *curtail, const struct buffer *gathered)
{
	curtail->recipient = buffer_length(gathered);
	curtail->leaving_out = curtail->kept == curtail->most;
	curtail->shortened = false;
}

/* end_recipient - count a recipient */
static void
end_recipient(struct curtail *curtail, struct buffer *gathered)
{
	if (curtail->leaving_out) {
		curtail->left_out++;
	} else {
		curtail->kept++;
		if (curtail->shortened)
			shorten(gathered, curtail->recipient);
	}
	curtail->leaving_out = false;
}

/*
 * is_spared - tell whether an event within a recipient is of its extensions,
 * where these are not wanted or do not fit; count them
 *
 * Without its extensions a recipient can be named in a report, which is what
 * matters.
 */
static bool
is_spared(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned level)
{
	if (level == 3 && event->kind == STREAM_BEGIN) {
		curtail->extending = event->tag == EXTENSIONS;
		curtail->element = buffer_length(gathered);
	}
	if (curtail->extending && !curtail->spares && !curtail->leaving_out &&
	    (curtail->strict ||
		!fits(event, room_for(curtail, gathered, RECIPIENTS_ROOM)))) {
		curtail->spares = true;
		buffer_truncate(gathered, curtail->element);
	}
	if (level == 3 && event->kind == STREAM_END)
		curtail->extending = false;
	if (!curtail->spares)
		return false;
	if (level == 3 && event->kind == STREAM_END) {
		curtail->spares = false;
		curtail->shortened = true;
		curtail->elements_left_out++;
	}
	return true;
}

/* gather_recipient - gather an event of a recipient, or leave it out */
static int
gather_recipient(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned level)
{
	bool begins = level == 2 && event->kind == STREAM_BEGIN;
	size_t room = room_for(curtail, gathered, RECIPIENTS_ROOM);
	int error = 0;

	if (begins)
		begin_recipient(curtail, gathered);
	if (!is_spared(curtail, gathered, event, level) &&
	    !curtail->leaving_out) {
		/* The length of a recipient tells nothing: without its
		 * extensions it may fit. */
		if (begins ? event->raw.len <= room : fits(event, room)) {
			error = curtail_append(gathered, event);
		} else {
			curtail->leaving_out = true;
			buffer_truncate(gathered, curtail->recipient);
		}
	}
	if (level == 2 && event->kind == STREAM_END)
		end_recipient(curtail, gathered);
	curtail->open = level > 2 || event->kind != STREAM_END;
	return error;
}

/* gather_element - gather an event of an element other than the recipients, or
 * leave it out */
static int
gather_element(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned level)
{
	size_t room = room_for(
	    curtail, gathered, curtail->behind ? BEHIND_ROOM : BEFORE_ROOM);
	bool begins = level == 1 && event->kind == STREAM_BEGIN;
	int error = 0;

	if (begins) {
		curtail->element = buffer_length(gathered);
		/* X.411: of what an envelope may do without these alone can be
		 * of any length.  Encoded information types take no memory of
		 * their own, so a strict envelope has them. */
		curtail->needed = event->tag != BILATERAL &&
		    event->tag != EXTENSIONS && event->tag != EITS;
		curtail->leaving_out =
		    curtail->strict && !curtail->needed && event->tag != EITS;
	}
	if (!curtail->leaving_out) {
		if (fits(event, room)) {
			error = curtail_append(gathered, event);
		} else if (curtail->needed) {
			/* Without the element the envelope would be no
			 * envelope. */
			error = ERR_LIMIT;
		} else {
			curtail->leaving_out = true;
			buffer_truncate(gathered, curtail->element);
		}
	}
	if (level == 1 && event->kind == STREAM_END) {
		curtail->elements_left_out += curtail->leaving_out;
		curtail->leaving_out = false;
	}
	return error;
}

/* is_list - tell whether an event is the beginning or end of the recipients */
static bool
is_list(const struct ber_stream_event *event, unsigned level)
{
	return level == 1 && event->tag == RECIPIENT_LIST && event->constructed;
}

/* gather_frame - gather the beginning or the end of the envelope, or of its
 * recipients */
static int
gather_frame(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned level)
{
	size_t begins = level == 0 ? 0 : curtail->list;
	bool taken = curtail->taken > 0;

	if (level == 1 && event->kind == STREAM_BEGIN)
		curtail->list = buffer_length(gathered);
	if (level == 1) {
		curtail->within = event->kind == STREAM_BEGIN;
		curtail->behind = !curtail->within;
		curtail->members = curtail->list + event->raw.len;
	}
	/* A list without any would be no list. */
	if (level == 1 && curtail->behind && taken) {
		buffer_truncate(gathered, curtail->list);
		return 0;
	}
	/* Lengths written by the peer count what is no longer there. */
	if (event->kind == STREAM_END &&
	    (curtail->left_out > 0 || curtail->elements_left_out > 0 || taken))
		shorten(gathered, begins);
	return curtail_append(gathered, event);
}

/* curtail_init - expect an envelope */
void
curtail_init(struct curtail *curtail)
{
	*curtail = (struct curtail){.most = P1_RECIPIENTS_READ};
}

/* curtail_recipients - get the recipients that are gathered in whole */
struct slice
curtail_recipients(const struct curtail *curtail, const struct buffer *gathered)
{
	struct slice octets = buffer_slice(gathered);

	if (!curtail->within || curtail->open || octets.len <= curtail->members)
		return slice_of(NULL, 0);
	return slice_of(
	    octets.data + curtail->members, octets.len - curtail->members);
}

/* curtail_take - take these out */
void
curtail_take(struct curtail *curtail, struct buffer *gathered)
{
	curtail->taken += buffer_length(gathered) - curtail->members;
	buffer_truncate(gathered, curtail->members);
}

/* curtail_gather - gather one event of an envelope */
int
curtail_gather(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned top)
{
	unsigned level = event->depth - top;

	if (curtail->within && level >= 2)
		return gather_recipient(curtail, gathered, event, level);
	if (level == 0 || is_list(event, level))
		return gather_frame(curtail, gathered, event, level);
	return gather_element(curtail, gathered, event, level);
}

/* An envelope on its way into a smaller one. */
struct reduction {
	struct curtail curtail;
	struct buffer gathered;
};

/* on_reduced - gather an event of an envelope that is made smaller */
static int
on_reduced(void *arg, const struct ber_stream_event *event)
{
	struct reduction *reduction = arg;

	return curtail_gather(
	    &reduction->curtail, &reduction->gathered, event, 0);
}

/* curtail_reduce - leave more out of an envelope that was gathered */
int
curtail_reduce(struct curtail *curtail, struct buffer *gathered)
{
	struct reduction reduction;
	struct ber_stream stream;
	int error;

	/* Each step but the first keeps an eighth, so that a few reach the
	 * bound; below the least a message is refused. */
	if (curtail->most / 8 < CURTAIL_LEAST)
		return ERR_LIMIT;
	curtail_init(&reduction.curtail);
	reduction.curtail.strict = true;
	/* The first step leaves out the extensions and keeps the recipients,
	 * who matter more. */
	reduction.curtail.most =
	    curtail->strict ? curtail->most / 8 : P1_RECIPIENTS_MAX;
	buffer_init(&reduction.gathered, P1_ENVELOPE_MAX);
	ber_stream_init(&stream, P1_ENVELOPE_MAX, on_reduced, &reduction);
	error = ber_stream_push(&stream, buffer_slice(gathered), NULL);
	if (error != 0) {
		buffer_fini(&reduction.gathered);
		return error;
	}
	/* The report must count what all steps left out together. */
	reduction.curtail.left_out += curtail->left_out;
	reduction.curtail.elements_left_out += curtail->elements_left_out;
	reduction.curtail.taken = curtail->taken;
	/* The old octets are freed only when the smaller ones are whole. */
	*curtail = reduction.curtail;
	buffer_fini(gathered);
	*gathered = reduction.gathered;
	return 0;
}
