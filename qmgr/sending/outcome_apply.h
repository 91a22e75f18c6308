/* SPDX-License-Identifier: ISC */
/*
 * outcome_apply.h - an outcome in the transaction: what is written
 */
#ifndef FOURPOST_QMGR_OUTCOME_APPLY_H
#define FOURPOST_QMGR_OUTCOME_APPLY_H

#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/placing.h"
#include "qmgr/sending/fates.h"
#include "qmgr/sending/outcome.h"

enum outcome_kind {
	OUTCOME_TRANSFERRED,
	OUTCOME_DELIVERED,
	OUTCOME_LATER,	     /* recipients may have it later */
	OUTCOME_HELD,	     /* a worker wants it looked at */
	OUTCOME_INTERRUPTED, /* the association ended in it */
	OUTCOME_TRANSIENT,
	OUTCOME_REFUSED,
	OUTCOME_EXHAUSTED, /* others passed after each of its tries */
	OUTCOME_EXPIRED,
	OUTCOME_RETURNED,   /* an administrator says so */
	OUTCOME_UNROUTABLE, /* no route is left */
	OUTCOME_UNUSABLE,
	OUTCOME_CRASHED,
	OUTCOME_NOTE
};

/* The fate of a message in the end, for the log. */
enum outcome_fate {
	FATE_LEFT, /* it has left the queue */
	FATE_DEFERRED,
	FATE_BEHIND, /* it is ready, behind what waits */
	FATE_HELD,
	FATE_QUARANTINED,
	FATE_COUNTED, /* a crash was counted, it is ready as before */
	FATE_GONE,    /* it was not there any more */
	FATE_PREPARES /* it is as it was: what it leaves is made in steps */
};

struct settle_large;

struct outcome {
	struct commit_member member;
	enum outcome_kind kind;
	enum outcome_fate fate;
	struct job *job; /* NULL: it was not active when a process crashed */
	struct client *client; /* that said so; it is kept until this is done */
	struct link *link;     /* of the message; may be NULL with job */
	uint64_t message;
	uint64_t job_number;
	int reason, diagnostic;
	char text[STORE_REASON_MAX];
	int64_t time;	 /* OUTCOME_DELIVERED: s since 1970; 0: now */
	const char *why; /* for the log, and for those who wait: text, or that
			    of a recipient */
	char by[CLIENT_WHO_MAX]; /* OUTCOME_RETURNED: who said so */
	size_t note_len;    /* OUTCOME_NOTE: octets of text, which may be any */
	struct fates fates; /* of those who do not share the outcome's */
	size_t served;	    /* recipients who have it, or whose MTA has */
	enum ipc_result said; /* what the worker is told when it is committed */
	bool confirm;	      /* whether it is told */
	struct placing reports;	    /* and copies for alternates */
	struct settle_large *large; /* these are ready; owned; or NULL */
	bool at_once;		    /* they are not made in steps */
	bool settled;		    /* they are written in the transaction */
	int64_t next_try;	    /* FATE_DEFERRED */
	uint64_t tries;		    /* that failed, this one too */
	bool pending;	 /* this one is counted as one of the line's */
	bool doubtful;	 /* the peer may have it all the same */
	bool user_error; /* the peer aborted in it, with "user error" */
	uint64_t octets, association_delay, transfer_delay;
};

/* outcome_apply - apply an outcome, as commit.h wants it; sets fate, reports
 * and next_try */
int outcome_apply(struct qmgr *qmgr, struct commit_member *member) WARN_UNUSED;

/* outcome_tries_over - tell whether a message has had all its tries, or those
 * of its line, as many rounds of them */
bool outcome_tries_over(const struct link_policy *policy,
    const struct store_message *message, unsigned rounds);

/* outcome_succeeds - tell whether a worker is rid of the message as it should
 * be */
bool outcome_succeeds(const struct outcome *outcome);

/* outcome_of - find the outcome that a member is a part of */
struct outcome *outcome_of(struct commit_member *member);

#endif
