/* SPDX-License-Identifier: ISC */
/*
 * life.c - one life of the queue manager, from its start to its end
 */
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/limits.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/trouble.h"
#include "tests/sim/disk.h"
#include "tests/sim/fault.h"
#include "tests/sim/heap.h"
#include "tests/sim/life.h"
#include "tests/sim/owned.h"
#include "tests/sim/side.h"

static jmp_buf out;
static struct qmgr qmgr;
static const struct life_setting *set;
static bool living;

/* life_qmgr - get the queue manager that lives */
const struct qmgr *
life_qmgr(void)
{
	return living ? &qmgr : NULL;
}

/* leave - end the life that runs */
static void __attribute__((noreturn)) leave(enum life_end end)
{
	if (side != SIDE_LIFE)
		sim_fail("the world ended as the life may");
	longjmp(out, (int)end);
}

/* life_crash - end the life that runs */
void
life_crash(void)
{
	leave(LIFE_CRASHED);
}

/* exit - end the life, or the process if it is the world that ends */
void
exit(int status)
{
	if (side == SIDE_LIFE) {
		trace_note("exit", (uint64_t)status, 0);
		leave(LIFE_EXITED);
	}
	(void)fflush(NULL);
	_exit(status);
}

/* abort - end the seed as failed: no life may do that */
void
abort(void)
{
	sim_fail("abort");
}

/* said_sender - believe what a client says of its pid: master's word on that
 * is still asked for */
static int64_t
said_sender(const struct client *client)
{
	return client->pid;
}

/* open_queue - parse the configuration and open the queue, as main does */
static void
open_queue(struct conf **conf, struct store **store)
{
	struct store_options options = {
	    .mode = STORE_READ_WRITE, .trouble = trouble_say};
	char path[128], identity[128];
	struct diag diag = {0};

	if (conf_parse_text(slice_of_string(set->conf), "conf", CONF_HANDED,
		conf, &diag) < 0)
		fatal(EX_CONFIG, "%s", diag_text(&diag));
	options.queue_size = (*conf)->mta.queue_size;
	snprintf(path, sizeof(path), "%s/queue", set->directory);
	snprintf(
	    identity, sizeof(identity), "%s/" STORE_IDENTITY, set->directory);
	options.identity = identity;
	if (store_open(path, &options, store, &diag) < 0)
		fatal(EX_TEMPFAIL, "%s", diag_text(&diag));
}

/* begin - start as main does */
static void
begin(void)
{
	struct event_base *base;
	struct diag diag = {0};
	struct conf *conf;
	struct store *store;

	open_queue(&conf, &store);
	base = event_base_new();
	if (base == NULL)
		fatal(EX_OSERR, "no event loop");
	if (loop_init(&qmgr, conf, store, base, set->directory, &diag) < 0)
		fatal(EX_OSERR, "%s", diag_text(&diag));
	qmgr.sender = said_sender;
	living = true;
	if (client_listen(&qmgr, dup(set->qmgr_socket), CLIENT_QMGR_SOCKET) <
		0 ||
	    client_listen(
		&qmgr, dup(set->control_socket), CLIENT_CONTROL_SOCKET) < 0 ||
	    client_adopt(&qmgr, set->master, CLIENT_MASTER) == NULL)
		fatal(EX_OSERR, "the sockets are no good");
}

/* workers_left - tell whether a worker may still have something to tell */
static bool
workers_left(void)
{
	const struct client *client;

	TAILQ_FOREACH(client, &qmgr.clients, entry)
		if (client->greeted && client->role != IPC_ROLE_TOOL &&
		    client->role != IPC_ROLE_MASTER)
			return true;
	return false;
}

/* live - serve until master says that it is to stop */
static void
live(void)
{
	uint64_t deadline;

	begin();
	loop_step(&qmgr);
	schedule_start(&qmgr);
	while (!qmgr.stopping)
		loop_step(&qmgr);
	client_unlisten(&qmgr);
	deadline = clock_after(LIMITS_STOP_CLIENTS);
	while (workers_left() && clock_monotonic() < deadline)
		loop_step(&qmgr);
	living = false;
	loop_fini(&qmgr);
	event_base_free(qmgr.base);
}

/* bury - throw away what the life had */
static void
bury(enum life_end end)
{
	char path[128];

	side = SIDE_WORLD;
	living = false;
	owned_drop();
	snprintf(path, sizeof(path), "%s/queue/data.mdb", set->directory);
	if (end == LIFE_CRASHED)
		disk_crash(path);
	else
		disk_forget();
	heap_drop();
}

/* life_run - live until the end */
enum life_end
life_run(const struct life_setting *setting)
{
	int end;

	set = setting;
	fault_life();
	end = setjmp(out);
	if (end == 0) {
		side = SIDE_LIFE;
		live();
		side = SIDE_WORLD;
		end = LIFE_STOPPED;
	}
	bury((enum life_end)end);
	return (enum life_end)end;
}
