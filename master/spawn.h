/* SPDX-License-Identifier: ISC */
/*
 * spawn.h - make the process of a worker
 */
#ifndef FOURPOST_MASTER_SPAWN_H
#define FOURPOST_MASTER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

#define SPAWN_FDS_MAX 32

/* The surroundings of the new process; descriptors stay the caller's. */
struct spawn {
	const char *directory; /* of the programs */
	const char *program;
	const char *name; /* the worker's */
	const char *run_directory;
	const char *user;  /* empty: as we are */
	const char *group; /* empty: that user's own */
	const char *root;  /* empty: none */
	const char *culprit;
	const char *ticket; /* in hexadecimal */
	unsigned slot;
	unsigned listen_count;	/* of fds[2] and those after it */
	unsigned listen_tls;	/* bit n: TLS is spoken on the nth of them */
	unsigned listen_proxy;	/* bit n: a balancer says who calls there */
	bool tls;		/* keys and certificates follow them */
	int fds[SPAWN_FDS_MAX]; /* become 3, 4, 5 … */
	unsigned fd_count;
};

/*
 * spawn_process - fork, and hold the child before it executes anything: the
 * pid, or ERR_IO with errno
 *
 * What is to be known of the child before it can act is said between this and
 * spawn_release.  Until then *gate, which is close-on-exec, must be kept; to
 * close it instead ends the child.
 */
int spawn_process(const struct spawn *spawn, pid_t *pid, int *gate) WARN_UNUSED;

/* spawn_release - let the child execute; closes the gate.  A program that
 * cannot be executed shows as a process that exits 127 */
void spawn_release(int gate);

#endif
