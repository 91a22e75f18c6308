/* SPDX-License-Identifier: ISC */
/*
 * incoming.h - the state of what the peer sends: one transfer at a time
 *
 * The rooms above have the functions: incoming/submit.h brings a transfer to
 * qmgr, incoming/checkpoint.h confirms its checkpoints, incoming/mark.h makes
 * it possible to go on with it in another process, incoming/resume.h goes on
 * with it.
 */
#ifndef FOURPOST_TRAFFIC_INCOMING_H
#define FOURPOST_TRAFFIC_INCOMING_H

#include "client/submission.h"
#include "ipc/record.h"
#include "mhs/transfer.h"
#include "osi/association.h"
#include "traffic/engine/digest.h"

/*
 * A transfer of up to so many octets is kept whole until qmgr has answered, so
 * that it can be submitted again when qmgr ends before.
 */
#define KEPT_MAX ((size_t)256 * 1024)

/* How often one transfer is submitted again: after that it may be the reason
 * why qmgr ends. */
#define AGAIN_MAX 3

/* Checkpoints that wait for a commit; never more than the window and one. */
#define CHECKPOINTS_MAX (ASSOCIATION_WINDOW_MAX + 1)

struct incoming_checkpoint {
	uint32_t serial;
	uint64_t offset; /* of the body, that must be committed */
};

enum incoming_state {
	INCOMING_NONE,	 /* between transfers */
	INCOMING_ASKED,	 /* the peer resumes one: qmgr's word is awaited */
	INCOMING_COMING, /* under way; its submission tells how far */
	INCOMING_REFUSED /* we raised an exception: its rest is ignored */
};

/* When what came of a transfer is committed. */
enum incoming_commit {
	INCOMING_AT_END,    /* with its end: small ones cost no more commits */
	INCOMING_AS_COMING, /* as it comes */
	INCOMING_MARKED	    /* as it comes, with marks to go on from */
};

/* The transfer under way. */
struct incoming_transfer {
	enum incoming_state state;
	enum incoming_commit commit;
	struct submission submission;
	uint64_t begun; /* monotonic ms */
	uint32_t activity;
	uint64_t old_session; /* by which it was resumed, 0: it was not */
	uint32_t old_activity;
	uint32_t old_serial;
	enum mts_kind kind;
	uint64_t envelope_length;
	uint64_t content_length; /* so far */
	uint64_t announced;	 /* what it will be in all; 0: not known */
	struct buffer kept;	 /* the body so far, unless */
	bool routes;		 /* it is a routing update: kept is that */
	bool too_large;		 /* it was over KEPT_MAX, or came before */
	struct buffer mark;	 /* of the last checkpoint; empty: there is none
	                            to go on from */
	uint64_t mark_offset;	 /* of the body, where that stands */
	struct digest of_envelope; /* alone; of none, if it was resumed */
	struct digest digest;	   /* of the canonical envelope, content */
	uint8_t key[IPC_KEY_LEN];
	struct incoming_checkpoint checkpoints[CHECKPOINTS_MAX];
	size_t checkpoint_count;
	unsigned unmarked; /* of them, those behind the last mark given */
	unsigned again;	   /* how often it was submitted again */
};

struct incoming {
	bool more; /* events were left in the association for want of room */
	struct transfer_reader reader;
	struct submitter submitter;
	struct incoming_transfer transfer;
};

#endif
