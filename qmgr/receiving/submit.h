/* SPDX-License-Identifier: ISC */
/*
 * submit.h - a submission or transfer on its way into the queue
 *
 * It belongs to its client until it is detached, then to the commit that it
 * takes part in.  The memory of one that is done with is kept for the next.
 */
#ifndef FOURPOST_QMGR_RECEIVING_SUBMIT_H
#define FOURPOST_QMGR_RECEIVING_SUBMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buffer.h"
#include "client/limits.h"
#include "ipc/record.h"
#include "mhs/mts_identifier.h"
#include "mhs/p1.h"
#include "qmgr/engine/commit.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/queue/named.h"
#include "qmgr/queue/placing.h"
#include "qmgr/sending/fates.h"
#include "store/intake.h"
#include "store/session.h"

#define SUBMITS_MAX	 LIMITS_SUBMISSIONS /* at a time from one client */
#define SUBMIT_TEXT_MAX	 256
#define SUBMIT_NOTES_MAX ((size_t)512 * 1024)

/*
 * Octets of envelopes in memory at a time, of one client, of one source and of
 * all; more is refused for the time being.  A client has room for one of any
 * size.  What is no larger than SUBMIT_BUFFER_SMALL is held against its client
 * alone, so that large ones keep nobody from sending ordinary mail.
 */
#define SUBMIT_BUFFER_MAX    ((uint64_t)P1_ENVELOPE_MAX)
#define SUBMIT_BUFFER_SOURCE ((uint64_t)2 * P1_ENVELOPE_MAX)
#define SUBMIT_BUFFER_ALL    ((uint64_t)4 * P1_ENVELOPE_MAX)
#define SUBMIT_BUFFER_SMALL  ((uint64_t)64 * 1024)

/* Content that waits for more is staged when it is so much, or so old. */
#define SUBMIT_STAGE_OCTETS ((size_t)LIMITS_STAGE)
#define SUBMIT_STAGE_TIME   50 /* ms */

/* So long a submission waits for octets of its source to be reaped. */
#define SUBMIT_REAP_TIME ((uint64_t)30000) /* ms */

enum submit_state {
	SUBMIT_RECEIVING, /* it comes; its content is staged meanwhile */
	SUBMIT_ENDED,	  /* all is there: it enters the queue */
	SUBMIT_PARKED,	  /* what is marked stays, for the peer to resume */
	SUBMIT_FORGOTTEN  /* given up: what is staged goes */
};

/* Marks of a content's length before its end. */
enum submit_length {
	SUBMIT_LENGTH_FITS,
	SUBMIT_LENGTH_OVER_LINK, /* its worker: longer than max-size */
	SUBMIT_LENGTH_OVER_QUEUE /* by us: it can never fit the queue */
};

/* The key of a submission of an application or gateway, and what it was
 * answered before. */
struct submit_key {
	char name[IPC_NAME_MAX + 1];
	size_t len; /* 0: it has none */
	uint8_t digest[IPC_DIGEST_LEN];
	struct buffer answer; /* who is refused, as it is noted */
	bool reused;	      /* it was of something else */
	/* where the result is a duplicate */
	char first_mts_id[MTS_IDENTIFIER_TEXT];
	struct fates first_refused;
	struct buffer recipients; /* of a gateway: IPC_RECIPIENT_LEN of each */
	struct buffer had;	  /* of each an octet, 1: he was taken before */
};

struct submit {
	TAILQ_ENTRY(submit) entry; /* of the peer, or spare */
	TAILQ_ENTRY(submit) staging_entry, reaping_entry;
	struct commit_member member;
	struct qmgr *qmgr;
	struct client *client; /* NULL: nobody waits for the answer */
	bool staging;
	bool reaping;
	enum submit_state state;
	enum submit_state applied; /* the state in the transaction under way */
	bool limited; /* only as an originator of its client's groups */
	bool waits;   /* nothing was applied: its source is over its share */
	uint64_t number;
	enum mts_kind kind;
	enum ipc_origin origin;
	uint32_t from_link;
	uint64_t session, activity;
	uint64_t old_session, old_activity; /* it was resumed by; 0: not */
	bool has_file;
	struct store_file file; /* its name lies in file_name */
	uint8_t file_name[STORE_FILE_NAME_MAX];
	bool has_key;
	struct store_key key;
	struct submit_key named;
	struct buffer notes; /* for mixer-memory */
	bool refuse_at_once;
	struct fates refused;	    /* recipients, where they are at once */
	uint64_t envelope_length;   /* of one in parts: the most, until it is
				   * whole */
	bool parts;		    /* it comes in parts, and is not whole */
	uint64_t recipients_length; /* it came in parts: the first octets, of
				     * its recipients; 0: not */
	uint64_t left_out;	    /* recipients that were too many */
	uint64_t elements_left_out; /* of the envelope, that were too large */
	enum submit_length length;
	uint64_t content_length; /* of all, told at the end */
	uint32_t recipients;	 /* for whom it came; of a report 0 */
	uint64_t received;	 /* of the body */
	uint64_t progress;	 /* what the client was told */
	uint64_t since;		 /* monotonic ms: oldest octet not staged */
	uint64_t reap_until;	 /* monotonic ms: it waits no longer; 0: not */
	struct buffer envelope;
	struct buffer content; /* what is not staged */
	uint64_t content_id;   /* 0: nothing is staged */
	uint64_t staged;       /* octets of content, committed */
	uint64_t skip;	       /* octets to come that are staged already */
	uint64_t mark;	       /* where in the body the last one stands; 0 */
	uint64_t marked;       /* of these, what is committed */
	uint64_t told;	       /* of these, what the client knows */
	uint64_t pending_id;   /* of a transaction under way */
	size_t pending_len;
	uint64_t pending_mark;
	struct buffer mark_state;
	int64_t arrival; /* wall clock ms */
	int64_t delay;	 /* ms since it began its way elsewhere; -1: unknown */
	/* what it becomes */
	struct placing placing;
	bool shares_content; /* whether any record of it has the content */
	bool for_waiting;    /* a link that it is for is not up */
	bool full_share;     /* its source has its share of such a link */
	bool over_share;     /* refused since its source is at its limit */
	enum ipc_submit_result decided; /* by admit */
	enum ipc_submit_result result;
	int reason, diagnostic;
	uint64_t message;
	char mts_id[MTS_IDENTIFIER_TEXT];
	struct named parties; /* who sent it to whom */
	enum store_priority priority;
	char text[SUBMIT_TEXT_MAX];
};

/* submit_new - make a submission of a client, or NULL: no memory */
struct submit *submit_new(struct client *client);

/* submit_find - find the submission of a number, or NULL */
struct submit *submit_find(const struct client *client, uint64_t number);

/* submit_note - take what mixer-memory is to remember with a submission */
int submit_note(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* submit_detach - let nobody wait for its answer any more */
void submit_detach(struct submit *submit);

/* submit_free - free a submission that takes part in no commit */
void submit_free(struct submit *submit);

/* submit_free_spare - give back what is kept for the next submissions */
void submit_free_spare(struct qmgr *qmgr);

#endif
