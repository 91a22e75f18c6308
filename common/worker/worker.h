/* SPDX-License-Identifier: ISC */
/*
 * worker.h - what every worker (x400out, x400in, msmi, qmgr) begins with
 *
 * master starts a worker as
 *   PROGRAM -n NAME [ROLE ARGUMENTS]
 * with these descriptors:
 *   0 /dev/null, 1 and 2 the log
 *   3 status socket (stream pair): the worker sends a tick a second and
 *     state letters, see status.h; its end means that master is gone
 *   4 the slots file (culprits), mapped shared, see slot.h
 *   5 the first of the listening sockets that master holds for this service
 * and the environment variables FOURPOST_RUN (the run directory),
 * FOURPOST_SLOT (number), FOURPOST_LISTEN (count of listening sockets),
 * FOURPOST_LISTEN_TLS (bit n: TLS is spoken on the nth), FOURPOST_LISTEN_PROXY
 * (bit n: a balancer says on the nth who calls), FOURPOST_TLS (1: the
 * descriptor behind them holds keys and certificates, see tls_material.h),
 * FOURPOST_USER, FOURPOST_GROUP (of what it writes; empty: that user's own),
 * FOURPOST_ROOT (all empty when not started by root),
 * FOURPOST_CULPRIT (a file's name, or empty), FOURPOST_TICKET (32 hexadecimal
 * digits: what proves to qmgr, with our pid, that master started us).
 *
 * A worker's life: worker_start, then its own work in blocking style, where
 * every wait is worker_wait or worker_accept, then worker_exit.
 */
#ifndef FOURPOST_WORKER_WORKER_H
#define FOURPOST_WORKER_WORKER_H

#include <poll.h>

#include <sys/socket.h>

#include "base/sandbox.h"
#include "ipc/channel.h"
#include "tls/tls_context.h"

#define WORKER_LISTEN_FD  5
#define WORKER_LISTEN_MAX 16 /* listening sockets of one service */
#define WORKER_NAME_MAX	  96

struct worker {
	char name[WORKER_NAME_MAX];    /* "x400out/paris#1" */
	char service[WORKER_NAME_MAX]; /* what stands between / and # */
	uint32_t instance;
	uint8_t ticket[IPC_TICKET_LEN]; /* master's, for Hello */
	size_t ticket_len;		/* 0: it gave none */
	char run_directory[256];
	unsigned listen_count;
	unsigned listen_tls;   /* bit n: TLS is spoken on the nth */
	bool accepted_tls;     /* on that which worker_accept returned last */
	unsigned listen_proxy; /* bit n: a balancer says on the nth who calls */
	bool accepted_proxy;   /* on that which worker_accept returned last */
	int accept_fd;	       /* of worker_accept: what it waits on; or -1 */
	int tls_fd;	       /* keys and certificates; -1: none */
	int status_fd;
	struct worker_slot *slot; /* shared with master */
	/* of a postoffice: the file on which the worker before us crashed, to
	 * be set aside if it is still there; or empty */
	char culprit[256];
	uint64_t next_tick; /* monotonic ms */
	bool stopping;	    /* SIGTERM, qmgr's retire, or master is gone */
	int signal_fd;
	bool rooted; /* worker_confine gave us another root directory */
};

/*
 * worker_start - take over what master gives: arguments, descriptors, slot,
 * environment; receive signals, log by this name
 *
 * Fatal (exit) if the environment is not what master gives.  With no status
 * socket (started by hand) it answers -h and --version, else exits 64.
 */
void worker_start(struct worker *worker, int argc, char **argv);

/*
 * worker_init - set up a worker without master, for tests and for tools that
 * use what a worker uses
 *
 * It can wait, and nobody can stop it.
 */
void worker_init(struct worker *worker, const char *name);

/*
 * worker_confine - give up all privileges for good: user, root directory,
 * system calls, core dumps
 *
 * root may be NULL: FOURPOST_ROOT, which is the run directory, so that
 * worker_qmgr still works.  Called when everything privileged was done and
 * before the first octet from a stranger is read.
 * worker->rooted says whether the root directory is another now: root must
 * have started us, and AddressSanitizer keeps us out for it looks into /proc.
 */
void
worker_confine(struct worker *worker, const char *root, enum sandbox_role role);

/*
 * worker_confine_to_group - likewise, and give up the groups of the user
 *
 * FOURPOST_GROUP is the only group left, so worker_qmgr comes before.
 */
void worker_confine_to_group(
    struct worker *worker, const char *root, enum sandbox_role role);

/*
 * worker_wait - wait for descriptors; but for worker_accept the only function
 * that does
 *
 * Waits until one of count descriptors is ready or the deadline (monotonic
 * ms, CLOCK_NEVER) passes, and ticks the status socket once a second
 * meanwhile.  Returns how many are ready (revents set), ERR_TIMEOUT, or
 * ERR_CANCELLED once when the worker is told to stop (worker->stopping stays
 * set and later waits go on).  count is at most 16.
 */
