/* SPDX-License-Identifier: ISC */
/*
 * ask_next.c - objects for a program that asks for them by its connection
 *
 * The JSON of an object stands before its octets, and says how long its parts
 * are: so a content is read once for the JSON, and again for the octets.
 */
#include <stdlib.h>

#include "app/connection.h"
#include "base/clock.h"
#include "base/log.h"
#include "json/object_write.h"

/* is_waiting - tell whether a request wants an object and has none */
static bool
is_waiting(const struct ask *ask)
{
	return ask->request.op == REQUEST_NEXT && ask->state == ASK_WAITS &&
	    ask->object == NULL;
}

/* is_chosen - tell whether a message is meant for a request already, or is one
 * that a late answer is for */
static bool
is_chosen(struct connection *c, uint64_t message)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct ask *ask = connection_at(c, i);

		if ((ask->object != NULL &&
			ask->object->given.message == message) ||
		    ((ask->claims || ask->claimed) &&
			ask->request.id == message))
			return true;
	}
	return false;
}

/* choose - find the first object that nobody was given, or NULL */
static struct handed *
choose(struct connection *c)
{
	for (size_t i = 0; i < c->hand.channel.jobs.count; i++) {
		struct handed *object =
		    (struct handed *)client_jobs_at(&c->hand.channel.jobs, i);

		if (object->state == HANDED_COME && !object->given.cancelled &&
		    !is_chosen(c, object->given.message))
			return object;
	}
	return NULL;
}

/* judge_waiting - answer a request whose time is over, or that can have
 * nothing */
static void
judge_waiting(struct connection *c, struct ask *ask)
{
	if (c->hand.channel.retire)
		ask_refuse_for(ask, "disabled",
		    "an administrator has disabled the application");
	/* Not before qmgr has said that it has nothing. */
	else if (ask->number != 0 && c->answered >= ask->number &&
	    clock_remaining(ask->until) == 0)
		ask_answer(ask, json_pack("{s:n}", "object"));
}

/* ask_next_choose - find objects for the requests that want one */
void
ask_next_choose(struct connection *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (!is_waiting(ask))
			continue;
		ask->object = choose(c);
		if (ask->object == NULL)
			judge_waiting(c, ask);
	}
}

/* give_unwanted_back - put objects back that came when nobody wanted one any
 * more */
static void
give_unwanted_back(struct connection *c)
{
	struct handed *object;

	while ((object = choose(c)) != NULL)
		handing_outcome(&c->hand, object, IPC_UNSTARTED, "not wanted",
		    HANDING_NOTHING);
}

/* ask_next_want - tell qmgr how many objects are wanted */
void
ask_next_want(struct connection *c)
{
	struct ipc_record record = {.type = IPC_WANTED};
	uint64_t room = LIMITS_BATCH - c->hand.channel.jobs.count, wanted = 0;
	bool untold = false;

	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		wanted += is_waiting(ask);
		untold |= ask->state == ASK_WAITS && ask->number == 0 &&
		    (is_waiting(ask) || ask->request.op == REQUEST_STATUS);
		room -= ask->claims && room > 0;
	}
	if (wanted == 0 && c->bound)
		give_unwanted_back(c);
	record.wanted.jobs = c->hand.come + (wanted < room ? wanted : room);
	if (connection_is_over(c) || c->hand.channel.retire ||
	    (!untold && (!c->bound || record.wanted.jobs == c->jobs)))
		return;
	connection_bind(c);
	c->jobs = record.wanted.jobs;
	record.wanted.number = ++c->number;
	(void)!handing_give(&c->hand, &record);
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (ask->number == 0 && ask->state == ASK_WAITS &&
		    (ask->request.op == REQUEST_NEXT ||
			ask->request.op == REQUEST_STATUS))
			ask->number = c->number;
	}
}

/* ask_next_deadline - find when the time of a request is over */
uint64_t
ask_next_deadline(const struct connection *c)
{
	uint64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < c->count; i++) {
		const struct ask *ask =
		    &c->asks[(c->first + i) % CONNECTION_ASKS_MAX];

		/* Until qmgr has answered there is nothing to be done. */
		if (is_waiting(ask) && ask->until < deadline &&
		    ask->number != 0 && c->answered >= ask->number)
			deadline = ask->until;
	}
	return deadline;
}

/* An object that is being written. */
struct giving {
	struct connection *c;
	struct ask *ask;
	struct handed *object;
	struct p1_envelope envelope;
	struct object_context context;
	struct object_writer *writer;
	bool has_content; /* the content follows */
	struct diag diag;
};

/* part_begin - let the octets of a part follow, as a taker */
static int
part_begin(void *arg, size_t number, char *name)
{
	(void)arg;
	(void)number;
	/* Without a name they follow. */
	name[0] = '\0';
	return 0;
}

/* part_data - pass over octets of a part while the JSON is made, as a taker */
static int
part_data(void *arg, size_t number, struct slice octets)
{
	(void)arg;
	(void)number;
	(void)octets;
	return 0;
}

/* part_put - write octets of a part, as a taker */
static int
part_put(void *arg, size_t number, struct slice octets)
{
	struct giving *g = arg;

	(void)number;
	return connection_put(g->c, octets);
}

/* part_end - end a part, as a taker */
static int
part_end(void *arg, size_t number, uint64_t length)
{
	(void)arg;
	(void)number;
	(void)length;
	return 0;
}

