/* SPDX-License-Identifier: ISC */
/*
 * worker.c - start, confine and end a worker
 */
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/sanitize.h"
#include "base/version.h"
#include "worker/slot.h"
#include "worker/status.h"
#include "worker/worker.h"

/* Private memory: a worker holds the windows of a few messages, qmgr those of
 * many links. */
#define WORKER_DATA_MAX (256UL << 20)
#define QMGR_DATA_MAX	(4096UL << 20)
#define WORKER_FILE_MAX 256
#define QMGR_FILE_MAX	16384 /* one for each worker and tool */

/* Private memory that is kept though it is free. */
#define WORKER_KEPT (1 << 20)
#define QMGR_KEPT   (8 << 20)

/* worker_init - set up a worker without master */
void
worker_init(struct worker *worker, const char *name)
{
	const char *slash = strchr(name, '/'), *hash = strchr(name, '#');
	const char *error = NULL;
	size_t len = 0;

	*worker = (struct worker){
	    .status_fd = -1, .signal_fd = -1, .tls_fd = -1, .accept_fd = -1};
	(void)strlcpy(worker->name, name, sizeof(worker->name));
	if (slash != NULL) {
		len = strcspn(slash + 1, "#");
		if (len >= sizeof(worker->service))
			len = sizeof(worker->service) - 1;
		memcpy(worker->service, slash + 1, len);
	}
	if (hash != NULL)
		worker->instance =
		    (uint32_t)strtonum(hash + 1, 0, UINT32_MAX, &error);
	worker->next_tick = clock_after(WORKER_TICK_MS);
}

/* usage - answer somebody who started the program by hand, and exit */
static void
usage(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *program = slash != NULL ? slash + 1 : argv[0];
	bool help = argc == 2 &&
	    (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0);

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		version_print(program);
		exit(fflush(stdout) == 0 ? EXIT_SUCCESS : WORKER_EXIT_FATAL);
	}
	fprintf(help ? stdout : stderr,
	    "%s: a part of Fourpost, started by master alone; "
	    "see x4ctl(1)\n",
	    program);
	exit(help ? EXIT_SUCCESS : WORKER_EXIT_USAGE);
}

/* is_socket - tell whether a descriptor is a socket */
static bool
is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	/* A shell has no socket at that descriptor: so a start by hand gets a
	 * word of help and no riddle. */
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

/* get_setting - read a number that master put into the environment */
static unsigned
get_setting(const char *variable, unsigned max)
{
	const char *text = getenv(variable), *error = "not set";
	unsigned number = 0;

	if (text != NULL)
		number = (unsigned)strtonum(text, 0, max, &error);
	if (error != NULL)
		fatal(WORKER_EXIT_USAGE, "%s: %s", variable, error);
	return number;
}

/* take_ticket - take the ticket out of the environment, so that no child of
 * ours finds it */
static void
take_ticket(struct worker *worker)
{
	const char *text = getenv("FOURPOST_TICKET");
	unsigned octet;

	if (text == NULL || strlen(text) != 2 * sizeof(worker->ticket))
		return;
	for (size_t i = 0; i < sizeof(worker->ticket); i++) {
		if (sscanf(text + 2 * i, "%2x", &octet) != 1)
			return;
		worker->ticket[i] = (uint8_t)octet;
	}
	worker->ticket_len = sizeof(worker->ticket);
	(void)unsetenv("FOURPOST_TICKET");
}

/* map_slot - map our page of the slots file, and no other */
static void
map_slot(struct worker *worker)
{
	unsigned number = get_setting("FOURPOST_SLOT", 1U << 20);

	if (worker_slot_map(WORKER_SLOTS_FD, number, &worker->slot) != 0)
		fatal(WORKER_EXIT_FATAL, "slots: %s", strerror(errno));
	/* The file has the pages of all workers: with the descriptor closed, a
	 * worker that was taken over can put blame on none but itself. */
	(void)close(WORKER_SLOTS_FD);
}

/* set_flags - have a descriptor closed at exec, and set flags of its file */
static void
set_flags(int fd, int flags)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | flags) != 0)
		fatal(WORKER_EXIT_USAGE, "descriptor %d: %s", fd,
		    strerror(errno));
}

