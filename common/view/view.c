/* SPDX-License-Identifier: ISC */
/*
 * view.c - the queue as rows: the commands
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <string.h>

#include "base/clock.h"
#include "view/request.h"
#include "view/why.h"

#define CAT_PIECE ((size_t)32768)
#define ARENA_MAX (64 * 1024 * 1024)

/* view_refuse - refuse a request, and say why */
static int
view_refuse(struct view_done *done, int status, const char *text)
{
	done->status = status;
	snprintf(done->text, sizeof(done->text), "%s", text);
	return 0;
}

/* request_emit - hand over a row that is complete */
int
request_emit(struct request *request, const struct view_row *row)
{
	struct ipc_row out = view_row_of(row);
	int rc = request->view->emit(request->view->arg, &out);

	if (rc == 0)
		request->rows++;
	return rc;
}

/* request_state - get "active", or the name of the state in the record */
const char *
request_state(
    const struct request *request, const struct store_message *message)
{
	return view_is_active(request->view, message->id)
	    ? "active"
	    : store_state_name(message->state);
}

/* request_envelope - decode the envelope of a record that is whole */
const struct p1_envelope *
request_envelope(struct request *request, const struct store_message *message)
{
	struct p1_envelope *envelope =
	    arena_alloc(&request->arena, sizeof(*envelope));

	/* Counted before decoding: an envelope that cannot be decoded costs as
	 * much as another. */
	request->decoded++;
	if (envelope == NULL ||
	    p1_decode(message->kind, message->envelope, &request->arena,
		envelope, NULL) < 0)
		return NULL;
	return envelope;
}

/* get_whole - get the message that the request names */
static int
get_whole(struct request *request, struct store_message *message)
{
	char text[VIEW_TEXT_MAX];
	int rc;

	if (!request->arguments.has_id) {
		(void)view_refuse(
		    request->done, EXIT_STATUS_USAGE, "which message?");
		return ERR_NOTFOUND;
	}
	rc = store_message_get(request->view->store, request->arguments.id,
	    STORE_WHOLE, &request->arena, message);
	/* A message that has gone and one that is damaged are answers, not
	 * failures: the request ends well. */
	if (rc == ERR_NOTFOUND) {
		snprintf(text, sizeof(text), "%llu: no such message",
		    (unsigned long long)request->arguments.id);
		(void)view_refuse(request->done, EXIT_STATUS_REFUSED, text);
	} else if (rc < 0 && rc != ERR_NOMEM) {
		snprintf(text, sizeof(text), "%llu: damaged: %s",
		    (unsigned long long)request->arguments.id,
		    store_reason(request->view->store));
		(void)view_refuse(request->done, EXIT_STATUS_REFUSED, text);
		rc = ERR_NOTFOUND;
	}
	return rc;
}

