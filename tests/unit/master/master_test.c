/* SPDX-License-Identifier: ISC */
/*
 * master_test.c - master as a whole, with dummies for its workers
 *
 * Each test has a directory, a configuration with two links and a postoffice,
 * and a master in a process of its own whose ticks are 20 ms long.
 */
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
static void
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
static void
configure(const char *mta, const char *paris, const char *end)
{
	char text[4096];

	snprintf(text, sizeof(text), CONFIGURATION, port, directory, directory,
	    mta, paris, directory, end);
	write_file("conf", text);
}

/* free_port - a port that nobody listens on */
static uint16_t
free_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	close(fd);
	return ntohs(address.sin_port);
}

/* run_master - the process of master: its exit status */
static int
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
static pid_t
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
static bool
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
static int
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

/* connect_port - a connection to the TCP port */
static int
connect_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* serving_pid - the pid that a dummy answers a connection with, or 0 */
static long
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
static void
add_row(struct answer *answer, const struct ipc_row *row)
{
	size_t len = strlen(answer->rows);

	ck_assert_uint_eq(row->field_count, 7);
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
static struct answer
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
static const char *
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
static long
pid_of(const char *name)
{
	const char *row = find_row(name);

	return row != NULL ? atol(row) : 0;
}

/* state_is - whether a worker is in that state */
static bool
state_is(const char *name, const char *state)
{
	const char *row = find_row(name);
	char word[64] = "";
	long pid;

	return row != NULL && sscanf(row, "%ld %63s", &pid, word) == 2 &&
	    strcmp(word, state) == 0;
}

/* is_gone - whether no process has that pid, or only a corpse */
static bool
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
static void
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
static void
setup_ready(void)
{
	setup();
	master_pid = start_master();
	until(has_line("log", "open for business"));
}

/* teardown - nothing of it stays */
static void
teardown(void)
{
	char command[128];

	if (master_pid > 0)
		kill(master_pid, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(starts_and_stops)
{
	long qmgr, msmi;
	int status;

	setup_ready();
	ck_assert_int_ne(pid_of("qmgr"), 0);
	until(state_is("qmgr", "running"));
	until(state_is("msmi-in/po1", "running"));
	ck_assert_int_eq(pid_of("master"), master_pid);
	ck_assert(has_line("run/configuration", "secret"));
	ck_assert(has_line("run/told", "hello"));
	qmgr = pid_of("qmgr");
	msmi = pid_of("msmi-in/po1");
	ck_assert_int_eq(ask("stop", NULL).status, 0);
	ck_assert_int_eq(waitpid(master_pid, &status, 0), master_pid);
	master_pid = -1;
	ck_assert_int_eq(status, 0);
	ck_assert(is_gone(qmgr) && is_gone(msmi));
	/* sockets and pid file are gone */
	ck_assert_int_eq(connect_local("master"), -1);
	ck_assert(!has_line("run/master.pid", ""));
	ck_assert_int_eq(connect_local("x400out.paris"), -1);
	/* workers ended before qmgr, which was told */
	ck_assert(has_line("run/told", "ended msmi-in/po1 status 0"));
	teardown();
}
END_TEST

START_TEST(second_start_is_refused)
{
	char text[64];
	int status;
	pid_t second;

	setup_ready();
	second = start_master();
	ck_assert_int_eq(waitpid(second, &status, 0), second);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	snprintf(text, sizeof(text), "pid %ld", (long)master_pid);
	ck_assert(has_line("log", text));
	/* and the first is unharmed */
	ck_assert_int_eq(ask("status", NULL).status, 0);
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	teardown();
}
END_TEST

START_TEST(on_demand)
{
	int first, second, other, tcp;
	long pid1, pid2, pid3;

	setup_ready();
	ck_assert_int_eq(pid_of("x400out/paris#1"), 0);
	first = connect_local("x400out.paris");
	pid1 = serving_pid(first);
	ck_assert_int_gt(pid1, 0);
	ck_assert_int_eq(pid_of("x400out/paris#1"), pid1);
	until(state_is("x400out/paris#1", "busy"));
	second = connect_local("x400out.paris");
	pid2 = serving_pid(second);
	ck_assert_int_eq(pid_of("x400out/paris#2"), pid2);
	other = connect_local("x400out.rome");
	ck_assert_int_eq(serving_pid(other), pid_of("x400out/rome#1"));
	tcp = connect_port();
	pid3 = serving_pid(tcp);
	ck_assert_int_gt(pid3, 0);
	ck_assert_int_eq(pid_of("x400in#1"), pid3);
	/* the smallest free number is used again */
	close(first);
	until(pid_of("x400out/paris#1") == 0);
	first = connect_local("x400out.paris");
	pid1 = serving_pid(first);
	ck_assert_int_eq(pid_of("x400out/paris#1"), pid1);
	ck_assert_int_eq(pid_of("x400out/paris#2"), pid2);
	teardown();
}
END_TEST

/* No more workers than connections: an idle one takes the next. */
START_TEST(no_worker_too_many)
{
	int fds[20], i;
	long pids[20];

	setup_ready();
	for (i = 0; i < 10; i++)
		fds[i] = connect_port();
	for (i = 0; i < 10; i++)
		pids[i] = serving_pid(fds[i]);
	for (i = 1; i < 10; i++)
		ck_assert_int_ne(pids[i], pids[0]);
	ck_assert_int_ne(pid_of("x400in#10"), 0);
	ck_assert_int_eq(pid_of("x400in#11"), 0);
	teardown();
}
END_TEST

/* Strangers who only connect do not keep others out. */
START_TEST(strangers_make_room)
{
	int fds[58], i, last;
	long bound, oldest;

	setup_ready();
	write_file("run/dummy.busy", "bound");
	bound = serving_pid(connect_port());
	ck_assert_int_gt(bound, 0);
	write_file("run/dummy.busy", "serve");
	for (i = 0; i < 50; i++)
		ck_assert_int_gt(serving_pid(fds[i] = connect_port()), 0);
	oldest = pid_of("x400in#2");
	ck_assert_int_ne(oldest, 0);
	for (; i < 58; i++)
		ck_assert_int_gt(serving_pid(fds[i] = connect_port()), 0);
	until(is_gone(oldest));
	last = connect_port();
	ck_assert_int_gt(serving_pid(last), 0);
	ck_assert_int_eq(pid_of("x400in#1"), bound);
	ck_assert_int_eq(pid_of("x400in#66"), 0);
	teardown();
}
END_TEST

START_TEST(replaced_after_sigkill)
{
	long qmgr, msmi, worker;
	int fd;

	setup_ready();
	fd = connect_local("x400out.paris");
	worker = serving_pid(fd);
	until((msmi = pid_of("msmi-in/po1")) != 0);
	qmgr = pid_of("qmgr");
	kill((pid_t)qmgr, SIGKILL);
	until(pid_of("qmgr") != qmgr && pid_of("qmgr") != 0);
	until(state_is("qmgr", "running"));
	kill((pid_t)msmi, SIGKILL);
	until(pid_of("msmi-in/po1") != msmi && pid_of("msmi-in/po1") != 0);
	/* and nobody else */
	ck_assert_int_eq(pid_of("x400out/paris#1"), worker);
	until(has_line("run/told", "ended qmgr status -9 item 0 counted 0"));
	until(has_line(
	    "run/told", "ended msmi-in/po1 status -9 item 0 counted 0"));
	/* an on-demand one by the next connection */
	kill((pid_t)worker, SIGKILL);
	until(pid_of("x400out/paris#1") == 0);
	ck_assert_int_ne(serving_pid(connect_local("x400out.paris")), worker);
	teardown();
}
END_TEST

START_TEST(crash_counts_against_item)
{
	int fd;
	long pid;

	setup_ready();
	write_file("run/dummy.busy", "item 42");
	fd = connect_local("x400out.paris");
	pid = serving_pid(fd);
	kill((pid_t)pid, SIGSEGV);
	until(has_line(
	    "run/told", "ended x400out/paris#1 status -11 item 42 counted 1"));
	/* killed by somebody: innocent */
	write_file("run/dummy.busy", "item 43");
	until((fd = connect_local("x400out.rome")) >= 0);
	pid = serving_pid(fd);
	kill((pid_t)pid, SIGKILL);
	until(has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 43 counted 0"));
	teardown();
}
END_TEST

START_TEST(crashing_postoffice_names_the_file)
{
	setup();
	write_file("run/dummy.msmi", "item 77");
	master_pid = start_master();
	until(has_line("log", "open for business"));
	until(state_is("msmi-in/po1", "running"));
	usleep(100000);
	kill((pid_t)pid_of("msmi-in/po1"), SIGSEGV);
	until(has_line(
	    "run/told", "ended msmi-in/po1 status -11 item 77 counted 1"));
	until(has_line("log", "file=77"));
	/* the next one is told which file it was */
	until(has_line("run/told", "file-removed"));
	teardown();
}
END_TEST

/* One that leaves in an orderly way is replaced at once, but not for ever. */
START_TEST(orderly_ends)
{
	long pid;
	int i;

	setup_ready();
	for (i = 0; i < 4; i++) {
		until((pid = pid_of("msmi-in/po1")) != 0);
		until(state_is("msmi-in/po1", "running"));
		usleep(50000);
		kill((pid_t)pid, SIGUSR1);
		if (i == 3)
			break;
		until(
		    pid_of("msmi-in/po1") != pid && pid_of("msmi-in/po1") != 0);
		ck_assert(!has_line("log", "delayed"));
	}
	until(state_is("msmi-in/po1", "throttled"));
	teardown();
}
END_TEST

START_TEST(throttled)
{
	long paris;
	int fd;

	setup_ready();
	paris = serving_pid(connect_local("x400out.paris"));
	write_file("run/dummy.x400out", "crash");
	fd = connect_local("x400out.rome");
	until(has_line("run/told", "throttled x400out/rome yes"));
	until(state_is("x400out/rome", "throttled"));
	until(has_line("log", "seconds=2"));
	ck_assert(!has_line("log", "seconds=8"));
	/* that service alone */
	ck_assert_int_gt(serving_pid(connect_port()), 0);
	ck_assert_int_eq(pid_of("x400out/paris#1"), paris);
	/* mended it serves the connection that waited */
	write_file("run/dummy.x400out", "serve");
	ck_assert_int_gt(serving_pid(fd), 0);
	until(has_line("run/told", "throttled x400out/rome no"));
	teardown();
}
END_TEST

START_TEST(qmgr_that_does_not_start)
{
	int status;

	setup();
	write_file("run/dummy.qmgr", "exit 1");
	master_pid = start_master();
	ck_assert_int_eq(waitpid(master_pid, &status, 0), master_pid);
	master_pid = -1;
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert(has_line("log", "qmgr does not start (exit status 1)"));
	teardown();
}
END_TEST

START_TEST(watchdog)
{
	int fd, other;
	long pid;

	setup_ready();
	write_file("run/dummy.busy", "hang");
	fd = connect_local("x400out.paris");
	until((pid = pid_of("x400out/paris#1")) != 0);
	until(has_line(
	    "run/told", "ended x400out/paris#1 status -6 item 0 counted 1"));
	until(is_gone(pid));
	close(fd);
	/* SIGABRT does not help: SIGKILL */
	write_file("run/dummy.busy", "stubborn");
	other = connect_local("x400out.rome");
	until(has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 0 counted 1"));
	close(other);
	/* a stopped process, too */
	write_file("run/dummy.busy", "serve");
	pid = pid_of("msmi-in/po1");
	kill((pid_t)pid, SIGSTOP);
	until(pid_of("msmi-in/po1") != pid && pid_of("msmi-in/po1") != 0);
	until(is_gone(pid));
	teardown();
}
END_TEST

START_TEST(restart_of_one)
{
	long before[4], after[4];
	static const char *const names[] = {
	    "qmgr", "msmi-in/po1", "x400out/paris#1", "x400out/paris#2"};
	struct answer answer;
	size_t i;

	setup_ready();
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	for (i = 0; i < 4; i++)
		ck_assert_int_ne(before[i] = pid_of(names[i]), 0);
	answer = ask("restart", "x400out/paris#1");
	ck_assert_int_eq(answer.status, 0);
	ck_assert(is_gone(before[2]));
	ck_assert_int_eq(pid_of(names[2]), 0);
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	for (i = 0; i < 4; i++)
		after[i] = pid_of(names[i]);
	ck_assert_int_eq(before[0], after[0]);
	ck_assert_int_eq(before[1], after[1]);
	ck_assert_int_ne(before[2], after[2]);
	ck_assert_int_ne(after[2], 0);
	ck_assert_int_eq(before[3], after[3]);
	/* one that always runs is there again when the answer comes */
	answer = ask("restart", "msmi-in/po1");
	ck_assert_int_eq(answer.status, 0);
	ck_assert_ptr_nonnull(strstr(answer.text, "replaced"));
	ck_assert_int_ne(pid_of("msmi-in/po1"), before[1]);
	ck_assert_int_ne(pid_of("msmi-in/po1"), 0);
	ck_assert_int_eq(ask("restart", "x400out/nowhere#1").status, 1);
	ck_assert_int_eq(ask("restart", NULL).status, 64);
	ck_assert_int_eq(ask("dance", NULL).status, 64);
	teardown();
}
END_TEST

/* One that does not listen to SIGTERM is killed after its grace. */
START_TEST(restart_of_a_stubborn_one)
{
	long pid;

	setup_ready();
	write_file("run/dummy.busy", "hang");
	connect_local("x400out.paris");
	until((pid = pid_of("x400out/paris#1")) != 0);
	until(state_is("x400out/paris#1", "busy"));
	ck_assert_int_eq(ask("restart", "x400out/paris#1").status, 0);
	ck_assert(is_gone(pid));
	teardown();
}
END_TEST

START_TEST(reload_refused)
{
	long qmgr, paris;
	struct answer answer;

	setup_ready();
	paris = serving_pid(connect_local("x400out.paris"));
	qmgr = pid_of("qmgr");
	configure("", " cost = -1\n", "");
	answer = ask("reload", NULL);
	ck_assert_int_eq(answer.status, 78);
	ck_assert_ptr_nonnull(strstr(answer.text, "cost"));
	configure(" queue-size = \"1T\"\n", " no-such-thing = 1\n", "");
	ck_assert_int_eq(ask("reload", NULL).status, 78);
	configure("", "", "link \"x\" {");
	ck_assert_int_eq(ask("reload", NULL).status, 78);
	ck_assert_int_eq(pid_of("qmgr"), qmgr);
	ck_assert_int_eq(pid_of("x400out/paris#1"), paris);
	ck_assert(!has_line("run/told", "reload"));
	ck_assert(!has_line("run/told", "ended"));
	/* the same by signal */
	kill(master_pid, SIGHUP);
	until(has_line("log", "bad configuration"));
	ck_assert_int_eq(ask("status", NULL).status, 0);
	teardown();
}
END_TEST

START_TEST(reload_applied)
{
	static const char oslo[] =
	    "link \"oslo\" {\n remote-mta = \"O\"\n remote-password = \"x\"\n"
	    " address = {\"127.0.0.1:1\"}\n address-space = {\"C=NO\"}\n}\n";
	long qmgr, paris, rome, msmi;
	uint16_t before;
	int tcp;

	setup_ready();
	paris = serving_pid(connect_local("x400out.paris"));
	rome = serving_pid(connect_local("x400out.rome"));
	qmgr = pid_of("qmgr");
	msmi = pid_of("msmi-in/po1");
	ck_assert_int_eq(connect_local("x400out.oslo"), -1);
	/* a link changed, a link came, another port */
	before = port;
	port = free_port();
	configure("", " cost = 20\n", oslo);
	ck_assert_int_eq(ask("reload", NULL).status, 0);
	until(has_line("run/told", "reload"));
	until(has_line("run/configuration", "oslo"));
	until(is_gone(paris));
	ck_assert_int_eq(pid_of("x400out/rome#1"), rome);
	ck_assert_int_eq(pid_of("qmgr"), qmgr);
	ck_assert_int_eq(pid_of("msmi-in/po1"), msmi);
	ck_assert_int_gt(serving_pid(connect_local("x400out.oslo")), 0);
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	tcp = connect_port();
	ck_assert_int_gt(serving_pid(tcp), 0);
	ck_assert_int_ne(before, port);
	/* the link goes again, by signal */
	configure("", " cost = 20\n", "");
	kill(master_pid, SIGHUP);
	until(connect_local("x400out.oslo") == -1);
	until(pid_of("x400out/oslo#1") == 0);
	/* what cannot change while it runs */
	configure(" queue-size = \"1G\"\n", "", "");
	ck_assert_int_eq(ask("reload", NULL).status, 0);
	teardown();
}
END_TEST

/* A listening address that is taken refuses the reload as a whole. */
START_TEST(reload_port_taken)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint16_t before;

	setup_ready();
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	before = port;
	port = ntohs(address.sin_port);
	configure("", " cost = 99\n", "");
	ck_assert_int_eq(ask("reload", NULL).status, 78);
	port = before;
	ck_assert_int_gt(serving_pid(connect_port()), 0);
	ck_assert(!has_line("run/told", "reload"));
	teardown();
}
END_TEST

/* A new master takes over from one that was killed. */
START_TEST(master_killed)
{
	long qmgr, paris, tcp;

	setup_ready();
	qmgr = pid_of("qmgr");
	paris = serving_pid(connect_local("x400out.paris"));
	tcp = serving_pid(connect_port());
	kill(master_pid, SIGKILL);
	ck_assert_int_eq(waitpid(master_pid, NULL, 0), master_pid);
	unlink("log");
	master_pid = start_master();
	until(connect_local("master") >= 0);
	until(state_is("qmgr", "running"));
	ck_assert_int_ne(pid_of("qmgr"), qmgr);
	/* its workers saw it and went */
	until(is_gone(qmgr) && is_gone(paris) && is_gone(tcp));
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	ck_assert_int_gt(serving_pid(connect_port()), 0);
	teardown();
}
END_TEST

/* Rubbish on the control socket costs that connection alone. */
START_TEST(rubbish_on_control)
{
	char octets[64];
	int fds[50], i;

	setup_ready();
	for (i = 0; i < 50; i++) {
		fds[i] = connect_local("master");
		ck_assert_int_ge(fds[i], 0);
		if (i % 2 == 0)
			ck_assert_int_eq(
			    write(fds[i], "\xa0\x03\x80\x01x", 5), 5);
	}
	while (read(fds[48], octets, sizeof(octets)) > 0)
		;
	ck_assert_int_eq(ask("status", NULL).status, 0);
	teardown();
}
END_TEST

/* main - a daemon if called by the name of one, else the tests */
int
main(int argc, char **argv)
{
	Suite *suite = suite_create("master/master");
	SRunner *runner;
	ssize_t len;
	int failed;

	dummy_play(argc, argv);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = '\0';
	setenv("FOURPOST_TICK_MS", "50", 1);
	TEST(starts_and_stops);
	TEST(second_start_is_refused);
	TEST(on_demand);
	TEST(no_worker_too_many);
	TEST(strangers_make_room);
	TEST(replaced_after_sigkill);
	TEST(crash_counts_against_item);
	TEST(crashing_postoffice_names_the_file);
	TEST(orderly_ends);
	TEST(throttled);
	TEST(qmgr_that_does_not_start);
	TEST(watchdog);
	TEST(restart_of_one);
	TEST(restart_of_a_stubborn_one);
	TEST(reload_refused);
	TEST(reload_applied);
	TEST(reload_port_taken);
	TEST(master_killed);
	TEST(rubbish_on_control);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