/* take_descriptors - take over status socket, slot and listening sockets */
static void
take_descriptors(struct worker *worker)
{
	unsigned i;

	worker->status_fd = WORKER_STATUS_FD;
	set_flags(WORKER_STATUS_FD, O_NONBLOCK);
	map_slot(worker);
	worker->listen_count =
	    get_setting("FOURPOST_LISTEN", WORKER_LISTEN_MAX);
	for (i = 0; i < worker->listen_count; i++)
		set_flags((int)(WORKER_LISTEN_FD + i), O_NONBLOCK);
	worker->listen_tls = get_setting("FOURPOST_LISTEN_TLS", UINT16_MAX);
	worker->listen_proxy = get_setting("FOURPOST_LISTEN_PROXY", UINT16_MAX);
	if (get_setting("FOURPOST_TLS", 1) == 1) {
		worker->tls_fd = (int)(WORKER_LISTEN_FD + worker->listen_count);
		set_flags(worker->tls_fd, 0);
	}
}

/* take_signals - receive SIGTERM by a descriptor; signals of the terminal are
 * for master */
static void
take_signals(struct worker *worker)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&set);
	/* SIGTERM was blocked by master before the program began, and is
	 * blocked again here for one that a test starts: no stop is lost in
	 * between. */
	(void)sigaddset(&set, SIGTERM);
	worker->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (worker->signal_fd < 0 || sigprocmask(SIG_SETMASK, &set, NULL) != 0)
		fatal(WORKER_EXIT_FATAL, "signals: %s", strerror(errno));
}

/* set_limits - limit memory and descriptors, so that a fault which takes more
 * and more ends this process alone */
static void
set_limits(const struct worker *worker)
{
	bool qmgr = strcmp(worker->name, "qmgr") == 0;
	struct diag diag = {0};

	if (limit_core(&diag) != 0 ||
	    limit_memory(qmgr ? QMGR_DATA_MAX : WORKER_DATA_MAX, &diag) != 0 ||
	    limit_files(qmgr ? QMGR_FILE_MAX : WORKER_FILE_MAX, &diag) < 0)
		fatal(WORKER_EXIT_FATAL, "limits: %s", diag_text(&diag));
}

/* keep_memory - keep free memory for the next message: to give it back and to
 * get it anew costs a fault for each page */
static void
keep_memory(const struct worker *worker)
{
	int kept = strcmp(worker->name, "qmgr") == 0 ? QMGR_KEPT : WORKER_KEPT;

	(void)mallopt(M_TRIM_THRESHOLD, kept);
	(void)mallopt(M_MMAP_THRESHOLD, kept);
}

/*
 * set_title - show who this is in the place of the arguments
 *
 * The kernel shows all octets of the arguments, unless the last one is no NUL:
 * then it takes the first as a title, proc(5).  setproctitle marks the end of
 * the first argument alone.
 */
static void
set_title(int argc, char **argv, const char *name)
{
	const char *title = argv[0];
	char *last = argv[argc - 1] + strlen(argv[argc - 1]);

	setproctitle_init(argc, argv, environ);
	setproctitle("-fourpost: %s", name);
	if (title + strlen(title) < last)
		*last = '.';
}

/* worker_start - take over what master gives */
void
worker_start(struct worker *worker, int argc, char **argv)
{
	const char *run = getenv("FOURPOST_RUN");
	char name[WORKER_NAME_MAX];

	if (argc < 3 || strcmp(argv[1], "-n") != 0 ||
	    strlen(argv[2]) >= sizeof(name) || !is_socket(WORKER_STATUS_FD))
		usage(argc, argv);
	/* setproctitle overwrites the arguments. */
	(void)strlcpy(name, argv[2], sizeof(name));
	log_init(name, -1);
	worker_init(worker, name);
	if (run == NULL ||
	    strlcpy(worker->run_directory, run,
		sizeof(worker->run_directory)) >= sizeof(worker->run_directory))
		fatal(WORKER_EXIT_USAGE, "FOURPOST_RUN is missing or too long");
	if (getenv("FOURPOST_CULPRIT") != NULL)
		(void)strlcpy(worker->culprit, getenv("FOURPOST_CULPRIT"),
		    sizeof(worker->culprit));
	/* Files of a worker are for its own user; those of a postoffice get
	 * their mode where they are made. */
	(void)umask(077);
	take_ticket(worker);
	take_descriptors(worker);
	take_signals(worker);
	set_limits(worker);
	keep_memory(worker);
	set_title(argc, argv, name);
	worker_status(worker, WORKER_STATUS_TICK);
}

