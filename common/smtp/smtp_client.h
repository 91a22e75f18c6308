/* SPDX-License-Identifier: ISC */
/*
 * smtp_client.h - the side of SMTP that sends messages (RFC 5321), without a
 * socket
 *
 * What the server sent is pushed, what it is to get is in `out`; in between the
 * caller hears what happened:
 *
 *	smtp_client_push(&client, octets);
 *	while ((event = smtp_client_next(&client)) != SMTP_NOTHING)
 *		switch (event) {
 *		case SMTP_READY:	smtp_client_begin(&client, &transaction)
 *		case SMTP_RECIPIENT:	look at client.recipient, client.reply
 *		case SMTP_CONTENT:	smtp_client_content … _content_end
 *		case SMTP_SENT:		client.reply is that of the message
 *		case SMTP_NOT_SENT:	nobody has it; client.reply is why
 *		case SMTP_TLS:		begin TLS, then smtp_client_secured
 *		case SMTP_REFUSED:	the server takes nothing; close
 *		case SMTP_CLOSED:	the server says good bye; close
 *		case SMTP_BROKEN:	the server speaks something else; close
 *		}
 *
 * MAIL, RCPT and DATA go together where the server has PIPELINING.  ENVID, RET,
 * NOTIFY and ORCPT are sent where it has DSN, SIZE and BODY where it has these.
 * SMTP_READY comes again after each transaction.  A connection that ends after
 * smtp_client_content_end and before SMTP_SENT leaves in doubt whether the
 * message was taken; smtp_client_in_doubt tells.
 *
 * Contents have lines that end with CR LF; dots are doubled here.  A bare CR or
 * LF is refused: some servers would take it for the end of a line.
 */
#ifndef FOURPOST_SMTP_SMTP_CLIENT_H
#define FOURPOST_SMTP_SMTP_CLIENT_H

#include "base/buffer.h"
#include "smtp/smtp_reply.h"
#include "smtp/smtp_tls.h"

#define SMTP_OUT_MAX (1024 * 1024)

enum smtp_event {
	SMTP_NOTHING,
	SMTP_READY,
	SMTP_RECIPIENT,
	SMTP_CONTENT,
	SMTP_SENT,
	SMTP_NOT_SENT,
	SMTP_TLS,
	SMTP_REFUSED,
	SMTP_CLOSED,
	SMTP_BROKEN
};

/* The extensions that the server has, joined. */
enum smtp_extension {
	SMTP_HAS_PIPELINING = 1,
	SMTP_HAS_SIZE = 2,
	SMTP_HAS_8BITMIME = 4,
	SMTP_HAS_DSN = 8,
	SMTP_HAS_STARTTLS = 16
};

struct smtp_recipient {
	const char *to;	    /* without < and > */
	const char *notify; /* "NEVER", "SUCCESS,FAILURE"; NULL: not said */
	const char *orcpt;  /* "x400;…", as xtext; NULL: not said */
};

/* A message for one connection; all borrowed until SMTP_SENT or _NOT_SENT. */
struct smtp_transaction {
	const char *from;  /* "": <> */
	const char *envid; /* as xtext; NULL: not said */
	const char *ret;   /* "FULL", "HDRS"; NULL: not said */
	uint64_t size;	   /* octets, 0: not known */
	bool eight_bit;
	bool probe; /* no message: SMTP_NOT_SENT comes after the recipients */
	const struct smtp_recipient *recipients;
	size_t count;
};

struct smtp_client {
	struct buffer out;
	struct smtp_reply reply; /* of the event */
	size_t recipient;	 /* of SMTP_RECIPIENT: its index */
	unsigned extensions;	 /* of the server */
	uint64_t server_size;	 /* that it takes; 0: not said */

	/* private */
	const char *name;
	enum smtp_tls tls;
	bool secured;
	bool plain; /* the server knows no EHLO */
	struct buffer in;
	enum smtp_state {
		SMTP_STATE_GREETING,
		SMTP_STATE_EHLO,
		SMTP_STATE_STARTTLS,
		SMTP_STATE_HANDSHAKE,
		SMTP_STATE_READY,
		SMTP_STATE_IDLE,
		SMTP_STATE_MAIL,
		SMTP_STATE_RCPT,
		SMTP_STATE_DATA,
		SMTP_STATE_CONTENT,
		SMTP_STATE_FINAL,
		SMTP_STATE_RSET,
		SMTP_STATE_QUIT,
		SMTP_STATE_ENDED
	} state;
	const struct smtp_transaction *transaction;
	struct smtp_reply why; /* that nobody has it */
	size_t taken;	       /* recipients */
	bool refused;	       /* MAIL was */
	bool line_start, after_cr;
	bool unanswered; /* the whole message was sent */
};

/* smtp_client_init - begin; name is ours for EHLO, and is borrowed */
void smtp_client_init(
    struct smtp_client *client, const char *name, enum smtp_tls tls);
void smtp_client_fini(struct smtp_client *client);

/* smtp_client_push - take octets of the server.  ERR_LIMIT, ERR_NOMEM */
int
smtp_client_push(struct smtp_client *client, struct slice octets) WARN_UNUSED;

/* smtp_client_next - get the next event */
enum smtp_event smtp_client_next(struct smtp_client *client);

/* smtp_client_secured - go on after TLS has begun; what came before it is
 * dropped.  ERR_LIMIT, ERR_NOMEM */
int smtp_client_secured(struct smtp_client *client) WARN_UNUSED;

/* smtp_client_begin - begin a transaction, after SMTP_READY.  ERR_VALUE: a text
 * that would be more than one command.  ERR_LIMIT, ERR_NOMEM */
int smtp_client_begin(struct smtp_client *client,
    const struct smtp_transaction *transaction) WARN_UNUSED;

/* smtp_client_content - send a piece of the content, after SMTP_CONTENT.
 * ERR_VALUE: a bare CR or LF.  ERR_LIMIT: `out` must be written first; nothing
 * was taken.  ERR_NOMEM */
int
smtp_client_content(struct smtp_client *client, struct slice piece) WARN_UNUSED;

/* smtp_client_content_end - end the content.  ERR_LIMIT, ERR_NOMEM */
int smtp_client_content_end(struct smtp_client *client) WARN_UNUSED;

/* smtp_client_quit - say good bye, after SMTP_READY.  ERR_LIMIT, ERR_NOMEM */
int smtp_client_quit(struct smtp_client *client) WARN_UNUSED;

/* smtp_client_in_doubt - tell whether the server may have taken the message
 * although no reply has come */
bool smtp_client_in_doubt(const struct smtp_client *client);

#endif
