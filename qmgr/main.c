/* SPDX-License-Identifier: ISC */
/*
 * main.c - qmgr: the queue manager
 *
 * Started by master alone, with these descriptors beside those of worker.h:
 *	5 qmgr's socket, 6 the control socket, both listening
 *	7 the active configuration, with secrets
 *	8 the channel of master's notices
 * It says "ready" when the queue is open and its sockets are served.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/sandbox.h"
#include "base/version.h"
#include "client/limits.h"
#include "qmgr/copy.h"
#include "qmgr/disk.h"
#include "qmgr/engine/client.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/master.h"
#include "qmgr/trouble.h"
#include "store/snapshot.h"
#include "worker/worker.h"

#define QMGR_FD	   WORKER_LISTEN_FD
#define CONTROL_FD (WORKER_LISTEN_FD + 1)
#define CONF_FD	   (WORKER_LISTEN_FD + 2)
#define MASTER_FD  (WORKER_LISTEN_FD + 3)

/* A predecessor that is being killed holds the queue's lock no longer. */
#define LOCK_WAIT (20 * 1000)

/* When we are to stop, workers have so long to end before us. */
#define STOP_WAIT LIMITS_STOP_CLIENTS

/* drop_privileges - become the user that owns the queue, for good */
static void
drop_privileges(void)
{
	const char *user = getenv("FOURPOST_USER");
	struct diag diag = {0};
	int rc = 0;

	if (user != NULL && user[0] != '\0')
		rc = privilege_drop(
		    user, NULL, PRIVILEGE_USERS_GROUPS, NULL, &diag);
	if (rc == 0)
		/* Locked before the queue is opened, because this process works
		 * on what strangers sent. */
		rc = privilege_lock(&diag);
	if (rc < 0)
		fatal(EX_NOPERM, "privileges: %s", diag_text(&diag));
}

/* confine_process - confine the process to what the queue needs */
static void
confine_process(void)
{
	struct diag diag = {0};

	if (sandbox_enter(SANDBOX_QUEUE, &diag) < 0)
		fatal(EX_OSERR, "confinement: %s", diag_text(&diag));
}

/* open_queue - wait for the lock of one that is dying */
static struct store *
open_queue(struct worker *worker, const struct conf *conf)
{
	char path[4096], identity[4096];
	struct host host;
	struct store_options options = {.queue_size = conf->mta.queue_size,
	    .mode = STORE_READ_WRITE,
	    .identity = identity,
	    .host = &host,
	    .trouble = trouble_say,
	    .wait = disk_wait,
	    .wait_arg = worker};
	uint64_t deadline = clock_after(LOCK_WAIT);
	struct store *store;
	struct diag diag;
	int rc;

	host_identify(&host);
	snprintf(path, sizeof(path), "%s/queue", conf->mta.state_directory);
	snprintf(identity, sizeof(identity), "%s/" STORE_IDENTITY,
	    conf->mta.state_directory);
	for (;;) {
		diag_clear(&diag);
		rc = store_open(path, &options, &store, &diag);
		if (rc == 0)
			return store;
		if (rc != ERR_BUSY || clock_monotonic() >= deadline)
			/* Another host's queue stays that whatever is
			 * tried. */
			fatal(rc == ERR_STATE ? EX_CONFIG : EX_TEMPFAIL,
			    "queue %s: %s", path, diag_text(&diag));
		/* The watchdog must not take the wait for a hang. */
		worker_tick(worker);
		usleep(20 * 1000);
	}
}

/* refuse_copy - end where the queue is a copy that nobody has accepted: what
 * has left since it was made would go out again */
static void
refuse_copy(const struct store *store)
{
	time_t made = (time_t)(store_copied(store) / 1000);
	char text[32];
	struct tm tm;

	if (made == 0)
		return;
	strftime(
	    text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&made, &tm));
	fatal(EX_CONFIG,
	    "the queue is a copy made at %s: what has left since would go out "
	    "again; if that is meant, begin with x4ctl start --restored",
	    text);
}

/* say_opened - log what was found in the queue */
static void
say_opened(struct store *store, uint64_t since)
{
	struct store_recovery found = store_recovery(store);

	LOG_EVENT(EVENT_QUEUE_OPENED,
	    LOG_INT("messages", store_total(store).messages),
	    LOG_INT("partial", found.partial),
	    LOG_INT("sessions", found.sessions),
	    LOG_INT("batches", found.batches), LOG_INT("reap", found.reap),
	    LOG_STRING("before", store_owner_end_name(store_owner_end(store))),
	    LOG_INT("ms", clock_monotonic() - since));
}

