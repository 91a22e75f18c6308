/* SPDX-License-Identifier: ISC */
/*
 * outgoing.h - the state of what we send: the jobs that qmgr hands out
 *
 * The room outgoing/ has the functions: jobs.h takes jobs from qmgr,
 * sequence.h has qmgr note by which name each goes out, send.h transfers one,
 * adapt.h makes of it what a peer of 1984 can be told, recover.h goes on with a
 * transfer that was cut, note.h with one that an earlier process began,
 * outcome.h reports, taken.h tells the next qmgr what the peer has, routes.h
 * tells the peer our routes.
 */
#ifndef FOURPOST_TRAFFIC_OUTGOING_H
#define FOURPOST_TRAFFIC_OUTGOING_H

#include "client/client_job.h"
#include "mhs/cause.h"
#include "mhs/p1.h"
#include "mhs/p2_plan.h"
#include "osi/association_recovery.h"
#include "osi/connect.h"

#define OUTGOING_PREFIX_MAX (P1_ENVELOPE_MAX + 64)
#define OUTGOING_ROUTES_MAX ((size_t)96 * 1024)
#define OUTGOING_NOTE_MAX   255 /* octets; qmgr takes no more */

/* A job as it waits here. */
struct outgoing_job {
	struct client_job client; /* what every worker knows of a job */
	uint64_t noted;		  /* octets of the APDU confirmed, as qmgr
	                               knows */
	uint8_t note[OUTGOING_NOTE_MAX]; /* of an earlier process, see note.h */
	size_t note_len;		 /* 0: there is none */
	uint64_t activity;	  /* under which qmgr has noted it; 0: not */
	struct transfer_name old; /* by which an earlier try may have been
	                               completed */
	bool only_asked; /* what the peer does not know by old is not sent */
};

/* A message that the peer has taken, and the name by which qmgr knows it. */
struct outgoing_taken {
	uint64_t message;
	struct transfer_name name;
};

/* The transfer under way, once it was cut. */
struct outgoing_recovery {
	unsigned losses;   /* since it last got any further; 0: not cut */
	unsigned cuts;	   /* in all */
	uint64_t furthest; /* octets confirmed at any cut of this try */
	bool stepped_back; /* it got no further, and others wait */
	bool unreachable;  /* the peer could not be reached again */
	bool resuming;	   /* the receiver is asked to go on with it */
	uint64_t since;	   /* monotonic ms: the first cut */
	uint64_t until;	   /* monotonic ms: the recovery timeout */
	struct association_resumption resumption;
	struct session_references references; /* of resumption */
	char address[CONNECT_TEXT_MAX]; /* where they were bound; empty: not
	                                   known, or by another process */
};

/* Where another run of octets than the first job's content is sent behind the
 * prefix: what a peer of 1984 gets instead (adapt.h), or a large envelope and
 * the content (send.c). */
struct adapt_large;

struct outgoing_adapted {
	bool planned;
	struct adapt_large *large; /* recipients that come first, or NULL */
	struct p2_plan plan;
	uint64_t base; /* of the body: where the old octets of the plan begin */
	struct buffer piece; /* octets of the job's body */
	enum cause cause;    /* where it cannot be told at all: */
	const char *why;     /* static, or NULL */
};

/* How much of the first job the peer may have, of this try. */
enum outgoing_progress {
	OUTGOING_UNBEGUN, /* nothing */
	OUTGOING_SENDING, /* a part: we can still break it off */
	OUTGOING_SENT	  /* all: only the peer's answer tells */
};

struct outgoing {
	struct client_jobs queue;
	struct outgoing_job jobs[LIMITS_BATCH]; /* those of queue */
	bool retire;	     /* qmgr: release and exit when the batch is done */
	uint64_t open_delay; /* ms that opening took, of the next outcome */

	/* The session connection of the names that qmgr has noted, and the
	 * job whose new name it is asked to note, 0: none. */
	struct session_references noted;
	uint64_t sequencing;

	enum outgoing_progress progress;
	struct buffer prefix; /* of the APDU: all that is before the content */
	struct buffer sent;   /* the piece of its body that is being sent */
	struct outgoing_adapted adapted;
	struct outgoing_recovery recovery;
	struct buffer
	    routes; /* a routing update's APDU; empty: there is none */

	/* The last ones that qmgr may not have committed, a ring. */
	struct outgoing_taken taken[LIMITS_OUTCOMES];
	uint64_t taken_count; /* in all */

	unsigned unsettled; /* taken, and not known to be committed by qmgr */
};

#endif
