/* SPDX-License-Identifier: ISC */
/*
 * verdicts.c - events on recipients and reports, kept until the commit
 */
#include "qmgr/queue/verdicts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/log.h"
#include "mhs/report.h"

#define VERDICTS_MAX ((size_t)64 * 1024 * 1024) /* octets of texts */

/* So much memory is kept for the next time. */
#define VERDICTS_KEEP	     16 /* entries */
#define VERDICTS_KEEP_OCTETS ((size_t)16 * 1024)

/* verdicts_init - begin without events */
void
verdicts_init(struct verdicts *verdicts)
{
	*verdicts = (struct verdicts){0};
	buffer_init(&verdicts->octets, VERDICTS_MAX);
}

/* verdicts_fini - give the memory back */
void
verdicts_fini(struct verdicts *verdicts)
{
	buffer_fini(&verdicts->octets);
	free(verdicts->entries);
	verdicts_init(verdicts);
}

/* verdicts_reset - forget all events */
void
verdicts_reset(struct verdicts *verdicts)
{
	/* As with placings: one message with thousands of refusals must not
	 * keep its memory for good. */
	if (verdicts->capacity > VERDICTS_KEEP ||
	    verdicts->octets.capacity > VERDICTS_KEEP_OCTETS) {
		verdicts_fini(verdicts);
		return;
	}
	buffer_reset(&verdicts->octets);
	verdicts->count = 0;
}

/* make_room - have a place for one more entry */
static int
make_room(struct verdicts *verdicts)
{
	size_t more = verdicts->capacity == 0 ? 4 : verdicts->capacity * 2;
	struct verdicts_entry *entries;

	if (verdicts->count < verdicts->capacity)
		return 0;
	entries = reallocarray(verdicts->entries, more, sizeof(*entries));
	if (entries == NULL)
		return ERR_NOMEM;
	verdicts->entries = entries;
	verdicts->capacity = more;
	return 0;
}

/* slices_of - list the texts of an entry, in the order of their octets */
static void
slices_of(struct verdicts_entry *entry, struct slice *slices[5])
{
	slices[0] = &entry->from;
	slices[1] = &entry->mts_id;
	slices[2] = &entry->subject;
	slices[3] = &entry->to;
	slices[4] = &entry->text;
}

/* verdicts_add - keep an event, with a copy of its texts */
int
verdicts_add(struct verdicts *verdicts, const struct verdicts_entry *entry)
{
	struct verdicts_entry copy = *entry;
	struct slice *slices[5];
	int rc = make_room(verdicts);

	copy.at = buffer_length(&verdicts->octets);
	slices_of(&copy, slices);
	for (size_t i = 0; i < 5 && rc == 0; i++) {
		if (slices[i]->len > 0)
			rc = buffer_append(
			    &verdicts->octets, slices[i]->data, slices[i]->len);
		/* The octets may move while others are appended. */
		slices[i]->data = NULL;
		/* The entry is counted only if all its texts are there. */
	}
	if (rc == 0)
		verdicts->entries[verdicts->count++] = copy;
	return rc;
}

/* id_of - make the field of a queue id, which what never entered the queue does
 * not have */
static struct log_field
id_of(const struct verdicts_entry *entry)
{
	/* A message refused at submission has no id: "0" would look like
	 * one. */
	return entry->message == 0 ? LOG_STRING("id", NULL)
				   : LOG_INT("id", entry->message);
}

/* log_undelivered - log that a recipient gets no message */
static void
log_undelivered(const struct verdicts_entry *entry)
{
	LOG_EVENT(EVENT_NDR_GENERATED, id_of(entry),
	    LOG_SLICE("mts_id", entry->mts_id), LOG_SLICE("to", entry->to),
	    LOG_STRING("reason", report_reason_name(entry->reason)),
	    LOG_INT("reason_code", entry->reason),
	    LOG_STRING("diagnostic", report_diagnostic_name(entry->diagnostic)),
	    LOG_INT("diagnostic_code", entry->diagnostic),
	    LOG_STRING(
		"report", entry->event == VERDICTS_NDR ? "sent" : "not wanted"),
	    LOG_SLICE("text", entry->text));
}

