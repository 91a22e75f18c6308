/* SPDX-License-Identifier: ISC */
/*
 * log_test.c - base/log: the form of lines, and that nothing makes it wait
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/test.h"

#define TEXT_MAX 70000

static int ends[2];
static char text[TEXT_MAX];

/* take - take what is in the pipe or socket now, as a string */
static const char *
take(void)
{
	ssize_t n, len = 0;

	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (
	    (n = read(ends[0], text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	text[len] = '\0';
	return text;
}

/* after_time - find the line after its time, whose form is checked */
static const char *
after_time(const char *line)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
	size_t i;

	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'd')
			ck_assert_msg(
			    isdigit((unsigned char)line[i]), "%s", line);
		else
			ck_assert_int_eq(line[i], form[i]);
	}
	return line + i;
}

/* open_pipe - log into a pipe */
static void
open_pipe(void)
{
	ck_assert_int_eq(pipe(ends), 0);
	log_init("qmgr", ends[1]);
}

START_TEST(form_of_a_line)
{
	char want[512];

	open_pipe();
	LOG_EVENT(EVENT_NOT_OPENED, LOG_STRING("link", "paris"),
	    LOG_INT("count", -3), LOG_STRING("none", NULL),
	    LOG_STRING("empty", ""), LOG_STRING("text", "two words"),
	    LOG_STRING("pair", "a=b"), LOG_STRING("quote", "\"\\"),
	    LOG_SLICE("id", slice_of("a\0\n\xff", 4)),
	    LOG_SLICE("min", slice_of_string("plain")),
	    LOG_INT("big", INT64_MIN));
	snprintf(want, sizeof(want),
	    "qmgr[%ld]: 289 warn connection not opened link=paris count=-3 "
	    "empty=\"\" text=\"two words\" pair=\"a=b\" quote=\"\\\"\\\\\" "
	    "id=\"a\\x00\\x0a\\xff\" min=plain big=-9223372036854775808\n",
	    (long)getpid());
	ck_assert_str_eq(after_time(take()), want);
	LOG_EVENT(EVENT_STARTED);
	ck_assert_ptr_nonnull(strstr(take(), ": 9298 info started\n"));
}
END_TEST

START_TEST(long_lines_are_cut)
{
	static char value[5000];
	const char *line;
	size_t i, len, pad;

	open_pipe();
	memset(value, 'x', sizeof(value) - 1);
	LOG_EVENT(EVENT_STARTED, LOG_STRING("a", value), LOG_STRING("b", "1"));
	line = take();
	len = strlen(line);
	ck_assert_uint_le(len, 2048);
	ck_assert_uint_gt(len, 2000);
	ck_assert_str_eq(line + len - 7, " [cut]\n");
	ck_assert_ptr_eq(strchr(line, '\n'), line + len - 1);
	/* A character is never cut in two, wherever the line ends. */
	for (pad = 0; pad < 3; pad++) {
		for (i = 0; i < pad; i++)
			value[i] = '.';
		for (i = 0; i + 3 < 4000; i += 3)
			memcpy(value + pad + i, "\xe6\x9d\xb1", 3);
		value[pad + i] = '\0';
		LOG_EVENT(EVENT_STARTED, LOG_STRING("a", value));
		line = take();
		len = strlen(line) - 7;
		ck_assert_str_eq(line + len, " [cut]\n");
		ck_assert(memcmp(line + len - 3, "\xe6\x9d\xb1", 3) == 0);
	}
}
END_TEST

/* fill_up - log until lines are lost; how many were not */
static unsigned
fill_up(void)
{
	int before, after = 0;
	unsigned i = 0;

	do {
		ck_assert_uint_lt(i, 1000000);
		before = after;
		LOG_EVENT(EVENT_MESSAGE_SENT, LOG_INT("line", i++));
		ck_assert_int_eq(ioctl(ends[0], FIONREAD, &after), 0);
	} while (after > before);
	return i - 1;
}

/* count_lines - count how many lines text holds, each of them whole */
static unsigned
count_lines(const char *lines)
{
	const char *end;
	unsigned count = 0;

	for (; *lines != '\0'; lines = end + 1, count++) {
		after_time(lines);
		end = strchr(lines, '\n');
		ck_assert_ptr_nonnull(end);
	}
	return count;
}

