/* SPDX-License-Identifier: ISC */
/*
 * fake_program.c - workers that submit under keys: app-in and mixer-in
 */
#include "tests/sim/fake_program.h"

#include "tests/sim/submissions.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"

struct worker {
	struct fake fake;
	enum ipc_role as;
	bool told; /* its settings */
	struct submissions submitted;
};

static const struct fake_role role;

/* worker_of - find the worker that a fake is */
static struct worker *
worker_of(struct fake *fake)
{
	return (struct worker *)(void *)fake;
}

/* is_there - tell whether there is a worker of a link */
static bool
is_there(unsigned link)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role &&
		    worker_of(fake)->submitted.from == link)
			return true;
	}
	return false;
}

/* begin - start the worker of a link, if there is something to submit */
static void
begin(unsigned link, enum ipc_role as)
{
	struct worker *worker;

	if (is_there(link) || !submissions_left(link))
		return;
	worker = worker_of(fake_begin(&role, sizeof(*worker)));
	worker->as = as;
	worker->submitted =
	    (struct submissions){.fake = &worker->fake, .from = link};
	master_started(&worker->fake, as, links[link].name);
	fake_act_between(&worker->fake, 1, 100);
}

/* program_workers - see that there is one where there is something to submit */
void
program_workers(void)
{
	begin(PROGRAM, IPC_ROLE_APP_IN);
	begin(GATEWAY, IPC_ROLE_MIXER_IN);
}

/* program_act - connect, or submit */
static void
program_act(struct fake *fake)
{
	struct worker *worker = worker_of(fake);

	if (!fake->open) {
		if (fake_connect(fake, "qmgr"))
			fake_hello(fake, worker->as);
		else
			fake_act_between(fake, 20, 200);
	} else if (worker->told && !submissions_next(&worker->submitted) &&
	    worker->submitted.item == NULL)
		fake_act_between(fake, 100, 900);
}

/* program_take - take a record */
static void
program_take(struct fake *fake, const struct ipc_record *record)
{
	struct worker *worker = worker_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		break;
	case IPC_SETTINGS:
		worker->told = true;
		fake_act_between(fake, 0, 20);
		break;
	case IPC_RETIRE:
		fake_end(fake);
		break;
	default:
		if (!submissions_take(&worker->submitted, record))
			sim_fail("%s to %s", ipc_type_name(record->type),
			    ipc_role_name(worker->as));
	}
}

/* program_gone - end: master starts another */
static void
program_gone(struct fake *fake)
{
	fake_end(fake);
}

/* program_kill - kill all that there are */
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
