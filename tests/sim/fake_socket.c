/* SPDX-License-Identifier: ISC */
/*
 * fake_socket.c - connections of a program that asks for what it is given
 */
#include "tests/sim/fake_socket.h"

#include <stdlib.h>
#include <string.h>

#include "client/limits.h"
#include "tests/sim/bodies.h"
#include "tests/sim/submissions.h"
#include "tests/sim/master.h"
#include "tests/sim/out_jobs.h"
#include "tests/sim/side.h"

#define UNKNOWN_MAX 64 /* answers of which nobody knows whether they count */

enum task_state {
	TASK_COME,
	TASK_BODY,     /* more of it was asked for */
	TASK_TAKEN,    /* by the program */
	TASK_NOTING,   /* that it was given, before it goes back */
	TASK_ANSWERED, /* not committed yet */
	TASK_OVER
};

/* A job, from the queue manager to the program. */
struct task {
	struct job job;
	enum task_state state;
	bool returns; /* the program does not answer */
};

struct connection {
	struct fake fake;
	struct submissions submitted;
	bool told, bound, retires;
	struct task tasks[2 * LIMITS_BATCH]; /* some are not committed yet */
	unsigned count;
	uint64_t came, wanted, number;
	bool asks;	/* how many it wants is not answered */
	uint64_t claim; /* of a message, is not answered; 0: none */
};

static const struct fake_role role;
static uint64_t unknown[UNKNOWN_MAX]; /* messages; 0: none */

/* connection_of - find the connection that a fake is */
static struct connection *
connection_of(struct fake *fake)
{
	return (struct connection *)(void *)fake;
}

/* socket_worker - see that there is a connection, or two */
void
socket_worker(void)
{
	struct connection *c;

	if (fake_count(&role) >= (chance_one_in(10) ? 2U : 1U))
		return;
	c = connection_of(fake_begin(&role, sizeof(*c)));
	c->submitted = (struct submissions){.fake = &c->fake, .from = SOCKET};
	master_started(&c->fake, IPC_ROLE_APP, links[SOCKET].name);
	fake_act_between(&c->fake, 1, 100);
}

/* end - end a connection, with what it was given */
static void
end(struct connection *c)
{
	while (c->count > 0)
		free(c->tasks[--c->count].job.body);
	fake_end(&c->fake);
}

/* socket_kill - kill one, if there is one */
void
socket_kill(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role) {
			end(connection_of(fake));
			return;
		}
	}
}

/* note_unknown - note whether an answer on a message is known to count */
static void
note_unknown(uint64_t message, bool known)
{
	size_t at = UNKNOWN_MAX;

	for (size_t i = 0; i < UNKNOWN_MAX; i++) {
		if (unknown[i] == message)
			unknown[i] = 0;
		if (unknown[i] == 0)
			at = i;
	}
	if (!known && at < UNKNOWN_MAX)
		unknown[at] = message;
}

/* find_task - find the task of a job, or NULL */
static struct task *
find_task(struct connection *c, uint64_t job)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->tasks[i].job.job == job)
			return &c->tasks[i];
	return NULL;
}

/* remove_over - forget the tasks that are over */
static void
remove_over(struct connection *c)
{
	unsigned left = 0;

	for (unsigned i = 0; i < c->count; i++) {
		if (c->tasks[i].state == TASK_OVER)
			free(c->tasks[i].job.body);
		else
			c->tasks[left++] = c->tasks[i];
	}
	c->count = left;
}

/* give_back - have a task be given to somebody else */
static void
give_back(struct connection *c, struct task *task)
{
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = task->job.job,
		.result = IPC_UNSTARTED,
		.diagnostic = -1}};

	fake_send(&c->fake, &record);
	task->state = TASK_OVER;
}

/* note_given - have it noted that a message was given to the program */
static void
note_given(struct connection *c, struct task *task)
{
	struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
	    .delivery_note = {.job = task->job.job,
		.note = slice_of_string("application 1 0")}};

	fake_send(&c->fake, &record);
	task->state = TASK_NOTING;
}

/* answer - answer for a message that the program has had */
static void
answer(struct connection *c, struct task *task)
{
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = task->job.job,
		.diagnostic = -1,
		.reason = 1,
		.text = slice_of_string("so it is"),
		.confirm = true}};

	answer_put(answer_on(task->job.message), &record.outcome);
	fake_send(&c->fake, &record);
	task->state = TASK_ANSWERED;
}

