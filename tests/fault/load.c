/* SPDX-License-Identifier: ISC */
/*
 * load.c - peers round one suite; see load.h
 */
#include "tests/fault/load.h"

#include <sys/prctl.h>

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* spawn - start a peer, its standard output and error to files */
static pid_t
spawn(const char *program, const char *output, const char *const *argv)
{
	char path[SUITE_PATH], errors[SUITE_PATH + 72];
	pid_t pid;
	int out, error;

	snprintf(path, sizeof(path), "%s/%s", suite_build(), program);
	snprintf(errors, sizeof(errors), "%s.err", output);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid != 0)
		return pid;
	out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	error = open(errors, O_WRONLY | O_CREAT | O_APPEND, 0600);
	/* peers lead process groups of their own: Check would not find them */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* append - append the rest of a list of arguments, and the NULL */
static void
append(const char **argv, size_t argc, va_list list)
{
	do {
		ck_assert_uint_lt(argc, LOAD_ARGUMENTS);
		argv[argc] = va_arg(list, const char *);
	} while (argv[argc++] != NULL);
}

/* name_port - write a port as an argument; of 0 one that nobody else gets while
 * the test runs, even if the peer ends: a suite that goes on calling it must
 * not reach the peer of another test */
static void
name_port(char number[16], uint16_t port)
{
	snprintf(number, 16, "%u", port != 0 ? port : suite_free_port());
}

#define SINK_ARGUMENTS 9 /* that every sink has */

/* name_sink - choose where a sink writes to, and how it is called */
static void
name_sink(struct load_sink *sink, const char *name, const char *port,
    const char *argv[SINK_ARGUMENTS])
{
	const char *all[SINK_ARGUMENTS] = {"x4sink", "-w", "s", "-n",
	    sink->name, "-l", port, "-o", sink->lines};

	strlcpy(sink->name, name, sizeof(sink->name));
	snprintf(sink->output, sizeof(sink->output), "%s/%s.out",
	    suite_directory(), name);
	snprintf(sink->lines, sizeof(sink->lines), "%s/%s.lines",
	    suite_directory(), name);
	memcpy(argv, all, sizeof(all));
}

/* start_sink - start a sink and learn its port */
static void
start_sink(struct load_sink *sink, const char *const *argv)
{
	unlink(sink->output);
	sink->pid = spawn("peers/x4sink", sink->output, argv);
	sink->port = suite_port_of(sink->output);
}

void
load_sink(struct load_sink *sink, const char *name, uint16_t port, ...)
{
	char number[16];
	const char *argv[LOAD_ARGUMENTS];
	va_list list;

	name_port(number, port);
	name_sink(sink, name, number, argv);
	argv[SINK_ARGUMENTS] = "-d";
	va_start(list, port);
	append(argv, SINK_ARGUMENTS + 1, list);
	va_end(list);
	start_sink(sink, argv);
}

void
load_forgetful_sink(struct load_sink *sink, const char *name)
{
	const char *argv[LOAD_ARGUMENTS] = {NULL};
	char number[16];

	name_port(number, 0);
	name_sink(sink, name, number, argv);
	start_sink(sink, argv);
}

void
load_sink_stop(struct load_sink *sink)
{
	ck_assert_int_eq(suite_reap(sink->pid), 0);
	sink->pid = 0;
}

uint64_t
load_figure(const char *output, const char *name)
{
	char *text = suite_read(output, NULL), key[64];
	const char *at;
	uint64_t value;

	ck_assert_ptr_nonnull(text);
	snprintf(key, sizeof(key), "%s=", name);
	at = strstr(text, key);
	ck_assert_msg(at != NULL, "%s: no %s: %s", output, name, text);
	value = strtoull(at + strlen(key), NULL, 10);
	free(text);
	return value;
}

/* load_real - read a figure that a peer printed with a fraction */
double
load_real(const char *output, const char *name)
{
	char *text = suite_read(output, NULL);
	const char *at;
	double value;

	ck_assert_ptr_nonnull(text);
	at = strstr(text, name);
	ck_assert_msg(at != NULL, "%s: no %s: %s", output, name, text);
	value = strtod(at + strlen(name), NULL);
	free(text);
	return value;
}

void
load_link_at(char *text, size_t size, const char *name, const char *address,
    const char *settings)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used,
	    "link \"%s\" {\n  remote-mta = \"%s\" remote-password = \"s\"\n"
	    "  address = {\"%s\"} address-space = {\"C=YY;A=%s\"}\n"
	    "  %s\n}\n",
	    name, name, address, name, settings);

	ck_assert_int_gt(n, 0);
	ck_assert_uint_lt(used + (size_t)n, size);
}

