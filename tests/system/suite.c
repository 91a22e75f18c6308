/* SPDX-License-Identifier: ISC */
/*
 * suite.c - run whole suites in a test; see suite.h
 */
#include "tests/system/suite.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where ports for who listens are taken from: below those that the system gives
 * to who calls. */
#define FREE_PORT  20000
#define FREE_PORTS 12000

#define ARGUMENTS_MAX 32

static char test_directory[SUITE_PATH / 2];

const char *
suite_build(void)
{
	const char *build = getenv("FOURPOST_BUILD");

	return build != NULL ? build : "build";
}

void
suite_begin(const char *test)
{
	const char *base = getenv("TMPDIR");

	snprintf(test_directory, sizeof(test_directory),
	    "%s/fourpost-%s-XXXXXX", base != NULL ? base : "/tmp", test);
	ck_assert_ptr_nonnull(mkdtemp(test_directory));
	/* started by root, the suite's users have to get there */
	ck_assert_int_eq(chmod(test_directory, 0755), 0);
	/* for tests/run, which stops what a failed test leaves there */
	printf("directory: %s\n", test_directory);
	fflush(stdout);
}

void
suite_end(void)
{
	if (getenv("FOURPOST_KEEP") == NULL)
		ck_assert_int_eq(
		    suite_shell(NULL, "rm -rf '%s'", test_directory), 0);
}

const char *
suite_directory(void)
{
	return test_directory;
}

bool
suite_long(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL;
}

uint16_t
suite_free_port(void)
{
	static uint32_t next;
	const int on = 1;

	if (next == 0)
		next = arc4random_uniform(FREE_PORTS);
	for (unsigned tries = 0; tries < FREE_PORTS; tries++) {
		uint16_t port = (uint16_t)(FREE_PORT + next++ % FREE_PORTS);
		struct sockaddr_in address = {.sin_family = AF_INET,
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		    .sin_port = htons(port)};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int result;

		ck_assert_int_ne(fd, -1);
		result = bind(fd, (struct sockaddr *)&address, sizeof(address));
		/* The socket stays bound, so that no other test gets the port;
		 * SO_REUSEADDR, set now, lets a listener that sets it in. */
		if (result == 0) {
			ck_assert_int_eq(setsockopt(fd, SOL_SOCKET,
					     SO_REUSEADDR, &on, sizeof(on)),
			    0);
			return port;
		}
		close(fd);
	}
	ck_abort_msg("no free port");
	return 0;
}

void
suite_configure(struct suite *suite, const char *name, const char *domain,
    const char *mta, const char *sections)
{
	FILE *file;

	strlcpy(suite->name, name, sizeof(suite->name));
	snprintf(suite->directory, sizeof(suite->directory), "%s/%s",
	    test_directory, name);
	snprintf(suite->conf, sizeof(suite->conf), "%s/fourpost.conf",
	    suite->directory);
	if (suite->port == 0)
		suite->port = suite_free_port();
	if (mkdir(suite->directory, 0755) != 0)
		ck_assert_int_eq(errno, EEXIST);
	file = fopen(suite->conf, "we");
	ck_assert_ptr_nonnull(file);
	/* There are passwords in it. */
	ck_assert_int_eq(fchmod(fileno(file), 0600), 0);
	fprintf(file, "mta {\n%s",
	    geteuid() != 0 ? ""
			   : "  user = \"" SUITE_USER
			     "\" network-user = \"" SUITE_NETWORK_USER "\"\n");
	fprintf(file,
	    "  name = \"MTA-%s\"\n  domain = \"%s\"\n"
	    "  password = \"secret-%s\"\n"
	    "  listen = {\"%s:%u\"}\n"
	    "  state-directory = \"%s/state\"\n"
	    "  run-directory = \"%s/run\"\n%s}\n%s",
	    name, domain, name,
	    suite->host[0] != '\0' ? suite->host : "127.0.0.1", suite->port,
	    suite->directory, suite->directory, mta, sections);
	ck_assert_int_eq(fclose(file), 0);
}

