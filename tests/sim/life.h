/* SPDX-License-Identifier: ISC */
/*
 * life.h - one life of the queue manager, from its start to its end
 *
 * A life that crashes is left where it stood: its memory is thrown away, its
 * descriptors are closed, its maps removed, and the disk loses what it may
 * lose.  life.c defines exit and abort too: the first is how the queue manager
 * ends where the environment is broken, the second is always a finding.
 */
#ifndef FOURPOST_TESTS_SIM_LIFE_H
#define FOURPOST_TESTS_SIM_LIFE_H

#include <stdint.h>

struct qmgr;

enum life_end {
	LIFE_CRASHED = 1,
	LIFE_EXITED, /* it said that the environment is broken */
	LIFE_STOPPED /* in good order */
};

/* The settings that master gives to a life. */
struct life_setting {
	const char *conf;
	const char *directory;		 /* of the queue and of sockets */
	int qmgr_socket, control_socket; /* the world's, listening */
	int master;			 /* the life's end; owned */
};

/* life_run - live until the end */
enum life_end life_run(const struct life_setting *setting);

/* life_crash - end the life that runs; never returns */
void life_crash(void) __attribute__((noreturn));

/* life_qmgr - get the queue manager that lives, to look at; or NULL */
const struct qmgr *life_qmgr(void);

#endif
