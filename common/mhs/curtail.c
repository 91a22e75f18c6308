/* SPDX-License-Identifier: ISC */
/*
 * curtail.c - gather an envelope as it arrives, in bounded memory
 */
#include "mhs/curtail.h"

/* What recipients may take: the elements behind them need some room, and so
 * does the trace that we add. */
#define RECIPIENTS_ROOM ((size_t)P1_ENVELOPE_MAX - 65536)

#define RECIPIENT_LIST BER_CTX(2)

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
	len -= more;
	for (unsigned i = more; i > 0; i--) {
		octets[1 + i] = (uint8_t)len;
		len >>= 8;
	}
}

/* append - gather the octets of an event */
static int
append(struct buffer *gathered, const struct ber_stream_event *event)
{
	return buffer_append(gathered, event->raw.data, event->raw.len);
}

/* gather_recipient - gather an event of a recipient, or leave it out */
static int
gather_recipient(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned level)
{
	bool begins = level == 2 && event->kind == STREAM_BEGIN;
	size_t room;
	int error = 0;

	if (begins) {
		curtail->recipient = buffer_length(gathered);
		curtail->leaving_out = curtail->kept == P1_RECIPIENTS_MAX;
	}
	room = RECIPIENTS_ROOM > buffer_length(gathered)
	    ? RECIPIENTS_ROOM - buffer_length(gathered)
	    : 0;
	if (!curtail->leaving_out &&
	    (event->raw.len > room ||
		(event->kind == STREAM_BEGIN &&
		    event->length != BER_INDEFINITE && event->length > room))) {
		curtail->leaving_out = true;
		buffer_truncate(gathered, curtail->recipient);
	}
	if (!curtail->leaving_out)
		error = append(gathered, event);
	if (level != 2 || event->kind != STREAM_END)
		return error;
	if (curtail->leaving_out)
		curtail->left_out++;
	else
		curtail->kept++;
	curtail->leaving_out = false;
	return error;
}

/* is_list - tell whether an event is the beginning or end of the recipients */
static bool
is_list(const struct ber_stream_event *event, unsigned level)
{
	return level == 1 && event->tag == RECIPIENT_LIST && event->constructed;
}

/* curtail_gather - gather one event of an envelope */
int
curtail_gather(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned top)
{
	unsigned level = event->depth - top;
	uint64_t max = level == 0 || is_list(event, level) ? CURTAIL_SENT_MAX
							   : P1_ENVELOPE_MAX;

	if (curtail->within && level >= 2)
		return gather_recipient(curtail, gathered, event, level);
	if (event->kind == STREAM_BEGIN) {
		/* Refused at once, not when so much has come. */
		if (event->length != BER_INDEFINITE && event->length > max)
			return ERR_LIMIT;
		if (is_list(event, level)) {
			curtail->within = true;
			curtail->list = buffer_length(gathered);
		}
	} else if (event->kind == STREAM_END && curtail->left_out > 0) {
		if (is_list(event, level))
			shorten(gathered, curtail->list);
		else if (level == 0)
			shorten(gathered, 0);
	}
	if (event->kind == STREAM_END && is_list(event, level))
		curtail->within = false;
	return append(gathered, event);
}