const char *
suite_path(const struct suite *suite, const char *name)
{
	static char path[4][SUITE_PATH * 2];
	static unsigned next;
	char *text = path[next++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", suite->directory, name);
	return text;
}

void
suite_give(const char *path)
{
	const struct passwd *user = getpwnam(SUITE_NETWORK_USER);

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(user);
	ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
}

/* run - fork and exec a program; standard output to out (or inherited) */
static pid_t
run(char *const *argv, int out)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid != 0)
		return pid;
	if (out != -1)
		dup2(out, STDOUT_FILENO);
	execv(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* drain - read all that comes from fd, NUL-terminated */
static char *
drain(int fd)
{
	size_t length = 0, room = 4096;
	char *text = malloc(room);
	ssize_t n;

	ck_assert_ptr_nonnull(text);
	while ((n = read(fd, text + length, room - length - 1)) > 0) {
		length += (size_t)n;
		if (room - length < 2) {
			room *= 2;
			text = realloc(text, room);
			ck_assert_ptr_nonnull(text);
		}
	}
	text[length] = '\0';
	return text;
}

/* finish - wait for a child: its exit status, or 128 and the signal */
static int
finish(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		ck_assert_int_eq(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* tool_v - run a tool as suite_tool does, with a list of arguments */
static int
tool_v(const struct suite *suite, char **output, const char *tool, va_list list)
{
	char program[SUITE_PATH], *argv[ARGUMENTS_MAX];
	int pipe_fd[2], status;
	size_t argc = 0;
	char *text;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/bin/%s", suite_build(), tool);
	argv[argc++] = program;
	argv[argc++] = (char[]){"-c"};
	argv[argc++] = strdup(suite->conf);
	do {
		ck_assert_uint_lt(argc, ARGUMENTS_MAX);
		argv[argc] = va_arg(list, char *);
	} while (argv[argc++] != NULL);
	ck_assert_int_eq(pipe2(pipe_fd, O_CLOEXEC), 0);
	pid = run(argv, pipe_fd[1]);
	close(pipe_fd[1]);
	text = drain(pipe_fd[0]);
	close(pipe_fd[0]);
	free(argv[2]);
	status = finish(pid);
	if (output != NULL)
		*output = text;
	else
		free(text);
	return status;
}

int
suite_tool(const struct suite *suite, char **output, const char *tool, ...)
{
	va_list list;
	int status;

	va_start(list, tool);
	status = tool_v(suite, output, tool, list);
	va_end(list);
	return status;
}

json_t *
suite_rows(const struct suite *suite, const char *tool, ...)
{
	json_t *rows = json_array();
	char *output, *line, *rest;
	va_list list;
	int status;

	va_start(list, tool);
	status = tool_v(suite, &output, tool, list);
	va_end(list);
	/* x4ctl status says 2 where there are problems. */
	ck_assert_msg(
	    status == 0 || (status == 2 && strcmp(tool, "x4ctl") == 0),
	    "%s: exit %d: %s", tool, status, output);
	for (line = strtok_r(output, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_error_t error;
		json_t *row = json_loads(line, 0, &error);

		ck_assert_msg(row != NULL, "%s: not JSON (%s): %s", tool,
		    error.text, line);
		json_array_append_new(rows, row);
	}
	free(output);
	return rows;
}

void
suite_start(const struct suite *suite)
{
	char *output;
	int status = suite_tool(suite, &output, "x4ctl", "start", NULL);

	ck_assert_msg(status == 0, "x4ctl start: exit %d: %s", status, output);
	free(output);
}

void
suite_stop(const struct suite *suite)
{
	char *output;
	int status = suite_tool(suite, &output, "x4ctl", "stop", NULL);

	ck_assert_msg(status == 0, "x4ctl stop: exit %d: %s", status, output);
	free(output);
}

pid_t
suite_pid(const struct suite *suite, const char *worker)
{
	json_t *rows = suite_rows(suite, "x4ctl", "-j", "status", NULL);
	json_t *row;
	pid_t pid = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));

		if (name != NULL && kind != NULL &&
		    strcmp(kind, "worker") == 0 && strcmp(name, worker) == 0)
			pid = (pid_t)json_integer_value(
			    json_object_get(row, "pid"));
	}
	json_decref(rows);
	return pid;
}

pid_t
suite_worker(const struct suite *suite, const char *service)
{
	char name[64];
	pid_t pid = 0;

	for (unsigned i = 0; i < 100 && pid == 0; i++) {
		if (i == 0)
			strlcpy(name, service, sizeof(name));
		else
			snprintf(name, sizeof(name), "%s#%u", service, i);
		pid = suite_pid(suite, name);
	}
	ck_assert_msg(pid > 0, "no %s", service);
	return pid;
}

int64_t
suite_queued(const struct suite *suite)
{
	json_t *rows = suite_rows(suite, "x4queue", "-j", "summary", NULL);
	json_t *row;
	int64_t queued = 0;
	size_t i;

	json_array_foreach(rows, i, row) queued +=
	    json_integer_value(json_object_get(row, "messages"));
	json_decref(rows);
	return queued;
}

uint64_t
suite_rss_anon(pid_t pid)
{
	char path[64], line[128];
	unsigned long long kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %llu kB", &kb) == 1)
			break;
	fclose(file);
	return kb * 1024;
}

/* log_tails - read the ends of all logs of the test, for a failure's
 * message, which Check limits to 4 KB */
static char *
log_tails(void)
{
	char *text = NULL;

	suite_shell(&text,
	    "for l in %s/*/state/log; do echo \"== $l\"; tail -n 25 \"$l\"; "
	    "done | tail -c 3500",
	    test_directory);
	return text;
}

void
suite_wait(
    const char *what, double seconds, bool (*condition)(void *), void *arg)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	double limit = seconds * SUITE_PATIENCE, begun = suite_now();

	while (!condition(arg)) {
		if (suite_now() - begun > limit)
			ck_abort_msg("not within %g s: %s\n%s", limit, what,
			    log_tails());
		nanosleep(&pause, NULL);
	}
}

