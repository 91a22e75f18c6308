/* SPDX-License-Identifier: ISC */
/*
 * lmtp_content.c - the content of a message as an LMTP client sends it
 *
 * Contract in lmtp_content.h.
 */
#include "smtp/lmtp_content.h"

#include "smtp/smtp_lines.h"

/* begins_run - tell whether an octet is one of a line, and no dot before it */
static bool
begins_run(const struct lmtp_server *server, uint8_t c)
{
	switch (server->at) {
	case LMTP_WITHIN:
		return c != '\n';
	case LMTP_AT_START:
		return c != '\n' && c != '.';
	case LMTP_AT_DOT:
		return c != '\n' && c != '\r';
	case LMTP_AT_DOT_CR:
	case LMTP_AT_CR:
		break;
	}
	return false;
}

/* lmtp_content_run - take the octets at the front that are handed on as they
 * are */
size_t
lmtp_content_run(struct lmtp_server *server, struct slice in)
{
	size_t at = 1;

	if (in.len == 0 || !begins_run(server, in.data[0]))
		return 0;
	at = smtp_lines_run(in, at);
	/* Of a CR nothing is known before the next octet. */
	if (in.data[at - 1] == '\r')
		at--;
	if (at > 0)
		server->at =
		    in.data[at - 1] == '\n' ? LMTP_AT_START : LMTP_WITHIN;
	return at;
}

/* within - take an octet that is not at the start of a line */
static void
within(struct lmtp_server *server, uint8_t c, size_t *made)
{
	server->at = LMTP_WITHIN;
	if (c == '\r') {
		server->at = LMTP_AT_CR;
		return;
	}
	server->bare = server->bare || c == '\n';
	server->piece[0] = c;
	*made = 1;
}

/* lmtp_content_octet - take an octet */
bool
lmtp_content_octet(struct lmtp_server *server, uint8_t c, size_t *made)
{
	*made = 0;
	switch (server->at) {
	case LMTP_AT_START:
		if (c == '.')
			server->at = LMTP_AT_DOT;
		else
			within(server, c, made);
		break;
	case LMTP_AT_DOT:
		if (c == '\r')
			server->at = LMTP_AT_DOT_CR;
		else
			within(server, c, made);
		break;
	case LMTP_AT_DOT_CR:
		if (c == '\n')
			return true;
		server->bare = true;
		within(server, c, made);
		break;
	case LMTP_AT_CR:
		if (c == '\n') {
			memcpy(server->piece, "\r\n", 2);
			*made = 2;
			server->at = LMTP_AT_START;
			break;
		}
		server->bare = true;
		within(server, c, made);
		break;
	case LMTP_WITHIN:
		within(server, c, made);
		break;
	}
	return false;
}
