/* SPDX-License-Identifier: ISC */
/*
 * qmgr.h - the queue manager: what its parts share
 *
 *	intake    submissions and transfers into the queue
 *	route     which link a recipient is for
 *	schedule  when a link opens how many associations
 *	recovery  when it opens again one that was cut
 *	dispatch  jobs to the workers
 *	suspect   messages that failed step back behind the others
 *	batch     by which names they go, durably
 *	outcome   what became of a job
 *	report    what the originator is told
 *	doubt     a wall clock that is not believed
 *	expire    deferred, expired, and what is to be reaped
 *	control   requests of the tools
 *
 *	link, links   the links and their state machine
 *	peer, assoc   connections, by role
 *	greet, identity, workers
 *		      who is at the other end, as master and the kernel say
 *	caller, guard who calls, and how often somebody may fail to say it
 *	session       binds of peers, and the memory of what they transferred
 *	recoverer     callers that recover a session
 *	claim         sessions at work when we begin
 *	resume        transfers of peers that were cut, and go on
 *	placing       records that are to enter the queue
 *	share         how much of the queue one source may have
 *	turn          what came in one turn of the loop is one transaction
 *
 * One process, one thread, one event loop.  Memory holds the links, the
 * connections and what is at work; nothing for a message that only waits.
 */
#ifndef FOURPOST_QMGR_QMGR_H
#define FOURPOST_QMGR_QMGR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "conf/conf.h"
#include "mhs/mts_identifier.h"
#include "qmgr/sending/batches.h"
#include "qmgr/engine/idmap.h"
#include "qmgr/links/link.h"
#include "qmgr/engine/timekeeper.h"
#include "qmgr/engine/turn.h"
#include "qmgr/engine/workers.h"
#include "worker/worker.h"

struct event;
struct guard;
struct recoverer;
struct event_base;
struct peer;
struct route_table;
struct store;
struct submit;
struct sweep;

TAILQ_HEAD(peer_list, peer);
TAILQ_HEAD(recoverer_list, recoverer);
TAILQ_HEAD(submit_list, submit);

struct qmgr {
	struct worker *worker; /* NULL in tests */
	const char *run_directory;
	struct conf *conf; /* owned; the active one */
	struct global_domain domain;
	struct arena domain_arena; /* of domain */
	struct store *store;
	struct event_base *base;
	struct event *listeners[2]; /* qmgr's and the control socket */
	struct event *tick, *signals, *master_gone, *stage_timer;
	struct links links;
	struct route_table *routes;
	struct turn turn;
	struct turn_list put_off; /* outcomes to try again in a second */
	struct peer_list peers, closed;
	struct peer *master;	/* the channel of its notices, or NULL */
	struct workers workers; /* as master says */
	int64_t (*sender)(const struct peer *); /* identity_sender */
	unsigned peer_count;			/* of both */
	bool not_listening;			/* accepting had failed */
	struct peer_list dirty;			/* something is to be written */
	struct idmap active;			/* message id -> struct job */
	struct batches batches; /* names of messages that are on their way */
	struct submit_list staging; /* content that is to go to the store */
	struct submit_list spare;   /* for the next submissions */
	unsigned spare_count;
	struct sweep *sweep; /* background work */
	struct timekeeper time;
	struct arena arena; /* scratch of one message */
	struct buffer scratch;
	uint64_t next_job, next_local;
	int64_t started; /* wall clock ms; part of local identifiers */
	unsigned associations_extra; /* beyond each link's first */
	unsigned callers_extra;	     /* the same of those that peers opened */
	unsigned share;		     /* turns among equal routes */
	int64_t next_report; /* ms, by timekeeper_now: when the rate allows
	                            one */
	bool local_over;     /* what tools submit was, see share.h */
	bool told_limit;     /* the pool is used up, and that was said */
	bool told_disk;	     /* the disk is low, and that was said */
	struct guard *guard; /* addresses that fail to bind; owned */
	struct recoverer_list recoverers; /* that wait for another's word */
	uint64_t claims_until; /* monotonic ms: sessions at work when we began
	                          are claimed; 0: that is over */
	bool stopping;
	bool again; /* the next turn does not wait for events */
};

/*
 * qmgr_init - everything but the sockets; conf is owned from here on
 *
 * Opens nothing itself: store is open, base is the caller's.
 */
int qmgr_init(struct qmgr *qmgr, struct conf *conf, struct store *store,
    struct event_base *base, const char *run_directory,
    struct diag *diag) WARN_UNUSED;

/* qmgr_fini - close all connections, free all; the store is closed */
void qmgr_fini(struct qmgr *qmgr);

/* qmgr_turn - wait for events unless there is something to do, then do it */
void qmgr_turn(struct qmgr *qmgr);

/* qmgr_item - the message that we work on, for the culprit count; 0: none */
void qmgr_item(struct qmgr *qmgr, uint64_t id);

/*
 * qmgr_reload - make conf the active configuration
 *
 * Links whose sections are equal are not disturbed.  On an error the old one
 * stays and conf is freed.
 */
int qmgr_reload(
    struct qmgr *qmgr, struct conf *conf, struct diag *diag) WARN_UNUSED;

#endif
