/* SPDX-License-Identifier: ISC */
/*
 * child.c - a worker's life as master sees it; its end
 */
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/room.h"
#include "master/service.h"
#include "master/spawn.h"
#include "master/watchdog.h"
#include "worker/status.h"

#define START_MS   5000 /* an end before that is a failure to start */
#define EARLY_ENDS 3	/* in a row, if they are orderly, are none */

enum action {
	NOTHING,
	SEND_TERM,
	SEND_ABRT,
	SEND_KILL
};

/* What follows each event in each state, and what is done about it. */
static const struct {
	enum child_state next;
	enum action action;
} transitions[CHILD_STATES][CHILD_EVENTS] = {
    [CHILD_IDLE] =
	{
	    [CHILD_SAYS_IDLE] = {CHILD_IDLE, NOTHING},
	    [CHILD_SAYS_BUSY] = {CHILD_BUSY, NOTHING},
	    [CHILD_TOLD_TO_GO] = {CHILD_RETIRING, SEND_TERM},
	    [CHILD_LATE] = {CHILD_ABORTED, SEND_ABRT},
	    [CHILD_GRACE_OVER] = {CHILD_IDLE, NOTHING},
	},
    [CHILD_BUSY] =
	{
	    [CHILD_SAYS_IDLE] = {CHILD_IDLE, NOTHING},
	    [CHILD_SAYS_BUSY] = {CHILD_BUSY, NOTHING},
	    [CHILD_TOLD_TO_GO] = {CHILD_RETIRING, SEND_TERM},
	    [CHILD_LATE] = {CHILD_ABORTED, SEND_ABRT},
	    [CHILD_GRACE_OVER] = {CHILD_BUSY, NOTHING},
	},
    [CHILD_RETIRING] =
	{
	    [CHILD_SAYS_IDLE] = {CHILD_RETIRING, NOTHING},
	    [CHILD_SAYS_BUSY] = {CHILD_RETIRING, NOTHING},
	    [CHILD_TOLD_TO_GO] = {CHILD_RETIRING, NOTHING},
	    [CHILD_LATE] = {CHILD_ABORTED, SEND_ABRT},
	    [CHILD_GRACE_OVER] = {CHILD_KILLED, SEND_KILL},
	},
    [CHILD_ABORTED] =
	{
	    [CHILD_SAYS_IDLE] = {CHILD_ABORTED, NOTHING},
	    [CHILD_SAYS_BUSY] = {CHILD_ABORTED, NOTHING},
	    [CHILD_TOLD_TO_GO] = {CHILD_ABORTED, NOTHING},
	    [CHILD_LATE] = {CHILD_ABORTED, NOTHING},
	    [CHILD_GRACE_OVER] = {CHILD_KILLED, SEND_KILL},
	},
    [CHILD_KILLED] =
	{
	    [CHILD_SAYS_IDLE] = {CHILD_KILLED, NOTHING},
	    [CHILD_SAYS_BUSY] = {CHILD_KILLED, NOTHING},
	    [CHILD_TOLD_TO_GO] = {CHILD_KILLED, NOTHING},
	    [CHILD_LATE] = {CHILD_KILLED, NOTHING},
	    [CHILD_GRACE_OVER] = {CHILD_KILLED, SEND_KILL},
	},
};

/* child_state_name - "idle", for status and log */
const char *
child_state_name(enum child_state state)
{
	static const char *const names[CHILD_STATES] = {
	    [CHILD_IDLE] = "idle",
	    [CHILD_BUSY] = "busy",
	    [CHILD_RETIRING] = "stopping",
	    [CHILD_ABORTED] = "aborted",
	    [CHILD_KILLED] = "killed",
	};

	return (unsigned)state < CHILD_STATES ? names[state] : "unknown";
}

/* child_is_going - whether it no longer counts as there */
bool
child_is_going(const struct child *child)
{
	return child->state == CHILD_KILLED;
}

/* act - what a transition asks for */
static void
act(struct child *child, enum action action)
{
	struct master *master = child->service->master;

	switch (action) {
	case NOTHING:
		break;
	case SEND_TERM:
		child->told = true;
		(void)kill(child->pid, SIGTERM);
		break;
	case SEND_ABRT:
		child->late = true;
		child->grace_until = master->ticks + WATCHDOG_ABRT_GRACE;
		LOG_EVENT(EVENT_NO_PROGRESS, LOG_STRING("worker", child->name),
		    LOG_INT("worker_pid", child->pid));
		(void)kill(child->pid, SIGABRT);
		break;
	case SEND_KILL:
		/* Stuck in the kernel it may stay: replaced all the same. */
		child->grace_until = UINT64_MAX;
		(void)kill(child->pid, SIGKILL);
		break;
	}
}

