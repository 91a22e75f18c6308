/* SPDX-License-Identifier: ISC */
/*
 * incoming.h - what comes on an association: transfers, submitted to qmgr
 *
 * receive.c is what the peer sends, submit.c the way of a message to qmgr,
 * resume.c what goes on after a cut.
 */
#ifndef FOURPOST_TRAFFIC_INCOMING_H
#define FOURPOST_TRAFFIC_INCOMING_H

#include "ipc/record.h"
#include "mhs/transfer.h"
#include "osi/association.h"
#include "traffic/incoming/digest.h"

struct traffic;

/*
 * Of a transfer up to this size everything is kept until qmgr has answered:
 * to a new qmgr it is submitted again.
 */
#define KEPT_MAX ((size_t)256 * 1024)

/* How often that is done before it may be what qmgr dies of. */
#define AGAIN_MAX 3

/* Checkpoints that wait for a commit; never more than the window and one. */
#define CHECKPOINTS_MAX (ASSOCIATION_WINDOW_MAX + 1)

struct incoming_checkpoint {
	uint32_t serial;
	uint64_t offset; /* of the body, that must be committed */
};

/* The transfer under way. */
struct incoming_transfer {
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
	enum mts_kind kind;
	uint64_t envelope_length;
	uint64_t content_length; /* so far */
	uint64_t announced;	 /* what it will be in all; 0: not known */
	uint64_t sent;		 /* octets of the body given to qmgr */
	uint64_t committed;	 /* of these */
	uint64_t marked;	 /* where the last mark committed stands */
	struct buffer kept;	 /* the body so far, unless */
	bool too_large;		 /* it was over KEPT_MAX */
	struct buffer piece;	 /* not given to qmgr yet */
	struct buffer state;	 /* at the last checkpoint; empty: it is none
	                            to go on from */
	uint64_t state_offset;	 /* of the body, where that stands */
	struct digest digest;	 /* of the canonical envelope, content */
	uint8_t key[IPC_KEY_LEN];
	struct incoming_checkpoint checkpoints[CHECKPOINTS_MAX];
	size_t checkpoint_count;
	unsigned again; /* how often it was submitted again */
};

struct incoming {
	bool more; /* events were left in the association for want of room */
	struct transfer_reader reader;
	struct incoming_transfer transfer;
	uint64_t submit_count;
};

/* receive_events - handle what the peer has sent, as far as it is here */
void receive_events(struct traffic *traffic);

/* receive_abort - end the association from our side, with an event */
void receive_abort(struct traffic *traffic,
    enum association_abort_reason reason, const char *text);

/* submit_init, submit_fini - the state of transfers */
void submit_init(struct traffic *traffic);
void submit_fini(struct traffic *traffic);

/* submit_begin - an activity begins */
void submit_begin(struct traffic *traffic, uint32_t activity);

/* submit_octets - octets of the APDU; what is wrong with them, in diag */
int submit_octets(struct traffic *traffic, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* submit_checkpoint - the peer wants this one confirmed */
void submit_checkpoint(struct traffic *traffic, uint32_t serial);

/*
 * submit_due - when checkpoints that wait are to be committed all the same
 *
 * Monotonic ms: soon after the peer fell silent behind one, at the latest a
 * second after the transfer began.  CLOCK_NEVER: none waits, or what came is
 * committed as it comes.
 */
uint64_t submit_due(const struct traffic *traffic);

/* submit_persist - have what came committed now, so that the checkpoints in it
 * can be confirmed, and so with all that comes */
void submit_persist(struct traffic *traffic);

/* submit_end - the activity ended: ask qmgr to take responsibility */
int submit_end(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

enum submit_leave {
	SUBMIT_KEEP, /* what is marked: the peer may go on with it */
	SUBMIT_DROP
};

/* submit_forget - the transfer will not be completed here */
void submit_forget(struct traffic *traffic, enum submit_leave leave);

/*
 * submit_give - send a record to qmgr; written by the next wait at the latest
 *
 * That qmgr is gone says nothing against the message: it is no error here,
 * and the next wait tells.
 */
int submit_give(
    struct traffic *traffic, const struct ipc_record *record) WARN_UNUSED;

/* submit_take - one record of qmgr's about submissions */
int submit_take(struct traffic *traffic, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/*
 * submit_room - whether qmgr may be given more
 *
 * Not while more than half of IPC_UNANSWERED_MAX is not committed, or the
 * channel is full.
 */
bool submit_room(const struct traffic *traffic);

/* submit_again - a new qmgr: give it the transfer from the beginning.
 * ERR_LIMIT: it was not kept, or given too often */
int submit_again(struct traffic *traffic) WARN_UNUSED;

/* resume_note - keep what a mark of the checkpoint just told of would say */
void resume_note(struct traffic *traffic);

/* resume_mark - give qmgr the mark of the checkpoint last noted.  An error:
 * there is none, from there nothing can be gone on with */
int resume_mark(struct traffic *traffic) WARN_UNUSED;

/* resume_ask - the peer resumes a transfer: ask qmgr what it knows of it */
int resume_ask(
    struct traffic *traffic, const struct association_event *event) WARN_UNUSED;

/* resume_answered - qmgr's answer: go on, confirm it again, or refuse it */
void resume_answered(
    struct traffic *traffic, const struct ipc_resume_answer *answer);

#endif
