/* SPDX-License-Identifier: ISC */
/*
 * qmgr.h - the state of the queue manager, which all its rooms share
 *
 * Each room keeps its own part; what belongs to a room above is a pointer to
 * something that this header does not know.
 */
#ifndef FOURPOST_QMGR_QMGR_H
#define FOURPOST_QMGR_QMGR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "conf/conf.h"
#include "ipc/problem.h"
#include "mhs/mts_identifier.h"
#include "qmgr/engine/commit.h"
#include "base/table.h"
#include "qmgr/engine/timekeeper.h"
#include "qmgr/engine/workers.h"
#include "worker/worker.h"

struct admitting;
struct assoc_jobs;
struct batches;
struct client_handlers;
struct deferred;
struct drain;
struct event;
struct expander;
struct guard;
struct handshakes;
struct link;
struct recoverer;
struct event_base;
struct client;
struct names;
struct rib;
struct route_table;
struct set_back;
struct storm;
struct store;
struct submit;
struct copy;
struct sweep;
struct memory;
struct tracking;

TAILQ_HEAD(client_list, client);
TAILQ_HEAD(job_list, job);
TAILQ_HEAD(recoverer_list, recoverer);
TAILQ_HEAD(submit_list, submit);

/* Problems that are of no link, in the order of their rows; see problem.c. */
enum common_problem {
	COMMON_PROBLEM_DISK,
	COMMON_PROBLEM_FULL,
	COMMON_PROBLEM_SHARE,
	COMMON_PROBLEM_DAMAGE,
	COMMON_PROBLEM_TRACKER,
	COMMON_PROBLEM_MEMORY,
	COMMON_PROBLEM_DATABASE, /* of tracking of many machines */
	COMMON_PROBLEM_CLOCK,
	COMMON_PROBLEM_ALARM,
	COMMON_PROBLEM_DRAIN,
	COMMON_PROBLEMS
};

/* The links, by number; link.h has what is done with them. */
struct links {
	struct link **by_number; /* [number], NULL: none */
	uint32_t limit;		 /* numbers below this */
	TAILQ_HEAD(, link) touched;
	bool rerouting; /* some of them are: sweep.h */
};

struct qmgr {
	struct worker *worker; /* NULL in tests */
	/* Calls from lower rooms into higher ones, set at start. */
	const struct client_handlers *handlers;
	const struct assoc_jobs *jobs;
	const char *run_directory;
	struct conf *conf; /* owned; the active one */
	struct global_domain domain;
	struct arena domain_arena; /* of domain */
	struct store *store;
	struct event_base *base;
	struct event *listeners[2]; /* qmgr's and the control socket */
	struct event *tick, *signals, *master_gone, *stage_timer;
	struct links links;
	struct rib *rib;	 /* what peers of this suite tell; owned */
	uint64_t routes_version; /* rib_version of routes */
	uint64_t learning_until; /* monotonic ms: after our start, peers may not
	                            have told us yet */
	struct route_table *routes;
	struct names *names; /* redirections, lists */
	struct commit commit;
	struct commit_list put_off;  /* members to try again in a second */
	struct commit_list settling; /* outcomes that are prepared in steps */
	struct client_list clients, closed;
	struct client *master;	/* the channel of its notices, or NULL */
	struct workers workers; /* as master says */
	int64_t (*sender)(const struct client *); /* identity_sender */
	unsigned client_count;			  /* of both */
	bool not_listening;			  /* accepting had failed */
	bool alarm;		    /* of all links together, see alarm.h */
	struct client_list dirty;   /* something is to be written */
	struct table active;	    /* message id -> struct job */
	struct job_list orphans;    /* of workers that live on without us */
	struct batches *batches;    /* names of messages on their way; owned */
	struct submit_list staging; /* content that is to go to the store */
	struct submit_list reaping; /* that wait for octets to be reaped */
	struct submit_list admitting;	 /* large, that wait to be decided on */
	struct admitting *admitting_now; /* the first of them; owned */
	struct submit_list spare;	 /* for the next submissions */
	unsigned spare_count;
	struct deferred *deferred; /* what waits for its time */
	struct storm *storm;	   /* reports to one originator; owned */
	struct expander *expander; /* of distribution lists */
	struct sweep *sweep;	   /* background work */
	struct drain *drain;	   /* owned; the queue is emptied */
	struct tracking *tracking; /* owned */
	struct memory *memory;	   /* owned; what mixer-memory is to get */
	struct copy *copy;	   /* owned; of the queue, under way; or NULL */
	struct timekeeper time;
	int64_t clock_back; /* ms that the clock was set back by, since the last
	                       look at what is put off (set_back.h) */
	struct set_back *set_back; /* owned */
	struct arena arena;	   /* scratch of one message */
	struct buffer scratch;
	uint64_t next_job, next_local;
	int64_t started; /* wall clock ms; part of local identifiers */
	unsigned associations_extra; /* beyond each link's first */
	unsigned callers_extra;	     /* the same of those that peers opened */
	unsigned share;		     /* turns among equal routes */
	bool local_over;	     /* what tools submit was, see share.h */
	uint64_t local_refused_at;   /* octets that it had then; 0: never */
	int64_t problem_since[COMMON_PROBLEMS]; /* wall clock ms; 0: not there
						 */
	char told_problem[PROBLEM_TEXT_MAX];	/* to master: the heaviest */
	uint32_t told_problems;	   /* likewise: how many there are */
	unsigned throughput_ticks; /* of throughput.c */
	bool told_limit;	   /* the pool is used up, and that was said */
	bool told_disk;		   /* the disk is low, and that was said */
	struct guard *guard;	   /* addresses that fail to bind; owned */
	struct handshakes *handshakes; /* of TLS, with peers that call; owned */
	struct recoverer_list recoverers; /* that wait for another's word */
	uint64_t claims_until; /* monotonic ms: sessions at work when we began
	                          are claimed; 0: that is over */
	bool stopping;
	bool again; /* the next step does not wait for events */
};

/* qmgr_item - note the message that is worked on, for the culprit count; 0:
 * none */
void qmgr_item(struct qmgr *qmgr, uint64_t id);

#endif