/* child_event - something happened: the state that follows, and its action */
void
child_event(struct child *child, enum child_event event)
{
	enum child_state before = child->state;

	child->state = transitions[before][event].next;
	act(child, transitions[before][event].action);
	if (child->state != before)
		service_update(child->service);
}

/* take_letter - what a worker says */
static void
take_letter(struct child *child, char letter)
{
	switch (letter) {
	case WORKER_STATUS_IDLE:
		child->bound = false;
		child_event(child, CHILD_SAYS_IDLE);
		break;
	case WORKER_STATUS_BUSY:
		child->served = true;
		child->busy_since = clock_monotonic();
		child_event(child, CHILD_SAYS_BUSY);
		room_caller(child);
		break;
	case WORKER_STATUS_BOUND:
		child->bound = true;
		break;
	case WORKER_STATUS_READY:
		child->ready = true;
		if (child->service->kind == SERVICE_QMGR)
			master_ready(child->service->master);
		break;
	case WORKER_STATUS_EXIT:
		child->wanted = true;
		break;
	default: /* a tick, or rubbish: it lives */
		break;
	}
}

/* drain - take all letters that are there */
static void
drain(struct child *child)
{
	char letters[256];
	ssize_t i, n;

	for (;;) {
		n = recv(
		    child->status_fd, letters, sizeof(letters), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		child->last_tick = child->service->master->ticks;
		for (i = 0; i < n; i++)
			take_letter(child, letters[i]);
	}
	/* Closed: its end, or its lateness, will be seen elsewhere. */
	if (n == 0 && child->status_event != NULL)
		(void)event_del(child->status_event);
}

/* on_status - letters came */
static void
on_status(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drain(arg);
}

/* child_find_pid - the worker of that pid, or NULL */
struct child *
child_find_pid(struct master *master, pid_t pid)
{
	struct service *service;
	struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		TAILQ_FOREACH(child, &service->children, link) {
			if (child->pid == pid)
				return child;
		}
	}
	return NULL;
}

/* child_find_name - the worker of that name, or NULL; corpses do not count,
 * and one that was told to go only where nobody has taken its place */
struct child *
child_find_name(struct master *master, const char *name)
{
	struct service *service;
	struct child *child, *leaving = NULL;

	TAILQ_FOREACH(service, &master->services, link) {
		TAILQ_FOREACH(child, &service->children, link) {
			if (child_is_going(child) ||
			    strcmp(child->name, name) != 0)
				continue;
			if (child->state != CHILD_RETIRING)
				return child;
			leaving = child;
		}
	}
	return leaving;
}

/* free_instance - find the smallest number of a service that no worker bears
 * which stays; one that was told to go is replaced under its number, though it
 * may still be leaving */
static unsigned
free_instance(const struct service *service)
{
	static uint8_t taken[PLACE_SLOTS / 8 + 1];
	const struct child *child;
	unsigned n = 1;

	memset(taken, 0, sizeof(taken));
	TAILQ_FOREACH(child, &service->children, link)
		if (!child_is_going(child) && child->state != CHILD_RETIRING)
			taken[child->instance / 8] |=
			    (uint8_t)(1U << child->instance % 8);
	while ((taken[n / 8] & 1U << n % 8) != 0)
		n++;
	return n;
}

/* give_name - the smallest free number of its service, and the name with it */
static void
give_name(struct child *child)
{
	const struct service *service = child->service;
	bool numbered =
	    service->kind == SERVICE_X400IN || service->kind == SERVICE_X400OUT;

	child->instance = free_instance(service);
	if (child->instance == 1 && !numbered)
		(void)strlcpy(child->name, service->name, sizeof(child->name));
	else
		(void)snprintf(child->name, sizeof(child->name), "%s#%u",
		    service->name, child->instance);
}

/* add_qmgr_fds - configuration and channel, after its listening sockets */
static int
add_qmgr_fds(struct master *master, struct spawn *spawn, int *memory)
{
	if (master->qmgr.child_fd < 0)
		qmgr_channel_renew(master);
	*memory = qmgr_channel_configuration(master->conf);
	if (*memory < 0 || master->qmgr.child_fd < 0)
		return ERR_IO;
	spawn->fds[spawn->fd_count++] = *memory;
	spawn->fds[spawn->fd_count++] = master->qmgr.child_fd;
	return 0;
}

/* make_ticket - what the new process will prove itself by, and in hexadecimal
 * for its environment */
