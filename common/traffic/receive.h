/* SPDX-License-Identifier: ISC */
/*
 * receive.h - the events of the association
 */
#ifndef FOURPOST_TRAFFIC_RECEIVE_H
#define FOURPOST_TRAFFIC_RECEIVE_H

#include "traffic/engine/traffic.h"

/* receive_events - handle what the peer has sent, as far as it is here and
 * qmgr has room for it */
void receive_events(struct traffic *traffic);

#endif
