/* SPDX-License-Identifier: ISC */
/*
 * outbound.h - what a worker of an outgoing association knows
 *
 * One process, one connection of qmgr's, one association.  outbound.c is its
 * life, open.c the way to a bound association, jobs.c what qmgr wants of it,
 * send.c the transfer of one job, recover.c how one that was cut goes on,
 * note.c how one goes on that our predecessor had begun.
 */
#ifndef FOURPOST_X400OUT_OUTBOUND_H
#define FOURPOST_X400OUT_OUTBOUND_H

#include "conf/conf.h"
#include "mhs/p1.h"
#include "osi/association_recovery.h"
#include "osi/connect.h"
#include "worker/worker.h"

#define OUTBOUND_PREFIX_MAX (P1_ENVELOPE_MAX + 64)

#define NOTE_MAX 256 /* octets of a note of ours, and one more */

#define JOBS_MAX 16 /* of a batch; qmgr sends no more at a time */

/* Told to stop: ms in which the transfer under way may come to its end,
 * less than master waits before it kills. */
#define OUTBOUND_STOP_WAIT 8000

/* A job as it waits here; body is owned, the text is for the log. */
struct outbound_job {
	uint64_t job;
	uint64_t message;
	enum ipc_kind kind;
	uint32_t priority;
	uint64_t envelope_length;
	uint64_t content_length;
	struct buffer body; /* what has come of it and was not used yet */
	uint64_t body_come; /* octets of the body that came so far */
	uint64_t body_asked;
	uint64_t body_stale; /* octets that will come and are not wanted */
	uint64_t noted;	     /* octets of the APDU confirmed, as qmgr knows */
	char note[NOTE_MAX]; /* of an earlier try, or empty */
	bool cancelled;
};

/* The transfer under way, once it was cut. */
struct outbound_recovery {
	unsigned losses; /* since it last got any further; 0: not cut */
	bool resuming;	 /* the receiver is asked to go on with it */
	uint64_t until;	 /* monotonic ms: the recovery timeout */
	struct association_resumption resumption;
	struct association_references references; /* of resumption */
};

struct outbound {
	struct worker worker;
	struct ipc_channel qmgr;
	bool qmgr_gone;
	bool retire;	/* qmgr: release and exit when the batch is done */
	uint64_t limit; /* no wait for the peer is longer: we are to end */

	struct conf *conf; /* owned */
	const struct conf_link *link;
	struct connect_address addresses[CONNECT_ADDRESSES_MAX];
	size_t address_count;

	int fd; /* of the association, -1: none */
	struct association association;
	struct association_io io;
	char address[CONNECT_TEXT_MAX];
	uint64_t open_delay; /* ms that opening took */

	struct outbound_job jobs[JOBS_MAX]; /* a ring */
	size_t job_first, job_count;

	bool sending;	      /* the first job is under way, not yet ended */
	struct buffer prefix; /* of its APDU: all that is before the content */
	struct buffer sent;   /* the piece of its body that is being sent */
	struct outbound_recovery recovery;
};

/* outbound_run - the whole life, from the listening socket to the exit */
void outbound_run(struct outbound *outbound) __attribute__((noreturn));

/* outbound_limit - wait for the peer no longer than this many ms from now */
void outbound_limit(struct outbound *outbound, uint64_t milliseconds);

/* outbound_qmgr_gone - nothing new is begun; what ended is brought to its
 * end, if that does not take long */
void outbound_qmgr_gone(struct outbound *outbound);

/* outbound_link_event - tell qmgr what became of the association */
void outbound_link_event(struct outbound *outbound, enum ipc_link_state state,
    const char *stage, const char *reason, bool transient);

/* outbound_pause - let time pass: 0, or ERR_CANCELLED when the first job is
 * not to be gone on with */
int
outbound_pause(struct outbound *outbound, uint64_t milliseconds) WARN_UNUSED;

/* open_resolve - the addresses of the link, before confinement */
int open_resolve(struct outbound *outbound, struct diag *diag) WARN_UNUSED;

/*
 * open_association - try the addresses in order until one is bound
 *
 * 0: bound, and the peer is who it should be.  Else qmgr was told why not.
 */
int open_association(struct outbound *outbound) WARN_UNUSED;

/*
 * open_again - the same within a transfer that was cut; qmgr is told nothing
 *
 * references are those of the association to recover, NULL for a fresh one.
 * ERR_NOTFOUND: the peer cannot recover it.
 */
int open_again(struct outbound *outbound,
    const struct association_references *references) WARN_UNUSED;

/*
 * jobs_pump - take what qmgr has sent: jobs, bodies, cancels, retire
 *
 * Never waits.  When qmgr is gone qmgr_gone is set; what it sent wrongly is
 * treated as that, with an event.
 */
void jobs_pump(struct outbound *outbound);

/* jobs_take - one record of qmgr's */
int jobs_take(struct outbound *outbound, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* jobs_first - the job to do next, or NULL */
struct outbound_job *jobs_first(struct outbound *outbound);

/* jobs_drop - the first job is done with */
void jobs_drop(struct outbound *outbound);

/*
 * jobs_body - wait for more of the first job's body
 *
 * 0: job->body is not empty.  ERR_CANCELLED, ERR_CLOSED (qmgr), ERR_TIMEOUT.
 * Any wait may add to job->body and move it: what is sent is taken out first.
 */
int jobs_body(struct outbound *outbound, uint64_t deadline) WARN_UNUSED;

/* jobs_seek - the next octets of the first job's body are those at offset */
void jobs_seek(struct outbound *outbound, uint64_t offset);

/*
 * jobs_outcome - report on the first job and drop it
 *
 * The record leaves before the next wait, so that the next transfer goes out
 * first.
 */
void jobs_outcome(struct outbound *outbound, enum ipc_result result,
    const char *text, uint64_t transfer_delay);

/* jobs_return - all that were not begun go back untouched */
void jobs_return(struct outbound *outbound, const char *text);

/*
 * send_first - transfer the first job, report its outcome
 *
 * 0, or a negative error: the association is over.
 */
int send_first(struct outbound *outbound) WARN_UNUSED;

/*
 * recover_transfer - the first job's transfer was cut: an association to go
 * on with it, within the recovery timeout
 *
 * 0: transfer it again, outbound.recovery tells from where.  Else the
 * association stays over, with the failure that it had.
 */
int recover_transfer(struct outbound *outbound) WARN_UNUSED;

/* note_progress - tell qmgr how far the first job's transfer has come, now
 * and then */
void note_progress(struct outbound *outbound);

/* note_resume - the first job's transfer goes on where a note of it says */
void note_resume(struct outbound *outbound);

#endif
