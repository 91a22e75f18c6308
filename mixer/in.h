/* SPDX-License-Identifier: ISC */
/*
 * in.h - take messages by LMTP
 *
 * in.c is the life of the worker: it serves connections one after the other.
 * in_qmgr.c speaks with qmgr, in_lmtp.c answers what a client says, in_submit.c
 * submits a message, whose envelope in_envelope.c writes.
 *
 * A message is submitted once for all of its recipients, under a key: the hash
 * of sender, ENVID and content.  With it qmgr notes, in the commit that holds
 * the message, for whom it was taken.  So whoever comes again after a
 * connection that was cut, with all recipients or some, gives nobody a second
 * copy: who has it is answered so, and it is submitted for the others.  When a
 * client has heard all replies to a submission, its note goes: it has begun
 * something else after they were written, or has said QUIT and closed when its
 * host had got them.
 */
#ifndef FOURPOST_MIXER_IN_H
#define FOURPOST_MIXER_IN_H

#include "client/submission.h"
#include "mhs/p1.h"
#include "mixer/message_in.h"
#include "mixer/mixer.h"
#include "mixer/spool.h"
#include "smtp/lmtp_server.h"
#include "tls/tls_digest.h"

#define IN_TEXT_MAX   256
#define IN_KEY_LEN    32 /* hexadecimal digits */
#define IN_WAYS	      256
#define IN_HEARD_MAX  1000 /* submissions of a connection that can be heard */
#define IN_ROOM_KNOWN 1000 /* ms that room for small messages is known */

#define IN_NO_ROUTES "no source routes"

/* An answer to a client. */
struct in_reply {
	unsigned code; /* 0: none yet */
	char enhanced[16];
	char text[IN_TEXT_MAX];
};

/* A recipient that was taken. */
struct in_recipient {
	struct or_address address;
	uint8_t hash[IPC_RECIPIENT_LEN]; /* of how the client said it */
	const char *orcpt;		 /* "rfc822;jo@a.example"; NULL: none */
	uint32_t indicators; /* of P1: which reports are asked for */
	bool is_route;	     /* a source route, which takes reports alone */
	struct in_reply reply;
};

/* A submission that qmgr has taken. */
struct in_heard {
	char key[IN_KEY_LEN + 1];
	uint64_t message;
};

/* Computes the key of a message as its content arrives. */
struct in_key_state;

/* A recipient whom qmgr has served a moment ago. */
struct in_way {
	uint8_t hash[IPC_RECIPIENT_LEN];
	uint64_t size;	/* of the message that was asked for */
	uint64_t until; /* monotonic ms; 0: none */
};

struct in {
	struct mixer mixer;
	int fd; /* of the client */
	char peer[64];
	struct lmtp_server server;
	uint64_t deadline; /* for the client to do something */
	uint64_t content;  /* octets of a content since that was set */
	struct submitter submitter;
	struct submission submission;
	/* takes the next record of qmgr's by a deadline: in_receive, or
	 * ERR_TIMEOUT */
	int (*receive)(struct in *in, uint64_t deadline);
	bool away;		/* qmgr was not there, nothing is known */
	bool gone;		/* qmgr is */
	uint64_t check;		/* number of the last RouteCheck */
	struct in_heard *heard; /* IN_HEARD_MAX of this connection */
	size_t heard_count;
	bool quiet; /* it was written all replies, and nothing has come since */
	struct in_key_state *key_state; /* of the content */
	/* of the message at hand */
	struct arena arena;
	struct or_address from;
	struct in_recipient *recipients; /* LMTP_RECIPIENTS_MAX */
	unsigned *pending; /* places of those that are submitted */
	unsigned pending_count;
	struct message_in *message;
	struct message_plan plan; /* of the message, once it was read */
	struct spool spool;
	struct in_way ways[IN_WAYS]; /* by the first octet of the hash */
	uint64_t room;		     /* octets for which qmgr has said it has */
	struct in_reply refused;     /* code 0: its content was read so far */
	char key[IN_KEY_LEN + 1];    /* known when the content was read */
	/* of the last RouteAnswer */
	struct ipc_route_way way;
	enum ipc_room has_room;
	uint64_t room_until; /* has it for small messages; monotonic ms */
	char way_text[IN_TEXT_MAX], way_link[IN_TEXT_MAX];
	bool answered;
	/* of mixer-memory */
	struct buffer notes;	   /* that are to be given for it */
	uint64_t asked;		   /* number of the last question */
	bool told;		   /* the answer has come */
	const struct slice *found; /* values, in the arena; or NULL */
	size_t found_count;
};

/* --- in_qmgr.c --- */

