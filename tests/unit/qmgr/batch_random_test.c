/* SPDX-License-Identifier: ISC */
/*
 * batch_random_test.c - exactly once, whoever dies when
 *
 * Workers as they should be, against a peer that remembers by which activity
 * of which session connection it took what, and has no other memory.  Workers
 * and the queue manager end at any time; the next one is told what was taken
 * from workers of those before, at its start or later, or is not.  In the end
 * the peer has each message once, and a name never was that of another
 * message.
 */
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define RUNS	    20
#define MESSAGES    60
#define WORKERS	    3
#define CONNECTIONS 2000
#define ACTIVITIES  200
#define KEPT	    32 /* of what was taken, to be told */

struct task {
	uint64_t job, message, activity;
	unsigned old_connection; /* 0: none */
	uint64_t old_activity;
};

struct worker_of {
	struct remote r;
	bool open;
	unsigned connection;
	uint64_t next; /* activity */
	struct task tasks[ASSOC_JOBS_MAX];
	unsigned count;
	uint64_t awaited; /* the job of a sequence, until it is answered */
};

struct world {
	struct harness h;
	struct remote tool;
	int paris;
	struct worker_of workers[WORKERS];
	unsigned connections;
	uint64_t messages[MESSAGES];
	unsigned taken[MESSAGES]; /* by the peer */
	struct task kept[KEPT];	  /* by the old name, a ring */
	unsigned kept_count;
	unsigned asked, found, sequences, deaths, told;
	uint32_t random;
};

/* The peer's memory: which message an activity completed. */
static uint64_t completed[CONNECTIONS][ACTIVITIES];

/* chance - choose one of n, the same at each run */
static bool
chance(struct world *w, unsigned n)
{
	w->random = w->random * 1103515245 + 12345;
	return (w->random >> 16) % n == 0;
}

/* end_worker - end a worker, whatever it was doing */
static void
end_worker(struct world *w, struct worker_of *worker)
{
	ipc_channel_fini(&worker->r.channel);
	worker->open = false;
	w->deaths++;
}

/* begin_worker - accept a worker that qmgr has connected to */
static void
begin_worker(struct world *w, struct worker_of *worker)
{
	char name[16];

	if (!remote_accept(&w->h, w->paris, &worker->r))
		return;
	remote_greet(&worker->r, IPC_ROLE_X400OUT, "paris");
	*worker = (struct worker_of){.r = worker->r,
	    .open = true,
	    .connection = ++w->connections,
	    .next = 1};
	ck_assert_uint_lt(worker->connection, CONNECTIONS);
	snprintf(name, sizeof(name), "%u", worker->connection);
	remote_bound(&worker->r, IPC_LINK_BOUND, "", name);
}

/* number_in - find the number of a session connection by its references */
static unsigned
number_in(struct slice text)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.len; i++)
		n = n * 10 + (unsigned)(text.data[i] - '0');
	return n;
}

/* take_job - put a job behind the others */
static void
take_job(struct worker_of *worker, const struct ipc_job *job)
{
	ck_assert_uint_lt(worker->count, ASSOC_JOBS_MAX);
	ck_assert_uint_ne(job->activity, 0);
	worker->tasks[worker->count++] = (struct task){.job = job->job,
	    .message = job->message,
	    .activity = job->activity,
	    .old_connection = number_in(session_references_get(
		&job->old.references, SESSION_ADDITIONAL)),
	    .old_activity = job->old.activity};
}

/* take_sequence - check that the names are as we said; later jobs follow on */
static void
take_sequence(struct worker_of *worker, const struct ipc_sequence *sequence)
{
	uint64_t activity = sequence->name.activity;

	ck_assert_uint_eq(sequence->job, worker->awaited);
	ck_assert_uint_eq(sequence->job, worker->tasks[0].job);
	for (unsigned i = 0; i < worker->count; i++)
		worker->tasks[i].activity = activity++;
	worker->tasks[0].old_connection = 0;
	worker->awaited = 0;
}

/* take_all - take what qmgr has sent */
static void
take_all(struct world *w, struct worker_of *worker)
{
	struct ipc_record record;

	while (remote_try(&worker->r, &record)) {
		if (record.type == IPC_JOB)
			take_job(worker, &record.job);
		else if (record.type == IPC_SEQUENCE)
			take_sequence(worker, &record.sequence);
		else
			ck_assert_int_eq(record.type, IPC_CANCEL);
	}
	if (worker->r.closed)
		end_worker(w, worker);
}

