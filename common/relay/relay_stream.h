/* SPDX-License-Identifier: ISC */
/*
 * relay_stream.h - octets to and from the SMTP server, within TLS or not
 *
 * Private to common/relay.
 */
#ifndef FOURPOST_RELAY_RELAY_STREAM_H
#define FOURPOST_RELAY_RELAY_STREAM_H

#include "relay/relay.h"

/* relay_lose - note why the session is over; the first reason stays.
 * ERR_CLOSED */
int relay_lose(struct relay *relay, const char *why);

/* relay_secure - do the TLS handshake.  ERR_CLOSED */
int relay_secure(struct relay *relay) WARN_UNUSED;

/* relay_read - give the client what the server has sent, if anything.
 * ERR_CLOSED */
int relay_read(struct relay *relay) WARN_UNUSED;

/* relay_await - wait until the server may have sent something.  ERR_CLOSED */
int relay_await(struct relay *relay, uint64_t deadline) WARN_UNUSED;

#endif
