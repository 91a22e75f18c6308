/* SPDX-License-Identifier: ISC */
/*
 * fake_program.c - the worker of a program that submits under keys: app-in
 *
 * A submission that was not answered is made again under its key, by the same
 * worker or the next; one that was answered is sometimes made again all the
 * same, or something else is submitted under its key.  Each key is one message:
 * every answer to it names the same one.
 */
#include "tests/sim/fake_program.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tests/sim/fake.h"
#include "tests/sim/bodies.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"

#define PIECE  30000
#define MEMORY (INT64_C(6) * 24 * 3600 * 1000) /* ms: keys are known so long */

enum phase {
	PHASE_CONNECTING,
	PHASE_GREETING,
	PHASE_LOOKING, /* for an item */
	PHASE_WAITING  /* for the answer */
};

struct worker {
	struct fake fake;
	enum phase phase;
	uint64_t submit;
	struct item *item; /* at work */
	bool other;	   /* something else under its key */
};

static const struct fake_role role;

/* worker_of - find the worker that a fake is */
static struct worker *
worker_of(struct fake *fake)
{
	return (struct worker *)(void *)fake;
}

/* is_remembered - tell whether the key of an item must be known still */
static bool
is_remembered(const struct item *item)
{
	int64_t age = clock_wall() - item->submitted;

	/* The clock is set back, too, in this world. */
	return age < MEMORY && age > -MEMORY;
}

/* next_item - find what is to be submitted, or again, or NULL */
static struct item *
next_item(void)
{
	struct item *again = NULL;

	for (unsigned n = 1; n <= items_count(); n++) {
		struct item *item = item_get(n);

		if (item->from != FROM_PROGRAM)
			continue;
		if (item->state == ITEM_NEW || item->state == ITEM_SENDING)
			return item;
		if (item->state == ITEM_CONFIRMED && is_remembered(item) &&
		    chance_one_in(20))
			again = item;
	}
	return again;
}

/* is_left - tell whether an item was not answered */
static bool
is_left(void)
{
	for (unsigned n = 1; n <= items_count(); n++)
		if (item_get(n)->from == FROM_PROGRAM &&
		    item_get(n)->state < ITEM_CONFIRMED)
			return true;
	return false;
}

/* program_worker - see that there is one, if there is something to submit */
void
program_worker(void)
{
	struct fake *fake;

	if (fake_count(&role) > 0 || !is_left())
		return;
	fake = fake_begin(&role, sizeof(struct worker));
	master_started(fake, IPC_ROLE_APP_IN, "prog");
	fake_act_between(fake, 1, 100);
}

/* submit_item - submit the item at work under its key, all at once */
static void
submit_item(struct worker *worker)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	uint8_t digest[IPC_DIGEST_LEN] = {worker->other};
	size_t envelope, n;
	struct slice body = item_body(worker->item, &envelope);

	if (worker->item->state == ITEM_NEW) {
		worker->item->state = ITEM_SENDING;
		worker->item->submitted = clock_wall();
	} else if (!is_remembered(worker->item)) {
		worker->item->may_double = true;
	}
	record.submit_start.submit = ++worker->submit;
	record.submit_start.kind = worker->item->kind;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.envelope_length = envelope;
	worker->phase = PHASE_WAITING;
	fake_send(&worker->fake, &record);
	for (size_t at = 0; at < body.len; at += n) {
		n = body.len - at < PIECE ? body.len - at : PIECE;
		record = (struct ipc_record){.type = IPC_SUBMIT_DATA};
		record.submit_data.submit = worker->submit;
		record.submit_data.data =
		    slice_of((const uint8_t *)body.data + at, n);
		fake_send(&worker->fake, &record);
	}
	record = (struct ipc_record){.type = IPC_SUBMIT_END};
	record.submit_end.submit = worker->submit;
	record.submit_end.content_length = worker->item->length;
	record.submit_end.submission_key = item_key(worker->item);
	memcpy(digest + 1, &worker->item->number, sizeof(unsigned));
	record.submit_end.digest = slice_of(digest, sizeof(digest));
	fake_send(&worker->fake, &record);
}

/* begin_item - submit the next item, if there is one */
static void
begin_item(struct worker *worker)
{
	worker->item = next_item();
	if (worker->item == NULL) {
		fake_act_between(&worker->fake, 100, 900);
		return;
	}
	worker->other =
	    worker->item->state == ITEM_CONFIRMED && chance_one_in(3);
	submit_item(worker);
}

/* program_act - do what is due */
static void
program_act(struct fake *fake)
{
	struct worker *worker = worker_of(fake);

	switch (worker->phase) {
	case PHASE_CONNECTING:
		if (!fake_connect(fake, "qmgr")) {
			fake_act_between(fake, 20, 200);
			break;
		}
		worker->phase = PHASE_GREETING;
		fake_hello(fake, IPC_ROLE_APP_IN);
		break;
	case PHASE_LOOKING:
		begin_item(worker);
		break;
	case PHASE_GREETING:
	case PHASE_WAITING:
		break;
	}
}

/* check_answer - check that a key is one message */
static void
check_answer(struct item *item, const struct ipc_submit_answer *answer)
{
	if (answer->result == IPC_SUBMIT_ACCEPTED &&
	    item->state == ITEM_CONFIRMED && !item->may_double)
		sim_fail("DOUBLED: the key of item %u is a second message",
		    item->number);
	if (item->message != 0 && item->message != answer->message &&
	    !item->may_double)
		sim_fail("the key of item %u is message %llu, and was %llu",
		    item->number, (unsigned long long)answer->message,
		    (unsigned long long)item->message);
	item->message = answer->message;
	item->state = ITEM_CONFIRMED;
}

/* take_answer - note what is said of the item at work */
static void
take_answer(struct worker *worker, const struct ipc_submit_answer *answer)
{
	struct item *item = worker->item;

	if (worker->phase != PHASE_WAITING || answer->submit != worker->submit)
		return;
	trace_note("program", item->number, answer->result);
	worker->phase = PHASE_LOOKING;
	fake_act_between(&worker->fake, 0, 50);
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		if (worker->other)
			sim_fail("something else is taken under the key of "
				 "item %u",
			    item->number);
		check_answer(item, answer);
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		fake_act_between(&worker->fake, 200, 2000);
		break;
	case IPC_SUBMIT_REFUSED:
		if (!worker->other || !answer->key_reused)
			sim_fail("item %u is refused", item->number);
		break;
	}
}

/* program_take - take a record */
static void
program_take(struct fake *fake, const struct ipc_record *record)
{
	struct worker *worker = worker_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
	case IPC_SUBMIT_PROGRESS:
		break;
	case IPC_SETTINGS:
		worker->phase = PHASE_LOOKING;
		fake_act_between(fake, 0, 20);
		break;
	case IPC_SUBMIT_ANSWER:
		take_answer(worker, &record->submit_answer);
		break;
	case IPC_RETIRE:
		fake_end(fake);
		break;
	default:
		sim_fail("%s to app-in", ipc_type_name(record->type));
	}
}

/* program_gone - end: master starts another */
static void
program_gone(struct fake *fake)
{
	fake_end(fake);
}

/* program_kill - kill it, if there is one */
void
program_kill(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role)
			fake_end(fake);
	}
}

static const struct fake_role role = {.name = "program",
    .take = program_take,
    .gone = program_gone,
    .act = program_act};