/* report - report the outcome of the first, which is finished */
static void
report(struct worker_of *worker, enum ipc_result result)
{
	remote_outcome(&worker->r, worker->tasks[0].job, result);
	worker->count--;
	memmove(&worker->tasks[0], &worker->tasks[1],
	    worker->count * sizeof(worker->tasks[0]));
}

/* keep - note that the peer has taken this message by this name */
static void
keep(struct world *w, uint64_t message, unsigned connection, uint64_t activity)
{
	w->kept[w->kept_count++ % KEPT] = (struct task){.message = message,
	    .old_connection = connection,
	    .old_activity = activity};
}

/* tell - report all that is kept */
static void
tell(struct world *w)
{
	const uint64_t before = harness_queued(&w->h);
	struct remote reporter;

	remote_connect_as(&w->h, &reporter, IPC_ROLE_REPORTER, "paris");
	for (unsigned i = 0; i < KEPT; i++) {
		const struct task *kept = &w->kept[i];
		struct ipc_record record = {.type = IPC_TAKEN};
		char name[16];

		snprintf(name, sizeof(name), "%u", kept->old_connection);
		record.taken.message = kept->message;
		record.taken.name.activity = kept->old_activity;
		record.taken.name.references =
		    references_of("MTA-TEST", "261127091831Z", name);
		remote_send(&reporter, &record);
	}
	remote_close(&reporter);
	w->told += harness_queued(&w->h) < before;
}

/* ask - ask whether the peer has taken the first by an earlier name */
static bool
ask(struct world *w, struct worker_of *worker)
{
	const struct task *task = &worker->tasks[0];
	uint64_t had;

	if (task->old_connection == 0)
		return false;
	ck_assert_uint_lt(task->old_connection, CONNECTIONS);
	ck_assert_uint_lt(task->old_activity, ACTIVITIES);
	w->asked++;
	had = completed[task->old_connection][task->old_activity];
	if (had == 0)
		return false;
	ck_assert_uint_eq(had, task->message);
	w->found++;
	keep(w, task->message, task->old_connection, task->old_activity);
	report(worker, IPC_TRANSFERRED);
	return true;
}

/* say - name the sequence by which its jobs go from here on */
static void
say(struct world *w, struct worker_of *worker)
{
	struct ipc_record record = {.type = IPC_SEQUENCE};
	char name[16];

	snprintf(name, sizeof(name), "%u", worker->connection);
	record.sequence.job = worker->awaited = worker->tasks[0].job;
	record.sequence.name.activity = worker->next;
	record.sequence.name.references =
	    references_of("MTA-TEST", "261127091831Z", name);
	remote_send(&worker->r, &record);
	w->sequences++;
}

/* peer_takes - complete the activity at the far end */
static void
peer_takes(struct world *w, struct worker_of *worker)
{
	uint64_t message = worker->tasks[0].message;

	ck_assert_uint_lt(worker->next, ACTIVITIES);
	keep(w, message, worker->connection, worker->next);
	completed[worker->connection][worker->next++] = message;
	for (int i = 0; i < MESSAGES; i++)
		if (w->messages[i] == message)
			w->taken[i]++;
}

/* transfer - transfer the first task, as it may go */
static void
transfer(struct world *w, struct worker_of *worker)
{
	if (chance(w, 8)) {
		worker->next++; /* begun and discarded */
		report(worker, IPC_TRANSIENT);
		return;
	}
	if (chance(w, 3)) {
		peer_takes(w, worker);
		/* but we do not hear of it */
		if (chance(w, 2))
			report(worker, IPC_INTERRUPTED);
		end_worker(w, worker);
		return;
	}
	if (chance(w, 8)) {
		end_worker(w, worker);
		return;
	}
	peer_takes(w, worker);
	report(worker, IPC_TRANSFERRED);
}

/* step - do one thing that a worker does */
static void
step(struct world *w, struct worker_of *worker)
{
	if (!worker->open) {
		begin_worker(w, worker);
		return;
	}
	take_all(w, worker);
	if (!worker->open || worker->count == 0)
		return;
	if (worker->awaited != 0) {
		if (chance(w, 20))
			end_worker(w, worker);
	} else if (chance(w, 10))
		report(worker, IPC_UNSTARTED);
	else if (ask(w, worker))
		return;
	else if (worker->tasks[0].old_connection != 0 ||
	    worker->tasks[0].activity != worker->next)
		say(w, worker);
	else
		transfer(w, worker);
}