/* push_content - have the writer read octets of the content, as a sink */
static int
push_content(void *arg, struct slice octets)
{
	struct giving *g = arg;

	worker_tick(&g->c->app.worker);
	return object_writer_push(g->writer, octets);
}

/* put_content - write octets of the content, as a sink */
static int
put_content(void *arg, struct slice octets)
{
	struct giving *g = arg;

	return connection_put(g->c, octets);
}

/* describe - make the JSON of the object */
static int
describe(struct giving *g, struct buffer *json)
{
	const struct object_taker taker = {
	    .begin = part_begin, .data = part_data, .end = part_end, .arg = g};
	int error;

	g->writer = object_writer_new(&g->envelope, &g->context, &taker);
	if (g->writer == NULL)
		return ERR_NOMEM;
	error = handing_content(&g->c->hand, g->object, push_content, g);
	if (error == 0)
		error = object_writer_finish(g->writer, json);
	g->has_content = object_writer_has_content(g->writer);
	object_writer_free(g->writer);
	return error;
}

/* put_parts - write the octets of the parts */
static int
put_parts(struct giving *g)
{
	const struct object_taker taker = {
	    .begin = part_begin, .data = part_put, .end = part_end, .arg = g};
	struct buffer json;
	int error;

	buffer_init(&json, OBJECT_TEXT_MAX + 1);
	g->writer = object_writer_new(&g->envelope, &g->context, &taker);
	error = g->writer == NULL
	    ? ERR_NOMEM
	    : handing_content(&g->c->hand, g->object, push_content, g);
	if (error == 0)
		error = object_writer_finish(g->writer, &json);
	object_writer_free(g->writer);
	buffer_fini(&json);
	return error;
}

/* put_line - write the line of the answer */
static int
put_line(struct giving *g, struct slice object)
{
	const json_t *tag = g->ask->request.tag;
	char *text = tag == NULL
	    ? NULL
	    : json_dumps(tag, JSON_COMPACT | JSON_ENCODE_ANY);
	int error = 0;

	if (tag != NULL && text == NULL)
		return ERR_NOMEM;
	error = connection_put(
	    g->c, slice_of_string(text == NULL ? "{" : "{\"tag\":"));
	if (error == 0 && text != NULL) {
		error = connection_put(g->c, slice_of_string(text));
		if (error == 0)
			error = connection_put(g->c, slice_of_string(","));
	}
	free(text);
	if (error == 0)
		error = connection_put(
		    g->c, slice_of_string("\"ok\":true,\"object\":"));
	if (error == 0)
		error = connection_put(g->c, object);
	return error == 0 ? connection_put(g->c, slice_of_string("}\n"))
			  : error;
}

/* put_object - write the object: from its first octet on only the end of the
 * connection can stop that */
static int
put_object(struct giving *g, struct slice json)
{
	int error = put_line(g, json);

	if (error == 0 && g->has_content)
		error = handing_content(&g->c->hand, g->object, put_content, g);
	else if (error == 0 && g->ask->request.octets == REQUEST_PARTS)
		error = put_parts(g);
	if (error < 0)
		g->c->program.lost = true;
	return error;
}

/* fail_object - decide what becomes of an object that cannot be described */
static void
fail_object(struct giving *g, int error)
{
	const char *why =
	    g->diag.code != 0 ? diag_text(&g->diag) : error_strerror(error);
	bool passing = error == ERR_NOMEM || error == ERR_CANCELLED ||
	    error == ERR_CLOSED || error == ERR_TIMEOUT;

	g->ask->object = NULL;
	if (error == ERR_NOMEM)
		ask_refuse_for(g->ask, "unavailable", why);
	/* Such a message can be given to no program, now or later. */
	handing_outcome(&g->c->hand, g->object,
	    passing ? IPC_UNSTARTED : IPC_HELD, why, HANDING_NOTHING);
}

/* give_object - describe the object, write it, and let its time run */
static int
give_object(struct giving *g, struct buffer *octets, struct buffer *json)
{
	struct handed *object = g->object;
	int error = handing_envelope(
	    &g->c->hand, object, octets, &g->c->arena, &g->envelope, &g->diag);

	g->context.arrival = handing_arrival(&g->envelope);
	if (error == 0)
		error = describe(g, json);
	if (error < 0) {
		fail_object(g, error);
		return error;
	}
	if (put_object(g, buffer_slice(json)) < 0)
		return ERR_CLOSED;
	object->state = HANDED_CLAIMED;
	object->claimed = clock_monotonic();
	handing_log_given(&g->c->hand, object);
	ask_end(g->c);
	return 0;
}

/* ask_next_give - write the object of the first request */
void
ask_next_give(struct connection *c)
{
	struct ask *ask = connection_at(c, 0);
	struct handed *object = ask->object;
	struct giving g = {.c = c, .ask = ask, .object = object};
	struct buffer octets, json;

	/* Objects that are being written are not taken back meanwhile. */
	object->state = HANDED_GIVEN;
	worker_item(&c->app.worker, object->given.message);
	arena_reset(&c->arena);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	buffer_init(&json, OBJECT_TEXT_MAX + 1);
	g.context = (struct object_context){.id = object->given.message,
	    .attempt = object->attempt,
	    .submission = slice_of_string(object->submission),
	    .content = {.place = OBJECT_FOLLOWS,
		.has_length = true,
		.length = object->given.content_length},
	    .content_unless_described = ask->request.octets == REQUEST_PARTS};
	(void)!give_object(&g, &octets, &json);
	buffer_fini(&octets);
	buffer_fini(&json);
	worker_item(&c->app.worker, 0);
}
