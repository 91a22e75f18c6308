/* SPDX-License-Identifier: ISC */
/*
 * spawn.c - make the process of a worker
 *
 * Descriptors: 0 /dev/null, 1 and 2 our log, 3 and on those given, no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/spawn.h"

#define FIRST_FD 3

/* spawn_give_up - say why in the log and leave */
static void
spawn_give_up(const char *what)
{
	const char *why = strerror(errno);

	/* stdio may hold what our parent has not written. */
	(void)!write(STDERR_FILENO, what, strlen(what));
	(void)!write(STDERR_FILENO, ": ", 2);
	(void)!write(STDERR_FILENO, why, strlen(why));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(127);
}

/* place_fds - put the descriptors where the worker expects them */
static void
place_fds(const struct spawn *spawn)
{
	int high[SPAWN_FDS_MAX], null;
	unsigned i;

	/* All are moved out of the way first, for one may sit where another
	 * must go. */
	for (i = 0; i < spawn->fd_count; i++) {
		high[i] = fcntl(
		    spawn->fds[i], F_DUPFD_CLOEXEC, FIRST_FD + SPAWN_FDS_MAX);
		if (high[i] < 0)
			spawn_give_up("dup");
	}
	for (i = 0; i < spawn->fd_count; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			spawn_give_up("dup2");
	null = open(_PATH_DEVNULL, O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		spawn_give_up(_PATH_DEVNULL);
	closefrom(FIRST_FD + (int)spawn->fd_count);
}

/* set_number - set a number in the worker's environment */
static void
set_number(const char *name, unsigned number)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", number);
	(void)setenv(name, text, 1);
}

/* set_environment - set what worker.h promises */
static void
set_environment(const struct spawn *spawn)
{
	/* A worker that spoke to the service manager would speak for the
	 * suite. */
	(void)unsetenv("NOTIFY_SOCKET");
	(void)setenv("FOURPOST_RUN", spawn->run_directory, 1);
	(void)setenv("FOURPOST_USER", spawn->user, 1);
	(void)setenv("FOURPOST_GROUP", spawn->group, 1);
	(void)setenv("FOURPOST_ROOT", spawn->root, 1);
	(void)setenv("FOURPOST_CULPRIT", spawn->culprit, 1);
	(void)setenv("FOURPOST_TICKET", spawn->ticket, 1);
	set_number("FOURPOST_SLOT", spawn->slot);
	set_number("FOURPOST_LISTEN", spawn->listen_count);
	set_number("FOURPOST_LISTEN_TLS", spawn->listen_tls);
	set_number("FOURPOST_LISTEN_PROXY", spawn->listen_proxy);
	set_number("FOURPOST_TLS", spawn->tls);
}

/* reset_signals - set signals as a process expects them; libevent's handlers
 * end at exec */
static void
reset_signals(void)
{
	sigset_t mask;

	(void)signal(SIGPIPE, SIG_DFL);
	/* SIGTERM stays blocked until the worker takes it as a descriptor: a
	 * worker that is told to go while it starts still learns of it. */
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* await_release - wait, as the child, until our parent lets us go on */
static void
await_release(const int gate[2])
{
	char octet;
	ssize_t n;

	/* The child would never see the end of the pipe with its own copy of
	 * the writing end open. */
	(void)close(gate[1]);
	do
		n = read(gate[0], &octet, 1);
	while (n < 0 && errno == EINTR);
	/* The end of the pipe without an octet means that master gave the start
	 * up, or died. */
	if (n != 1)
		_exit(127);
	(void)close(gate[0]);
}

/* become_worker - become, as the child, the program of the worker */
static void
become_worker(const struct spawn *spawn)
{
	char path[512], name[128], option[] = "-n";
	char *argv[] = {path, option, name, NULL};

	place_fds(spawn);
	set_environment(spawn);
	reset_signals();
	(void)snprintf(
	    path, sizeof(path), "%s/%s", spawn->directory, spawn->program);
	(void)strlcpy(name, spawn->name, sizeof(name));
	(void)execv(path, argv);
	spawn_give_up(path);
}

/* spawn_release - let the child execute */
void
spawn_release(int gate)
{
	ssize_t n;

	do
		n = write(gate, "", 1);
	while (n < 0 && errno == EINTR);
	(void)close(gate);
}

/* spawn_process - fork, and hold the child */
int
spawn_process(const struct spawn *spawn, pid_t *pid, int *gate)
{
	sigset_t all, before;
	int fds[2];
	pid_t child;

	if (spawn->fd_count > SPAWN_FDS_MAX)
		return ERR_LIMIT;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return ERR_IO;
	/* No handler of the loop may run in the child, on its shared pipe. */
	(void)sigfillset(&all);
	/* Both sides block: the child until reset_signals(), master only across
	 * the fork. */
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child == 0) {
		await_release(fds);
		become_worker(spawn);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(fds[0]);
	if (child < 0) {
		(void)close(fds[1]);
		return ERR_IO;
	}
	*pid = child;
	*gate = fds[1];
	return 0;
}
