/* SPDX-License-Identifier: ISC */
/*
 * fault.h - points where a test makes things go wrong
 *
 *   if (FAULT_POINT("commit"))
 *           return ERR_IO;
 *
 * The environment variable FOURPOST_FAULT=NAME:N:ACTION arms the Nth pass
 * (from 1) of a process through the points called NAME, or through any point
 * if NAME is "*".  ACTION:
 *
 *   fail   the macro yields true, so that the caller fails as it would
 *   crash  the process kills itself with SIGKILL, as a power cut would
 *   abort  it aborts, as a bug would
 *   hang   it sleeps for ever, as a spin would
 *
 * Unset, a point costs the test of one variable.  The variable is read at the
 * first point passed and not in a set-user-id program; one that is malformed
 * is fatal, lest a test silently test nothing.
 */
#ifndef FOURPOST_BASE_FAULT_H
#define FOURPOST_BASE_FAULT_H

#include <stdbool.h>

#include "base/error.h"

enum fault_state {
	FAULT_UNKNOWN,
	FAULT_OFF, /* or it has acted */
	FAULT_ARMED
};

/* Private to the macro and fault.c. */
extern enum fault_state fault_state;

#define FAULT_POINT(name) (fault_state != FAULT_OFF && fault_pass(name))

/* fault_pass - count a pass through a point; use through FAULT_POINT */
bool fault_pass(const char *name);

/* fault_arm - do what the environment variable does, and count from 0 again;
 * NULL disarms.  ERR_SYNTAX */
int fault_arm(const char *spec) WARN_UNUSED;

#endif