/* apply_nothing - undo what a transaction that was not committed did */
static int
apply_nothing(struct qmgr *qmgr, struct commit_member *member)
{
	(void)qmgr;
	(void)member;
	return ERR_CANCELLED;
}

/* reopen - kill the queue manager, and begin another; what was not committed
 * yet is not */
static void
reopen(struct world *w)
{
	struct commit_list *waiting = w->h.qmgr.commit.waiting;
	struct commit_member *member;
	struct remote nobody;

	TAILQ_FOREACH(member, &waiting[COMMIT_DISPATCH], entry)
		member->apply = apply_nothing;
	remote_close(&w->tool);
	harness_close(&w->h);
	while (remote_accept(&w->h, w->paris, &nobody))
		ipc_channel_fini(&nobody.channel);
	harness_open(&w->h);
	remote_connect_as(&w->h, &w->tool, IPC_ROLE_TOOL, "x4send");
	w->deaths++;
	if (chance(w, 2))
		tell(w);
}

/* patient - set a policy by which nothing is given up or put off for long */
static void
patient(struct world *w)
{
	struct link *link = harness_link(&w->h, "paris");

	link->policy.transfer_retries = 100000;
	link->policy.open_retries = 100000;
	link->policy.transfer_interval = 1;
	if (link->state == LINK_WAITING)
		schedule_event(&w->h.qmgr, link, LINK_EV_RETRY);
}

/* finished - check that all have left, and nothing of them is noted */
static void
finished(struct world *w)
{
	struct store_batch batch;

	for (int i = 0; i < MESSAGES; i++)
		ck_assert_msg(w->taken[i] == 1, "message %d was taken %u times",
		    i, w->taken[i]);
	for (int i = 0; i < 10; i++) {
		batches_tick(&w->h.qmgr);
		harness_step(&w->h);
	}
	ck_assert_int_eq(
	    store_batch_next(w->h.qmgr.store, 0, &w->h.arena, &batch),
	    ERR_NOTFOUND);
	ck_assert_uint_eq(w->h.qmgr.batches->names.count, 0);
	ck_assert_uint_eq(w->h.qmgr.batches->kept, 0);
}

/* run - send all messages, in a world of its own */
static void
run(struct world *w, uint32_t seed)
{
	*w = (struct world){.random = seed};
	memset(completed, 0, sizeof(completed));
	harness_init(&w->h);
	w->paris = remote_listen(&w->h, "x400out.paris");
	remote_connect_as(&w->h, &w->tool, IPC_ROLE_TOOL, "x4send");
	for (int i = 0; i < MESSAGES; i++)
		w->messages[i] = remote_submit_to(&w->h, &w->tool, TO_PARIS);
	for (int n = 0; harness_queued(&w->h) > 0 || w->h.qmgr.active.count > 0;
	     n++) {
		ck_assert_int_lt(n, 200000);
		patient(w);
		for (int i = 0; i < WORKERS; i++)
			step(w, &w->workers[i]);
		if (chance(w, 4))
			harness_step(&w->h);
		if (chance(w, 60))
			reopen(w);
		if (chance(w, 300))
			tell(w);
	}
	finished(w);
	for (int i = 0; i < WORKERS; i++)
		if (w->workers[i].open)
			end_worker(w, &w->workers[i]);
	remote_close(&w->tool);
	close(w->paris);
	harness_fini(&w->h);
}

START_TEST(exactly_once)
{
	static struct world w;
	unsigned asked = 0, found = 0, sequences = 0, deaths = 0, told = 0;

	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		printf("seed %u\n", seed);
		fflush(stdout);
		run(&w, seed);
		asked += w.asked;
		found += w.found;
		sequences += w.sequences;
		deaths += w.deaths;
		told += w.told;
	}
	/* each of it has come about */
	ck_assert_uint_gt(deaths, 5 * RUNS);
	ck_assert_uint_gt(found, 0);
	ck_assert_uint_gt(asked, found);
	ck_assert_uint_gt(sequences, 0);
	ck_assert_uint_gt(told, 0);
}
END_TEST

TEST_MAIN("qmgr/batch_random", TEST_LONG(exactly_once, 120))
