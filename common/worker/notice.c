/* SPDX-License-Identifier: ISC */
/*
 * notice.c - have qmgr write the events that peers cause
 */
#include "worker/notice.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"

/* Octets of a value that are sent: a line of the log has no room for more. */
#define VALUE_MAX 1024

/* format_value - format a value, or borrow it if it is text already */
static struct slice
format_value(const struct log_field *field, char text[24])
{
	struct slice value = field->slice;

	if (field->type == LOG_TYPE_STRING)
		value = slice_of_string(field->string);
	if (field->type == LOG_TYPE_INT) {
		(void)snprintf(text, 24, "%" PRId64, field->number);
		value = slice_of_string(text);
	}
	if (value.len > VALUE_MAX)
		value.len = VALUE_MAX;
	return value;
}

/* relay_event - send an event to qmgr; whether it is on its way */
static bool
relay_event(
    void *context, enum event_name event, const struct log_field *fields)
{
	struct ipc_channel *channel = context;
	struct slice values[2 * IPC_NOTICE_FIELDS];
	char numbers[IPC_NOTICE_FIELDS][24];
	struct ipc_record record = {.type = IPC_NOTICE,
	    .notice = {
		.number = (uint32_t)event_number(event), .values = values}};
	size_t n = 0;

	if (channel->fd < 0 || channel->ended)
		return false;
	for (; fields->type != LOG_TYPE_END && n < IPC_NOTICE_FIELDS;
	     fields++) {
		/* A field without a value is left out, as in a line of the
		 * log. */
		if (fields->type == LOG_TYPE_STRING && fields->string == NULL)
			continue;
		values[2 * n] = slice_of_string(fields->name);
		values[2 * n + 1] = format_value(fields, numbers[n]);
		n++;
	}
	record.notice.value_count = 2 * n;
	/* With false the caller writes the event into its own log: an event
	 * that qmgr cannot take is not lost. */
	if (ipc_channel_send(channel, &record) != 0)
		return false;
	/* An error shows to whoever uses the channel next. */
	(void)!ipc_channel_flush(channel);
	return true;
}

/* notice_through - send notices over channel from now on */
void
notice_through(struct ipc_channel *channel)
{
	log_relay(channel != NULL ? relay_event : NULL, channel);
}
