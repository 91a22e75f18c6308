/* SPDX-License-Identifier: ISC */
/*
 * dummy.c - a test program that is its own daemons; see dummy.h
 */
#include "tests/unit/master/dummy.h"

struct worker dummy;

/* dummy_behaviour - read how to behave from the file */
static void
dummy_behaviour(const char *program, char *text, size_t size)
{
	char path[512];
	FILE *file;

	snprintf(
	    path, sizeof(path), "%s/dummy.%s", dummy.run_directory, program);
	snprintf(text, size, "serve");
	file = fopen(path, "r");
	if (file == NULL)
		return;
	if (fgets(text, (int)size, file) == NULL)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

/* dummy_misbehave - act in a bad way; a behaviour that does not serve does not
 * return */
static void
dummy_misbehave(const char *behaviour)
{
	if (strcmp(behaviour, "crash") == 0)
		abort();
	if (strncmp(behaviour, "exit ", 5) == 0)
		_exit(atoi(behaviour + 5));
	if (strcmp(behaviour, "stubborn") == 0)
		signal(SIGABRT, SIG_IGN);
	if (strcmp(behaviour, "stubborn") == 0 ||
	    strcmp(behaviour, "hang") == 0)
		for (;;)
			pause();
	if (strncmp(behaviour, "item ", 5) == 0) {
		worker_item(&dummy, (uint64_t)atoi(behaviour + 5));
		worker_item_file(&dummy, behaviour + 5);
	}
}

/* dummy_tell - write down a record of master */
static void
dummy_tell(const struct ipc_record *record)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/told", dummy.run_directory);
	file = fopen(path, "a");
	if (file == NULL)
		abort();
	switch ((int)record->type) {
	case IPC_WORKER_ENDED:
		fprintf(file, "ended %.*s status %d item %llu counted %d\n",
		    (int)record->worker_ended.name.len,
		    (const char *)record->worker_ended.name.data,
		    record->worker_ended.status,
		    (unsigned long long)record->worker_ended.item,
		    record->worker_ended.counted);
		break;
	case IPC_WORKER_STARTED:
		fprintf(file, "started %s \"%.*s\" %u pid %lld ticket %zu\n",
		    ipc_role_name(record->worker_started.role),
		    (int)record->worker_started.name.len,
		    (const char *)record->worker_started.name.data,
		    record->worker_started.instance,
		    (long long)record->worker_started.pid,
		    record->worker_started.ticket.len);
		break;
	case IPC_THROTTLED:
		fprintf(file, "throttled %.*s %s\n",
		    (int)record->throttled.name.len,
		    (const char *)record->throttled.name.data,
		    record->throttled.until != 0 ? "yes" : "no");
		break;
	case IPC_WORKERS_LEFT:
		fprintf(file, "left %.*s %u\n",
		    (int)record->workers_left.name.len,
		    (const char *)record->workers_left.name.data,
		    record->workers_left.count);
		break;
	default:
		fprintf(file, "%s\n", ipc_type_name(record->type));
	}
	fclose(file);
}

/* dummy_configuration - write down the length of a configuration */
static void
dummy_configuration(int fd)
{
	char path[512], text[8192];
	ssize_t n = read(fd, text, sizeof(text));
	FILE *file;

	snprintf(path, sizeof(path), "%s/configuration", dummy.run_directory);
	file = fopen(path, "w");
	if (file == NULL || n <= 0)
		abort();
	fwrite(text, 1, (size_t)n, file);
	fclose(file);
}

/* dummy_qmgr - serve as qmgr, and write down what is told */
static void
dummy_qmgr(void)
{
	struct ipc_channel channel;
	struct ipc_record record;
	struct diag diag = {0};

	dummy_configuration(7);
	if (dummy.listen_count != 2 || ipc_channel_init(&channel, 8) != 0)
		abort();
	worker_ready(&dummy);
	for (;;) {
		int error = worker_receive(
		    &dummy, &channel, &record, CLOCK_NEVER, &diag);

		/* Notices from before our end are still written down. */
		if (error == ERR_CANCELLED)
			error = worker_receive(
			    &dummy, &channel, &record, clock_after(100), &diag);
		if (error != 0)
			break;
		dummy_tell(&record);
		if (record.type == IPC_RELOAD) {
			int fd = ipc_channel_take_fd(&channel);

			dummy_configuration(fd);
			close(fd);
		}
	}
	if (!dummy.stopping)
		abort();
	worker_exit(&dummy, 0);
}

/* dummy_serve - answer a connection with our pid until it closes */
static void
dummy_serve(void)
{
	char text[32], behaviour[64];
	struct pollfd pfd;
	int fd;

	fd = worker_accept(&dummy, 60000);
	if (fd < 0)
		worker_exit(&dummy, 0);
	dummy_behaviour("busy", behaviour, sizeof(behaviour));
	dummy_misbehave(behaviour);
	if (strcmp(behaviour, "bound") == 0)
		worker_bound(&dummy);
	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (write(fd, text, strlen(text)) < 0)
		abort();
	pfd = (struct pollfd){.fd = fd, .events = POLLIN};
	(void)!worker_wait(&dummy, &pfd, 1, CLOCK_NEVER);
	worker_exit(&dummy, 0);
}

/* dummy_waits - write down that this process now only waits */
static void
dummy_waits(void)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/waits", dummy.run_directory);
	file = fopen(path, "a");
	if (file == NULL)
		abort();
	fprintf(file, "%ld waits\n", (long)getpid());
	fclose(file);
}

/* dummy_leave - end in order, by SIGUSR1 */
static void
dummy_leave(int number)
{
	(void)number;
	worker_exit(&dummy, 0);
}

void
dummy_play(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name;
	char program[64], behaviour[64];

	/* The arguments are overwritten by the title of the process. */
	name = slash != NULL ? slash + 1 : argv[0];
	if (strncmp(name, "fourpost-", 9) == 0)
		name += 9;
	snprintf(program, sizeof(program), "%s", name);
	if (strcmp(program, "qmgr") != 0 && strcmp(program, "x400in") != 0 &&
	    strcmp(program, "x400out") != 0 && strcmp(program, "msmi") != 0 &&
	    strcmp(program, "tracker") != 0)
		return;
	worker_start(&dummy, argc, argv);
	/* The sanitizers would make an exit of it. */
	signal(SIGSEGV, SIG_DFL);
	dummy_behaviour(program, behaviour, sizeof(behaviour));
	dummy_misbehave(behaviour);
	if (strcmp(program, "qmgr") == 0)
		dummy_qmgr();
	/* The tracker has a socket and always runs. */
	if (dummy.listen_count != 0 && strcmp(program, "tracker") != 0)
		dummy_serve();
	if (dummy.culprit[0] != '\0') {
		struct ipc_record record = {.type = IPC_FILE_REMOVED};

		dummy_tell(&record);
	}
	signal(SIGUSR1, dummy_leave);
	dummy_waits();
	(void)!worker_wait(&dummy, NULL, 0, CLOCK_NEVER);
	worker_exit(&dummy, 0);
}