void
load_link(char *text, size_t size, const char *name, uint16_t port,
    const char *settings)
{
	char address[32];

	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	load_link_at(text, size, name, address, settings);
}

void
load_source_link(char *text, size_t size)
{
	snprintf(text, size,
	    "link \"source\" {\n  remote-mta = \"SOURCE\" "
	    "incoming-associations = 1000 "
	    "remote-password = \"s\"\n  address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=LOAD\"}\n  schedule = \"never\"\n}\n");
}

pid_t
load_source(const struct suite *suite, const char *name, uint64_t messages,
    char output[SUITE_PATH + 64], ...)
{
	static unsigned number;
	char address[32], to[64], count[24], lines[SUITE_PATH + 72];
	const char *argv[LOAD_ARGUMENTS] = {"x4source", "-n", "SOURCE", "-w",
	    "s", "-f", "C=XX;A=LOAD;S=Source", "-a", address, "-t", to, "-m",
	    count, "-o", lines};
	va_list list;

	snprintf(address, sizeof(address), "127.0.0.1:%u", suite->port);
	snprintf(to, sizeof(to), "C=YY;A=%s;S=Sink", name);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)messages);
	snprintf(output, SUITE_PATH + 64, "%s/%s.source%u", suite_directory(),
	    name, number++);
	snprintf(lines, sizeof(lines), "%s.lines", output);
	va_start(list, output);
	append(argv, 15, list);
	va_end(list);
	return spawn("peers/x4source", output, argv);
}

void
load_send(const struct suite *suite, const char *name, uint64_t messages)
{
	char output[SUITE_PATH + 64];
	pid_t pid = load_source(suite, name, messages, output, NULL);

	ck_assert_int_eq(suite_wait_exit(pid, 120), 0);
	ck_assert_uint_eq(load_figure(output, "messages"), messages);
}

void
load_wait_source(pid_t pid, double seconds)
{
	ck_assert_int_eq(suite_wait_exit(pid, seconds), 0);
}

pid_t
load_relay(const char *name, uint16_t target, char output[SUITE_PATH + 64],
    uint16_t *port, ...)
{
	char address[32], number[16];
	const char *argv[LOAD_ARGUMENTS] = {"cut", "-t", address, "-l", number};
	va_list list;
	pid_t pid;

	snprintf(address, sizeof(address), "127.0.0.1:%u", target);
	name_port(number, 0);
	snprintf(output, SUITE_PATH + 64, "%s/%s.cut", suite_directory(), name);
	va_start(list, port);
	append(argv, 5, list);
	va_end(list);
	pid = spawn("peers/cut", output, argv);
	*port = suite_port_of(output);
	return pid;
}

struct word {
	const char *path, *last;
};

/* has_word - tell whether the file ends with that word */
static bool
has_word(void *arg)
{
	const struct word *word = arg;
	char *text = suite_read(word->path, NULL);
	size_t length = text == NULL ? 0 : strlen(text);
	size_t want = strlen(word->last);
	bool found =
	    length > want && strcmp(text + length - want, word->last) == 0;

	free(text);
	return found;
}

/* tell_relay - signal to the relay, and wait for its answer */
static void
tell_relay(pid_t relay, const char *output, int number, const char *answer)
{
	struct word word = {output, answer};

	kill(relay, number);
	suite_wait("the relay to obey", 10, has_word, &word);
}

void
load_relay_down(pid_t relay, const char *output)
{
	tell_relay(relay, output, SIGUSR1, "down\n");
}

void
load_relay_up(pid_t relay, const char *output)
{
	tell_relay(relay, output, SIGUSR2, "up\n");
}

uint64_t
load_said(const char *output, const char *word)
{
	char errors[SUITE_PATH + 72], *text;
	uint64_t times = 0;

	snprintf(errors, sizeof(errors), "%s.err", output);
	text = suite_read(errors, NULL);
	for (const char *at = text;
	     at != NULL && (at = strstr(at, word)) != NULL; at++)
		times++;
	free(text);
	return times;
}

struct held {
	const char *output;
	uint64_t times;
};

/* has_held - tell whether the gates said so as often as that */
static bool
has_held(void *arg)
{
	const struct held *held = arg;

	return load_said(held->output, "holds:") >= held->times;
}

void
load_wait_held(const char *output, uint64_t times, double seconds)
{
	struct held held = {output, times};

	suite_wait(output, seconds, has_held, &held);
}

