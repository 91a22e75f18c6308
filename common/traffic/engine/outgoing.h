/* SPDX-License-Identifier: ISC */
/*
 * outgoing.h - what is sent on an association: the jobs that qmgr hands out
 *
 * jobs.c is what qmgr wants, send.c the transfer of one job, sequence.c the
 * names under which qmgr has noted them, recover.c how a transfer that was
 * cut goes on, note.c how one goes on that our predecessor had begun, taken.c
 * what the peer has that a qmgr that ended may not know of.
 */
#ifndef FOURPOST_TRAFFIC_OUTGOING_H
#define FOURPOST_TRAFFIC_OUTGOING_H

#include "base/buffer.h"
#include "client/limits.h"
#include "ipc/record.h"
#include "mhs/p1.h"
#include "osi/connect.h"
#include "osi/association_recovery.h"

struct traffic;

#define OUTGOING_PREFIX_MAX (P1_ENVELOPE_MAX + 64)

#define NOTE_MAX 256 /* octets of a note of ours, and one more */

#define JOBS_MAX LIMITS_BATCH /* of a batch; qmgr sends no more at a time */

/* So many outcomes may qmgr not have committed: it gives that many jobs, and
 * as many again before the commit of what became of them. */
#define TAKEN_MAX ((size_t)LIMITS_OUTCOMES)

/* A job as it waits here; body is owned. */
struct outgoing_job {
	uint64_t job;
	uint64_t message;
	enum mts_kind kind;
	uint32_t priority;
	uint64_t envelope_length;
	uint64_t content_length;
	struct buffer body; /* what has come of it and was not used yet */
	uint64_t body_come; /* octets of the body that came so far */
	uint64_t body_asked;
	uint64_t body_stale; /* octets that will come and are not wanted */
	uint64_t noted;	     /* octets of the APDU confirmed, as qmgr knows */
	char note[NOTE_MAX]; /* of an earlier try, or empty */
	uint64_t activity;   /* under which qmgr has noted it; 0: not */
	/* by which an earlier try may have been completed; 0: there was none */
	struct transfer_name old;
	bool cancelled;
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
	bool unreachable;  /* it could not be opened again */
	bool resuming;	   /* the receiver is asked to go on with it */
	uint64_t since;	   /* monotonic ms: the first cut */
	uint64_t until;	   /* monotonic ms: the recovery timeout */
	struct association_resumption resumption;
	struct session_references references; /* of resumption */
	char address[CONNECT_TEXT_MAX]; /* where they were bound; empty: not
	                                   known, or by another process */
};

struct outgoing {
	struct outgoing_job jobs[JOBS_MAX]; /* a ring */
	size_t job_first, job_count;
	bool retire;	     /* qmgr: release and exit when the batch is done */
	uint64_t open_delay; /* ms that opening took, of the next outcome */

	/* The session connection of the names that qmgr has noted, and the
	 * job whose new name it is asked to note, 0: none. */
	struct session_references noted;
	uint64_t sequencing;

	bool sending;	      /* the first job is under way, not yet ended */
	bool begun;	      /* something of it may have been sent */
	struct buffer prefix; /* of its APDU: all that is before the content */
	struct buffer sent;   /* the piece of its body that is being sent */
	struct outgoing_recovery recovery;

	struct outgoing_taken taken[TAKEN_MAX]; /* the last ones, a ring */
	uint64_t taken_count;			/* in all */
};

/* jobs_take - one record of qmgr's about jobs */
int jobs_take(struct traffic *traffic, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* jobs_at - number i of those that wait, or the place behind the last */
struct outgoing_job *jobs_at(struct traffic *traffic, size_t i);

/* jobs_first - the job to do next, or NULL */
struct outgoing_job *jobs_first(struct traffic *traffic);

/*
 * jobs_body - wait for more of the first job's body
 *
 * 0: job->body is not empty.  ERR_CANCELLED, ERR_CLOSED (qmgr), ERR_TIMEOUT.
 * Any wait may add to job->body and move it: what is sent is taken out first.
 */
int jobs_body(struct traffic *traffic, uint64_t deadline) WARN_UNUSED;

/* jobs_seek - the next octets of the first job's body are those at offset */
void jobs_seek(struct traffic *traffic, uint64_t offset);

/*
 * jobs_outcome - report on the first job and drop it
 *
 * The record leaves before the next wait, so that the next transfer goes out
 * first.
 */
void jobs_outcome(struct traffic *traffic, enum ipc_result result,
    const char *text, uint64_t transfer_delay);

/* jobs_leave - those before the first that is wanted still go back: they need
 * no turn.  Between transfers alone */
void jobs_leave(struct traffic *traffic);

/* jobs_return - all that were not begun go back untouched */
void jobs_return(struct traffic *traffic, const char *text);

/* send_patience - how long the transfer of a job may take, in ms; CLOCK_NEVER:
 * as long as it likes */
uint64_t
send_patience(const struct traffic *traffic, const struct outgoing_job *job);

/*
 * send_first - transfer the first job, report its outcome
 *
 * 0, or a negative error: the association is over.
 */
int send_first(struct traffic *traffic) WARN_UNUSED;

/*
 * sequence_ready - have qmgr know the name of the first job's transfer before
 * it begins
 *
 * 0: it knows.  Else it cannot be told: ERR_CANCELLED, ERR_CLOSED (qmgr),
 * ERR_TIMEOUT.
 */
int sequence_ready(struct traffic *traffic) WARN_UNUSED;

/* sequence_taken - qmgr has noted the names from a job on */
int sequence_taken(struct traffic *traffic, const struct ipc_sequence *sequence,
    struct diag *diag) WARN_UNUSED;

/*
 * recover_transfer - the first job's transfer was cut: an association to go
 * on with it, within the recovery timeout
 *
 * 0: transfer it again, recovery tells from where.  Else the association
 * stays over, with the failure that it had.
 */
int recover_transfer(struct traffic *traffic) WARN_UNUSED;

/* recover_unknown - whether the association ended because the peer knows
 * nothing of the transfer that it was to go on with */
bool recover_unknown(const struct traffic *traffic) WARN_UNUSED;

/* recover_ended - the first job's transfer has come to its end: what went on
 * more than once is told in one line */
void recover_ended(const struct traffic *traffic);

/* note_progress - tell qmgr how far the first job's transfer has come, now
 * and then */
void note_progress(struct traffic *traffic);

/* note_resume - the first job's transfer goes on where an earlier try of it
 * left it, as its note or qmgr's name of it says */
void note_resume(struct traffic *traffic);

/* taken_keep - the first job was transferred: qmgr may end before it knows */
void taken_keep(struct traffic *traffic);

/*
 * taken_report - tell the next qmgr what the peer has
 *
 * When ours has gone, at the end of the association: the next one hands
 * nothing out on the link before x400out is gone.  It returns when that is
 * committed, when there is no qmgr for some seconds, or when we are to stop.
 * What was not told the peer is asked for, by its name.
 */
void taken_report(struct traffic *traffic);

#endif
