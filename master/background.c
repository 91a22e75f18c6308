/* SPDX-License-Identifier: ISC */
/*
 * background.c - go into the background, and report how the start went
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/background.h"

/* exit_as_told - wait, as the parent, for what the child reports; print it and
 * exit as it says */
static void
exit_as_told(int fd)
{
	char text[1024];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 1) {
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	/* The first octet is the status, the rest is for people. */
	if (len == 0)
		errx(1, "ended while starting; the log tells why");
	if (text[1] != '\0')
		warnx("%s", text + 1);
	_exit((unsigned char)text[0]);
}

/* background_enter - fork; the child returns the descriptor to report on */
int
background_enter(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		err(1, "pipe");
	(void)fflush(NULL);
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		break;
	default:
		(void)close(fds[1]);
		exit_as_told(fds[0]);
	}
	/* The reading end must be closed here, so that a child that dies
	 * without a report gives its parent an end of file and not a wait for
	 * ever. */
	(void)close(fds[0]);
	/* A new session has no terminal: a hangup of the terminal from which
	 * the administrator started us must not end the suite. */
	(void)setsid();
	return fds[1];
}

/* background_report - report to the parent: exit status and words */
void
background_report(int fd, int status, const char *text)
{
	char report[512];

	report[0] = (char)status;
	/* The report is one write, far shorter than a pipe takes at once; the
	 * parent that is gone already needs none. */
	(void)strlcpy(report + 1, text, sizeof(report) - 1);
	(void)!write(fd, report, 1 + strlen(report + 1));
	(void)close(fd);
}

/* background_detach - let the standard descriptors lead to the log */
int
background_detach(int log_fd)
{
	int null = open(_PATH_DEVNULL, O_RDWR | O_CLOEXEC);

	if (null < 0)
		return ERR_IO;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 ||
	    dup2(log_fd, STDERR_FILENO) < 0)
		return ERR_IO;
	(void)close(null);
	return chdir("/") == 0 ? 0 : ERR_IO;
}
