/* SPDX-License-Identifier: ISC */
/*
 * limits.h - the numbers on which qmgr, its clients and master must agree
 *
 * Each stands here once.  What must hold between two of them is asserted here,
 * or in limits.c where a layer below has a number of its own.
 */
#ifndef FOURPOST_CLIENT_LIMITS_H
#define FOURPOST_CLIENT_LIMITS_H

#include "ipc/record.h"

/* Counts. */
#define LIMITS_BATCH	   16 /* jobs that a worker has at a time */
#define LIMITS_OUTCOMES	   (2 * LIMITS_BATCH) /* that qmgr has not committed */
#define LIMITS_FILES	   16 /* of a postoffice, whose answer is awaited */
#define LIMITS_SUBMISSIONS 64 /* of one client, that qmgr has at a time */

/* Octets of one body. */
#define LIMITS_WINDOW (IPC_UNANSWERED_MAX / 2) /* sent and not committed */
#define LIMITS_STAGE  (128 * 1024)	  /* qmgr commits so many at once */
#define LIMITS_AHEAD  (4 * IPC_PIECE_MAX) /* asked for and not read */
#define LIMITS_BODY   (LIMITS_AHEAD + IPC_RECORD_MAX) /* of it in memory */

/* Milliseconds for qmgr to read what lies in its channel. */
#define LIMITS_SEND 60000

/* Milliseconds between two attempts to recover an association, at most. */
#define LIMITS_RECOVERY_PAUSE 5000

/*
 * Milliseconds of the end of the suite, in the order in which they pass: a
 * worker lets its transfer end, master kills the worker, qmgr goes without the
 * workers that are left, master kills qmgr.
 */
#define LIMITS_STOP_ANSWERS  5000 /* msmi-in: for the answers, then to write */
#define LIMITS_STOP_TRANSFER 8000
#define LIMITS_STOP_WORKER   10000
#define LIMITS_STOP_CLIENTS  12000
#define LIMITS_STOP_QMGR     30000

/*
 * Milliseconds after the end of qmgr: a worker lets its transfer end, and the
 * next qmgr counts on it that the workers of the one before are gone.
 */
#define LIMITS_QMGR_GONE   10000
#define LIMITS_PREDECESSOR 30000

_Static_assert(LIMITS_FILES <= LIMITS_SUBMISSIONS, "qmgr takes all files");
_Static_assert(LIMITS_WINDOW + IPC_PIECE_MAX <= IPC_UNANSWERED_MAX,
    "a whole window and one piece are not too much for qmgr");
_Static_assert(LIMITS_STAGE <= LIMITS_WINDOW,
    "qmgr commits before the client has to wait for it");
_Static_assert(LIMITS_AHEAD <= IPC_UNANSWERED_MAX,
    "what is asked for ahead fits into the channel");
_Static_assert(2 * LIMITS_STOP_ANSWERS <= LIMITS_STOP_WORKER,
    "msmi-in awaits its answers and writes before it is killed");
_Static_assert(LIMITS_STOP_TRANSFER < LIMITS_STOP_WORKER,
    "a transfer has ended before its worker is killed");
_Static_assert(LIMITS_STOP_WORKER < LIMITS_STOP_CLIENTS,
    "qmgr hears of workers that were killed");
_Static_assert(LIMITS_STOP_CLIENTS < LIMITS_STOP_QMGR,
    "qmgr ends by itself before it is killed");
_Static_assert(LIMITS_QMGR_GONE < LIMITS_PREDECESSOR,
    "the workers of one qmgr are gone when the next counts on it");

#endif