/* show - show everything about a message */
static int
show(struct request *request)
{
	struct store_message message;
	struct view_row row;
	int rc = get_whole(request, &message);

	if (rc < 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	view_row_init(&row, &request->arena);
	view_message(&row, request->view->store, &message,
	    request_envelope(request, &message),
	    request_state(request, &message), VIEW_SHOW);
	return request_emit(request, &row);
}

/* cat_piece - read some octets of a content */
static int
cat_piece(struct request *request, const struct store_message *message,
    uint64_t offset, struct buffer *piece)
{
	size_t left;

	buffer_reset(piece);
	/* Large contents lie in pieces of their own; small ones are within the
	 * record. */
	if (message->content_id != 0)
		return store_content_read(request->view->store,
		    message->content_id, offset, CAT_PIECE, piece, NULL);
	left = message->content.len - (size_t)offset;
	return buffer_append(piece, message->content.data + offset,
	    left < CAT_PIECE ? left : CAT_PIECE);
}

/* view_cat - read and send the octets of the content */
static int
view_cat(struct request *request)
{
	uint64_t offset = request->arguments.cursor;
	struct store_message message;
	struct view_row row;
	struct buffer piece;
	int rc = get_whole(request, &message);

	if (rc < 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	buffer_init(&piece, CAT_PIECE);
	while (rc == 0 && offset < message.content_length) {
		rc = cat_piece(request, &message, offset, &piece);
		/* A content that ends early would let the tool ask for ever. */
		if (rc == 0 && buffer_length(&piece) == 0)
			rc = ERR_CORRUPT;
		if (rc < 0)
			break;
		view_row_init(&row, &request->arena);
		view_octets(&row, "octets", buffer_slice(&piece));
		rc = request_emit(request, &row);
		if (rc == 0)
			offset += buffer_length(&piece);
	}
	buffer_fini(&piece);
	/* The cursor is the offset: the tool asks again where the row had no
	 * room. */
	if (rc == ERR_AGAIN)
		request->done->cursor = offset;
	return rc == ERR_AGAIN ? 0 : rc;
}

/* why - answer what a message waits for */
static int
why(struct request *request)
{
	char text[VIEW_TEXT_MAX];
	struct store_message message;
	struct view_row row;
	int rc = get_whole(request, &message);

	if (rc < 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	why_text(request->view, &message, text);
	view_row_init(&row, &request->arena);
	view_number(&row, "id", message.id);
	view_text(&row, "text", text);
	return request_emit(request, &row);
}

/* How much of one link is how old. */
struct ages {
	uint32_t link;
	struct store_total total;
	uint64_t hour, day, week, older;
	uint32_t oldest; /* hour */
};

/*
 * oldest_of - find when the oldest message of a link came
 *
 * The counts know the hour.  Ids increase, so that the first one of an index
 * is its oldest, as a rule; what is held or deferred alone has its hour.
 */
static int64_t
oldest_of(struct request *request, const struct ages *ages)
{
	int64_t hour = (int64_t)ages->oldest * 3600 * 1000;
	int64_t oldest = hour + 3600 * 1000;
	struct store_message message;
	/* Counts know the hour of the oldest alone; ready messages have an
	 * index by id, which tells the minute. */
	uint64_t id;

	for (int p = 0; p < STORE_PRIORITIES; p++) {
		if (store_ready_next(request->view->store, ages->link,
			(enum store_priority)p, 0, &id) < 0)
			continue;
		arena_reset(&request->arena);
		if (store_message_get(request->view->store, id, STORE_HEAD,
			&request->arena, &message) == 0 &&
		    message.arrival >= hour && message.arrival < oldest)
			oldest = message.arrival;
	}
	return oldest < hour + 3600 * 1000 ? oldest : hour;
}

/* emit_ages - send the row of a link */
static int
emit_ages(struct request *request, const struct ages *ages,
    const struct store_partial_total *partial)
{
	struct store *store = request->view->store;
	struct store_link link = {.name = "-"};
	struct view_row row;

	/* A link that nothing waits for is shown while contents from it are on
	 * the disk, since they use its share. */
	if (ages->total.messages == 0 &&
	    store_source_total(store, ages->link).octets == 0)
		return 0;
	if (store_link_get(request->view->store, ages->link, &link) < 0 ||
	    ages->link == STORE_LINK_NONE)
		snprintf(link.name, sizeof(link.name), "-");
	view_row_init(&row, &request->arena);
	view_text(&row, "link", link.name);
	view_number(&row, "messages", ages->total.messages);
	view_number(&row, "octets", ages->total.octets);
	view_time(&row, "oldest",
	    ages->total.messages == 0 ? 0 : oldest_of(request, ages));
	view_number(&row, "hour", ages->hour);
	view_number(&row, "day", ages->day);
	view_number(&row, "week", ages->week);
	view_number(&row, "older", ages->older);
	view_source(&row, store, ages->link, partial);
	return request_emit(request, &row);
}

/* add_count - add one of the store's counts to its link */
static void
add_count(struct ages *ages, const struct store_count *count, uint32_t now)
{
	/* A clock that was set back makes ages negative. */
	uint32_t age = now > count->hour ? now - count->hour : 0;

	if (ages->total.messages == 0 || count->hour < ages->oldest)
		ages->oldest = count->hour;
	ages->total.messages += count->total.messages;
	ages->total.octets += count->total.octets;
	if (age < 1)
		ages->hour += count->total.messages;
	else if (age < 24)
		ages->day += count->total.messages;
	else if (age < 24 * 7)
		ages->week += count->total.messages;
	else
		ages->older += count->total.messages;
}

/* count_ages - add up the counts of a link */
static void
count_ages(const struct store *store, uint32_t link, struct ages *ages)
{
	uint32_t now = (uint32_t)(clock_wall() / 3600000);
	/* Behind everything of the link before: the next count is the first of
	 * this one. */
	struct store_count count = {.link = link - 1,
	    .priority = (enum store_priority)STORE_PRIORITIES,
	    .state = (enum store_state)STORE_STATES,
	    .hour = UINT32_MAX};
	bool started = link != 0;

	*ages = (struct ages){.link = link};
	while (store_count_next(store, &started, &count) == 1 &&
	    count.link == link)
		add_count(ages, &count, now);
}

/* summary - send a row for each link that is the way or the source of some
 * messages; the cursor is one more than its number */
static int
summary(struct request *request)
{
	struct store *store = request->view->store;
	uint32_t limit = store_link_count(store) + 1;
	uint32_t link = (uint32_t)request->arguments.cursor;
	struct store_partial_total *partial = calloc(limit, sizeof(*partial));
	struct ages ages;
	int rc;

	if (partial == NULL)
		return ERR_NOMEM;
	rc = store_partial_sum(store, partial, limit);
	for (; rc == 0 && link < limit; link++) {
		count_ages(store, link, &ages);
		rc = emit_ages(request, &ages, &partial[link]);
		if (rc == ERR_AGAIN)
			request->done->cursor = link;
	}
	free(partial);
	return rc == ERR_AGAIN ? 0 : rc;
}

/* view_request - answer one of the commands */
int
view_request(const struct view *view, struct slice command,
    const struct slice *arguments, size_t argument_count,
    struct view_done *done)
{
	static const struct {
		const char *name;
		int (*answer)(struct request *request);
	} commands[] = {{"list", request_list}, {"find", request_find},
	    {"show", show}, {"cat", view_cat}, {"why", why},
	    {"summary", summary}};
	struct request request = {.view = view, .done = done};
	int (*answer)(struct request *) = NULL;
	int rc;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_equal_string(command, commands[i].name))
			answer = commands[i].answer;
	if (answer == NULL)
		return ERR_NOTFOUND;
	/* Set only for a known command, so that qmgr can try its own commands
	 * with the same answer. */
	*done = (struct view_done){0};
	view_arguments_init(&request.arguments);
	for (size_t i = 0; i < argument_count && done->status == 0; i++)
		view_argument(
		    view->store, arguments[i], &request.arguments, done);
	rc = 0;
	if (done->status == 0) {
		/* An arena for each request: what a tool asked must not stay in
		 * memory. */
		arena_init(&request.arena, ARENA_MAX);
		rc = answer(&request);
		arena_fini(&request.arena);
	}
	view_arguments_fini(&request.arguments);
	return rc;
}
