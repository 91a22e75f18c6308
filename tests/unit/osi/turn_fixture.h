/* SPDX-License-Identifier: ISC */
/*
 * turn_fixture.h - two sides that may both send
 */
#ifndef FOURPOST_TESTS_TURN_FIXTURE_H
#define FOURPOST_TESTS_TURN_FIXTURE_H

#include "osi/association_turn.h"
#include "tests/unit/osi/association_fixture.h"

int two_way_listen(struct pair *pair);

void two_way_accept(struct pair *pair);

/* two_way_open - open both sides, in one thread */
void two_way_open(struct pair *pair, enum association_role turn);

/* two_way_expect - expect this as the next event of one side */
struct association_event
two_way_expect(struct association *a, enum association_event_kind kind);

/* two_way_on_wire - expect one DT with this TSDU on the wire */
void two_way_on_wire(int fd, struct slice tsdu);

void two_way_nothing(struct association *a);

#endif
