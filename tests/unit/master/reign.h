/* SPDX-License-Identifier: ISC */
/*
 * reign.h - a master as a whole, with dummies for its workers
 *
 * Each test has a directory, a configuration with two links and a postoffice,
 * and a master in a process of its own whose ticks are 50 ms long.  A program
 * ends with REIGN_MAIN, not TEST_MAIN: it is its own dummies.
 */
#ifndef FOURPOST_TESTS_MASTER_REIGN_H
#define FOURPOST_TESTS_MASTER_REIGN_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>

#include "tests/unit/test.h"
#include "tests/unit/master/dummy.h"

#include "base/log.h"
#include "master/service.h"

static char directory[64], self[512];
static pid_t master_pid = -1;
static uint16_t port;

#define CONFIGURATION                                                       \
	"mta {\n name = \"TEST\"\n domain = \"C=DE;A=X\"\n"                 \
	" password = \"secret\"\n listen = {\"127.0.0.1:%u\"}\n"            \
	" state-directory = \"%s/state\"\n run-directory = \"%s/run\"\n"    \
	" user = \"nobody\"\n network-user = \"nobody\"\n%s}\n"             \
	"link \"paris\" {\n remote-mta = \"P\"\n remote-password = \"x\"\n" \
	" address = {\"127.0.0.1:1\"}\n address-space = {\"C=FR\"}\n%s}\n"  \
	"link \"rome\" {\n remote-mta = \"R\"\n remote-password = \"x\"\n"  \
	" address = {\"127.0.0.1:1\"}\n address-space = {\"C=IT\"}\n}\n"    \
	"msmail \"po1\" {\n postoffice = \"%s\"\n network = \"N\"\n"        \
	" name = \"P\"\n address-space = {\"C=DE;A=X;P=PO\"}\n}\n%s"

/* write_file - a file in the test's directory */
static inline void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

/* configure - write the configuration, with more for mta, paris, the end */
static inline void
configure(const char *mta, const char *paris, const char *end)
{
	char text[4096];

	snprintf(text, sizeof(text), CONFIGURATION, port, directory, directory,
	    mta, paris, directory, end);
	write_file("conf", text);
}

/*
 * free_port - reserve a port that nobody listens on
 *
 * The socket stays bound until the test ends; a listener that sets SO_REUSEADDR
 * may be bound beside it.
 */
static inline uint16_t
free_port(void)
{
	const int on = 1;
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	return ntohs(address.sin_port);
}

/* run_master - the process of master: its exit status */
static inline int
run_master(void)
{
	static struct master master;
	char conf_path[128], programs[128];
	struct conf *conf;
	struct diag diag = {0};
	int status;

	snprintf(conf_path, sizeof(conf_path), "%s/conf", directory);
	snprintf(programs, sizeof(programs), "%s/bin", directory);
	log_init("master", -1);
	if (conf_parse_file(conf_path, &conf, &diag) != 0) {
		fprintf(stderr, "%s\n", diag_text(&diag));
		return 78;
	}
	if (master_init(&master, conf, conf_path, programs, &diag) != 0) {
		fprintf(stderr, "%s\n", diag_text(&diag));
		return diag.code == ERR_EXISTS ? 3 : 2;
	}
	status = master_run(&master);
	master_fini(&master);
	return status;
}

/* start_master - in a process of its own, its log in the file "log" */
static inline pid_t
start_master(void)
{
	char path[128];
	pid_t pid;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd;

		snprintf(path, sizeof(path), "%s/log", directory);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
		dup2(fd, STDERR_FILENO);
		_exit(run_master());
	}
	return pid;
}

/* has_line - whether a file of the directory has a line with text in it */
static inline bool
has_line(const char *name, const char *text)
{
	char path[256], line[1024];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, text) != NULL;
	fclose(file);
	return found;
}

/* until - wait until a condition holds, at most ten seconds */
#define until(condition)                                             \
	do {                                                         \
		uint64_t until_end = clock_after(10000);             \
		while (!(condition)) {                               \
			ck_assert_msg(clock_monotonic() < until_end, \
			    "in vain: %s", #condition);              \
			usleep(5000);                                \
		}                                                    \
	} while (0)

/* connect_local - a connection to a socket of the run directory */
static inline int
connect_local(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/%s",
	    directory, name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* connect_from - a connection to the TCP port from 127.0.0.host */
static inline int
connect_from(unsigned host)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) + host)};
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* connect_port - a connection to the TCP port */
static inline int
connect_port(void)
{
	return connect_from(1);
}

/* serving_pid - the pid that a dummy answers a connection with, or 0 */
static inline long
serving_pid(int fd)
{
	char text[32] = "";
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 1 && strchr(text, '\n') == NULL) {
		if (poll(&pfd, 1, 10000) != 1)
			return 0;
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			return 0;
		len += (size_t)n;
		text[len] = '\0';
	}
	return atol(text);
}

/* What a request was answered with. */
struct answer {
	int status;
	char text[512];
	char rows[8192]; /* "name pid state last_exit\n" each */
};

