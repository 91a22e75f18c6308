/* SPDX-License-Identifier: ISC */
/*
 * lmtp_push.h - give an engine of LMTP what a client sent, as a socket would
 */
#ifndef FOURPOST_TESTS_LMTP_PUSH_H
#define FOURPOST_TESTS_LMTP_PUSH_H

#include <string.h>

#include "smtp/lmtp_server.h"

/* lmtp_push - give it these octets; errors of lmtp_server_reserve */
static inline int
lmtp_push(struct lmtp_server *server, struct slice octets)
{
	uint8_t *room;
	int error = lmtp_server_reserve(server, octets.len, &room);

	if (error == 0 && octets.len > 0)
		memcpy(room, octets.data, octets.len);
	if (error == 0)
		lmtp_server_commit(server, octets.len);
	return error;
}

#endif