/* deliver - have the program take a message, or those of its recipients whom it
 * told to come later */
static void
deliver(const struct task *task)
{
	const struct job *job = &task->job;
	bool again = peer_has(SOCKET, 0, job->message) != 0;
	struct answer *answer = answer_on(job->message);
	unsigned failed = again ? answer->failed : 0;
	unsigned open = again ? job->mask & answer->later : job->mask;
	bool calm = peers[SOCKET].cuts == 0;
	unsigned now;

	if (again && open == 0)
		return;
	answer_choose(SOCKET, job->message, open,
	    calm || open != job->mask ? NULL : job->item);
	answer->failed |= failed;
	now = ~(answer->later | answer->failed) & (again ? open : ~0U);
	if (!again)
		peer_take(SOCKET, 0, job->message, job->message);
	(void)items_deliver(SOCKET, job->kind,
	    slice_of(job->body, job->envelope),
	    slice_of(job->body + job->envelope, job->length - job->envelope),
	    &now);
}

/* ask_body - ask for the next piece of a body */
static void
ask_body(struct connection *c, struct task *task)
{
	const struct job *job = &task->job;
	size_t want = job->length - job->have;
	struct ipc_record record = {.type = IPC_BODY_REQUEST,
	    .body_request = {.job = job->job,
		.offset = job->have,
		.length =
		    (uint32_t)(want < IPC_PIECE_MAX ? want : IPC_PIECE_MAX)}};

	fake_send(&c->fake, &record);
	task->state = TASK_BODY;
}

/* begin_task - give the program what has come, unless it is taken back */
static void
begin_task(struct connection *c, struct task *task)
{
	if (task->job.cancelled)
		give_back(c, task);
	else if (task->job.have < task->job.length)
		ask_body(c, task);
	else if (chance_one_in(peers[SOCKET].cuts))
		note_given(c, task);
	else {
		deliver(task);
		note_unknown(task->job.message, false);
		task->returns = chance_one_in(peers[SOCKET].cuts);
		task->state = TASK_TAKEN;
		fake_act_between(&c->fake, 0, chance_one_in(8) ? 3000 : 5);
	}
}

/* go_on - go on with the first task that something is to be done with */
static void
go_on(struct connection *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		struct task *task = &c->tasks[i];

		if (task->state == TASK_COME)
			begin_task(c, task);
		else if (task->state != TASK_TAKEN)
			continue;
		else if (task->returns || task->job.cancelled)
			note_given(c, task);
		else
			answer(c, task);
		fake_act_between(&c->fake, 0, 2);
		return;
	}
}

/* bind - say that it takes what it asks for */
static void
bind(struct connection *c)
{
	if (!c->bound)
		fake_event(&c->fake, IPC_LINK_BOUND);
	c->bound = true;
}

/* want - ask for more, sometimes for less than is asked for already */
static void
want(struct connection *c)
{
	struct ipc_record record = {.type = IPC_WANTED};

	if (c->asks || c->count >= LIMITS_BATCH - 2 ||
	    (c->wanted > c->came && !chance_one_in(8)))
		return;
	bind(c);
	c->wanted = c->came + chance_between(0, 4);
	c->asks = true;
	record.wanted.number = ++c->number;
	record.wanted.jobs = c->wanted;
	fake_send(&c->fake, &record);
}

/* claim - have the program answer for a message that was taken back */
static void
claim(struct connection *c)
{
	struct ipc_record record = {.type = IPC_JOB_CLAIM};
	uint64_t message = unknown[chance_number(UNKNOWN_MAX)];

	if (message == 0 || c->claim != 0 || c->count >= LIMITS_BATCH - 2)
		return;
	for (unsigned i = 0; i < c->count; i++)
		if (c->tasks[i].job.message == message)
			return;
	bind(c);
	c->claim = record.job_claim.message = message;
	fake_send(&c->fake, &record);
}

/* socket_act - do what is due */
static void
socket_act(struct fake *fake)
{
	struct connection *c = connection_of(fake);

	if (!fake->open) {
		if (fake_connect(fake, "qmgr"))
			fake_hello(fake, IPC_ROLE_APP);
		else
			fake_act_between(fake, 20, 200);
		return;
	}
	if (!c->told)
		return;
	go_on(c);
	remove_over(c);
	if (c->retires && c->count == 0 && c->submitted.item == NULL) {
		end(c);
		return;
	}
	if (!c->retires) {
		want(c);
		claim(c);
		(void)submissions_next(&c->submitted);
	}
	fake_act_between(fake, 100, 900);
}