static int
make_ticket(struct child *child, char text[2 * IPC_TICKET_LEN + 1])
{
	if (getrandom(child->ticket, sizeof(child->ticket), 0) !=
	    (ssize_t)sizeof(child->ticket))
		return ERR_IO;
	for (size_t i = 0; i < sizeof(child->ticket); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", child->ticket[i]);
	return 0;
}

/* release - tell qmgr who the process is, then let it execute; a worker that
 * qmgr cannot be told of is not started */
static int
release(const struct child *child, int gate)
{
	int error = qmgr_channel_worker_started(child->service->master, child);

	if (error != 0)
		(void)close(gate);
	else
		spawn_release(gate);
	return error;
}

/* is_postoffice - whether a worker of a service writes into a postoffice */
static bool
is_postoffice(const struct service *service)
{
	return service->kind == SERVICE_MSMI_IN ||
	    service->kind == SERVICE_MSMI_OUT;
}

/* launch - the process, with its end of the status socket */
static int
launch(struct child *child, int status_fd)
{
	struct service *service = child->service;
	struct master *master = service->master;
	bool qmgr = service->kind == SERVICE_QMGR;
	char ticket[2 * IPC_TICKET_LEN + 1];
	struct spawn spawn = {.directory = master->program_path,
	    .program = service_program(service),
	    .name = child->name,
	    .run_directory = master->place.run_directory,
	    .user = qmgr ? master->place.user : master->place.network_user,
	    .group =
		is_postoffice(service) ? master->place.postoffice_group : "",
	    .root = qmgr ? "" : master->place.root,
	    .culprit = service->culprit,
	    .ticket = ticket,
	    .slot = child->slot_number,
	    .listen_count = service->listener_count};
	int memory = -1, gate = -1, error;
	unsigned i;

	error = make_ticket(child, ticket);
	spawn.fds[spawn.fd_count++] = status_fd;
	spawn.fds[spawn.fd_count++] = master->place.slots_fd;
	for (i = 0; i < service->listener_count; i++)
		spawn.fds[spawn.fd_count++] = service->listeners[i].fd;
	if (error == 0 && qmgr)
		error = add_qmgr_fds(master, &spawn, &memory);
	if (error == 0)
		error = spawn_process(&spawn, &child->pid, &gate);
	if (memory >= 0)
		(void)close(memory);
	if (error == 0 && qmgr) {
		(void)close(master->qmgr.child_fd);
		master->qmgr.child_fd = -1;
	}
	return error == 0 ? release(child, gate) : error;
}

/* child_free - give back what a worker had */
static void
child_free(struct master *master, struct child *child)
{
	if (child->status_event != NULL)
		event_free(child->status_event);
	if (child->status_fd >= 0)
		(void)close(child->status_fd);
	if (child->slot != NULL)
		place_slot_return(
		    &master->place, child->slot_number, child->slot);
	free(child);
}

/* prepare - what a worker needs before there is a process */
static int
prepare(struct child *child, int *status_fd)
{
	struct master *master = child->service->master;
	int fds[2], error;

	error =
	    place_slot_take(&master->place, &child->slot_number, &child->slot);
	if (error != 0)
		return error;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		fds) != 0)
		return ERR_IO;
	child->status_fd = fds[0];
	*status_fd = fds[1];
	child->status_event = event_new(
	    master->base, fds[0], EV_READ | EV_PERSIST, on_status, child);
	if (child->status_event == NULL ||
	    event_add(child->status_event, NULL) != 0)
		return ERR_NOMEM;
	return 0;
}

/* child_start - start a worker of a service */
int
child_start(struct service *service)
{
	struct child *child = calloc(1, sizeof(*child));
	struct service_history *history;
	int status_fd = -1, error;

	if (child == NULL)
		return ERR_NOMEM;
	child->service = service;
	child->status_fd = -1;
	child->grace_until = UINT64_MAX;
	child->last_tick = service->master->ticks;
	child->started = clock_monotonic();
	child->since = clock_wall();
	give_name(child);
	error = prepare(child, &status_fd);
	if (error == 0)
		error = launch(child, status_fd);
	if (status_fd >= 0)
		(void)close(status_fd);
	if (error != 0) {
		child_free(service->master, child);
		return error;
	}
	TAILQ_INSERT_TAIL(&service->children, child, link);
	history = service_record(service, child->instance);
	if (history != NULL)
		history->starts++;
	return 0;
}

