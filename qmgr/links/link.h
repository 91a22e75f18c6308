/* SPDX-License-Identifier: ISC */
/*
 * link.h - the links, and the state machine of each
 *
 * A link is what messages are queued for: an X.400 connector ("paris"), a
 * postoffice ("msmail/po1"), an application ("application/edi"), or a
 * distribution list ("list/staff"), which has
 * no associations: qmgr expands what is queued for it (sending/expand.h).  The
 * state of a link is changed by link_event alone.
 *
 *	idle		no association, nothing that needs one
 *	connecting	the first association is being opened
 *	up		at least one is open
 *	recovering	the last was lost with jobs at work (recovery.h)
 *	waiting		the last open failed; the open interval runs
 *	remote-initiated  the peer calls, we never do
 *	closed		its schedule says not now
 *	disabled	an administrator said so
 *
 * A waiting link is a state of the link: no message is rewritten when it
 * fails or returns.  What is done on entering a state is schedule.c's.
 */
#ifndef FOURPOST_QMGR_LINK_H
#define FOURPOST_QMGR_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "conf/conf.h"
#include "qmgr/engine/qmgr.h"
#include "store/link.h"
#include "store/message.h"

struct event;
struct rounds;

#define LINK_ERROR_MAX 256
#define LINK_WINDOW    64 /* ids read ahead, each link and priority */

enum link_kind {
	LINK_X400,
	LINK_MSMAIL,
	LINK_APPLICATION,
	LINK_MIXER,
	LINK_LIST,
	LINK_GONE /* no longer configured; something is queued for it */
};

enum link_state {
	LINK_IDLE,
	LINK_CONNECTING,
	LINK_UP,
	LINK_RECOVERING,
	LINK_WAITING,
	LINK_REMOTE,
	LINK_CLOSED,
	LINK_DISABLED,
	LINK_STATES
};

enum link_event {
	LINK_EV_WORK,  /* something is ready */
	LINK_EV_BOUND, /* an association is open */
	/* the last attempt failed and none is open: see enum link_failure */
	LINK_EV_UNREACHABLE,
	LINK_EV_REFUSED,
	LINK_EV_WORKER,
	LINK_EV_FRUITLESS,
	LINK_EV_LOST,	/* the last association is gone, with jobs at work */
	LINK_EV_ENDED,	/* the last association is gone, all being well */
	LINK_EV_TIMER,	/* the open interval is over */
	LINK_EV_RETRY,	/* an administrator says: now */
	LINK_EV_CALLED, /* the peer has opened an association with us */
	LINK_EV_OPEN,	/* the schedule begins */
	LINK_EV_CLOSE,	/* the schedule ends */
	LINK_EV_REMOTE, /* the schedule is now remote-initiated */
	LINK_EV_ENABLE,
	LINK_EV_DISABLE,
	LINK_EVENTS
};

/* Classes of failure to open; each is an event of the link, too. */
enum link_failure {
	LINK_FAILURE_UNREACHABLE, /* no answer, or not of the peer */
	LINK_FAILURE_REFUSED,	  /* the peer has said no */
	LINK_FAILURE_WORKER,	  /* our own worker: nothing of the peer */
	LINK_FAILURE_FRUITLESS /* it opens, and is lost before any transfer */
};

/* The policy of a link by the configuration, whatever kind it is of. */
struct link_policy {
	uint32_t cost;
	uint32_t associations;
	uint32_t threshold;
	uint64_t open_interval; /* ms */
	uint32_t open_retries;
	uint64_t transfer_interval;
	uint32_t transfer_retries;
	uint64_t association_lifetime;
	uint64_t recovery_timeout; /* 0: not recovered */
	uint64_t max_size;	   /* octets, 0: any */
	bool hold_refused;
	bool explicit_extensions;
	bool strips_internal_trace;
	bool strips_bilateral;
	uint32_t outstanding; /* jobs of an association, 0: a batch */
	bool asked;   /* none is opened: its program asks, see assoc_asked */
	bool of_1984; /* what is not of 1984 cannot be said to its peer */
	struct conf_schedule schedule;
};

