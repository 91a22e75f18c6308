/* SPDX-License-Identifier: ISC */
/*
 * serving.c - requests are read, begun and answered, until either side ends
 */
#include "app/connection.h"

#include "base/clock.h"
#include "base/log.h"

/* take_submission - give a record to the submission that it is about */
static void
take_submission(struct connection *c, const struct ipc_record *record)
{
	uint64_t number = submission_number(record);

	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (ask->request.op != REQUEST_SUBMIT ||
		    ask->submitted.at_qmgr.number != number)
			continue;
		submitted_take(&ask->submitted, record);
		/* The submission at hand is answered when its octets are
		 * read. */
		if (ask->number != 0)
			ask_submit_answered(c, ask);
	}
}

/* take_other - take a record that is about no job, as a call of handing.h */
static int
take_other(void *arg, const struct ipc_record *record)
{
	struct connection *c = arg;

	switch ((int)record->type) {
	case IPC_SUBMIT_ANSWER:
	case IPC_SUBMIT_PROGRESS:
		take_submission(c, record);
		return 0;
	case IPC_WANTED:
		c->answered = record->wanted.number;
		c->ready = record->wanted.waiting;
		ask_status_answered(c);
		return 0;
	case IPC_JOB_CLAIM:
		ask_done_claimed(c, &record->job_claim);
		return 0;
	case IPC_ROUTE_ANSWER:
		ask_checked(c, &record->route_answer);
		return 0;
	default:
		return ERR_PROTOCOL;
	}
}

/* give_record - send a record of a submission */
static int
give_record(void *arg, const struct ipc_record *record)
{
	struct connection *c = arg;

	return handing_give(&c->hand, record);
}

/* wait_for_room - wait for qmgr to commit what it was sent */
static int
wait_for_room(void *arg)
{
	int error = connection_wait(arg, CLOCK_NEVER);

	return error == ERR_CLOSED ? error : 0;
}

/* connection_init - begin to serve */
int
connection_init(struct connection *c)
{
	static const struct handing_calls calls = {.noted = ask_noted,
	    .committed = ask_committed,
	    .other = take_other};

	arena_init(&c->arena, OBJECT_ARENA_MAX);
	handing_init(&c->hand, &c->app, &calls, c);
	submitter_init(&c->submitter, give_record, wait_for_room, c);
	return submitting_init(&c->submitting, &c->app, &c->submitter);
}

/* connection_fini - free what connection_init took */
void
connection_fini(struct connection *c)
{
	while (c->count > 0)
		ask_end(c);
	handing_fini(&c->hand);
	submitting_fini(&c->submitting);
	submitter_fini(&c->submitter);
	arena_fini(&c->arena);
	program_fini(&c->program);
}

/* begin_ask - begin what a request asks for */
static void
begin_ask(struct connection *c, struct ask *ask)
{
	switch (ask->request.op) {
	case REQUEST_SUBMIT:
		ask_submit(c, ask);
		break;
	case REQUEST_NEXT:
		ask->until = clock_after(ask->request.wait);
		if (c->hand.channel.retire)
			ask_refuse_for(ask, "disabled",
			    "an administrator has disabled the application");
		break;
	case REQUEST_DONE:
		ask_done(c, ask);
		break;
	case REQUEST_RELEASE:
		ask_release(c, ask);
		break;
	case REQUEST_CHECK:
		ask_check(c, ask);
		break;
	case REQUEST_STATUS:
		ask_status(c, ask);
		break;
	case REQUEST_OPS:
		break;
	}
}

/* refuse_line - answer a line that is no request; where it is not known what
 * belongs to it, nothing more is read */
static void
refuse_line(
    struct connection *c, struct ask *ask, const struct object_fault *fault)
{
	LOG_EVENT(EVENT_APP_REQUEST_REFUSED,
	    LOG_STRING("link", c->app.application->name),
	    LOG_STRING("place", fault->pointer),
	    LOG_STRING("reason", fault->text));
	ask_refuse(ask, "invalid", fault);
	if (ask->request.follows_known)
		c->skip = ask->request.follows;
	else
		c->ending = true;
}