/* is_culprit - whether an end speaks against the item that was worked on */
static bool
is_culprit(const struct child *child, int status)
{
	if (child->late)
		return true;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == WORKER_EXIT_BUG ||
		    WEXITSTATUS(status) == WORKER_EXIT_MEMORY;
	switch (WTERMSIG(status)) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

/* ended_early - an orderly end right after the start: whether once too often */
static bool
ended_early(struct child *child)
{
	struct service *service = child->service;

	/* What left its connection waiting would be started at once again. */
	if (!service_is_permanent(service))
		return !child->served;
	/* It ended with its qmgr, however often that is killed. */
	if (child->wanted && child->started < service->master->qmgr.renewed)
		return false;
	/* It may depend on another that is just being replaced. */
	return !child->wanted || ++service->early_ends > EARLY_ENDS;
}

/* failed_to_start - whether the next start of its service must wait */
static bool
failed_to_start(struct child *child, int status)
{
	if (clock_monotonic() - child->started >= START_MS)
		child->service->early_ends = 0;
	else if (child->told)
		return false;
	else if (WIFSIGNALED(status) && !child->late &&
	    (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM))
		return false; /* somebody killed it: no fault of its own */
	else if (status != 0)
		return true;
	else
		return ended_early(child);
	return false;
}

/* describe - an end in words */
static void
describe(const struct child *child, int status, char *text, size_t size)
{
	if (WIFEXITED(status))
		(void)snprintf(
		    text, size, "exit status %d", WEXITSTATUS(status));
	else
		(void)snprintf(text, size, "signal %d (%s)", WTERMSIG(status),
		    sigdescr_np(WTERMSIG(status)) != NULL
			? sigdescr_np(WTERMSIG(status))
			: "unknown");
	if (child->late)
		(void)strlcat(text, ", no progress", size);
}

/* note_end - history, log, qmgr */
static void
note_end(struct child *child, int status, const char *text)
{
	struct service *service = child->service;
	struct service_history *history;
	char file[WORKER_SLOT_FILE];
	bool counted = is_culprit(child, status);
	uint64_t item;

	worker_slot_get(child->slot, &item, file);
	history = service_record(service, child->instance);
	if (history != NULL && WIFEXITED(status))
		(void)snprintf(history->last_exit, sizeof(history->last_exit),
		    "exit %d", WEXITSTATUS(status));
	else if (history != NULL)
		(void)snprintf(history->last_exit, sizeof(history->last_exit),
		    "signal %d", WTERMSIG(status));
	if (status != 0 && !(child->told && !counted))
		LOG_EVENT(EVENT_WORKER_ENDED, LOG_STRING("worker", child->name),
		    LOG_INT("worker_pid", child->pid),
		    LOG_STRING("reason", text), LOG_INT("item", item),
		    LOG_STRING("file", file[0] != '\0' ? file : NULL));
	if (service->kind == SERVICE_MSMI_IN && counted && file[0] != '\0')
		(void)strlcpy(service->culprit, file, sizeof(service->culprit));
	qmgr_channel_worker_ended(service->master, child,
	    WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), item,
	    counted, text);
}

/* child_ended - a worker is gone: account for it, and what follows */
static void
child_ended(struct child *child, int status)
{
	struct service *service = child->service;
	struct master *master = service->master;
	bool failed, qmgr = service->kind == SERVICE_QMGR;
	char text[128];

	/* Its last words may still be there. */
	drain(child);
	failed = failed_to_start(child, status);
	describe(child, status, text, sizeof(text));
	TAILQ_REMOVE(&service->children, child, link);
	/* The next qmgr is to hear of the end of this one. */
	if (qmgr && TAILQ_EMPTY(&service->children))
		qmgr_channel_renew(master);
	note_end(child, status, text);
	if (failed)
		service_start_failed(service, text);
	else if (child->served || !service_is_permanent(service))
		service_start_passed(service);
	if (failed && qmgr && !child->ready)
		master_not_starting(master, text);
	if (service->removed && TAILQ_EMPTY(&service->children))
		service_free(service);
	else
		service_update(service);
	control_worker_ended(master, child);
	child_free(master, child);
	master_progress(master);
}

/* child_abandon - forget the workers of a service, whatever they do */
void
child_abandon(struct service *service)
{
	struct child *child;

	while ((child = TAILQ_FIRST(&service->children)) != NULL) {
		TAILQ_REMOVE(&service->children, child, link);
		child_free(service->master, child);
	}
}

/* status_of - what waitpid would say of an end */
static int
status_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return W_EXITCODE(info->si_status & 0xff, 0);
	return W_EXITCODE(0, info->si_status) |
	    (info->si_code == CLD_DUMPED ? WCOREFLAG : 0);
}

/* reap - let go of the one that ended last, once qmgr was told of it; whether
 * none is left to be let go of */
static bool
reap(struct master *master)
{
	if (master->ended == 0)
		return true;
	if (!qmgr_channel_is_told(master))
		return false;
	while (waitpid(master->ended, NULL, 0) < 0 && errno == EINTR)
		continue;
	master->ended = 0;
	return true;
}

/* child_reap - take note of all that have ended */
void
child_reap(struct master *master)
{
	struct child *child;
	siginfo_t info;

	while (reap(master)) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (info.si_pid == 0)
			break;
		master->ended = info.si_pid;
		child = child_find_pid(master, info.si_pid);
		if (child != NULL)
			child_ended(child, status_of(&info));
	}
}
