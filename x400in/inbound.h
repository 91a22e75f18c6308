/* SPDX-License-Identifier: ISC */
/*
 * inbound.h - the worker of associations that peers open
 *
 * One process, one connection to qmgr, one association at a time; after the
 * first that was bound it exits.  inbound.c is its life, greet.c the bind; what
 * passes over the association is traffic/.
 */
#ifndef FOURPOST_X400IN_INBOUND_H
#define FOURPOST_X400IN_INBOUND_H

#include "traffic/serve.h"
#include "x400in/callable.h"

/* inbound_run - serve connections, from the start to the exit */
void inbound_run(struct traffic *traffic) __attribute__((noreturn));

/*
 * greet_peer - take an accepted connection to a bound association
 *
 * callable says by which selectors.  0: bound.  Else it was refused or lost,
 * and logged.
 */
int greet_peer(
    struct traffic *traffic, const struct callable *callable) WARN_UNUSED;

#endif