/* lost_and_told - lose lines to a reader that stalls, and check that it is
 * told */
static void
lost_and_told(void)
{
	unsigned written, i;
	const char *line;

	written = fill_up();
	for (i = 0; i < 41; i++)
		LOG_EVENT(EVENT_STARTED);
	ck_assert_uint_eq(count_lines(take()), written);
	LOG_EVENT(EVENT_STOPPED);
	line = take();
	ck_assert_uint_eq(count_lines(line), 2);
	ck_assert_ptr_nonnull(
	    strstr(line, ": 20005 warn log lines lost count=42\n"));
	ck_assert_ptr_nonnull(strstr(line, ": 20002 info stopped\n"));
	LOG_EVENT(EVENT_STOPPED);
	ck_assert_uint_eq(count_lines(take()), 1);
}

START_TEST(full_pipe)
{
	open_pipe();
	lost_and_told();
	/* The description that others share still blocks. */
	ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
}
END_TEST

START_TEST(full_pipe_that_cannot_be_opened_anew)
{
	int held;

	/* No descriptor is free, so that the way left is to ask first. */
	ck_assert_int_eq(pipe(ends), 0);
	while ((held = dup(ends[1])) >= 0)
		;
	log_init("qmgr", ends[1]);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	lost_and_told();
	closefrom(ends[1] + 1);
}
END_TEST

START_TEST(full_socket)
{
	const char *line;
	unsigned written;
	int size = 1;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	log_init("qmgr", ends[1]);
	written = fill_up();
	/* A line that was written in part, if any, is completed later. */
	take();
	LOG_EVENT(EVENT_STOPPED);
	ck_assert_uint_gt(written, 0);
	line = take();
	ck_assert_ptr_nonnull(
	    strstr(line, ": 20005 warn log lines lost count=1\n"));
	ck_assert_ptr_nonnull(strstr(line, ": 20002 info stopped\n"));
	ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
}
END_TEST

/* Lines that are held are one write; what a full pipe does not take of them is
 * counted line by line. */
START_TEST(held_lines)
{
	const char *lines;

	open_pipe();
	log_hold();
	for (int i = 0; i < 3; i++)
		LOG_EVENT(EVENT_STOPPED, LOG_INT("n", i));
	ck_assert_str_eq(take(), "");
	log_release();
	lines = take();
	ck_assert_ptr_nonnull(strstr(lines, "n=0\n"));
	ck_assert_ptr_nonnull(strstr(lines, "n=2\n"));
	/* more than fits goes out by itself */
	log_hold();
	for (int i = 0; i < 200; i++)
		LOG_EVENT(EVENT_STOPPED, LOG_INT("n", i));
	lines = take();
	ck_assert_ptr_nonnull(strstr(lines, "n=0\n"));
	ck_assert_ptr_null(strstr(lines, "n=199\n"));
	log_release();
	ck_assert_ptr_nonnull(strstr(take(), "n=199\n"));
	/* no reader */
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], text, 4096) > 0)
		;
	log_hold();
	for (int i = 0; i < 3; i++)
		LOG_EVENT(EVENT_STOPPED, LOG_INT("n", i));
	log_release();
	(void)take();
	LOG_EVENT(EVENT_STOPPED, LOG_INT("n", 4));
	ck_assert_ptr_nonnull(strstr(take(), "count=3\n"));
}
END_TEST

START_TEST(reader_gone)
{
	open_pipe();
	(void)close(ends[0]);
	LOG_EVENT(EVENT_STARTED);
	LOG_EVENT(EVENT_STOPPED);
}
END_TEST

START_TEST(fatal_and_panic_tell_why)
{
	int status;
	pid_t pid;

	open_pipe();
	pid = fork();
	if (pid == 0)
		fatal(78, "cannot open \"%s\"", "x");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 78);
	ck_assert_ptr_nonnull(strstr(take(),
	    ": 20004 fatal cannot go on text=\"cannot open \\\"x\\\"\"\n"));
	pid = fork();
	if (pid == 0)
		panic("%d is odd", 3);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ck_assert_ptr_nonnull(strstr(take(),
	    ": 20003 panic internal error, "
	    "please report text=\"3 is odd\"\n"));
}
END_TEST

