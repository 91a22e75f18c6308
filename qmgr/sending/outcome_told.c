/* SPDX-License-Identifier: ISC */
/*
 * outcome_told.c - what tracking tells of a message that leaves the queue
 */
#include "qmgr/sending/outcome_told.h"

#include "base/clock.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"

/* outcome_end - find how tracking calls the end of a message */
enum track_event
outcome_end(const struct outcome *outcome)
{
	switch (outcome->kind) {
	case OUTCOME_TRANSFERRED:
		return TRACK_TRANSFER;
	case OUTCOME_DELIVERED:
		return TRACK_DELIVERY;
	case OUTCOME_EXPIRED:
		return TRACK_EXPIRY;
	case OUTCOME_RETURNED:
		return TRACK_RETURN;
	case OUTCOME_LATER:
	case OUTCOME_HELD:
	case OUTCOME_INTERRUPTED:
	case OUTCOME_TRANSIENT:
	case OUTCOME_REFUSED:
	case OUTCOME_EXHAUSTED:
	case OUTCOME_UNROUTABLE:
	case OUTCOME_UNUSABLE:
	case OUTCOME_CRASHED:
	case OUTCOME_NOTE:
		break;
	}
	return TRACK_FAILURE;
}

/* span_of - compute a time of tracking from two of the wall clock */
static uint64_t
span_of(int64_t from, int64_t to)
{
	return to >= from ? (uint64_t)(to - from) + 1 : 1;
}

/* outcome_remark - get what a worker said of a message that left, or NULL */
const char *
outcome_remark(const struct outcome *outcome)
{
	enum track_event end = outcome_end(outcome);

	/* Where others still wait the worker spoke of them. */
	return (end == TRACK_TRANSFER || end == TRACK_DELIVERY) &&
		outcome->text[0] != '\0'
	    ? outcome->text
	    : NULL;
}

/* outcome_told - make what tracking tells of a message that leaves, or of
 * recipients who have it */
struct track_record
outcome_told(const struct outcome *outcome, enum track_event event)
{
	const struct job *job = outcome->job;
	struct track_record record = {
	    .event = event, .by = slice_of_string(outcome->by)};

	if (outcome->link != NULL)
		record.link = slice_of_string(outcome->link->name);
	if (job != NULL) {
		record.kind = job->kind;
		record.mts_id = slice_of_string(job->mts_id);
		record.priority = job->priority;
		record.size = job->content_length;
		record.delay_plus = span_of(job->arrival, clock_wall());
	}
	if (event != TRACK_TRANSFER && event != TRACK_DELIVERY) {
		record.reason_plus = (uint64_t)(outcome->reason + 1);
		record.diagnostic_plus = (uint64_t)(outcome->diagnostic + 1);
		record.text = slice_of_string(outcome->text);
		return record;
	}
	if (event == outcome_end(outcome) && outcome_remark(outcome) != NULL)
		record.text = slice_of_string(outcome_remark(outcome));
	if (job != NULL) {
		record.delay_queue_plus =
		    span_of(job->arrival, job->dispatched);
		record.delay_transfer_plus = outcome->transfer_delay + 1;
	}
	return record;
}
