/* SPDX-License-Identifier: ISC */
/*
 * report_gather.c - gather what a report says as it arrives
 */
#include "ber/reader.h"
#include "mhs/report_gather.h"

#define RETURNED_CONTENT BER_CTX(1)

/* begin_or_end - keep the ends of the report itself: its length is another
 * now, so it becomes an indefinite one */
static int
begin_or_end(struct report_gather *gather, const struct ber_stream_event *event)
{
	static const uint8_t begin[] = {0x31, 0x80}, end[] = {0, 0};

	if (event->kind == STREAM_BEGIN && event->tag != BER_SET)
		return ERR_SYNTAX;
	return event->kind == STREAM_BEGIN
	    ? buffer_append(gather->out, begin, sizeof(begin))
	    : buffer_append(gather->out, end, sizeof(end));
}

/* take_event - keep an event, unless the returned content passes */
static int
take_event(void *arg, const struct ber_stream_event *event)
{
	struct report_gather *gather = arg;
	bool returned = event->depth == 1 && event->tag == RETURNED_CONTENT;

	if (event->depth == 0)
		return begin_or_end(gather, event);
	if (returned && event->kind == STREAM_BEGIN)
		gather->leaving_out = true;
	if (!gather->leaving_out)
		return buffer_append(
		    gather->out, event->raw.data, event->raw.len);
	if (returned && event->kind == STREAM_END)
		gather->leaving_out = false;
	return 0;
}

/* report_gather_init - expect one ReportTransferContent */
void
report_gather_init(struct report_gather *gather, struct buffer *out)
{
	gather->out = out;
	gather->leaving_out = false;
	ber_stream_init(&gather->stream, UINT64_MAX, take_event, gather);
}

/* report_gather_push - read the next octets */
int
report_gather_push(struct report_gather *gather, struct slice octets)
{
	return ber_stream_push(&gather->stream, octets, NULL);
}

/* report_gather_complete - tell whether the report has ended */
bool
report_gather_complete(const struct report_gather *gather)
{
	return ber_stream_complete(&gather->stream);
}