START_TEST(file_is_appended_to)
{
	char name[] = "/tmp/log_test.XXXXXX", got[64] = "";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before\nbehind\n", 14), 14);
	/* Where another's writing stands in the file does not matter. */
	ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
	log_init("qmgr", fd);
	LOG_EVENT(EVENT_STARTED);
	ck_assert_int_eq(pread(fd, got, 14, 0), 14);
	ck_assert_str_eq(got, "before\nbehind\n");
	ck_assert_int_gt(lseek(fd, 0, SEEK_END), 14 + 40);
	(void)unlink(name);
}
END_TEST

/* refuse - log that a bind of an address was refused */
static void
refuse(unsigned address)
{
	char from[32];

	snprintf(from, sizeof(from), "127.0.%u.%u:4711", address / 256,
	    address % 256);
	LOG_EVENT(EVENT_UNKNOWN_MTA, LOG_STRING("address", from),
	    LOG_STRING("reason", "wrong"));
}

/* Events that strangers cause: few lines whatever they do, and the rest is
 * counted with the worst of them named.  Items keep their lines. */
START_TEST(strangers_are_folded)
{
	const char *line;

	open_pipe();
	for (unsigned i = 0; i < 500; i++) {
		refuse(1000 + i);
		refuse(7);
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "tool"),
		    LOG_INT("number", i));
	}
	ck_assert_uint_le(count_lines(take()), 31);
	log_tick(clock_monotonic());
	ck_assert_str_eq(take(), "");
	log_tick(CLOCK_NEVER);
	line = take();
	ck_assert_uint_eq(count_lines(line), 2);
	ck_assert_ptr_nonnull(strstr(line,
	    ": 51 warn an unknown MTA tried to bind folded=971 seconds=0 "
	    "worst=127.0.0.7 worst_count="));
	ck_assert_ptr_nonnull(strstr(line,
	    " folded=499 seconds=0 worst=tool "
	    "worst_count=499\n"));
	for (unsigned i = 0; i < 100; i++)
		LOG_EVENT(EVENT_MESSAGE_SENT, LOG_STRING("link", "paris"));
	ck_assert_uint_eq(count_lines(take()), 100);
}
END_TEST

/* A link is told from another, whatever the address says. */
START_TEST(links_are_told_apart)
{
	static const char *const links[] = {"paris", "berlin", "rome"};

	open_pipe();
	for (unsigned i = 0; i < 30; i++)
		LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", links[i % 3]),
		    LOG_STRING("address", i % 2 == 0 ? "[::1]:1" : "[::1]:2"),
		    LOG_STRING("reason", "junk"));
	ck_assert_uint_eq(count_lines(take()), 3);
	log_tick(CLOCK_NEVER);
	ck_assert_ptr_nonnull(strstr(take(), " folded=27 "));
}
END_TEST

static unsigned relayed;

/* take_every_other - relay every other event */
static bool
take_every_other(
    void *context, enum event_name event, const struct log_field *fields)
{
	ck_assert_ptr_eq(context, ends);
	ck_assert_int_eq(event, EVENT_DECODE_FAILED);
	ck_assert_str_eq(fields->name, "link");
	return relayed++ % 2 == 0;
}

START_TEST(relayed_or_written)
{
	open_pipe();
	log_relay(take_every_other, ends);
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", "paris"));
	ck_assert_str_eq(take(), "");
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", "paris"));
	LOG_EVENT(EVENT_STARTED);
	ck_assert_uint_eq(count_lines(take()), 2);
	ck_assert_uint_eq(relayed, 2);
	log_relay(NULL, NULL);
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", "rome"));
	ck_assert_uint_eq(relayed, 2);
	ck_assert_uint_eq(count_lines(take()), 1);
}
END_TEST

TEST_MAIN("base/log", TEST(form_of_a_line), TEST(long_lines_are_cut),
    TEST(full_pipe), TEST(full_pipe_that_cannot_be_opened_anew),
    TEST(full_socket), TEST(held_lines), TEST(reader_gone),
    TEST(fatal_and_panic_tell_why), TEST(file_is_appended_to),
    TEST(strangers_are_folded), TEST(links_are_told_apart),
    TEST(relayed_or_written))
