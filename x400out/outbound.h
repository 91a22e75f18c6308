/* SPDX-License-Identifier: ISC */
/*
 * outbound.h - the worker of an association that we open
 *
 * One process, one connection of qmgr's, one association.  outbound.c is its
 * life, open.c the way to a bound association; what passes over it is
 * traffic/.
 */
#ifndef FOURPOST_X400OUT_OUTBOUND_H
#define FOURPOST_X400OUT_OUTBOUND_H

#include "traffic/serve.h"

/* outbound_run - serve one association, from the start to the exit */
void outbound_run(struct traffic *traffic) __attribute__((noreturn));

/* open_resolve - look up the addresses of the link, before confinement */
int open_resolve(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

/* open_secure - take over the keys for a link that requires TLS, before
 * confinement */
int open_secure(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

/*
 * open_association - try the addresses in order until one is bound
 *
 * 0: bound, and the peer is who it should be.  Else qmgr was told why not.
 */
int open_association(struct traffic *traffic) WARN_UNUSED;

/*
 * open_again - open another association within a transfer that was cut, and
 * tell qmgr nothing
 *
 * lost is to be recovered at its address; at the others, which may be reached
 * when that is not, a bind is made.  NULL: a bind at any.  ERR_NOTFOUND: the
 * peer cannot recover it.
 */
int open_again(
    struct traffic *traffic, const struct traffic_lost *lost) WARN_UNUSED;

#endif
