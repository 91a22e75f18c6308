/* SPDX-License-Identifier: ISC */
/*
 * relay_ping.h - try the SMTP server of a gateway step by step
 *
 * Connect, greet it, begin TLS as tls says, and name a sender and a recipient,
 * each shown as a row as in traffic/ping.h; then the transaction is taken back.
 * No message is sent.  The sender is the postmaster of mail-domain, the
 * recipient is the server's own, whom each has to take (RFC 5321 4.5.1).
 */
#ifndef FOURPOST_RELAY_RELAY_PING_H
#define FOURPOST_RELAY_RELAY_PING_H

#include "ipc/record.h"
#include "relay/relay.h"

struct relay_ping {
	struct relay relay; /* relay_init before relay_ping_resolve; tls */
	void (*show)(void *arg, const struct ipc_row *row);
	void *arg;
	/* private */
	uint64_t begun; /* the step at hand; monotonic ms */
	bool failed;
};

/* relay_ping_resolve - look up the addresses of the server, before
 * confinement; a name that is not found is a step that failed */
void relay_ping_resolve(struct relay_ping *ping);

/* relay_ping_fail - show a step that the caller did itself, and that failed */
void
relay_ping_fail(struct relay_ping *ping, const char *step, const char *reason);

/* relay_ping_run - go through all steps; true: none failed, but for addresses
 * that did not answer where another did */
bool relay_ping_run(struct relay_ping *ping) WARN_UNUSED;

#endif
