/* SPDX-License-Identifier: ISC */
/*
 * ask_done.c - answers of a program by its connection, and what goes back
 *
 * Before an object that was claimed goes back it is noted that it was given
 * out, and how often it was not answered: whoever has it next knows, and an
 * answer that comes too late counts while nobody has it.
 */
#include "app/connection.h"
#include "base/clock.h"

#define NOT_YOURS "not-yours"

/* read_answer - read an answer of the program and report it; the object stays
 * claimed if it cannot be used */
static void
read_answer(struct connection *c, struct ask *ask, struct handed *object)
{
	const struct answer_for on = {object->responsible, object->recipients};
	struct object_fault fault = {.error = 0};
	struct answer answer;
	int error =
	    answer_take(ask->request.rest, &on, &c->arena, &answer, &fault);

	if (error < 0) {
		(void)object_fault_set(
		    &fault, error, "", "%s", error_strerror(error));
		ask_refuse(ask, error == ERR_NOMEM ? "unavailable" : "invalid",
		    &fault);
		return;
	}
	ask->job = object->given.number;
	handing_answer(&c->hand, object, &answer);
}

/* claim_again - ask qmgr for a message that this program was given before */
static void
claim_again(struct connection *c, struct ask *ask)
{
	const struct ipc_record record = {
	    .type = IPC_JOB_CLAIM, .job_claim = {.message = ask->request.id}};

	if (c->hand.channel.retire ||
	    c->hand.channel.jobs.count >= LIMITS_BATCH) {
		ask_refuse_for(ask, "unavailable",
		    "it is not claimed, and cannot be claimed now");
		return;
	}
	connection_bind(c);
	ask->claims = true;
	(void)!handing_give(&c->hand, &record);
}

/* ask_done - take a program's answer for an object */
void
ask_done(struct connection *c, struct ask *ask)
{
	struct handed *object = handing_find(&c->hand, ask->request.id);

	arena_reset(&c->arena);
	if (object == NULL)
		claim_again(c, ask);
	else if (object->state == HANDED_CLAIMED)
		read_answer(c, ask, object);
	else
		ask_refuse_for(ask, NOT_YOURS,
		    object->state == HANDED_ANSWERED ? "it was answered already"
						     : "it is not claimed");
}

/* take_claimed - read the envelope of a message that was claimed again, and the
 * answer for it */
static void
take_claimed(struct connection *c, struct ask *ask, struct handed *object)
{
	struct p1_envelope envelope;
	struct buffer octets;
	struct diag diag = {0};
	int error;

	arena_reset(&c->arena);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	error = handing_envelope(
	    &c->hand, object, &octets, &c->arena, &envelope, &diag);
	if (error == 0) {
		object->state = HANDED_CLAIMED;
		object->claimed = clock_monotonic();
		read_answer(c, ask, object);
	} else {
		ask_refuse_for(ask, "unavailable", error_strerror(error));
		handing_outcome(&c->hand, object, IPC_UNSTARTED, "not read",
		    HANDING_NOTHING);
	}
	buffer_fini(&octets);
}

/* ask_done_claimed - go on with an answer for a message that was claimed
 * again */
void
ask_done_claimed(struct connection *c, const struct ipc_job_claim *claim)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (!ask->claims || ask->request.id != claim->message)
			continue;
		ask->claims = false;
		/* The job may have come meanwhile, as any other. */
		if (claim->result == IPC_CLAIM_GIVEN ||
		    handing_find(&c->hand, claim->message) != NULL)
			ask->claimed = true;
		else
			ask_refuse_for(ask, NOT_YOURS,
			    claim->result == IPC_CLAIM_UNKNOWN
				? "no such object is to be answered: it was, "
				  "or its time is over"
				: "another connection has it, or nobody was "
				  "given it");
		return;
	}
}

