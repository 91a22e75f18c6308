/* SPDX-License-Identifier: ISC */
/*
 * status.h - what a worker tells master over its status socket
 *
 * A stream of single letters.  They are only ever sent by code that runs in
 * the worker's ordinary course, never by a signal handler, so that a spin or
 * a stop shows as silence.  master sends nothing; the end of the socket means
 * that master is gone.
 *
 *   .   tick: the worker passed through its wait function; at least one a
 *       second while it waits.  Every letter counts as a tick
 *   i   idle: it waits on its listening socket for a connection
 *   b   busy: it took one; a further connection needs another worker
 *   a   associated: the peer is known (x400in: bound); until then master may
 *       tell it to stop, to make room
 *   r   ready: it is open for business (qmgr: its queue is open)
 *   x   the exit that follows is intended: not a crash, whatever the status
 *
 * A worker that was started counts as idle until it says otherwise: the
 * connection for which it was started still waits.
 */
#ifndef FOURPOST_WORKER_STATUS_H
#define FOURPOST_WORKER_STATUS_H

#define WORKER_STATUS_TICK  '.'
#define WORKER_STATUS_IDLE  'i'
#define WORKER_STATUS_BUSY  'b'
#define WORKER_STATUS_BOUND 'a'
#define WORKER_STATUS_READY 'r'
#define WORKER_STATUS_EXIT  'x'

#define WORKER_TICK_MS 1000

/* Descriptors that master gives to a worker; listening sockets follow. */
#define WORKER_STATUS_FD 3
#define WORKER_SLOTS_FD	 4

/*
 * Exit statuses with a meaning.  A bug or memory that ran out counts against
 * the message or file at work, like SIGSEGV.
 */
#define WORKER_EXIT_USAGE  64
#define WORKER_EXIT_BUG	   70
#define WORKER_EXIT_MEMORY 71
#define WORKER_EXIT_FATAL  75 /* the environment; started again */
#define WORKER_EXIT_CONFIG 78

#endif
