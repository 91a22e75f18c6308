/* SPDX-License-Identifier: ISC */
/*
 * balancer.h - HAProxy before the suites of a test
 */
#ifndef FOURPOST_TESTS_BALANCER_H
#define FOURPOST_TESTS_BALANCER_H

#include "tests/system/suite.h"

/* All of loopback but 127.0.0.0/16, from where the balancer calls: for
 * remote-addresses. */
#define BALANCER_CALLERS                                           \
	"127.1.0.0/16\", \"127.2.0.0/15\", \"127.4.0.0/14\", "     \
	"\"127.8.0.0/13\", \"127.16.0.0/12\", \"127.32.0.0/11\", " \
	"\"127.64.0.0/10\", \"127.128.0.0/9"

struct balancer {
	pid_t pid;
	uint16_t port;		       /* of loopback, where it listens */
	char control[SUITE_PATH + 16]; /* the socket of its commands */
};

/* balancer_start - start HAProxy; port is set, servers are the lines of its
 * backend, which is called "mtas" */
void balancer_start(struct balancer *balancer, const char *servers);

/* balancer_tell - give it a command of its runtime API; whether it has done
 * that without a word */
bool balancer_tell(const struct balancer *balancer, const char *command);

/* balancer_seconds - get the time that its processes have taken of a CPU */
double balancer_seconds(const struct balancer *balancer);

/* balancer_stop - end it */
void balancer_stop(struct balancer *balancer);

#endif