/* take_job - take a job */
static void
take_job(struct connection *c, const struct ipc_job *from)
{
	struct task *task;
	struct job *job;

	remove_over(c);
	task = &c->tasks[c->count++];
	job = &task->job;
	if (c->count > 2 * LIMITS_BATCH)
		sim_fail("more jobs than a batch");
	c->wanted += from->message == c->claim;
	if (++c->came > c->wanted && !c->asks)
		sim_fail("a job that was not asked for");
	*task = (struct task){.job = {.job = from->job,
				  .message = from->message,
				  .kind = from->kind,
				  .envelope = (size_t)from->envelope_length,
				  .have = from->body.len,
				  .length = (size_t)(from->envelope_length +
				      from->content_length)}};
	trace_note("task", c->fake.index, from->message);
	job->item = item_of_job(from, &job->mask);
	job->body = malloc(job->length);
	memcpy(job->body, from->body.data, from->body.len);
	fake_act_between(&c->fake, 0, 1);
}

/* take_body - take a piece of a body */
static void
take_body(struct connection *c, const struct ipc_body *piece)
{
	struct task *task = find_task(c, piece->job);

	if (task == NULL || task->state != TASK_BODY ||
	    piece->offset != task->job.have ||
	    piece->data.len > task->job.length - task->job.have)
		sim_fail("a piece that was not asked for");
	memcpy(
	    task->job.body + task->job.have, piece->data.data, piece->data.len);
	task->job.have += piece->data.len;
	task->state = TASK_COME;
	fake_act_between(&c->fake, 0, 1);
}

/* take_committed - note that an outcome, or a note, is committed */
static void
take_committed(struct connection *c, uint64_t number, enum task_state state)
{
	struct task *task = find_task(c, number);

	if (task == NULL || task->state != state)
		sim_fail("job %llu is committed, and not at that",
		    (unsigned long long)number);
	if (state == TASK_NOTING) {
		give_back(c, task);
		return;
	}
	note_unknown(task->job.message, true);
	task->state = TASK_OVER;
}

/* take_claim - take what is said of a message that the program answers for */
static void
take_claim(struct connection *c, const struct ipc_job_claim *said)
{
	bool here = false;

	for (unsigned i = 0; i < c->count; i++)
		here |= c->tasks[i].job.message == said->message;
	if (said->message != c->claim ||
	    (said->result == IPC_CLAIM_GIVEN && !here))
		sim_fail("message %llu is not claimed, or not given",
		    (unsigned long long)said->message);
	if (said->result == IPC_CLAIM_UNKNOWN)
		note_unknown(said->message, true);
	c->claim = 0;
}

/* take_other - take a record that is about jobs */
static void
take_other(struct connection *c, const struct ipc_record *record)
{
	struct task *task;

	switch ((int)record->type) {
	case IPC_JOB:
		take_job(c, &record->job);
		break;
	case IPC_BODY:
		take_body(c, &record->body);
		break;
	case IPC_DELIVERY_NOTE:
		take_committed(c, record->delivery_note.job, TASK_NOTING);
		break;
	case IPC_OUTCOME:
		take_committed(c, record->outcome.job, TASK_ANSWERED);
		break;
	case IPC_CANCEL:
		task = find_task(c, record->cancel.job);
		if (task != NULL)
			task->job.cancelled = true;
		break;
	case IPC_WANTED:
		c->asks = record->wanted.number != c->number;
		break;
	case IPC_JOB_CLAIM:
		take_claim(c, &record->job_claim);
		break;
	default:
		sim_fail("%s to app", ipc_type_name(record->type));
	}
}

/* socket_take - take a record */
static void
socket_take(struct fake *fake, const struct ipc_record *record)
{
	struct connection *c = connection_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		break;
	case IPC_SETTINGS:
		c->told = true;
		fake_act_between(fake, 0, 20);
		break;
	case IPC_RETIRE:
		c->retires = true;
		break;
	default:
		if (!submissions_take(&c->submitted, record))
			take_other(c, record);
	}
}

/* socket_gone - end: the program connects again */
static void
socket_gone(struct fake *fake)
{
	end(connection_of(fake));
}

static const struct fake_role role = {.name = "socket",
    .take = socket_take,
    .gone = socket_gone,
    .act = socket_act};
