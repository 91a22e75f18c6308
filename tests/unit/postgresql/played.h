/* SPDX-License-Identifier: ISC */
/*
 * played.h - a server of PostgreSQL that is played by a child of the test
 */
#ifndef FOURPOST_TESTS_POSTGRESQL_PLAYED_H
#define FOURPOST_TESTS_POSTGRESQL_PLAYED_H

#include <sys/types.h>

#include "postgresql/postgresql.h"

/* Play the server on a connection, until its end; in the child. */
typedef void played_fn(int fd, const void *arg);

/* played_start - start a child that serves so many connections one after
 * another, on a port that is free; source says where, without a password */
pid_t played_start(struct postgresql_source *source, unsigned connections,
    played_fn *serve, const void *arg);

/* played_end - wait for its end: 0, or the status of its exit */
int played_end(pid_t server);

/* played_wait - wait for a socket, as struct postgresql_io has it */
int played_wait(void *arg, int fd, short events, uint64_t deadline);

#endif