/* confine - give up all privileges for good, but for these groups */
static void
confine(struct worker *worker, const char *root, enum sandbox_role role,
    enum privilege_groups groups)
{
	const char *user = getenv("FOURPOST_USER");
	const char *group = getenv("FOURPOST_GROUP");
	struct diag diag = {0};
	int error = 0;

	if (root == NULL)
		root = getenv("FOURPOST_ROOT");
	/* The sanitizers read /proc at the end, which the new root lacks. */
	if (SANITIZE_ADDRESS)
		root = NULL;
	if (user != NULL && user[0] != '\0') {
		worker->rooted =
		    root != NULL && root[0] != '\0' && privilege_is_root();
		error = privilege_drop(user, group, groups, root, &diag);
		/* privilege_drop() has made the run directory the root. */
		/* Paths begin at the new root now. */
		if (error == 0 && worker->rooted &&
		    strcmp(root, worker->run_directory) == 0)
			worker->run_directory[0] = '\0';
	}
	if (error == 0)
		error = privilege_lock(&diag);
	if (error == 0)
		/* The sandbox comes last, for it forbids the calls above. */
		error = sandbox_enter(role, &diag);
	if (error != 0)
		fatal(WORKER_EXIT_FATAL, "confinement: %s", diag_text(&diag));
}

/* worker_confine - give up all privileges for good */
void
worker_confine(struct worker *worker, const char *root, enum sandbox_role role)
{
	confine(worker, root, role, PRIVILEGE_USERS_GROUPS);
}

/* worker_confine_to_group - likewise, and give up the groups of the user */
void
worker_confine_to_group(
    struct worker *worker, const char *root, enum sandbox_role role)
{
	confine(worker, root, role, PRIVILEGE_GROUP_ALONE);
}

/* worker_idle - tell master that a further connection finds us waiting */
void
worker_idle(struct worker *worker)
{
	worker_status(worker, WORKER_STATUS_IDLE);
}

/* worker_busy - tell master that a further connection needs another worker */
void
worker_busy(struct worker *worker)
{
	worker_status(worker, WORKER_STATUS_BUSY);
}

/* worker_bound - tell master that the peer is known */
void
worker_bound(struct worker *worker)
{
	worker_status(worker, WORKER_STATUS_BOUND);
}

/* worker_ready - tell master that this service can be used */
void
worker_ready(struct worker *worker)
{
	worker_status(worker, WORKER_STATUS_READY);
}

/* worker_item - note the message that we work on */
void
worker_item(struct worker *worker, uint64_t item)
{
	if (worker->slot != NULL)
		worker_slot_set(worker->slot, item);
}

/* worker_item_file - note the file of a postoffice that we work on */
void
worker_item_file(struct worker *worker, const char *name)
{
	if (worker->slot != NULL)
		worker_slot_set_file(worker->slot, name);
}

/* worker_disk - note since when we wait for the disk */
void
worker_disk(struct worker *worker, uint64_t since)
{
	if (worker->slot != NULL)
		worker_slot_set_disk(worker->slot, since);
}

/* worker_exit - tell master that this exit is intended, and exit */
void
worker_exit(struct worker *worker, int status)
{
	log_tick(CLOCK_NEVER);
	/* An intended exit blames nothing: the slot must be empty when master
	 * reads it. */
	if (worker->slot != NULL)
		worker_slot_clear(worker->slot);
	worker_status(worker, WORKER_STATUS_EXIT);
	exit(status);
}

/* worker_without_qmgr - log why qmgr cannot be worked with, and exit */
void
worker_without_qmgr(struct worker *worker, int error, const struct diag *diag)
{
	if (worker->stopping)
		worker_exit(worker, 0);
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
	    LOG_STRING("reason",
		diag->code != 0 ? diag_text(diag) : error_strerror(error)));
	/* With a failure, so that master waits longer before each further
	 * start. */
	worker_exit(worker, EXIT_FAILURE);
}