/* add_row - a row of status, as a line */
static inline void
add_row(struct answer *answer, const struct ipc_row *row)
{
	size_t len = strlen(answer->rows);

	/* master's own has the release besides */
	ck_assert_uint_eq(row->field_count,
	    slice_equal_string(row->fields[1].octets, "master") ? 8 : 7);
	ck_assert(slice_equal_string(row->fields[0].octets, "worker"));
	snprintf(answer->rows + len, sizeof(answer->rows) - len,
	    "%.*s %lld %.*s %.*s\n", (int)row->fields[1].octets.len,
	    (const char *)row->fields[1].octets.data,
	    (long long)row->fields[2].number, (int)row->fields[3].octets.len,
	    (const char *)row->fields[3].octets.data,
	    (int)row->fields[6].octets.len,
	    (const char *)row->fields[6].octets.data);
}

/* ask - a request to master */
static inline struct answer
ask(const char *command, const char *argument)
{
	static struct answer answer;
	const struct slice arguments[] = {
	    slice_of_string(argument != NULL ? argument : "")};
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {slice_of_string(command), arguments, argument != NULL}};
	struct ipc_channel channel;
	struct worker tool;
	struct diag diag = {0};
	uint64_t soon = clock_after(10000);

	answer = (struct answer){.status = -1};
	worker_init(&tool, "tool");
	ck_assert_int_eq(
	    ipc_channel_init(&channel, connect_local("master")), 0);
	ck_assert_int_eq(
	    ipc_channel_hello(&channel, IPC_ROLE_TOOL, "test", 0), 0);
	ck_assert_int_eq(worker_send(&tool, &channel, &record, soon), 0);
	ck_assert_int_eq(
	    worker_receive(&tool, &channel, &record, soon, &diag), 0);
	ck_assert_int_eq(ipc_hello_check(&record, &diag), 0);
	for (;;) {
		ck_assert_int_eq(
		    worker_receive(&tool, &channel, &record, soon, &diag), 0);
		if (record.type != IPC_ROW)
			break;
		add_row(&answer, &record.row);
	}
	ck_assert_int_eq((int)record.type, IPC_DONE);
	answer.status = record.done.status;
	if (record.done.text.len != 0)
		memcpy(
		    answer.text, record.done.text.data, record.done.text.len);
	ipc_channel_fini(&channel);
	return answer;
}

/* find_row - what follows the name in the row of a worker, or NULL */
static inline const char *
find_row(const char *name)
{
	static struct answer answer;
	const char *place;
	size_t len = strlen(name);

	answer = ask("status", NULL);
	place = answer.rows;
	while (place != NULL && *place != '\0') {
		if (strncmp(place, name, len) == 0 && place[len] == ' ')
			return place + len;
		place = strchr(place, '\n');
		if (place != NULL)
			place++;
	}
	return NULL;
}

/* pid_of - the pid of a worker by name, 0 if there is none */
static inline long
pid_of(const char *name)
{
	const char *row = find_row(name);

	return row != NULL ? atol(row) : 0;
}

/* state_is - whether a worker is in that state */
static inline bool
state_is(const char *name, const char *state)
{
	const char *row = find_row(name);
	char word[64] = "";
	long pid;

	return row != NULL && sscanf(row, "%ld %63s", &pid, word) == 2 &&
	    strcmp(word, state) == 0;
}

/* is_gone - whether no process has that pid, or only a corpse */
static inline bool
is_gone(long pid)
{
	char path[64], state = 'X';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return true;
	/* "PID (NAME) STATE": our names hold no parenthesis */
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state == 'Z' || state == 'X';
}

/* setup - directory, programs, configuration, a master that is ready */
static inline void
setup(void)
{
	static const char *const programs[] = {
	    "qmgr", "x400in", "x400out", "msmi"};
	char path[128];
	size_t i;

	snprintf(directory, sizeof(directory), "/tmp/master_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chmod(directory, 0755), 0);
	snprintf(path, sizeof(path), "%s/bin", directory);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	for (i = 0; i < 4; i++) {
		snprintf(
		    path, sizeof(path), "%s/bin/%s", directory, programs[i]);
		ck_assert_int_eq(symlink(self, path), 0);
	}
	snprintf(path, sizeof(path), "%s/run", directory);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	port = free_port();
	configure("", "", "");
}

/* setup_ready - the same, and a master that is ready */
static inline void
setup_ready(void)
{
	setup();
	master_pid = start_master();
	until(has_line("log", "open for business"));
}

/* teardown - nothing of it stays */
static inline void
teardown(void)
{
	char command[128];

	if (master_pid > 0)
		kill(master_pid, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* reign_prepare - play a daemon if called by the name of one, else come back */
static inline void
reign_prepare(int argc, char **argv)
{
	ssize_t len;

	dummy_play(argc, argv);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = '\0';
	setenv("FOURPOST_TICK_MS", "50", 1);
}

#define REIGN_MAIN(title, ...)              \
	TEST_RUN(title, __VA_ARGS__)        \
	/* main - a daemon, or the tests */ \
	int main(int argc, char **argv)     \
	{                                   \
		reign_prepare(argc, argv);  \
		return test_run();          \
	}

#endif