/* Ready messages of one link and priority that were read ahead. */
struct link_window {
	uint64_t ids[LINK_WINDOW];
	unsigned at, count;
	uint64_t cursor; /* all up to here were read ahead */
};

/* Problems of a link, in the order of their rows; see problem.c. */
enum link_problem {
	LINK_PROBLEM_SHARE,
	LINK_PROBLEM_BACKLOG,
	LINK_PROBLEM_FAILS,
	LINK_PROBLEM_TRANSFERS,
	LINK_PROBLEM_UNREAD,
	LINK_PROBLEM_MAP,
	LINK_PROBLEM_ASIDE,
	LINK_PROBLEM_ALARM,
	LINK_PROBLEMS
};

/* How a postoffice is, as its worker tells; see postoffice_state.c. */
struct link_postoffice {
	char unread[LINK_ERROR_MAX]; /* why no file is taken; "": they are */
	char map[LINK_ERROR_MAX];    /* what is wrong with its map */
	char last[LINK_ERROR_MAX];   /* the newest file set aside, and why */
	uint64_t aside;		     /* files that were */
	int64_t aside_since;	     /* wall clock ms: the oldest */
};

/* Since this process began; what outlives it is store_link.traffic. */
struct link_counters {
	uint64_t messages_out;
	uint64_t opened, failed; /* associations that we open */
	uint64_t called;	 /* those that the peer opened */
	uint64_t rejected;	 /* those of the peer that we refused */
	uint64_t loops; /* messages that came by it and had been here before */
	uint64_t converted;	   /* messages, of or for a postoffice */
	uint64_t unconverted;	   /* refused: they ask for a conversion */
	int64_t last_in, last_out; /* wall clock ms, for show: a message, or an
				      association for it; 0: none */
};

#define LINK_SAMPLES 12 /* of throughput.c */

/* Messages that had passed at some time. */
struct link_sample {
	uint64_t out, in;
};

/* How far the messages of a link and priority were looked at for those whose
 * time is over; see expire.c. */
struct link_expiry {
	uint64_t cursor; /* all up to here were */
	int64_t next;	 /* wall clock ms: when to look on */
	int64_t behind;	 /* when the first up to the cursor is due; 0: none */
	int64_t began;	 /* when the front was looked at last */
	struct rounds *rounds; /* owned; NULL: nothing was due since */
};

TAILQ_HEAD(assoc_list, assoc);
TAILQ_HEAD(suspect_list, suspect);

