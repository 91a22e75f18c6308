/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.h - a worker that sends: its jobs, from the queue manager to the
 * peer, and its association
 *
 * For fake_out.c alone, which has the life of the worker.
 */
#ifndef FOURPOST_TESTS_SIM_OUT_JOBS_H
#define FOURPOST_TESTS_SIM_OUT_JOBS_H

#include "client/limits.h"
#include "osi/session_references.h"
#include "tests/sim/fake.h"
#include "tests/sim/items.h"
#include "tests/sim/receiver.h"

#define KEPT 64 /* of what was taken, to be told, or not known yet */

enum phase {
	PHASE_CONNECTING, /* who was called */
	PHASE_GREETING,	  /* the queue manager is to say hello */
	PHASE_OPENING,
	PHASE_BINDING,	 /* two-way: the queue manager, to judge the peer */
	PHASE_IDLE,	 /* between transfers; the peer may send */
	PHASE_ASKING,	 /* the peer, for a former name */
	PHASE_NAMING,	 /* the queue manager, to note a name */
	PHASE_NOTING,	 /* msmi-out: to note the name of a file */
	PHASE_BODY,	 /* it, for more of the body */
	PHASE_SENDING,	 /* the peer may have a part */
	PHASE_SENT,	 /* it has all, and has not said so */
	PHASE_REOPENING, /* after a cut */
	PHASE_ORPHAN,	 /* the queue manager is gone */
	PHASE_TELLING	 /* to the next one */
};

struct job {
	uint64_t job, message, activity;
	unsigned old_connection; /* 0: it has no former name */
	uint64_t old_activity;
	enum mts_kind kind;
	struct item *item; /* NULL: a report */
	unsigned mask;	   /* recipients that it is for */
	uint8_t *body;	   /* envelope and what is here of the content */
	size_t envelope, have, length;
	bool begun; /* the peer may have it, of this worker */
	bool cancelled;
	bool only_asked; /* it is not sent to a peer that knows nothing of it */
	bool has_note;	 /* its file has a name already */
};

struct told {
	uint64_t message, activity;
	unsigned connection;
};

/* A job that the mail server has taken. */
struct passed {
	uint64_t job;
	struct item *item; /* or what a report is on */
	unsigned recipients;
};

struct out {
	struct fake fake;
	enum phase phase;
	unsigned link;
	unsigned connection, noted; /* session connections; 0: none */
	uint64_t next;		    /* activity */
	struct job jobs[LIMITS_BATCH];
	unsigned count;
	uint64_t naming;    /* job */
	bool called;	    /* by the peer: it is an x400in */
	struct receiver in; /* two-way: what the peer sends */
	bool retire;
	bool releases;	/* the peer, when nothing is under way */
	unsigned idled; /* times, on an association that was recovered */
	bool late;	/* the peer will take the first job, without its life */
	unsigned unsettled; /* jobs that the peer took, until their commit */
	struct told told[KEPT];
	unsigned told_count, cuts;
	struct passed passed[KEPT];
	unsigned passed_count;
};

/* What a postoffice, program or mail server has answered on a message, with a
 * bit for each recipient; it outlives its worker. */
struct answer {
	struct answer *next;
	uint64_t message;
	unsigned later, failed;
	enum ipc_result result; /* for all others */
	unsigned cuts;		/* associations that were lost in a report */
};

/* answer_on - find what was answered on a message, or make it: all have it */
struct answer *answer_on(uint64_t message);

/* answer_choose - choose by chance who of a job's recipients has it, may have
 * it later, or cannot: those are in mask, and it is for these */
struct answer *answer_choose(unsigned link, uint64_t message,
    unsigned recipients, const struct item *item);

/* answer_put - say in an outcome what was answered */
void answer_put(const struct answer *answer, struct ipc_outcome *outcome);

/* out_is_peer - tell whether a worker sends to an MTA */
bool out_is_peer(const struct out *out);

/* out_is_file - tell whether a worker writes files */
bool out_is_file(const struct out *out);

/* out_name - make the name of an activity on a connection */
struct transfer_name
out_name(const struct out *out, unsigned connection, uint64_t activity);

/* out_end - end the process of a worker */
void out_end(struct out *out);

/* out_end_lost - end since the association is lost; the first job, if it was
 * begun, ended it */
void out_end_lost(struct out *out);

/* out_cut - lose the association; the worker may open another itself */
void out_cut(struct out *out);

/* out_open - try to reach the peer */
void out_open(struct out *out);

/* out_reach - have the peer let the worker in; first: not again, for what was
 * cut */
void out_reach(struct out *out, bool first);

/* out_bind_answered - take the word of the queue manager on a peer that takes
 * turns */
void out_bind_answered(struct out *out, const struct ipc_bind_answer *answer);

/* out_release - release the association, and end */
void out_release(struct out *out);

/* out_withdraw - have a peer abort a two-way association that it had opened,
 * since it is asked for what came on it */
void out_withdraw(unsigned connection);

/* out_go_on - look at the next job before long */
void out_go_on(struct out *out);

/* out_drop - drop the first job */
void out_drop(struct out *out);

/* out_report - report on the first job, and drop it; doubtful: the peer may
 * have it */
void out_report(struct out *out, enum ipc_result result, bool doubtful);

/* out_next - begin with the first job, or with what goes before it */
void out_next(struct out *out);

/* out_asked - take the peer's word on a former name */
void out_asked(struct out *out);

/* out_deliver - have the peer take the first job */
void out_deliver(struct out *out);

/* out_sent - have the peer take the first job, unless it does not */
void out_sent(struct out *out);

/* out_take_* - take what the queue manager says of jobs */
void out_take_job(struct out *out, const struct ipc_job *from);
void out_take_body(struct out *out, const struct ipc_body *piece);
void out_take_names(struct out *out, const struct ipc_sequence *sequence);
void out_take_note(struct out *out);
void out_take_committed(struct out *out, uint64_t job);
void out_take_cancel(struct out *out, uint64_t job);

#endif
