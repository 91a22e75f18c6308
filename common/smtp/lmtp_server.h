/* SPDX-License-Identifier: ISC */
/*
 * lmtp_server.h - the side of LMTP that takes messages (RFC 2033), without a
 * socket
 *
 * Announced: PIPELINING (RFC 2920), ENHANCEDSTATUSCODES (2034), 8BITMIME
 * (6152), SIZE (1870), DSN (3461).  What the client sent is read into the
 * engine, what it is to get is in `out`; in between the caller is asked:
 *
 *	lmtp_server_reserve(&server, room, &octets);
 *	lmtp_server_commit(&server, read(fd, octets, room));
 *	while ((event = lmtp_server_next(&server)) != LMTP_NOTHING)
 *		switch (event) {
 *		case LMTP_MAIL:		look at server.mail, reply
 *		case LMTP_RECIPIENT:	look at server.recipient, reply
 *		case LMTP_CONTENT:	take server.content
 *		case LMTP_END:		reply for each recipient that was taken
 *		case LMTP_ABANDONED:	forget the transaction
 *		case LMTP_CLOSE:	write what is in `out`, and close
 *		}
 *
 * lmtp_server_reply answers the event at hand; the engine answers all others by
 * itself, in their order.  Replies of 2xx take the sender, respectively the
 * recipient.  After LMTP_END as many replies are due as recipients were taken.
 *
 * A message ends at CR LF "." CR LF and nowhere else; so what is behind a bare
 * CR or LF is never read as a command.  A content with one of these, or longer
 * than max_size, is read to its end and then refused by the engine for each
 * recipient: LMTP_ABANDONED is the event.  Lines of commands have at most
 * LMTP_LINE_MAX octets, and end with CR LF.
 *
 * Whoever speaks another protocol is sent away at once, before more of it can
 * look like LMTP: whoever begins with no command of LMTP, or sends BDAT.
 */
#ifndef FOURPOST_SMTP_LMTP_SERVER_H
#define FOURPOST_SMTP_LMTP_SERVER_H

#include "base/buffer.h"

#define LMTP_LINE_MAX	    4096 /* of a command, with its end */
#define LMTP_PATH_MAX	    2048 /* a slash address is long */
#define LMTP_ENVID_MAX	    100	 /* RFC 3461 4.4, decoded */
#define LMTP_ORCPT_MAX	    500	 /* RFC 3461 4.2 */
#define LMTP_ERRORS_MAX	    20	 /* then the connection is closed */
#define LMTP_OUT_MAX	    (1024 * 1024)
#define LMTP_RECIPIENTS_MAX 1000 /* of one message */

enum lmtp_event {
	LMTP_NOTHING, /* until more is pushed */
	LMTP_MAIL,
	LMTP_RECIPIENT,
	LMTP_CONTENT,
	LMTP_END,
	LMTP_ABANDONED, /* RSET, LHLO, QUIT, or a content that is refused */
	LMTP_CLOSE
};

enum lmtp_ret {
	LMTP_RET_NONE, /* not said */
	LMTP_RET_FULL,
	LMTP_RET_HDRS
};

/* NOTIFY of a recipient, joined; 0: not said */
enum lmtp_notify {
	LMTP_NOTIFY_NEVER = 1,
	LMTP_NOTIFY_SUCCESS = 2,
	LMTP_NOTIFY_FAILURE = 4,
	LMTP_NOTIFY_DELAY = 8
};

struct lmtp_mail {
	char from[LMTP_PATH_MAX]; /* empty: <> */
	uint64_t size;		  /* 0: not said */
	bool eight_bit;
	enum lmtp_ret ret;
	char envid[LMTP_ENVID_MAX]; /* decoded; may hold any octet */
	size_t envid_len;
};

struct lmtp_recipient {
	char to[LMTP_PATH_MAX];
	unsigned notify;
	char orcpt_type[32];
	char orcpt[LMTP_ORCPT_MAX]; /* decoded; may hold any octet */
	size_t orcpt_len;
};

struct lmtp_server {
	struct buffer out; /* for the client; the caller consumes it */
	struct lmtp_mail mail;
	struct lmtp_recipient recipient;
	struct slice content; /* of LMTP_CONTENT, until the next call */
	unsigned recipients;  /* that were taken */
	const char *why; /* of LMTP_ABANDONED and LMTP_CLOSE: what the client
			    did wrong; NULL: nothing */
	bool quit;	 /* LMTP_CLOSE: the client said QUIT */

	/* private */
	const char *name;
	uint64_t max_size;
	struct buffer in;
	enum {
		LMTP_STATE_COMMAND,
		LMTP_STATE_MAIL,      /* a reply is due */
		LMTP_STATE_RECIPIENT, /* a reply is due */
		LMTP_STATE_CONTENT,
		LMTP_STATE_END, /* replies are due */
		LMTP_STATE_CLOSED
	} state;
	bool greeted, has_mail;
	unsigned due;	 /* replies after LMTP_END */
	unsigned errors; /* of commands */
	enum {
		LMTP_AT_START, /* of a line */
		LMTP_AT_DOT,
		LMTP_AT_DOT_CR,
		LMTP_WITHIN,
		LMTP_AT_CR
	} at;
	uint64_t length;      /* of the content, so far */
	bool bare, too_large; /* it is */
	uint8_t piece[2];     /* octets that were held back */
};

/* lmtp_server_init - begin with the greeting; name is ours, and is borrowed.
 * max_size 0: no limit.  ERR_NOMEM */
int lmtp_server_init(struct lmtp_server *server, const char *name,
    uint64_t max_size) WARN_UNUSED;
void lmtp_server_fini(struct lmtp_server *server);

/* lmtp_server_between - tell whether the client is between two messages, and
 * nothing of a command has come */
bool lmtp_server_between(const struct lmtp_server *server);

/* lmtp_server_give_up - send the client away for the time being, with 421 */
void lmtp_server_give_up(struct lmtp_server *server, const char *text);

/* lmtp_server_room - tell how many octets may be reserved now */
size_t lmtp_server_room(const struct lmtp_server *server);

/* lmtp_server_reserve - make room for octets of the client, at most as many as
 * there is room for; lmtp_server_commit takes those that were read there.
 * ERR_LIMIT, ERR_NOMEM */
int lmtp_server_reserve(
    struct lmtp_server *server, size_t len, uint8_t **room) WARN_UNUSED;
void lmtp_server_commit(struct lmtp_server *server, size_t len);

/* lmtp_server_next - get the next event; LMTP_NOTHING too where a reply is due
 * or `out` is full */
enum lmtp_event lmtp_server_next(struct lmtp_server *server);

/*
 * lmtp_server_reply - answer the event at hand
 *
 * code is 250, 4xx or 5xx; enhanced "2.1.5" and the like.  The text is cut at
 * its first octet that is not printable ASCII.
 */
void lmtp_server_reply(struct lmtp_server *server, unsigned code,
    const char *enhanced, const char *text);

#endif
