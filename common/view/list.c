/* SPDX-License-Identifier: ISC */
/*
 * list.c - the messages that fit, as rows or as ids
 */
#include <stdio.h>

#include "view/match.h"
#include "view/walk.h"
#include "view/why.h"

#define FIND_MAX   4000 /* ids in one row of "find" */
#define SCAN_LEAST 64	/* records looked at, however long that takes */

/* The messages that one request "find" has found. */
struct found {
	struct buffer ids; /* 8 octets each */
	uint64_t count, octets;
};

/* list_damaged - list a message that cannot be read, with the reason, unless
 * filters need its record */
static int
list_damaged(struct request *request, uint64_t id, const char *reason)
{
	struct view_row row;

	/* A filter that needs the record cannot be answered by a damaged
	 * one. */
	if (match_needs_record(&request->arguments))
		return 0;
	view_row_init(&row, &request->arena);
	view_damaged(&row, id, reason);
	return request_emit(request, &row);
}

/* get_fitting - get a message if it fits, and its envelope if that is wanted:
 * 1, 0 or an error */
static int
get_fitting(struct request *request, uint64_t id, enum store_part part,
    struct store_message *message, const struct p1_envelope **envelope)
{
	struct store *store = request->view->store;
	int rc;

	arena_reset(&request->arena);
	request->scanned++;
	*envelope = NULL;
	if (part == STORE_HEAD && match_needs_envelope(&request->arguments))
		part = STORE_WHOLE;
	/* An envelope beside its head costs nothing; an object is read only for
	 * what the head has not refused. */
	rc = store_message_get(store, id,
	    part == STORE_HEAD ? STORE_HEAD : STORE_BRIEF, &request->arena,
	    message);
	if (rc < 0)
		return rc;
	if (!match_head(request, message))
		return 0;
	if (part == STORE_HEAD)
		return 1;
	if (message->envelope.len == 0)
		rc = store_message_get(
		    store, id, STORE_WHOLE, &request->arena, message);
	if (rc < 0)
		return rc;
	*envelope = request_envelope(request, message);
	return match_envelope(request, *envelope) ? 1 : 0;
}

/* list_brief - list a message by the head of its record alone: 1 if it was, or
 * does not fit; 0 if more of it has to be read, or an error */
static int
list_brief(struct request *request, uint64_t id)
{
	const struct p1_envelope *envelope;
	struct store_message message;
	char why[VIEW_TEXT_MAX];
	struct view_row row;
	int rc;

	if (!request->arguments.brief ||
	    match_needs_envelope(&request->arguments))
		return 0;
	rc = get_fitting(request, id, STORE_HEAD, &message, &envelope);
	if (rc <= 0)
		return rc == 0;
	view_row_init(&row, &request->arena);
	if (!view_brief(&row, request->view->store, &message,
		request_state(request, &message)))
		return 0;
	why_brief(request->view, &message, why);
	view_text(&row, "why", why);
	rc = request_emit(request, &row);
	return rc < 0 ? rc : 1;
}

/* list_one - list a message, if it fits the filters */
static int
list_one(struct request *request, uint64_t id)
{
	const struct p1_envelope *envelope;
	struct store_message message;
	char why[VIEW_TEXT_MAX];
	struct view_row row;
	int rc = list_brief(request, id);

	if (rc == 1 || rc == ERR_AGAIN)
		return rc == 1 ? 0 : rc;
	rc = get_fitting(request, id, STORE_WHOLE, &message, &envelope);
	/* The id was found: what is gone is the first part of its record. */
	if (rc < 0 && rc != ERR_NOMEM)
		return list_damaged(
		    request, id, store_reason(request->view->store));
	if (rc <= 0)
		return rc;
	view_row_init(&row, &request->arena);
	view_message(&row, request->view->store, &message, envelope,
	    request_state(request, &message), VIEW_LIST);
	why_brief(request->view, &message, why);
	view_text(&row, "why", why);
	return request_emit(request, &row);
}