/* say_taken_over - log that the queue was another host's */
static void
say_taken_over(struct store *store)
{
	const char *earlier = store_owner_earlier(store);

	if (earlier == NULL)
		return;
	LOG_EVENT(EVENT_QUEUE_TAKEN_OVER, LOG_STRING("host", earlier),
	    LOG_INT("messages", store_total(store).messages));
	/* Told again by the next start, if this cannot be noted. */
	if (store_begin(store) != 0)
		return;
	store_owner_told(store);
	(void)!store_commit(store);
}

/* leave_queue - note that this host is done with the queue */
static void
leave_queue(struct store *store)
{
	/* Nothing but the words of a refusal depends on it. */
	if (store_begin(store) != 0)
		return;
	store_owner_stop(store, clock_wall());
	(void)!store_commit(store);
}

/* on_control - stop on SIGTERM, or when master is gone */
static void
on_control(evutil_socket_t fd, short what, void *arg)
{
	struct qmgr *qmgr = arg;

	(void)fd;
	(void)what;
	worker_control(qmgr->worker);
	if (qmgr->worker->status_fd < 0 && qmgr->master_gone != NULL)
		event_del(qmgr->master_gone);
	if (qmgr->worker->stopping)
		qmgr->stopping = true;
}

/* watch_fd - watch a descriptor of the worker skeleton in the event loop */
static struct event *
watch_fd(struct qmgr *qmgr, int fd)
{
	struct event *event =
	    event_new(qmgr->base, fd, EV_READ | EV_PERSIST, on_control, qmgr);

	if (event == NULL || event_add(event, NULL) < 0)
		fatal(EX_OSERR, "no memory for an event");
	return event;
}

/* workers_left - tell whether a worker may still have something to tell us */
static bool
workers_left(const struct qmgr *qmgr)
{
	const struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (client->greeted && client->role != IPC_ROLE_TOOL &&
		    client->role != IPC_ROLE_MASTER)
			return true;
	return false;
}

/*
 * finish_work - take what the workers did before they ended
 *
 * If master is gone they are about to end like us.  What the other side took
 * from them must be committed here: it forgets it when it is released.
 */
static void
finish_work(struct qmgr *qmgr)
{
	uint64_t deadline = clock_after(STOP_WAIT);

	while (workers_left(qmgr) && clock_monotonic() < deadline)
		loop_step(qmgr);
}

/* serve_clients - open for business */
static void
serve_clients(struct qmgr *qmgr, struct worker *worker)
{
	qmgr->worker = worker;
	qmgr->signals = watch_fd(qmgr, worker->signal_fd);
	qmgr->master_gone = watch_fd(qmgr, worker->status_fd);
	if (client_listen(qmgr, QMGR_FD, CLIENT_QMGR_SOCKET) < 0 ||
	    client_listen(qmgr, CONTROL_FD, CLIENT_CONTROL_SOCKET) < 0 ||
	    client_adopt(qmgr, MASTER_FD, CLIENT_MASTER) == NULL)
		fatal(EX_OSERR, "the sockets that master gave are no good");
	worker_ready(worker);
	/* Master says first which workers there are. */
	loop_step(qmgr);
	schedule_start(qmgr);
	while (!qmgr->stopping)
		loop_step(qmgr);
	client_unlisten(qmgr);
	finish_work(qmgr);
}

int
main(int argc, char **argv)
{
	uint64_t since = clock_monotonic();
	struct worker worker;
	struct qmgr qmgr;
	struct conf *conf;
	struct store *store;
	struct event_base *base;
	struct diag diag = {0};

	worker_start(&worker, argc, argv);
	if (fcntl(CONF_FD, F_GETFD) < 0 || fcntl(MASTER_FD, F_GETFD) < 0)
		fatal(EX_USAGE, "started without what master gives");
	if (master_read_conf(CONF_FD, &conf, &diag) < 0)
		fatal(EX_CONFIG, "%s", diag_text(&diag));
	category_levels(conf->mta.log_levels);
	drop_privileges();
	trouble_watch_pages();
	store = open_queue(&worker, conf);
	refuse_copy(store);
	base = event_base_new();
	if (base == NULL)
		fatal(EX_OSERR, "no event loop");
	if (loop_init(&qmgr, conf, store, base, worker.run_directory, &diag) <
	    0)
		fatal(EX_OSERR, "%s", diag_text(&diag));
	say_opened(store, since);
	copy_tell(&qmgr);
	say_taken_over(store);
	/* After all files are open and before any client is heard. */
	LOG_EVENT(EVENT_STARTED, LOG_STRING("name", worker.name),
	    LOG_STRING("version", version_text()));
	confine_process();
	serve_clients(&qmgr, &worker);
	leave_queue(store);
	LOG_EVENT(EVENT_STOPPED, LOG_STRING("name", worker.name));
	loop_fini(&qmgr);
	event_base_free(base);
	worker_exit(&worker, 0);
}
