/* SPDX-License-Identifier: ISC */
/*
 * fake_file.c - the worker that takes the files of the postoffice: msmi-in
 *
 * A file is removed after the answer.  If the worker ends before, the next one
 * submits the same file again, and is told that it is a duplicate.
 */
#include "tests/sim/fake_file.h"

#include <stdio.h>

#include "tests/sim/bodies.h"
#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"

#define PIECE 30000

enum phase {
	PHASE_CONNECTING,
	PHASE_GREETING,
	PHASE_LOOKING, /* for a file */
	PHASE_WAITING, /* for the answer */
	PHASE_REMOVING
};

struct worker {
	struct fake fake;
	enum phase phase;
	uint64_t submit;
	struct item *item; /* whose file is at work */
	char file_name[16];
};

static const struct fake_role role;

/* worker_of - find the worker that a fake is */
static struct worker *
worker_of(struct fake *fake)
{
	return (struct worker *)(void *)fake;
}

/* file_worker - see that there is one */
void
file_worker(void)
{
	struct fake *fake;

	if (fake_count(&role) > 0 || files_left() == 0)
		return;
	fake = fake_begin(&role, sizeof(struct worker));
	master_started(fake, IPC_ROLE_MSMI_IN, links[POSTOFFICE].name);
	fake_act_between(fake, 1, 100);
}

/* next_file - find a file that is there, or NULL */
static struct item *
next_file(void)
{
	for (unsigned n = 1; n <= items_count(); n++)
		if (item_get(n)->file)
			return item_get(n);
	return NULL;
}

/* files_left - count the files that are not removed */
unsigned
files_left(void)
{
	unsigned left = 0;

	for (unsigned n = 1; n <= items_count(); n++)
		left += item_get(n)->file;
	return left;
}

/* file_of - describe the file of an item, as the file system does */
static struct ipc_file
file_of(struct worker *worker)
{
	snprintf(worker->file_name, sizeof(worker->file_name), "F%u",
	    worker->item->number);
	return (struct ipc_file){
	    .postoffice = slice_of_string(links[POSTOFFICE].name),
	    .name = slice_of_string(worker->file_name),
	    .inode = worker->item->number,
	    .ctime = worker->item->number,
	    .size = worker->item->length};
}

/* submit_file - submit the file at work, all at once */
static void
submit_file(struct worker *worker)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	size_t envelope, n;
	struct slice body = item_body(worker->item, &envelope);

	if (worker->item->state == ITEM_NEW)
		worker->item->state = ITEM_SENDING;
	record.submit_start.submit = ++worker->submit;
	record.submit_start.kind = worker->item->kind;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.envelope_length = envelope;
	record.submit_start.has_file = true;
	record.submit_start.file = file_of(worker);
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
	fake_send(&worker->fake, &record);
}

/* remove_file - remove the file that was taken, and say so */
static void
remove_file(struct worker *worker)
{
	struct ipc_record record = {.type = IPC_FILE_REMOVED};

	worker->item->file = false;
	record.file_removed.file = file_of(worker);
	fake_send(&worker->fake, &record);
	worker->item = NULL;
	worker->phase = PHASE_LOOKING;
	fake_act_between(&worker->fake, 0, 5);
}

/* file_act - do what is due */
static void
file_act(struct fake *fake)
{
	struct worker *worker = worker_of(fake);

	switch (worker->phase) {
	case PHASE_CONNECTING:
		if (!fake_connect(fake, "qmgr")) {
			fake_act_between(fake, 20, 200);
			break;
		}
		worker->phase = PHASE_GREETING;
		fake_hello(fake, IPC_ROLE_MSMI_IN);
		break;
	case PHASE_LOOKING:
		worker->item = next_file();
		if (worker->item != NULL)
			submit_file(worker);
		else
			fake_act_between(fake, 100, 900);
		break;
	case PHASE_REMOVING:
		remove_file(worker);
		break;
	case PHASE_GREETING:
	case PHASE_WAITING:
		break;
	}
}

/* take_answer - have the file removed that was taken */
static void
take_answer(struct worker *worker, const struct ipc_submit_answer *answer)
{
	if (worker->phase != PHASE_WAITING || answer->submit != worker->submit)
		return;
	trace_note("file", worker->item->number, answer->result);
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		worker->item->state = ITEM_CONFIRMED;
		worker->phase = PHASE_REMOVING;
		fake_act_between(&worker->fake, 0, 5);
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		worker->phase = PHASE_LOOKING;
		fake_act_between(&worker->fake, 200, 2000);
		break;
	case IPC_SUBMIT_REFUSED:
		sim_fail(
		    "the file of item %u is refused", worker->item->number);
	}
}

/* tell_state - tell how the postoffice is */
static void
tell_state(struct worker *worker)
{
	struct ipc_record record = {.type = IPC_POSTOFFICE_STATE};

	record.postoffice_state.aside = chance_number(3);
	record.postoffice_state.last = slice_of_string("F1: so it is");
	fake_send(&worker->fake, &record);
}

/* file_take - take a record */
static void
file_take(struct fake *fake, const struct ipc_record *record)
{
	struct worker *worker = worker_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
	case IPC_SUBMIT_PROGRESS:
		break;
	case IPC_SETTINGS:
		worker->phase = PHASE_LOOKING;
		tell_state(worker);
		fake_act_between(fake, 0, 20);
		break;
	case IPC_SUBMIT_ANSWER:
		take_answer(worker, &record->submit_answer);
		break;
	case IPC_RETIRE:
		fake_end(fake);
		break;
	default:
		sim_fail("%s to msmi-in", ipc_type_name(record->type));
	}
}

/* file_gone - end: master starts another */
static void
file_gone(struct fake *fake)
{
	fake_end(fake);
}

/* file_kill - kill it, if there is one */
void
file_kill(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role)
			fake_end(fake);
	}
}

static const struct fake_role role = {
    .name = "file", .take = file_take, .gone = file_gone, .act = file_act};