/* next_message - find the next message; list a page that cannot be read */
static int
next_message(struct request *request, struct walk *walk, uint64_t *next)
{
	struct store *store = request->view->store;
	uint64_t before = store_troubles(store, STORE_PAGE_DAMAGED);
	uint64_t id = walk->cursor;
	int rc = walk_next(walk, next);
	char text[VIEW_TEXT_MAX];
	int emitted;

	/* The store counts what it passes over, and tells by no other means. */
	if (store_troubles(store, STORE_PAGE_DAMAGED) == before)
		return rc;
	arena_reset(&request->arena);
	if (rc == 0)
		snprintf(text, sizeof(text),
		    "a page cannot be read: messages before %llu may be "
		    "missing",
		    (unsigned long long)*next);
	else
		snprintf(text, sizeof(text),
		    "a page cannot be read: messages behind may be missing");
	/* Any id behind the last good one will do: the row says what is
	 * missing, not which. */
	emitted = list_damaged(request, id + 1, text);
	return emitted < 0 ? emitted : rc;
}

/* is_enough - tell whether a request has looked at as much as it may */
static bool
is_enough(const struct request *request)
{
	/* Each bound can be reached without the others: rows that fit, the
	 * time of whoever answers, records that do not fit, envelopes that cost
	 * memory. */
	return request->rows >= VIEW_ROWS_MAX ||
	    (request->scanned >= SCAN_LEAST && request->view->enough != NULL &&
		request->view->enough(request->view->arg)) ||
	    request->scanned >= REQUEST_SCAN_MAX ||
	    request->decoded >= REQUEST_DECODE_MAX;
}

/* request_list - list the messages that fit */
int
request_list(struct request *request)
{
	struct walk walk;
	uint64_t id, cursor;
	int rc = 0;

	walk_begin(&walk, request->view->store, &request->arguments);
	do {
		/* The cursor before the step, so that a row without room is
		 * made again. */
		cursor = walk.cursor;
		rc = next_message(request, &walk, &id);
		if (rc == 0)
			rc = is_enough(request) ? ERR_AGAIN
						: list_one(request, id);
	} while (rc == 0);
	if (rc == ERR_AGAIN)
		request->done->cursor = cursor;
	return rc == ERR_NOTFOUND || rc == ERR_AGAIN ? 0 : rc;
}

/* find_one - note the id of a message that fits; one that cannot be read, if
 * no filter needs its record */
static int
find_one(struct request *request, uint64_t id, struct found *found)
{
	const struct p1_envelope *envelope;
	struct store_message message = {0};
	uint8_t octets[8];
	int rc = get_fitting(request, id, STORE_HEAD, &message, &envelope);

	if (rc < 0 && rc != ERR_NOMEM)
		rc = !match_needs_record(&request->arguments);
	if (rc <= 0)
		return rc;
	/* High octet first: tools read the ids on any machine. */
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(id >> (8 * (sizeof(octets) - 1 - i)));
	found->count++;
	found->octets += message.content_length;
	return buffer_append(&found->ids, octets, sizeof(octets));
}

/* emit_found - send what a request has found as one row */
static int
emit_found(struct request *request, const struct found *found)
{
	struct view_row row;

	if (found->count == 0)
		return 0;
	arena_reset(&request->arena);
	view_row_init(&row, &request->arena);
	view_number(&row, "count", found->count);
	view_number(&row, "octets", found->octets);
	view_octets(&row, "ids", buffer_slice(&found->ids));
	return request_emit(request, &row);
}

/* request_find - find the ids of the messages that fit */
int
request_find(struct request *request)
{
	uint64_t begun = request->arguments.cursor;
	struct found found = {0};
	struct walk walk;
	uint64_t id, cursor;
	int rc, emitted;

	/* The buffer's own bound would fail the request; FIND_MAX ends it
	 * before. */
	buffer_init(&found.ids, (size_t)FIND_MAX * 8);
	walk_begin(&walk, request->view->store, &request->arguments);
	do {
		cursor = walk.cursor;
		rc = walk_next(&walk, &id);
		if (rc == 0)
			rc = is_enough(request) || found.count == FIND_MAX
			    ? ERR_AGAIN
			    : find_one(request, id, &found);
	} while (rc == 0);
	if (rc == ERR_AGAIN)
		request->done->cursor = cursor;
	if (rc == ERR_AGAIN || rc == ERR_NOTFOUND)
		rc = 0;
	emitted = rc == 0 ? emit_found(request, &found) : 0;
	/* Without room for the row all of it is found again. */
	if (emitted == ERR_AGAIN) {
		request->done->cursor = begun;
		emitted = 0;
	}
	buffer_fini(&found.ids);
	return rc < 0 ? rc : emitted;
}