int worker_wait(struct worker *worker, struct pollfd *fds, size_t count,
    uint64_t deadline) WARN_UNUSED;

/*
 * worker_tick - tell master that we are alive, if a second has passed
 * worker_control - read signal and status descriptor
 *
 * For a program with an event loop (qmgr), instead of worker_wait: the loop
 * calls worker_tick each time round, and by a timer of at most a second.  It
 * watches worker->signal_fd and worker->status_fd (-1: none) and calls
 * worker_control when one is readable; worker->stopping tells the result, and a
 * status_fd of -1 that master is gone.
 */
void worker_tick(struct worker *worker);
void worker_control(struct worker *worker);

/* worker_sleep - wait for the time to pass: 0, or ERR_CANCELLED */
int worker_sleep(struct worker *worker, uint64_t milliseconds) WARN_UNUSED;

/* worker_bound - tell master that the peer is known (x400in): from now on this
 * worker is not stopped to make room for strangers */
void worker_bound(struct worker *worker);

/* worker_ready - tell master that a service that others depend on can be
 * used */
void worker_ready(struct worker *worker);

/* worker_status - send master a letter of status.h */
void worker_status(struct worker *worker, char letter);

/*
 * worker_idle, worker_busy - tell master whether a further connection to our
 * listening socket finds us waiting for it
 */
void worker_idle(struct worker *worker);
void worker_busy(struct worker *worker);

/* worker_item - note the queue id (0 none) that we work on, so that a crash
 * counts against that message */
void worker_item(struct worker *worker, uint64_t item);

/* worker_item_file - note the file of a postoffice that we work on, likewise */
void worker_item_file(struct worker *worker, const char *name);

/* worker_disk - note since when we wait for the disk, monotonic ms, or 0: no
 * longer; master does not take that for a lack of progress */
void worker_disk(struct worker *worker, uint64_t since);

/*
 * worker_qmgr - connect to qmgr's socket and exchange hellos
 *
 * Waits (qmgr may be starting: its socket is master's) until deadline.
 */
int worker_qmgr(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline) WARN_UNUSED;

/*
 * worker_accept - wait for a connection on one of our listening sockets
 *
 * Tells master that we are idle, and busy when it returns.  Returns the
 * descriptor (non-blocking, close-on-exec), ERR_TIMEOUT after idle_ms without
 * one, ERR_CANCELLED.
 */
int worker_accept(struct worker *worker, uint64_t idle_ms) WARN_UNUSED;

/* worker_caller - note who called, where master sees it; of what a balancer
 * passes on worker_accept notes nobody */
void worker_caller(struct worker *worker, const struct sockaddr_storage *from);

/*
 * worker_tls - make a TLS context of the keys and certificates that master
 * handed over; before worker_confine
 *
 * NULL, and success, if it handed over none.  ERR_CORRUPT, ERR_IO, ERR_NOMEM,
 * ERR_VALUE.
 */
int worker_tls(struct worker *worker, enum tls_side side,
    struct tls_context **context, struct diag *diag) WARN_UNUSED;

/*
 * worker_receive - wait for the next record of a channel, writing what is
 * pending meanwhile: 0, ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED, or what is
 * wrong with the record
 */
int worker_receive(struct worker *worker, struct ipc_channel *channel,
    struct ipc_record *record, uint64_t deadline,
    struct diag *diag) WARN_UNUSED;

/*
 * worker_send - append a record and write it; waits while the socket is full
 *
 * A stop does not keep it from that, since half a record must not be left:
 * who waits for an answer afterwards looks at worker->stopping first.
 */
int worker_send(struct worker *worker, struct ipc_channel *channel,
    const struct ipc_record *record, uint64_t deadline) WARN_UNUSED;

/* worker_flush - write all that is pending; waits while the socket is full.
 * ERR_CANCELLED: told to stop meanwhile; it was written all the same */
int worker_flush(struct worker *worker, struct ipc_channel *channel,
    uint64_t deadline) WARN_UNUSED;

/* worker_greet - exchange hellos with the process that connected to us (qmgr,
 * to x400out and msmi-out); the channel is of worker_accept's descriptor */
int worker_greet(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline, struct diag *diag) WARN_UNUSED;

/* worker_exit - tell master that this exit is intended, and exit */
void worker_exit(struct worker *worker, int status) __attribute__((noreturn));

/* worker_without_qmgr - log why qmgr cannot be worked with, unless the worker
 * is stopping, and exit; diag explains the error, or is empty */
void worker_without_qmgr(struct worker *worker, int error,
    const struct diag *diag) __attribute__((noreturn));

#endif
