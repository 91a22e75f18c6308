/* SPDX-License-Identifier: ISC */
/*
 * serve.h - serve one association: what x400out and x400in have in common
 *
 * In monologue the initiator only sends and the responder only takes; in a
 * two-way alternate association both do both, each while it has the turn
 * (turn.h).  How the association comes about is the program's: x400out calls,
 * x400in is called.
 *
 *	traffic_init; the program opens or accepts an association
 *	traffic_bound, traffic_serve; the program ends it
 *	taken_report, traffic_fini
 */
#ifndef FOURPOST_TRAFFIC_SERVE_H
#define FOURPOST_TRAFFIC_SERVE_H

#include "traffic/engine/traffic.h"
#include "traffic/incoming/submit.h"
#include "traffic/outgoing/outcome.h"
#include "traffic/outgoing/taken.h"

/* traffic_init - begin with nothing but a worker that was started.  state is
 * TRAFFIC_GREETING or TRAFFIC_CALLING */
void traffic_init(struct traffic *traffic, enum traffic_state state);

/* traffic_fini - free everything, say nothing to anybody */
void traffic_fini(struct traffic *traffic);

/*
 * traffic_serve - send and take until somebody ends it
 *
 * When it returns the association is over, or is to be ended by the caller:
 * qmgr is gone, the worker was told to stop, or qmgr wants it released, and
 * the turn for that is ours.
 */
void traffic_serve(struct traffic *traffic);

#endif
