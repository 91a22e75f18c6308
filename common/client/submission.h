/* SPDX-License-Identifier: ISC */
/*
 * submission.h - hand a message to qmgr in pieces, and read its answer
 *
 *	submitter_init, then for each message
 *	submission_init, submission_start, submission_body ... (envelope, then
 *	content), submission_end; submission_take for each record of qmgr's,
 *	until submission->state is SUBMISSION_ANSWERED
 *
 * The submitter gathers octets into pieces and gives records to whoever owns
 * the channel, so a caller keeps its own way to wait.  One submission is
 * filled at a time; any number may await their answers.
 */
#ifndef FOURPOST_CLIENT_SUBMISSION_H
#define FOURPOST_CLIENT_SUBMISSION_H

#include "ipc/record.h"

#define SUBMISSION_TEXT_MAX 256

enum submission_state {
	SUBMISSION_IDLE,
	SUBMISSION_OPEN,    /* qmgr was told of it, the body is on its way */
	SUBMISSION_ENDED,   /* qmgr was asked to take responsibility */
	SUBMISSION_ANSWERED /* which may be before the end: a refusal */
};

struct submission {
	enum submission_state state;
	uint64_t number;    /* on the channel, from 1 */
	uint64_t sent;	    /* octets of the body given to qmgr */
	uint64_t committed; /* of these, as far as qmgr has said */
	uint64_t marked;    /* where the last mark that is committed stands */
	/* The content is longer than its link or the queue takes: no more of it
	 * is given, and the end says so.  Set by the caller, or by qmgr. */
	bool too_long;
	/* of the answer; texts are printable */
	enum ipc_submit_result result;
	uint64_t message; /* queue id */
	char mts_id[SUBMISSION_TEXT_MAX];
	char text[SUBMISSION_TEXT_MAX];
	int reason, diagnostic; /* refused */
	bool key_reused;	/* refused: its key was of something else */
};

/* Sends a record, or appends it to be sent with the next: 0, or an error that
 * ends the submission. */
typedef int submission_give_fn(void *arg, const struct ipc_record *record);

/* Waits for a record of qmgr's and hands it to submission_take: 0, or an error
 * that ends the submission. */
typedef int submission_wait_fn(void *arg);

struct submitter {
	submission_give_fn *give;
	submission_wait_fn *wait; /* NULL: the caller asks submission_room */
	void *arg;
	uint64_t count;	     /* of submissions */
	struct buffer piece; /* octets of the one being filled, not yet given */
};

enum submission_leave {
	SUBMISSION_KEEP, /* qmgr keeps what is marked: the peer may resume it */
	SUBMISSION_DROP
};

/* submitter_init - begin to submit by these functions; submitter_fini frees */
void submitter_init(struct submitter *submitter, submission_give_fn *give,
    submission_wait_fn *wait, void *arg);
void submitter_fini(struct submitter *submitter);

/* submission_init - give a submission its number, empty otherwise */
void
submission_init(struct submitter *submitter, struct submission *submission);

/*
 * submission_start - tell qmgr what comes
 *
 * start says all but the number.  A second start, to a new qmgr, begins with
 * the first octet again.  Errors of give.
 */
int submission_start(struct submitter *submitter, struct submission *submission,
    const struct ipc_submit_start *start) WARN_UNUSED;

/* submission_continue - go on behind offset octets that qmgr has from an
 * earlier submission: nothing is sent */
void submission_continue(struct submission *submission, uint64_t offset);

/*
 * submission_body - pass on the next octets of envelope and content
 *
 * Waits, if the submitter can, while the window is full.  ERR_REFUSED: qmgr
 * has answered already.  Errors of give and wait; ERR_NOMEM.
 */
int submission_body(struct submitter *submitter, struct submission *submission,
    struct slice octets) WARN_UNUSED;

/* submission_flush - give qmgr the piece that is not full, likewise */
int submission_flush(
    struct submitter *submitter, struct submission *submission) WARN_UNUSED;

/* submission_end - ask qmgr to take responsibility; key may be empty */
int submission_end(struct submitter *submitter, struct submission *submission,
    uint64_t content_length, struct slice key) WARN_UNUSED;

/* submission_end_keyed - ask likewise, for an application that may ask again
 * under its key (at most IPC_NAME_MAX octets); digest: IPC_DIGEST_LEN octets,
 * the same for what is equal */
int
submission_end_keyed(struct submitter *submitter, struct submission *submission,
    uint64_t content_length, struct slice key, struct slice digest) WARN_UNUSED;

/* submission_end_for - ask likewise, for a gateway that submits to some of
 * those who are to get the same under this key; recipients: IPC_RECIPIENT_LEN
 * octets of each */
int submission_end_for(struct submitter *submitter,
    struct submission *submission, uint64_t content_length, struct slice key,
    struct slice recipients) WARN_UNUSED;

/* submission_cancel - tell qmgr that there will be no end, if it knows of the
 * submission and has not answered */
int submission_cancel(struct submitter *submitter,
    struct submission *submission, enum submission_leave leave) WARN_UNUSED;

/* submission_number - find the submission that a record is about; 0: none */
uint64_t submission_number(const struct ipc_record *record);

/* submission_take - note what qmgr says about this submission; recipients that
 * were refused at once are the caller's to read in each record */
void
submission_take(struct submission *submission, const struct ipc_record *record);

/* submission_room - tell whether the window has room for another piece */
bool submission_room(const struct submission *submission);

#endif
