/* SPDX-License-Identifier: ISC */
/*
 * exit_status.h - how a tool ends, which qmgr and master say in Done
 */
#ifndef FOURPOST_IPC_EXIT_STATUS_H
#define FOURPOST_IPC_EXIT_STATUS_H

#include <sysexits.h>

enum exit_status {
	EXIT_STATUS_DONE = EX_OK,
	EXIT_STATUS_REFUSED = 1,  /* not found, or refused */
	EXIT_STATUS_PROBLEMS = 2, /* x4ctl status: something is wrong */
	EXIT_STATUS_USAGE = EX_USAGE,
	EXIT_STATUS_NOT_RUNNING = EX_UNAVAILABLE,
	EXIT_STATUS_CONFIG = EX_CONFIG,
};

#endif