uint64_t
load_noted(const char *lines)
{
	size_t length = 0;
	char *text = suite_read(lines, &length);
	uint64_t count = 0;

	for (size_t i = 0; text != NULL && i < length; i++)
		count += text[i] == '\n';
	free(text);
	return count;
}

struct noted {
	const struct load_sink *sink;
	uint64_t messages;
	uint64_t counted; /* lines of the file up to there */
	off_t read;
};

/* has_noted - tell whether a sink has noted so many; what was counted is not
 * read again, which a figure of the sink would feel */
static bool
has_noted(void *arg)
{
	struct noted *noted = arg;
	char text[8192];
	ssize_t len = 0;
	int fd = open(noted->sink->lines, O_RDONLY | O_CLOEXEC);

	while (fd != -1 &&
	    (len = pread(fd, text, sizeof(text), noted->read)) > 0) {
		noted->read += len;
		for (ssize_t i = 0; i < len; i++)
			noted->counted += text[i] == '\n';
	}
	if (fd != -1)
		close(fd);
	return noted->counted >= noted->messages;
}

void
load_wait_noted(const struct load_sink *sink, uint64_t messages, double seconds)
{
	struct noted noted = {.sink = sink, .messages = messages};
	char what[96];

	snprintf(what, sizeof(what), "%llu messages at %s",
	    (unsigned long long)messages, sink->name);
	suite_wait(what, seconds, has_noted, &noted);
}

struct backlog {
	const char *confirmed; /* lines of the source */
	uint64_t more;	       /* than this */
};

/* has_backlog - tell whether more were taken from the source */
static bool
has_backlog(void *arg)
{
	const struct backlog *backlog = arg;

	return load_noted(backlog->confirmed) > backlog->more;
}

void
load_wait_behind(const struct load_sink *sink, const char *output,
    uint64_t messages, double seconds)
{
	char confirmed[SUITE_PATH + 72];
	struct backlog backlog = {
	    confirmed, load_noted(sink->lines) + messages};

	snprintf(confirmed, sizeof(confirmed), "%s.lines", output);
	suite_wait("messages to wait", seconds, has_backlog, &backlog);
	ck_assert_uint_lt(load_noted(sink->lines), backlog.more);
}

void
load_same_lines(const char *confirmed, const char *noted)
{
	char *output;

	/* identifier, octets and hash: the latter have the kind before them */
	suite_shell(&output,
	    "cd '%s' && cat %s | sort >expected && "
	    "cat %s | cut -f 2-4 | sort >noted && "
	    "diff expected noted | head -n 5",
	    suite_directory(), confirmed, noted);
	ck_assert_msg(
	    *output == '\0', "%s: sent and noted differ:\n%s", noted, output);
	free(output);
}

void
load_same(const struct load_sink *sink, const char *pattern)
{
	load_same_lines(pattern, sink->lines);
}

json_t *
load_link_row(const struct suite *suite, const char *name)
{
	json_t *rows = suite_rows(suite, "x4ctl", "-j", "status", NULL);
	json_t *row, *found = NULL;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		const char *is =
		    json_string_value(json_object_get(row, "name"));

		if (kind != NULL && is != NULL && strcmp(kind, "link") == 0 &&
		    strcmp(is, name) == 0)
			found = json_incref(row);
	}
	json_decref(rows);
	ck_assert_msg(found != NULL, "no link %s in the status", name);
	return found;
}

int64_t
load_link_number(const struct suite *suite, const char *name, const char *key)
{
	json_t *row = load_link_row(suite, name);
	int64_t value = json_integer_value(json_object_get(row, key));

	json_decref(row);
	return value;
}

struct waiting {
	const struct suite *suite;
	const char *name;
};

/* is_waiting - tell whether the link waits to open again */
static bool
is_waiting(void *arg)
{
	const struct waiting *link = arg;
	json_t *row = load_link_row(link->suite, link->name);
	const char *state = json_string_value(json_object_get(row, "state"));
	bool is = strcmp(state, "waiting") == 0;

	json_decref(row);
	return is;
}

void
load_wait_waiting(const struct suite *suite, const char *name, double seconds)
{
	struct waiting link = {suite, name};

	suite_wait("the link to wait", seconds, is_waiting, &link);
}

void
load_finish(const struct suite *suite, struct load_sink *sink, double seconds)
{
	char pattern[64];

	suite_wait_empty(suite, seconds);
	load_sink_stop(sink);
	snprintf(pattern, sizeof(pattern), "%s.source*.lines", sink->name);
	load_same(sink, pattern);
	suite_stop(suite);
	ck_assert_int_eq(suite_tool(suite, NULL, "x4check", NULL), 0);
}
