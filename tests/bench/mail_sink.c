/* SPDX-License-Identifier: ISC */
/*
 * mail_sink.c - the far end of figures of mail; see mail_sink.h
 *
 * smtp-sink -c writes its counters at each event, and ends them with CR: the
 * last line of the file has those of now.
 */
#include "tests/bench/mail_sink.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/postfix.h"
#include "tests/unit/test.h"

#define COUNTERS 256 /* octets at the end of the file that have a whole line */

/* is_there - tell whether a path is */
static bool
is_there(void *arg)
{
	return access(arg, F_OK) == 0;
}

void
mail_sink_start(struct mail_sink *sink, enum mail_sink_protocol protocol)
{
	sink->port = suite_free_port();
	(void)snprintf(sink->output, sizeof(sink->output), "%s/sunk.%u",
	    suite_directory(), sink->port);
	(void)snprintf(sink->path, sizeof(sink->path), "%s/sink.%u",
	    suite_directory(), sink->port);
	if (protocol == MAIL_SINK_LMTP) {
		sink->pid = postfix_spawn(sink->output,
		    "smtp-sink -L -c -u " SUITE_NETWORK_USER " unix:'%s' 1000",
		    sink->path);
		suite_wait("a local socket", 20, is_there, sink->path);
		return;
	}
	sink->pid = postfix_spawn(sink->output,
	    "smtp-sink -c -u " SUITE_NETWORK_USER " 127.0.0.1:%u 1000",
	    sink->port);
	postfix_await_port(sink->port);
}

void
mail_sink_stop(struct mail_sink *sink)
{
	(void)suite_reap(sink->pid);
}

uint64_t
mail_sink_count(const struct mail_sink *sink)
{
	char text[COUNTERS + 1], *last = NULL, *at = text;
	int fd = open(sink->output, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	off_t size;

	ck_assert_int_ge(fd, 0);
	size = lseek(fd, 0, SEEK_END);
	len = pread(fd, text, COUNTERS, size > COUNTERS ? size - COUNTERS : 0);
	(void)close(fd);
	ck_assert_int_ge(len, 0);
	text[len] = '\0';
	while ((at = strstr(at, "mesg=")) != NULL && strchr(at, '\r') != NULL)
		last = at += strlen("mesg=");
	return last == NULL ? 0 : strtoull(last, NULL, 10);
}

/* What is waited for. */
struct goal {
	const struct mail_sink *sink;
	uint64_t messages;
};

/* has_all - tell whether a sink has as many as are waited for */
static bool
has_all(void *arg)
{
	const struct goal *goal = arg;

	return mail_sink_count(goal->sink) >= goal->messages;
}

void
mail_sink_await(const struct mail_sink *sink, uint64_t messages, double seconds)
{
	struct goal goal = {sink, messages};

	suite_wait("the sink to have all mail", seconds, has_all, &goal);
}
