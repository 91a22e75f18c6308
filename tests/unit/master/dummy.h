/* SPDX-License-Identifier: ISC */
/*
 * dummy.h - a test program that is its own daemons
 *
 * Executed by the name of a daemon it plays that daemon, as the file
 * dummy.PROGRAM in the run directory says: "serve" (also without a file),
 * "crash", "exit N", "hang", "stubborn" (hangs, and SIGABRT does not help).
 *
 * Everyone who serves answers a connection with its pid and holds it until
 * the other side closes; "item N" makes it note that it works on N.  The
 * dummy qmgr writes what master tells it into the file "told"; a dummy msmi
 * adds "PID waits" to the file "waits" when there is nothing more to come but
 * signals.
 */
#ifndef FOURPOST_TESTS_MASTER_DUMMY_H
#define FOURPOST_TESTS_MASTER_DUMMY_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/worker.h"

extern struct worker dummy;

/* dummy_play - play the daemon whose name argv[0] is, and never return; or
 * return */
void dummy_play(int argc, char **argv);

#endif
