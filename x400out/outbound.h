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

#include "traffic/engine/traffic.h"

/* outbound_run - the whole life, from the listening socket to the exit */
void outbound_run(struct traffic *traffic) __attribute__((noreturn));

/* open_resolve - the addresses of the link, before confinement */
int open_resolve(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

/*
 * open_association - try the addresses in order until one is bound
 *
 * 0: bound, and the peer is who it should be.  Else qmgr was told why not.
 */
int open_association(struct traffic *traffic) WARN_UNUSED;

/*
 * open_again - the same within a transfer that was cut; qmgr is told nothing
 *
 * lost is to be recovered at its address; at the others, which may be reached
 * when that is not, a bind is made.  NULL: a bind anyhow.  ERR_NOTFOUND: the
 * peer cannot recover it.
 */
int open_again(
    struct traffic *traffic, const struct traffic_lost *lost) WARN_UNUSED;

#endif
