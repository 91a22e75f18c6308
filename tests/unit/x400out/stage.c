/* SPDX-License-Identifier: ISC */
/*
 * stage.c - a worker, the real program, between a test's master and qmgr;
 * see stage.h
 */
#include "tests/unit/x400out/stage.h"

int
stage_local(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	unlink(path);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	return fd;
}

int
stage_tcp(unsigned *port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(
	    getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

int
stage_call(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void
stage_init(struct stage *stage)
{
	*stage = (struct stage){.listener = -1, .status = -1, .qmgr.fd = -1};
	strlcpy(stage->run, "/tmp/fourpost-test.XXXXXX", sizeof(stage->run));
	ck_assert_ptr_nonnull(mkdtemp(stage->run));
	worker_init(&stage->self, "qmgr");
	/* A write to a worker that is gone fails, and does not kill. */
	signal(SIGPIPE, SIG_IGN);
}

const char *
stage_path(const struct stage *stage, const char *name)
{
	static char path[108];

	snprintf(path, sizeof(path), "%s/%s", stage->run, name);
	return path;
}

/* stage_program - find the path of a program; it must have been built */
static const char *
stage_program(const char *name)
{
	static char path[512];
	const char *build = getenv("FOURPOST_BUILD");

	snprintf(path, sizeof(path), "%s/libexec/fourpost/fourpost-%s",
	    build != NULL ? build : "build", name);
	ck_assert_msg(access(path, X_OK) == 0, "%s: %s", path, strerror(errno));
	return path;
}

/* stage_exec - set up descriptors and environment in the child, and become the
 * program */
static void
stage_exec(const struct stage *stage, const char *program, const char *name,
    int status)
{
	char path[512], *argv[] = {NULL, NULL, NULL, NULL};
	char text[2][128];
	/* Out of the way first: their numbers may be among the targets. */
	int given[3] = {fcntl(status, F_DUPFD, 100),
	    fcntl(stage->slots, F_DUPFD, 100),
	    fcntl(stage->listener, F_DUPFD, 100)};

	for (int i = 0; i < 3; i++)
		dup2(given[i], WORKER_STATUS_FD + i);
	closefrom(WORKER_LISTEN_FD + 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("FOURPOST_RUN", stage->run, 1);
	setenv("FOURPOST_SLOT", "0", 1);
	setenv("FOURPOST_LISTEN", "1", 1);
	setenv("FOURPOST_LISTEN_TLS", "0", 1);
	setenv("FOURPOST_LISTEN_PROXY", "0", 1);
	setenv("FOURPOST_TLS", "0", 1);
	setenv("FOURPOST_USER", "", 1);
	setenv("FOURPOST_ROOT", "", 1);
	strlcpy(path, program, sizeof(path));
	strlcpy(text[0], "-n", sizeof(text[0]));
	strlcpy(text[1], name, sizeof(text[1]));
	argv[0] = path;
	argv[1] = text[0];
	argv[2] = text[1];
	execv(path, argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

void
stage_start(struct stage *stage, const char *program, const char *name)
{
	const char *path = stage_program(program);
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	stage->status = fds[0];
	stage->slots = memfd_create("slots", 0);
	ck_assert_int_eq(ftruncate(stage->slots, WORKER_SLOT_SIZE), 0);
	stage->pid = fork();
	ck_assert_int_ge(stage->pid, 0);
	if (stage->pid == 0)
		stage_exec(stage, path, name, fds[1]);
	close(fds[1]);
}

void
stage_letters(struct stage *stage)
{
	ssize_t n = recv(stage->status, stage->letters + stage->letter_count,
	    sizeof(stage->letters) - 1 - stage->letter_count, MSG_DONTWAIT);

	if (n > 0)
		stage->letter_count += (size_t)n;
}

void
stage_anon(struct stage *stage)
{
	char path[64], line[128];
	unsigned long kib;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", stage->pid);
	file = fopen(path, "r");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %lu", &kib) == 1 &&
		    kib > stage->anon_max)
			stage->anon_max = kib;
	fclose(file);
}

void
stage_in_little_memory(const struct stage *stage)
{
	printf("figure:64 MB: RssAnon %zu KiB\n", stage->anon_max);
	ck_assert_uint_gt(stage->anon_max, 0);
	if (!SANITIZE_ADDRESS)
		ck_assert_uint_lt(stage->anon_max, 32 * 1024);
}

/* is_aside - tell a record that comes between any others */
static bool
is_aside(const struct ipc_record *record)
{
	return record->type == IPC_NOTICE ||
	    (record->type == IPC_LINK_EVENT &&
		record->link_event.state == IPC_LINK_HEARD);
}

/* take_record - receive the next record that does not come between any others
 */
static int
take_record(struct stage *stage, struct diag *diag)
{
	int error;

	do
		error = worker_receive(&stage->self, &stage->qmgr,
		    &stage->record, clock_after(STAGE_LIMIT), diag);
	while (error == 0 && is_aside(&stage->record));
	return error;
}

const struct ipc_record *
stage_receive(struct stage *stage, enum ipc_type type)
{
	struct diag diag = {0};
	int error = take_record(stage, &diag);

	ck_assert_msg(error == 0, "waiting for %s: %s %s", ipc_type_name(type),
	    error_strerror(error), diag_text(&diag));
	ck_assert_str_eq(
	    ipc_type_name(stage->record.type), ipc_type_name(type));
	return &stage->record;
}

enum ipc_type
stage_next(struct stage *stage)
{
	struct diag diag = {0};
	int error = take_record(stage, &diag);

	ck_assert_msg(error == 0, "waiting for anything: %s %s",
	    error_strerror(error), diag_text(&diag));
	return stage->record.type;
}

void
stage_ended(struct stage *stage)
{
	struct diag diag = {0};
	int error = take_record(stage, &diag);

	ck_assert_msg(error == ERR_CLOSED, "%s: %s",
	    error == 0 ? ipc_type_name(stage->record.type) : "no end",
	    error_strerror(error));
}

void
stage_send(struct stage *stage, struct ipc_record record)
{
	int error = stage->corked ? ipc_channel_send(&stage->qmgr, &record)
				  : worker_send(&stage->self, &stage->qmgr,
					&record, clock_after(STAGE_LIMIT));

	ck_assert_msg(error == 0, "%s", error_strerror(error));
}

void
stage_settings(struct stage *stage, const char *text)
{
	stage_send(stage,
	    (struct ipc_record){.type = IPC_SETTINGS,
		.settings = {.text = slice_of_string(text)}});
}

void
stage_exit(struct stage *stage, uint64_t ms)
{
	uint64_t deadline = clock_after(ms);
	struct pollfd pfd = {.fd = stage->status, .events = POLLIN};

	/* The status socket ends with the worker. */
	while (recv(stage->status, stage->letters, 1,
		   MSG_PEEK | MSG_DONTWAIT) != 0) {
		stage_letters(stage);
		ck_assert_msg(clock_monotonic() < deadline,
		    "it should have ended, within %llu ms",
		    (unsigned long long)ms);
		(void)poll(&pfd, 1, clock_remaining(deadline));
	}
	ck_assert_int_eq(
	    waitpid(stage->pid, &stage->exit_status, 0), stage->pid);
	stage->reaped = true;
	ck_assert_msg(WIFEXITED(stage->exit_status) &&
		WEXITSTATUS(stage->exit_status) == 0,
	    "status %x", (unsigned)stage->exit_status);
	ck_assert_int_eq(
	    stage->letters[stage->letter_count - 1], WORKER_STATUS_EXIT);
}

void
stage_fini(struct stage *stage)
{
	ipc_channel_fini(&stage->qmgr);
	if (!stage->reaped && stage->pid > 0) {
		kill(stage->pid, SIGKILL);
		waitpid(stage->pid, NULL, 0);
	}
	close(stage->status);
	close(stage->slots);
	close(stage->listener);
	unlink(stage_path(stage, "qmgr"));
	unlink(stage_path(stage, "x400out.paris"));
	rmdir(stage->run);
}

uint64_t
stage_slot(const struct stage *stage)
{
	struct worker_slot *slot;
	char file[WORKER_SLOT_FILE];
	uint64_t item;

	ck_assert_int_eq(worker_slot_map(stage->slots, 0, &slot), 0);
	worker_slot_get(slot, &item, file);
	worker_slot_unmap(slot);
	return item;
}

unsigned
stage_count(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL ? 50000 : 5000;
}

void
stage_figure(const char *what, unsigned messages)
{
	struct rusage used;

	ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &used), 0);
	printf("figure:%s: %.1f us of CPU a message of 2 KB "
	       "(%.1f user, %.1f system)\n",
	    what,
	    ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
		messages,
	    ((double)used.ru_utime.tv_sec * 1e6 +
		(double)used.ru_utime.tv_usec) /
		messages,
	    ((double)used.ru_stime.tv_sec * 1e6 +
		(double)used.ru_stime.tv_usec) /
		messages);
}

uint8_t
stage_pattern(uint64_t n)
{
	return (uint8_t)(n * 2654435761U >> 13);
}
