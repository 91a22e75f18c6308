/* SPDX-License-Identifier: ISC */
/*
 * handing_body.c - envelope and content of what qmgr hands out, and the answer
 */
#include <stdlib.h>

#include "app/handing.h"
#include "base/log.h"

/* Recipients of one record: with the longest texts they fit into it. */
#define RECORD_RECIPIENTS 32

/* append_octets - gather the octets of the envelope, as a sink */
static int
append_octets(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* handing_envelope - read the envelope, and note whom the program answers for
 */
int
handing_envelope(struct handing *handing, struct handed *object,
    struct buffer *octets, struct arena *arena, struct p1_envelope *envelope,
    struct diag *diag)
{
	size_t count;
	int error = job_channel_body(&handing->channel, &object->given, 0,
	    object->given.envelope_length, append_octets, octets);

	if (error == 0)
		error = p1_decode(object->given.kind, buffer_slice(octets),
		    arena, envelope, diag);
	if (error < 0)
		return error;
	count = envelope->recipient_count;
	free(object->responsible);
	object->responsible = calloc(count + 1, 1);
	if (object->responsible == NULL)
		return ERR_NOMEM;
	object->recipients = count;
	for (size_t i = 0; i < count; i++)
		object->responsible[i] = (envelope->recipients[i].indicators &
					     P1_RESPONSIBILITY) != 0;
	return 0;
}

/* handing_content - pass the octets of the content to a sink */
int
handing_content(struct handing *handing, struct handed *object,
    job_channel_sink_fn *sink, void *arg)
{
	uint64_t from = object->given.envelope_length;

	return job_channel_body(&handing->channel, &object->given, from,
	    from + object->given.content_length, sink, arg);
}

/* handing_arrival - find when this MTA took a message */
int64_t
handing_arrival(const struct p1_envelope *envelope)
{
	const struct trace *trace = &envelope->trace;

	return trace->count == 0 ? P1_NO_TIME
				 : trace->elements[trace->count - 1].arrival;
}

/* handing_answer - report what the program says became of an object */
void
handing_answer(
    struct handing *handing, struct handed *object, const struct answer *answer)
{
	struct ipc_record record = {
	    .type = IPC_OUTCOME, .outcome = answer->outcome};
	size_t done = 0;

	record.outcome.job = object->given.number;
	record.outcome.octets = client_job_length(&object->given);
	do {
		size_t left = answer->count - done;
		size_t count =
		    left < RECORD_RECIPIENTS ? left : RECORD_RECIPIENTS;

		record.outcome.recipients =
		    count == 0 ? NULL : answer->recipients + done;
		record.outcome.recipient_count = count;
		record.outcome.more = count < left;
		record.outcome.confirm = !record.outcome.more;
		if (handing_give(handing, &record) < 0)
			return;
		done += count;
	} while (done < answer->count);
	object->state = HANDED_ANSWERED;
	LOG_EVENT(EVENT_APP_ANSWERED, LOG_INT("id", object->given.message),
	    LOG_STRING("mts_id", object->mts_id),
	    LOG_STRING("application", handing->app->application->name),
	    LOG_INT("attempt", object->attempt));
}