/* take_request - read the next line and begin it: false if there is none */
static bool
take_request(struct connection *c)
{
	struct ask *ask = connection_at(c, c->count);
	struct object_fault fault = {
	    .error = ERR_LIMIT, .text = "the line has more than 16 MB"};
	struct slice line;
	int error = program_line(&c->program, &line);

	if (error == 0)
		return false;
	*ask = (struct ask){.state = ASK_WAITS};
	c->count++;
	if (error == 1) {
		error = request_read(line, &ask->request, &fault);
		program_take_line(&c->program, line);
	}
	if (error < 0)
		refuse_line(c, ask, &fault);
	else
		begin_ask(c, ask);
	return true;
}

/* take_requests - begin what the program has sent, as far as there is room for
 * the answers */
static void
take_requests(struct connection *c)
{
	while (!c->ending && !connection_is_over(c) &&
	    c->count < CONNECTION_ASKS_MAX &&
	    program_unread(&c->program) <= PROGRAM_UNREAD) {
		if (c->skip > 0) {
			size_t n = program_take(&c->program, NULL,
			    c->skip < SIZE_MAX ? (size_t)c->skip : SIZE_MAX);

			c->skip -= n;
			program_fill(&c->program);
			if (n == 0)
				return;
		} else if (!take_request(c)) {
			return;
		}
	}
}

/* settle - answer what can be answered */
static void
settle(struct connection *c)
{
	do {
		ask_done_late(c);
		ask_next_choose(c);
		connection_answer(c);
		if (c->count == 0 || connection_at(c, 0)->object == NULL)
			return;
		ask_next_give(c);
	} while (!connection_is_over(c));
}

/* stalls_at - find when a program that has begun something, or does not read,
 * has done nothing for too long */
static uint64_t
stalls_at(const struct connection *c)
{
	bool begun = c->skip > 0 || program_unread(&c->program) > 0 ||
	    (buffer_length(&c->program.in) > 0 &&
		c->count < CONNECTION_ASKS_MAX);

	return begun ? c->program.moved + CONNECTION_STALL : CLOCK_NEVER;
}

/* has_finished - tell whether a program sends no more, and has all answers */
static bool
has_finished(const struct connection *c)
{
	return (c->ending || c->program.ended) && c->count == 0 &&
	    program_unread(&c->program) == 0;
}

/* serve_on - read requests and answer them */
static void
serve_on(struct connection *c)
{
	while (!connection_is_over(c) && !c->app.worker.stopping) {
		uint64_t deadline, stalls;

		take_requests(c);
		settle(c);
		ask_next_want(c);
		program_flush(&c->program);
		if (has_finished(c))
			return;
		stalls = stalls_at(c);
		if (stalls != CLOCK_NEVER && connection_stalled(c))
			return;
		deadline = ask_next_deadline(c);
		(void)!connection_wait(
		    c, stalls < deadline ? stalls : deadline);
	}
}

/* holds_anything - tell whether the end has to wait for qmgr */
static bool
holds_anything(struct connection *c)
{
	for (size_t i = 0; i < c->count && !c->program.lost; i++)
		if (connection_at(c, i)->request.op != REQUEST_NEXT)
			return true;
	return c->hand.channel.jobs.count > 0;
}

/* connection_serve - serve a program until either side ends */
void
connection_serve(struct connection *c)
{
	uint64_t limit;

	serve_on(c);
	c->ending = c->given_up = true;
	limit = clock_after(LIMITS_STOP_ANSWERS);
	/* Requests under way with qmgr are still answered; what the program has
	 * claimed goes back. */
	ask_give_back(c);
	while (!c->hand.channel.gone && holds_anything(c) &&
	    clock_remaining(limit) > 0) {
		if (job_channel_wait(&c->hand.channel, NULL, limit) ==
		    ERR_CLOSED)
			break;
		ask_give_back(c);
		connection_answer(c);
		program_flush(&c->program);
	}
	program_flush(&c->program);
}
