/* SPDX-License-Identifier: ISC */
/*
 * lmtp_content.h - the content of a message as an LMTP client sends it: dots at
 * the beginning of lines taken off, up to the line that is a dot (RFC 5321
 * 4.5.2)
 *
 * Most octets are handed on where they lie, in runs; the few that decide
 * something, one by one.
 */
#ifndef FOURPOST_SMTP_LMTP_CONTENT_H
#define FOURPOST_SMTP_LMTP_CONTENT_H

#include "smtp/lmtp_server.h"

/* lmtp_content_run - take the octets at the front that are handed on as they
 * are: how many, none if the first is no such */
size_t lmtp_content_run(struct lmtp_server *server, struct slice in);

/* lmtp_content_octet - take an octet, and note in server->bare that a CR or LF
 * stands alone; *made: how many are to be handed on, of server->piece.  True:
 * the content has ended */
bool lmtp_content_octet(struct lmtp_server *server, uint8_t c, size_t *made);

#endif
