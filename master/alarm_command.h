/* SPDX-License-Identifier: ISC */
/*
 * alarm_command.h - run the command of alarm-command when qmgr tells an alarm
 *
 * As `user` where root started us, in a session of its own, without descriptors
 * and with an environment of its own.  At most ALARM_COMMANDS run at a time,
 * each for ALARM_COMMAND_TICKS; what fails, or is not run, is an event.
 */
#ifndef FOURPOST_MASTER_ALARM_COMMAND_H
#define FOURPOST_MASTER_ALARM_COMMAND_H

#include <stdint.h>
#include <sys/types.h>

#include "ipc/record.h"

#define ALARM_COMMANDS	    16
#define ALARM_COMMAND_TICKS 60

struct master;

/* The processes that run. */
struct alarm_commands {
	struct {
		pid_t pid;	/* 0: a free place */
		uint64_t until; /* in master's ticks */
	} running[ALARM_COMMANDS];
};

/* alarm_command_run - run the command of the configuration, if it has one */
void alarm_command_run(struct master *master, const struct ipc_alarm *alarm);

/* alarm_command_ended - take note of the end of a process, status as of
 * waitpid; one that is no command is passed over */
void alarm_command_ended(struct master *master, pid_t pid, int status);

/* alarm_command_tick - kill commands that run for too long; once a tick */
void alarm_command_tick(struct master *master);

/* alarm_command_fini - kill all that run */
void alarm_command_fini(struct master *master);

#endif