/* is_empty - tell whether the queue is */
static bool
is_empty(void *arg)
{
	return suite_queued(arg) == 0;
}

void
suite_wait_empty(const struct suite *suite, double seconds)
{
	suite_wait("the queue to be empty", seconds, is_empty,
	    (struct suite *)(uintptr_t)suite);
}

double
suite_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

pid_t
suite_spawn(const char *output, const char *program, ...)
{
	char path[SUITE_PATH], *argv[ARGUMENTS_MAX];
	size_t argc = 0;
	va_list list;
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", suite_build(), program);
	argv[argc++] = path;
	va_start(list, program);
	do {
		ck_assert_uint_lt(argc, ARGUMENTS_MAX);
		argv[argc] = va_arg(list, char *);
	} while (argv[argc++] != NULL);
	va_end(list);
	fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ne(fd, -1);
	pid = run(argv, fd);
	close(fd);
	return pid;
}

int
suite_reap(pid_t pid)
{
	kill(pid, SIGTERM);
	return finish(pid);
}

/* has_ended - tell whether a child has, without taking its status */
static bool
has_ended(void *arg)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t) * (pid_t *)arg, &info,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0;
}

int
suite_wait_exit(pid_t pid, double seconds)
{
	suite_wait("a program to end", seconds, has_ended, &pid);
	return finish(pid);
}

struct first_line {
	const char *path;
	char *line;
	size_t size;
};

/* has_line - tell whether the file has a whole line by now */
static bool
has_line(void *arg)
{
	const struct first_line *want = arg;
	char *text = suite_read(want->path, NULL);
	char *end = text != NULL ? strchr(text, '\n') : NULL;

	if (end != NULL) {
		*end = '\0';
		strlcpy(want->line, text, want->size);
	}
	free(text);
	return end != NULL;
}

void
suite_first_line(const char *path, char *line, size_t size)
{
	struct first_line want = {path, line, size};

	suite_wait(path, 10, has_line, &want);
}

uint16_t
suite_port_of(const char *output)
{
	char line[32];
	unsigned port = 0;

	suite_first_line(output, line, sizeof(line));
	ck_assert_int_eq(sscanf(line, "%u", &port), 1);
	ck_assert_uint_le(port, UINT16_MAX);
	return (uint16_t)port;
}

char *
suite_read(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	char *text;
	size_t n;

	if (file == NULL)
		return NULL;
	ck_assert_int_eq(fstat(fileno(file), &status), 0);
	text = malloc((size_t)status.st_size + 1);
	ck_assert_ptr_nonnull(text);
	n = fread(text, 1, (size_t)status.st_size, file);
	text[n] = '\0';
	fclose(file);
	if (length != NULL)
		*length = n;
	return text;
}

char *
suite_read_proc(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd == -1)
		return NULL;
	text = drain(fd);
	close(fd);
	return text;
}

void
suite_write(const char *path, const void *data, size_t length)
{
	char temporary[SUITE_PATH];
	FILE *file;

	const char *slash = strrchr(path, '/');

	snprintf(temporary, sizeof(temporary), "%.*s/.%s.TMP",
	    (int)(slash - path), path, slash + 1);
	file = fopen(temporary, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(rename(temporary, path), 0);
}

size_t
suite_count_files(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	size_t count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_REG && entry->d_name[0] != '.')
			count++;
	closedir(dir);
	return count;
}

int
suite_shell(char **output, const char *fmt, ...)
{
	char command[4096];
	va_list list;
	FILE *pipe;
	char *text;
	int status;

	va_start(list, fmt);
	vsnprintf(command, sizeof(command), fmt, list);
	va_end(list);
	pipe = popen(command, "re");
	ck_assert_ptr_nonnull(pipe);
	text = drain(fileno(pipe));
	status = pclose(pipe);
	if (output != NULL)
		*output = text;
	else
		free(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
