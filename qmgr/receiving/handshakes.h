/* SPDX-License-Identifier: ISC */
/*
 * handshakes.h - with whom a TLS handshake is done, and how often
 *
 * A handshake costs us a signature before the peer has said who it is.  So a
 * worker asks before it begins one, and handshakes after which no bind was
 * accepted are few:
 *
 *	a stranger's, by its address (IPv6: by its /64): 10 at once, after that
 *	one a second;
 *	those of all strangers together: 50 at once, after that 20 a second;
 *	those of an address that a link has in address or remote-addresses: 100
 *	at once, after that 10 a second.
 *
 * An accepted bind takes back what its handshake was counted.  A caller over
 * the limit finds the connection closed, and calls again by its own rules.
 */
#ifndef FOURPOST_QMGR_HANDSHAKES_H
#define FOURPOST_QMGR_HANDSHAKES_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

#define HANDSHAKES_STRANGER ((struct guard_rate){10, 1000})
#define HANDSHAKES_TOGETHER ((struct guard_rate){50, 50})
#define HANDSHAKES_KNOWN    ((struct guard_rate){100, 100})

struct handshakes;

/* handshakes_new - make the counts.  NULL: no memory */
struct handshakes *handshakes_new(void);

/* handshakes_free - free them; NULL is allowed */
void handshakes_free(struct handshakes *handshakes);

/* handshakes_may - tell whether a handshake with a host is done at now
 * (monotonic ms), and count it if so */
bool handshakes_may(struct qmgr *qmgr, const char *host, uint64_t now);

/* handshakes_good - take back the handshake of a host whose bind is accepted */
void handshakes_good(struct qmgr *qmgr, const char *host);

/* handshakes_take - answer a worker that asks */
int handshakes_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
