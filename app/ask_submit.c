/* SPDX-License-Identifier: ISC */
/*
 * ask_submit.c - submissions of a program by its connection
 *
 * The octets of an object go to qmgr as they come, so that it takes the memory
 * of a small one whatever its length.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/connection.h"
#include "app/following.h"
#include "base/clock.h"
#include "base/log.h"
#include "json/object_value.h"

#define ID_MAX 64

/* read_octets - read octets that follow, waits for them */
static int64_t
read_octets(void *arg, uint8_t *room, size_t size)
{
	struct connection *c = arg;
	size_t n;

	while ((n = program_take(&c->program, room, size)) == 0) {
		uint64_t stalls = c->program.moved + CONNECTION_STALL;

		if (c->program.ended || connection_stalled(c))
			c->program.lost = true;
		if (connection_wait(c, stalls) == ERR_CLOSED)
			return ERR_CLOSED;
	}
	return (int64_t)n;
}

/* set_key - set the key by which the object is known again, if it has one */
static void
set_key(struct ask *ask, struct slice key)
{
	char *to = ask->submitted.key;

	/* The reader has checked its length. */
	if (key.len > 0 && key.len < sizeof(ask->submitted.key)) {
		memcpy(to, key.data, key.len);
		to[key.len] = '\0';
	}
}

/* make_id - make the identifier of an IPM that has none: submitted again under
 * its key, the object must be the same */
static void
make_id(const struct connection *c, const json_t *object, char id[ID_MAX + 1])
{
	const char *key = json_string_value(json_object_get(object, "key"));

	if (key != NULL)
		(void)snprintf(id, ID_MAX + 1, "%.64s", key);
	else
		(void)snprintf(id, ID_MAX + 1, "%llx.%x.%llx",
		    (unsigned long long)clock_wall(), (unsigned)getpid(),
		    (unsigned long long)c->submitter.count);
}

/* submit_object - read an object and submit it */
static int
submit_object(
    struct connection *c, struct ask *ask, struct following *following)
{
	const json_t *object = json_object_get(ask->request.rest, "object");
	struct submitting *submitting = &c->submitting;
	const struct object_supply supply = following_supply(following);
	struct object_defaults defaults;
	char id[ID_MAX + 1];
	int error;

	submitting_begin(submitting);
	make_id(c, object, id);
	error = submitting_defaults(submitting, id, &defaults);
	if (error == 0)
		error = object_read_value(object, &defaults, &submitting->arena,
		    &submitting->whole, &submitting->fault);
	if (error < 0)
		return error;
	set_key(ask, submitting->whole.key);
	error = submitting_prepare(submitting, &supply);
	following->keeps = false;
	return error < 0 ? error : submitting_send(submitting, &ask->submitted);
}

/* log_refused - log that an object could not be submitted */
static void
log_refused(const struct connection *c, const struct ask *ask,
    const char *error, const struct object_fault *fault)
{
	LOG_EVENT(EVENT_APP_REQUEST_REFUSED,
	    LOG_STRING("link", c->app.application->name),
	    LOG_STRING("key", ask->submitted.key), LOG_STRING("error", error),
	    LOG_STRING("place", fault->pointer),
	    LOG_STRING("reason", fault->text));
}

/* refuse_submission - answer that an object could not be submitted */
static void
refuse_submission(struct connection *c, struct ask *ask, int error)
{
	struct object_fault *fault = &c->submitting.fault;
	bool passing = error == ERR_NOMEM || error == ERR_CANCELLED;

	(void)object_fault_set(fault, error, "", "%s", error_strerror(error));
	log_refused(c, ask, passing ? "unavailable" : "invalid", fault);
	ask_refuse(ask, passing ? "unavailable" : "invalid", fault);
}

/* ask_submit - submit the object of a request */
void
ask_submit(struct connection *c, struct ask *ask)
{
	uint64_t follows = ask->request.follows;
	struct following following;
	int error;

	if (!ask->request.follows_known) {
		ask_refuse_for(ask, "invalid",
		    "the object does not say how many octets follow");
		c->ending = true;
		return;
	}
	following_init(&following, read_octets, c);
	error = submit_object(c, ask, &following);
	/* The parts that an object names may be more than those that are
	 * read. */
	c->skip = follows - following.taken;
	following_fini(&following);
	json_decref(ask->request.rest);
	ask->request.rest = NULL;
	if (error < 0) {
		if (!connection_is_over(c))
			refuse_submission(c, ask, error);
		return;
	}
	ask->number = 1;
	ask_submit_answered(c, ask);
}

/* log_taken - log that qmgr has an object */
static void
log_taken(const struct connection *c, const struct submitted *submitted)
{
	const struct submission *s = &submitted->at_qmgr;

	LOG_EVENT(EVENT_APP_TAKEN, LOG_INT("id", s->message),
	    LOG_STRING("mts_id", s->mts_id),
	    LOG_STRING("application", c->app.application->name),
	    LOG_STRING("key", submitted->key),
	    LOG_STRING("result",
		s->result == IPC_SUBMIT_DUPLICATE ? "taken before" : NULL),
	    LOG_INT("left_out", submitted->refused_count));
}

/* ask_submit_answered - keep qmgr's answer to a submission */
void
ask_submit_answered(struct connection *c, struct ask *ask)
{
	const struct submission *s = &ask->submitted.at_qmgr;
	struct object_fault fault;
	const char *name;

	if (s->state != SUBMISSION_ANSWERED || ask->state == ASK_ANSWERED)
		return;
	switch (s->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		log_taken(c, &ask->submitted);
		ask_answer(ask, submitted_answer(&ask->submitted));
		break;
	case IPC_SUBMIT_REFUSED:
		name = submitted_refusal(&ask->submitted, &fault);
		log_refused(c, ask, name, &fault);
		ask_refuse(ask, name, &fault);
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		ask_refuse_for(ask, "unavailable", s->text);
		break;
	}
}
