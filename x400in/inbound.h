/* SPDX-License-Identifier: ISC */
/*
 * inbound.h - the worker of associations that peers open
 *
 * One process, one connection to qmgr, one association at a time; after one
 * that was bound it exits.  inbound.c is its life, greet.c the bind; what
 * passes over the association is traffic/.
 */
#ifndef FOURPOST_X400IN_INBOUND_H
#define FOURPOST_X400IN_INBOUND_H

#include "traffic/engine/traffic.h"

/* inbound_run - the whole life, from the start to the exit */
void inbound_run(struct traffic *traffic) __attribute__((noreturn));

/*
 * inbound_qmgr - a connection to qmgr, instead of the one that there was
 *
 * Also ERR_CANCELLED.
 */
int inbound_qmgr(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

/*
 * greet - from an accepted connection to a bound association
 *
 * 0: bound.  Else it was refused or lost, and logged.
 */
int greet(struct traffic *traffic) WARN_UNUSED;

#endif
