/* SPDX-License-Identifier: ISC */
/*
 * in.h - take messages by LMTP
 *
 * in.c is the life of the worker: it serves connections one after the other.
 * in_lmtp.c answers what a client says, in_submit.c submits a message, whose
 * envelope in_envelope.c writes.
 *
 * A message is submitted once for each recipient, under a key of its own: the
 * hash of sender, ENVID, recipient and content.  So whoever comes again after
 * a connection that was cut, with all recipients or some, gives nobody a second
 * copy, and each answer stands for a commit.
 */
#ifndef FOURPOST_MIXER_IN_H
#define FOURPOST_MIXER_IN_H

#include "client/submission.h"
#include "mhs/p1.h"
#include "mixer/message_in.h"
#include "mixer/mixer.h"
#include "smtp/lmtp_server.h"

#define IN_TEXT_MAX 256

/* A recipient that was taken. */
struct in_recipient {
	struct or_address address;
	char text[LMTP_PATH_MAX]; /* as the client said it */
	uint32_t indicators;	  /* of P1: which reports are asked for */
};

/* An answer to a client. */
struct in_reply {
	unsigned code;
	char enhanced[16];
	char text[IN_TEXT_MAX];
};

struct in {
	struct mixer mixer;
	int fd; /* of the client */
	struct lmtp_server server;
	struct submitter submitter;
	struct submission submission;
	bool gone;	/* qmgr is */
	uint64_t check; /* number of the last RouteCheck */
	/* of the message at hand */
	struct arena arena;
	struct or_address from;
	struct in_recipient *recipients; /* LMTP_RECIPIENTS_MAX, in the arena */
	struct message_in *message;
	struct message_plan plan; /* of the message, once it was read */
	struct buffer content;
	struct in_reply refused;  /* code 0: its content was read so far */
	struct ipc_route_way way; /* of the last RouteAnswer */
	char way_text[IN_TEXT_MAX], way_link[IN_TEXT_MAX];
	bool way_known;
};

/* in_receive - take the next record of qmgr's; ERR_CLOSED: it is gone */
int in_receive(struct in *in) WARN_UNUSED;

/* in_lmtp - do what an event of the engine asks for */
void in_lmtp(struct in *in, enum lmtp_event event);

/* in_submit - submit the message for one recipient, and say what becomes of it
 */
void in_submit(struct in *in, const struct in_recipient *recipient,
    struct in_reply *reply);

/* in_forget - forget the message at hand */
void in_forget(struct in *in);

/* in_say - set a reply; text may come from outside */
void in_say(struct in_reply *reply, unsigned code, const char *enhanced,
    const char *text);

/* in_say_refused - set a reply to the reason and diagnostic of X.400 */
void in_say_refused(
    struct in_reply *reply, int reason, int diagnostic, const char *text);

/* in_envelope_message - write the envelope of the message for one recipient */
int in_envelope_message(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope) WARN_UNUSED;

/* in_envelope_report - write the envelope of a report to this address */
int in_envelope_report(struct in *in, const struct or_address *to,
    struct buffer *envelope) WARN_UNUSED;

/* in_report_make - make the report that a notification is, for whom the message
 * came from, with its envelope.  ERR_NOTFOUND: it is none; other errors too */
int in_report_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content) WARN_UNUSED;

#endif
