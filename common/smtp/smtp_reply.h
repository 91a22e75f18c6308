/* SPDX-License-Identifier: ISC */
/*
 * smtp_reply.h - a reply of an SMTP server (RFC 5321 4.2, RFC 2034)
 */
#ifndef FOURPOST_SMTP_SMTP_REPLY_H
#define FOURPOST_SMTP_SMTP_REPLY_H

#include "base/buffer.h"

#define SMTP_REPLY_LINE_MAX 2048
#define SMTP_REPLY_TEXT_MAX 1024
#define SMTP_REPLY_LINES    128

struct smtp_reply {
	unsigned code;			/* 200 to 599 */
	unsigned class, topic, detail;	/* of X.Y.Z; class 0: there is none */
	char text[SMTP_REPLY_TEXT_MAX]; /* of all lines, each ended by \n;
					 * printable ASCII alone */
};

/* smtp_reply_take - take a whole reply from a buffer: 1, or 0 where more must
 * come.  ERR_SYNTAX, ERR_LIMIT */
int smtp_reply_take(struct buffer *in, struct smtp_reply *reply) WARN_UNUSED;

/* smtp_reply_succeeds - tell whether a reply says that it is done */
bool smtp_reply_succeeds(const struct smtp_reply *reply);

/* smtp_reply_format - write code, enhanced code and first line of a reply */
void smtp_reply_format(const struct smtp_reply *reply, char *text, size_t size);

#endif
