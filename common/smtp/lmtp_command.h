/* SPDX-License-Identifier: ISC */
/*
 * lmtp_command.h - the arguments of MAIL and RCPT (RFC 5321 4.1.2, RFC 3461)
 *
 * For lmtp_server.c alone.
 */
#ifndef FOURPOST_SMTP_LMTP_COMMAND_H
#define FOURPOST_SMTP_LMTP_COMMAND_H

#include "smtp/lmtp_server.h"

/* A reply that the engine gives by itself. */
struct lmtp_reply {
	unsigned code;
	const char *enhanced;
	const char *text;
};

/* lmtp_command_mail - read "FROM:<…> …"; NULL, or why it is refused */
const struct lmtp_reply *
lmtp_command_mail(struct slice arguments, struct lmtp_mail *mail);

/* lmtp_command_recipient - read "TO:<…> …"; NULL, or why it is refused */
const struct lmtp_reply *
lmtp_command_recipient(struct slice arguments, struct lmtp_recipient *to);

/* lmtp_command_is - tell whether a text is a word, without regard to case */
bool lmtp_command_is(struct slice text, const char *word);

#endif
