/* SPDX-License-Identifier: ISC */
/*
 * passed.c - messages that an application has passed on
 */
#include "qmgr/sending/passed.h"

#include <stdio.h>

#include "mhs/report.h"
#include "mixer/memory_note.h"
#include "qmgr/engine/memory.h"
#include "qmgr/links/link.h"
#include "store/store.h"

/* Octets of what mixer-memory is told of one message. */
#define NOTES_MAX ((size_t)512 * 1024)

/* note_recipients - write down whom a message is passed on for, by their
 * addresses, which a notification names */
static int
note_recipients(
    struct qmgr *qmgr, const struct p1_envelope *envelope, struct buffer *notes)
{
	char value[64];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < envelope->recipient_count; i++) {
		const struct p1_recipient *r = &envelope->recipients[i];
		const char *to;

		if ((r->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		to = or_address_format(
		    &r->name.address, OR_STYLE_F401, &qmgr->arena);
		if (to == NULL)
			return arena_error(&qmgr->arena);
		snprintf(value, sizeof(value), "%d %u", r->number,
		    (unsigned)r->indicators);
		rc = memory_note_put(
		    MEMORY_PASSED, to, slice_of_string(value), notes);
	}
	return rc;
}

/* tell_memory - have mixer-memory told what a report on a message that leaves
 * for the Internet needs */
static void
tell_memory(
    struct qmgr *qmgr, const char *mts_id, const struct p1_envelope *envelope)
{
	bool wanted = (envelope->indicators & P1_CONTENT_RETURN_REQUEST) != 0;
	char value[64];
	struct buffer notes;

	if (!memory_wanted(qmgr))
		return;
	snprintf(value, sizeof(value), "%c%.*s", wanted ? 'R' : '-',
	    (int)envelope->content_identifier.len,
	    (const char *)envelope->content_identifier.data);
	buffer_init(&notes, NOTES_MAX);
	/* Recipients beyond the bound are reported on without their numbers. */
	if (memory_note_put(
		MEMORY_PASSED, "", slice_of_string(value), &notes) == 0)
		(void)!note_recipients(qmgr, envelope, &notes);
	memory_put(qmgr, mts_id, buffer_slice(&notes));
	buffer_fini(&notes);
}

/* passed_note - note that an application has passed a message on */
int
passed_note(struct qmgr *qmgr, const struct link *link, uint64_t message,
    const struct p1_envelope *envelope)
{
	char id[MTS_IDENTIFIER_TEXT];
	struct store_keyed note = {.kind = STORE_KEYED_PASSED,
	    .message = message,
	    .time = timekeeper_latest(&qmgr->time)};
	const char *originator;
	int rc;

	if (link == NULL || (link->application == NULL && link->mixer == NULL))
		return 0;
	originator = or_address_format(
	    &envelope->originator.address, OR_STYLE_F401, &qmgr->arena);
	if (originator == NULL)
		return arena_error(&qmgr->arena);
	mts_identifier_format(&envelope->identifier, id);
	note.application = link->number;
	note.name = slice_of_string(id);
	note.answer = slice_of_string(originator);
	if (link->mixer != NULL)
		tell_memory(qmgr, id, envelope);
	rc = store_keyed_note(qmgr->store, &note);
	/* Others of its recipients were passed on before; or nothing can be
	 * noted of it, and it will not be reported on. */
	return rc == ERR_EXISTS || rc == ERR_LIMIT ? 0 : rc;
}

/* passed_is - tell whether an application has passed a message on */
bool
passed_is(struct qmgr *qmgr, const struct link *link,
    const struct mts_identifier *identifier,
    const struct or_address *originator)
{
	char id[MTS_IDENTIFIER_TEXT];
	struct store_keyed note = {
	    .application = link->number, .kind = STORE_KEYED_PASSED};
	struct or_address noted;

	mts_identifier_format(identifier, id);
	note.name = slice_of_string(id);
	return store_keyed_find(qmgr->store, &note, &qmgr->arena) == 0 &&
	    or_address_parse(note.answer, &qmgr->arena, &noted, NULL) == 0 &&
	    or_address_compare(&noted, originator) == 0;
}

/* passed_key - find the key of what a report is about */
struct slice
passed_key(struct qmgr *qmgr, const struct link *link, struct slice content)
{
	char id[MTS_IDENTIFIER_TEXT];
	struct store_keyed note = {.application = link->number};
	struct report report;

	if (report_decode(content, &qmgr->arena, &report, NULL) != 0)
		return slice_of(NULL, 0);
	mts_identifier_format(&report.subject, id);
	note.mts_id = slice_of_string(id);
	return store_keyed_by_mts_id(qmgr->store, &note, &qmgr->arena) == 0
	    ? note.name
	    : slice_of(NULL, 0);
}
