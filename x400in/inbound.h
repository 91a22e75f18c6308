/* SPDX-License-Identifier: ISC */
/*
 * inbound.h - what a worker of an incoming association knows
 *
 * One process, one connection to qmgr, one association at a time; after one
 * that was bound it exits.  inbound.c is its life, greet.c the bind, receive.c
 * what the peer sends, submit.c the way of a message to qmgr, resume.c what
 * goes on after a cut.
 */
#ifndef FOURPOST_X400IN_INBOUND_H
#define FOURPOST_X400IN_INBOUND_H

#include "conf/conf.h"
#include "mhs/transfer.h"
#include "osi/association_recovery.h"
#include "osi/connect.h"
#include "worker/worker.h"
#include "x400in/digest.h"

/*
 * Of a transfer up to this size everything is kept until qmgr has answered:
 * to a new qmgr it is submitted again.
 */
#define KEPT_MAX ((size_t)256 * 1024)

/* How often that is done before it may be what qmgr dies of. */
#define AGAIN_MAX 3

/* Checkpoints that wait for a commit; never more than the window and one. */
#define CHECKPOINTS_MAX (ASSOCIATION_WINDOW_MAX + 1)

struct inbound_checkpoint {
	uint32_t serial;
	uint64_t offset; /* of the body, that must be committed */
};

/* The transfer under way. */
struct inbound_transfer {
	bool active;	 /* between start and end, or awaiting the answer */
	bool started;	 /* submit-start has gone to qmgr */
	bool ended;	 /* submit-end has gone, the answer is awaited */
	bool refused;	 /* we raised an exception: ignore the rest */
	bool asked;	 /* the peer resumes it: qmgr's word is awaited */
	bool durable;	 /* what comes is committed as it comes */
	bool markable;	 /* and a mark with its checkpoints */
	uint64_t begun;	 /* monotonic ms */
	uint64_t submit; /* its number on the channel */
	uint32_t activity;
	uint64_t old_session; /* by which it was resumed, 0: it was not */
	uint32_t old_activity;
	uint32_t old_serial;
	enum ipc_kind kind;
	uint64_t envelope_length;
	uint64_t content_length; /* so far */
	uint64_t sent;		 /* octets of the body given to qmgr */
	uint64_t committed;	 /* of these */
	uint64_t marked;	 /* where the last mark committed stands */
	struct buffer kept;	 /* the body so far, unless */
	bool too_large;		 /* it was over KEPT_MAX */
	struct buffer piece;	 /* not given to qmgr yet */
	struct digest digest;	 /* of the canonical envelope, content */
	uint8_t key[IPC_KEY_LEN];
	struct inbound_checkpoint checkpoints[CHECKPOINTS_MAX];
	size_t checkpoint_count;
	unsigned again; /* how often it was submitted again */
};

struct inbound {
	struct worker worker;
	struct ipc_channel qmgr;
	bool qmgr_lost;	   /* its connection is of no use any more */
	struct conf *conf; /* of the link, from the bind answer; owned */
	const struct conf_link *link;
	uint64_t session; /* ours, from the bind answer; 0: none */

	int fd; /* of the association, -1: none */
	char address[CONNECT_TEXT_MAX];
	struct association association;
	struct association_io io;
	bool over; /* nothing more is to be done with the association */
	bool more; /* events were left in it for want of room at qmgr's */
	uint64_t stop_at; /* monotonic ms; 0: we were not told to stop */

	struct transfer_reader reader;
	struct inbound_transfer transfer;
	uint64_t submit_count;
};

/* inbound_run - the whole life, from the start to the exit */
void inbound_run(struct inbound *inbound) __attribute__((noreturn));

/*
 * inbound_qmgr - a connection to qmgr, instead of the one that there was
 *
 * Also ERR_CANCELLED.
 */
int inbound_qmgr(struct inbound *inbound, struct diag *diag) WARN_UNUSED;

/*
 * greet - from an accepted connection to a bound association
 *
 * 0: bound.  Else it was refused or lost, and logged.
 */
int greet(struct inbound *inbound) WARN_UNUSED;

/* receive_events - handle what the peer has sent, as far as it is here */
void receive_events(struct inbound *inbound);

/* receive_abort - end the association from our side, with an event */
void receive_abort(struct inbound *inbound,
    enum association_abort_reason reason, const char *text);

/* submit_init, submit_fini - the state of transfers */
void submit_init(struct inbound *inbound);
void submit_fini(struct inbound *inbound);

/* submit_begin - an activity begins */
void submit_begin(struct inbound *inbound, uint32_t activity);

/* submit_octets - octets of the APDU; what is wrong with them, in diag */
int submit_octets(struct inbound *inbound, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* submit_checkpoint - the peer wants this one confirmed */
void submit_checkpoint(struct inbound *inbound, uint32_t serial);

/* submit_end - the activity ended: ask qmgr to take responsibility */
int submit_end(struct inbound *inbound, struct diag *diag) WARN_UNUSED;

enum submit_leave {
	SUBMIT_KEEP, /* what is marked: the peer may go on with it */
	SUBMIT_DROP
};

/* submit_forget - the transfer will not be completed here */
void submit_forget(struct inbound *inbound, enum submit_leave leave);

/*
 * submit_give - send a record to qmgr; written by the next flush at the latest
 *
 * That qmgr is gone says nothing against the message: it is no error here,
 * and the next pump tells.
 */
int submit_give(
    struct inbound *inbound, const struct ipc_record *record) WARN_UNUSED;

/*
 * submit_pump - take what qmgr has sent, if it is readable; write what is
 * ready for it.  ERR_CLOSED when it is gone
 */
int submit_pump(struct inbound *inbound, bool readable) WARN_UNUSED;

/*
 * submit_room - whether qmgr may be given more
 *
 * Not while more than half of IPC_UNANSWERED_MAX is not committed, or the
 * channel is full.
 */
bool submit_room(const struct inbound *inbound);

/* submit_again - a new qmgr: give it the transfer from the beginning.
 * ERR_LIMIT: it was not kept, or given too often */
int submit_again(struct inbound *inbound) WARN_UNUSED;

/* resume_mark - give qmgr the mark of the checkpoint just told of.  An error:
 * there is none, from here nothing can be gone on with */
int resume_mark(struct inbound *inbound) WARN_UNUSED;

/* resume_ask - the peer resumes a transfer: ask qmgr what it knows of it */
int resume_ask(
    struct inbound *inbound, const struct association_event *event) WARN_UNUSED;

/* resume_answered - qmgr's answer: go on, confirm it again, or refuse it */
void resume_answered(
    struct inbound *inbound, const struct ipc_resume_answer *answer);

#endif