struct link {
	TAILQ_ENTRY(link) touched_entry;
	struct qmgr *qmgr;
	bool touched;
	uint32_t number; /* the store's */
	char name[STORE_LINK_NAME_MAX];
	enum link_kind kind;
	const struct conf_link *x400;	  /* of the active configuration */
	const struct conf_msmail *msmail; /* likewise */
	const struct conf_application *application; /* likewise */
	const struct conf_mixer *mixer;		    /* likewise */
	const struct conf_list *list;		    /* likewise */
	struct link_policy policy;
	enum link_state state;
	struct assoc_list assocs;
	struct suspect_list suspects; /* suspect.h */
	unsigned suspect_count;
	unsigned assoc_count, bound, incoming;
	unsigned callers; /* of its peer (callers.h) */
	unsigned active;  /* messages at work, outcomes not committed too */
	unsigned active_urgent; /* of them */
	bool flood; /* reports of a storm wait behind other mail (storm.h) */
	unsigned open_failures; /* since the last open that succeeded */
	unsigned calls_lost;	/* of the peer, since one was of use */
	unsigned fruitless;	/* associations lost before any transfer */
	bool unproven; /* it opens, but nothing was transferred since */
	uint64_t further_after; /* monotonic ms: a further one is tried */
	uint64_t probe_after;	/* monotonic ms: idle, it is tried (probe.h) */
	uint64_t recover_until; /* monotonic ms: recovering */
	uint64_t recover_next;	/* likewise: the next attempt */
	uint64_t failing_since; /* monotonic ms; 0: it is not */
	int64_t next_open;	/* wall clock ms, for show; 0: none */
	uint64_t throttled_until;  /* monotonic ms: master starts no worker */
	uint32_t left;		   /* workers at work for the qmgr before us */
	uint64_t left_until;	   /* monotonic ms: not waited for any longer */
	enum link_failure failure; /* of the last open that failed */
	char last_error[LINK_ERROR_MAX];
	int64_t last_error_time; /* wall clock ms, for show */
	struct event *timer;	 /* of the open interval */
	struct link_window window[STORE_PRIORITIES];
	struct link_expiry expiry[STORE_PRIORITIES];
	uint64_t reroute_cursor;
	unsigned reroute_priority;
	struct rounds *reroute_rounds; /* owned; NULL: it has not begun */
	bool rerouting;
	bool reroute_learnt;	/* it works: what was learnt has changed */
	bool announces;		/* it has a routing update to tell */
	bool announces_refused; /* its peer does not know them */
	size_t routes_learnt;
	bool reloaded;	    /* its section has changed */
	unsigned retagging; /* messages that retag.c replaces */
	unsigned spare;	    /* of batches.c: connections while it counts */
	bool over_share;    /* refused at its share of the queue, see share.h */
	uint64_t refused_at;	     /* octets that it had then; 0: never */
	uint64_t backlog_refused_at; /* octets that waited for it when more was
					refused; 0: never */
	int64_t problem_since[LINK_PROBLEMS]; /* wall clock ms; 0: not there */
	unsigned refused; /* transfers that failed, since one succeeded */
	char refused_why[LINK_ERROR_MAX]; /* the last of them */
	bool alarm; /* more waits, or for longer, than is right */
	struct link_postoffice *postoffice; /* owned; NULL: nothing was told */
	struct link_counters counters;
	struct link_sample samples[LINK_SAMPLES]; /* a ring */
	unsigned oldest_sample;
	bool sampled;
};

/* link_table_init - begin with no links */
void link_table_init(struct links *links);

/* link_table_fini - free all */
void link_table_fini(struct links *links);

/*
 * link_table_configure - have a link for each that is configured, or that the
 * store has messages for
 *
 * Links that are there stay as they are, with the new policy.  Numbers are
 * given in a transaction of its own.  ERR_NOMEM, or of the store.
 */
int link_table_configure(struct qmgr *qmgr) WARN_UNUSED;

/* link_get - get the link of a number, or NULL */
struct link *link_get(const struct links *links, uint32_t number);

/* link_find - find the link of a name ("paris", "msmail/po1"), or NULL */
struct link *link_find(const struct links *links, const char *name);

/* link_first, link_next - walk over all links, in order of number; NULL at the
 * end */
struct link *link_first(const struct links *links);
struct link *link_next(const struct links *links, const struct link *link);

/* link_touch - look at it at the end of this step: dispatch, schedule */
void link_touch(struct qmgr *qmgr, struct link *link);

/* link_reroute - have what is queued for a link routed again (sweep.h) */
void link_reroute(struct qmgr *qmgr, struct link *link);

/* link_reroute_learnt - have what has a better way now than this link routed
 * again: what was learnt has changed */
void link_reroute_learnt(struct qmgr *qmgr, struct link *link);

/* link_out - tell whether messages should take another route: the link is
 * disabled, gone, never scheduled, or out of retries */
bool link_out(const struct link *link);

/* link_two_way - tell whether one association carries messages both ways: who
 * may call does so for what the peer has, too */
bool link_two_way(const struct link *link);

/*
 * link_change - change the state of a link, the one place where that is done
 *
 * Logs old state, event and new state; while a link fails only the first
 * time.  Returns whether the state changed.  What follows from the new state
 * is done by schedule_event, which all others call.
 */
bool link_change(struct link *link, enum link_event event);

/* link_transition - find the state after an event in the table */
enum link_state link_transition(enum link_state state, enum link_event event);

/* Names for people and logs: "waiting", "peer-called". */
const char *link_state_name(enum link_state state);
const char *link_event_name(enum link_event event);

#endif