/* in_connect - connect to qmgr and read the settings; false: it is away.  What
 * is wrong with them ends the worker */
bool in_connect(struct in *in);

/* in_reconnect - connect to the qmgr that comes in place of one that is gone;
 * false: there is none yet */
bool in_reconnect(struct in *in);

/* in_give - give qmgr a record, with those that follow it: a message is one
 * write, and qmgr is woken once.  ERR_CLOSED: it is gone */
int in_give(struct in *in, const struct ipc_record *record) WARN_UNUSED;

/* in_has_gathered - tell whether records wait for others */
bool in_has_gathered(const struct in *in);

/* in_flush - write the records that wait for others */
void in_flush(struct in *in);

/* in_receive - write what waits, and take the next record of qmgr's;
 * ERR_CLOSED: it is gone */
int in_receive(struct in *in) WARN_UNUSED;

/* in_knows_way - tell whether a recipient was served a moment ago: it is asked
 * for again with the message */
bool in_knows_way(const struct in *in, const struct in_recipient *recipient);

/* in_note_way - note that a recipient is served */
void in_note_way(struct in *in, const struct in_recipient *recipient);

/* in_ask_way - ask qmgr for the way of an address, into way; false: it is
 * gone */
bool in_ask_way(struct in *in, const struct or_address *address);

/* in_ask_room - ask qmgr for room for a message of so many octets, into
 * has_room and way_text; false: it is gone */
bool in_ask_room(struct in *in, uint64_t octets);

/* in_forget_heard - tell qmgr that the client has heard all answers of this
 * connection */
void in_forget_heard(struct in *in);

/* --- in_lmtp.c --- */

/* in_lmtp - do what an event of the engine asks for */
void in_lmtp(struct in *in, enum lmtp_event event);

/* in_forget - forget the message at hand */
void in_forget(struct in *in);

/* in_say - set a reply; text may come from outside */
void in_say(struct in_reply *reply, unsigned code, const char *enhanced,
    const char *text);

/* in_say_refused - set a reply to the reason and diagnostic of X.400 */
void in_say_refused(
    struct in_reply *reply, int reason, int diagnostic, const char *text);

/* in_notice - have it logged that the client did something wrong */
void in_notice(const struct in *in, const char *reason);

/* --- in_submit.c --- */

/* in_submit - submit the message, and say of each recipient what becomes of
 * it */
void in_submit(struct in *in);

/* --- in_key.c --- */

/* in_key_recipient - compute by what a recipient is known */
int in_key_recipient(const struct lmtp_recipient *recipient,
    uint8_t hash[IPC_RECIPIENT_LEN]) WARN_UNUSED;

/* in_key_new - make what computes keys, once a process; NULL: no memory */
struct in_key_state *in_key_new(void);

/* in_key_begin - begin with a content.  ERR_NOMEM */
int in_key_begin(struct in_key_state *state) WARN_UNUSED;

/* in_key_push - take octets of it.  ERR_NOMEM */
int in_key_push(struct in_key_state *state, struct slice octets) WARN_UNUSED;

/* in_key_make - compute the key of a message whose content was read */
int in_key_make(struct in *in) WARN_UNUSED;

/* --- in_envelope.c --- */

/* in_envelope_message - write the envelope of the message, for those that are
 * pending */
int in_envelope_message(struct in *in, struct buffer *envelope) WARN_UNUSED;

/* in_envelope_report - write the envelope of a report to this address */
int in_envelope_report(struct in *in, const struct or_address *to,
    struct buffer *envelope) WARN_UNUSED;

/* in_envelope_receipt - write the envelope of a receipt from one user to
 * another */
int in_envelope_receipt(struct in *in, const struct or_name *from,
    const struct or_address *to, struct buffer *envelope) WARN_UNUSED;

/* in_report_make - make the report that a notification is, for whom the message
 * came from, with its envelope.  ERR_NOTFOUND: it is none; other errors too */
int in_report_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content) WARN_UNUSED;

/* in_receipt_make - make the receipt that a notification is, likewise */
int in_receipt_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content) WARN_UNUSED;

/* --- in_memory.c --- */

/* in_memory_note - give qmgr, for the submission that is open, what
 * mixer-memory is to remember of the message and of those that are pending,
 * numbered from 1 */
int in_memory_note(struct in *in) WARN_UNUSED;

/* in_memory_ask - ask mixer-memory for the values of at most MEMORY_TEXTS_MAX
 * keys, and wait for 200 ms: how many are in in->found, empty where it has
 * none; 0: it does not answer */
size_t in_memory_ask(struct in *in, const struct slice *keys, size_t count);

/* in_memory_take - take its answer */
void in_memory_take(struct in *in, const struct ipc_memory_ask *answer);

#endif