/* ask_done_late - read the answers for messages that were claimed again */
void
ask_done_late(struct connection *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);
		struct handed *object;

		if (!ask->claimed)
			continue;
		ask->claimed = false;
		object = handing_find(&c->hand, ask->request.id);
		if (object != NULL && object->state == HANDED_COME)
			take_claimed(c, ask, object);
		else
			ask_refuse_for(ask, NOT_YOURS, "it is not claimed");
	}
}

/* give_back - give an object back that was claimed, once that is noted */
static void
give_back(struct connection *c, struct handed *object, const char *why)
{
	if (object->noted) {
		handing_outcome(
		    &c->hand, object, IPC_UNSTARTED, why, HANDING_NOTHING);
		return;
	}
	object->state = HANDED_RETURNING;
	(void)!handing_note(&c->hand, object);
}

/* ask_release - put an object back */
void
ask_release(struct connection *c, struct ask *ask)
{
	struct handed *object = handing_find(&c->hand, ask->request.id);

	if (object == NULL || object->state != HANDED_CLAIMED) {
		ask_refuse_for(ask, NOT_YOURS, "it is not claimed");
		return;
	}
	ask->job = object->given.number;
	give_back(c, object, "released");
	/* An object that was noted before has gone back at once. */
	if (client_jobs_find(&c->hand.channel.jobs, ask->job) == NULL)
		ask_answer(
		    ask, json_pack("{s:I}", "id", (json_int_t)ask->request.id));
}

/* lapse - take an object from a program that has not answered in time */
static void
lapse(struct connection *c, struct handed *object)
{
	static const char why[] = "the program did not answer in time";

	if (!handing_lapse(&c->hand, object, why)) {
		handing_outcome(
		    &c->hand, object, IPC_HELD, why, HANDING_NOTHING);
		return;
	}
	/* The note is out of date. */
	object->noted = false;
	give_back(c, object, why);
}

/* forget_choice - have no request wait for an object that goes back */
static void
forget_choice(struct connection *c, const struct handed *object)
{
	for (size_t i = 0; i < c->count; i++)
		if (connection_at(c, i)->object == object)
			connection_at(c, i)->object = NULL;
}

/* judge_object - give an object back if it is time */
static void
judge_object(struct connection *c, struct handed *object)
{
	bool ends = c->given_up || object->given.cancelled;

	if (object->state == HANDED_COME && ends) {
		forget_choice(c, object);
		handing_outcome(&c->hand, object, IPC_UNSTARTED, "cancelled",
		    HANDING_NOTHING);
	} else if (object->state == HANDED_CLAIMED && ends) {
		give_back(c, object, "cancelled");
	} else if (object->state == HANDED_CLAIMED &&
	    clock_remaining(
		object->claimed + c->app.application->answer_timeout) == 0) {
		lapse(c, object);
	}
}

/* ask_give_back - give objects back */
void
ask_give_back(struct connection *c)
{
	for (size_t i = 0; i < HANDED_MAX && !c->hand.channel.gone; i++)
		if (c->hand.objects[i].used)
			judge_object(c, &c->hand.objects[i]);
}

/* answer_job - answer the request that awaits the end of a job */
static void
answer_job(struct connection *c, uint64_t job)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (ask->job == job && ask->state == ASK_WAITS)
			ask_answer(ask,
			    json_pack(
				"{s:I}", "id", (json_int_t)ask->request.id));
	}
}

/* ask_noted - go on with an object whose note is committed */
void
ask_noted(void *arg, struct handed *object)
{
	struct connection *c = arg;

	if (object->state != HANDED_RETURNING)
		return;
	answer_job(c, object->given.number);
	handing_outcome(
	    &c->hand, object, IPC_UNSTARTED, "given back", HANDING_NOTHING);
}

/* ask_committed - answer for an object whose outcome is committed */
void
ask_committed(void *arg, struct handed *object)
{
	struct connection *c = arg;

	answer_job(c, object->given.number);
	handing_end(&c->hand, object);
}