/* log_discarded - log that a report has nowhere to go: one that came in, or
 * one of ours */
static void
log_discarded(const struct verdicts_entry *entry)
{
	if (entry->from.len > 0)
		LOG_EVENT(EVENT_REPORT_DISCARDED,
		    LOG_SLICE("from", entry->from),
		    LOG_SLICE("mts_id", entry->mts_id),
		    LOG_SLICE("reason", entry->text));
	else
		LOG_EVENT(EVENT_REPORT_DISCARDED, id_of(entry),
		    LOG_SLICE("subject", entry->subject),
		    LOG_SLICE("reason", entry->text));
}

/* log_entry - write one event */
static void
log_entry(const struct verdicts_entry *entry)
{
	switch (entry->event) {
	case VERDICTS_NDR:
	case VERDICTS_NDR_UNWANTED:
		log_undelivered(entry);
		return;
	case VERDICTS_DISCARDED:
		log_discarded(entry);
		return;
	case VERDICTS_BARRED:
		LOG_EVENT(EVENT_ORIGINATOR_BARRED,
		    LOG_SLICE("mts_id", entry->mts_id),
		    LOG_SLICE("link", entry->from),
		    LOG_SLICE("originator", entry->subject));
		return;
	case VERDICTS_RECURSION:
		LOG_EVENT(EVENT_LIST_RECURSION,
		    LOG_SLICE("mts_id", entry->mts_id),
		    LOG_SLICE("list", entry->to));
		return;
	case VERDICTS_ABSORBED:
		LOG_EVENT(EVENT_REPORT_ABSORBED,
		    LOG_SLICE("mts_id", entry->mts_id),
		    LOG_SLICE("list", entry->to),
		    LOG_SLICE("reason", entry->text));
		return;
	case VERDICTS_REDIRECTED:
		LOG_EVENT(EVENT_REDIRECTED, id_of(entry),
		    LOG_SLICE("mts_id", entry->mts_id),
		    LOG_SLICE("to", entry->to),
		    LOG_SLICE("instead", entry->subject),
		    LOG_SLICE("reason", entry->text));
		return;
	}
}

/* verdicts_get - get an event */
void
verdicts_get(
    const struct verdicts *verdicts, size_t index, struct verdicts_entry *entry)
{
	const uint8_t *at = buffer_slice(&verdicts->octets).data;
	struct slice *slices[5];

	/* The pointers are set in a copy: the entries keep lengths alone,
	 * because the buffer moves as it grows.  Texts lie one behind the other
	 * in the order of slices_of, so adding up lengths finds them. */
	*entry = verdicts->entries[index];
	slices_of(entry, slices);
	if (at != NULL)
		at += entry->at;
	for (size_t i = 0; i < 5; i++) {
		slices[i]->data = at;
		if (at != NULL)
			at += slices[i]->len;
	}
}

/* is_undelivered - tell whether an event is on a recipient that gets nothing */
static bool
is_undelivered(const struct verdicts_entry *entry)
{
	return entry->event == VERDICTS_NDR ||
	    entry->event == VERDICTS_NDR_UNWANTED;
}

/* log_unnamed - log how many more recipients get no message than were named;
 * last is the event on one of them */
static void
log_unnamed(const struct verdicts_entry *last, size_t unnamed)
{
	LOG_EVENT(EVENT_NDR_UNNAMED, id_of(last),
	    LOG_SLICE("mts_id", last->mts_id), LOG_INT("recipients", unnamed));
}

/* verdicts_log - write the events */
void
verdicts_log(const struct verdicts *verdicts)
{
	struct verdicts_entry entry, last = {.message = 0};
	size_t undelivered = 0;

	for (size_t i = 0; i < verdicts->count; i++) {
		verdicts_get(verdicts, i, &entry);
		if (is_undelivered(&entry) && ++undelivered > VERDICTS_NAMED)
			last = entry;
		else
			log_entry(&entry);
	}
	if (undelivered > VERDICTS_NAMED)
		log_unnamed(&last, undelivered - VERDICTS_NAMED);
}
