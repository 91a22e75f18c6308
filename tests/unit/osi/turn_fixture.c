/* SPDX-License-Identifier: ISC */
/*
 * turn_fixture.c - two sides that may both send; see turn_fixture.h
 */
#include "tests/unit/osi/turn_fixture.h"

int
two_way_listen(struct pair *pair)
{
	struct association_parameters parameters = pair->parameters;

	parameters.called_tsel = slice_of(NULL, 0);
	parameters.dialogue = ASSOCIATION_TWO_WAY;
	parameters.turn = ASSOCIATION_INITIATOR;
	return association_listen(
	    &pair->there, pair->fd[1], &parameters, &pair->indication);
}

void
two_way_accept(struct pair *pair)
{
	pair->result = two_way_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 2, 3);
}

void
two_way_open(struct pair *pair, enum association_role turn)
{
	pair_init(pair);
	pair->parameters.dialogue = ASSOCIATION_TWO_WAY;
	pair->parameters.turn = turn;
	pair_start(pair, two_way_accept);
	ck_assert_int_eq(pair_open(pair), 0);
	pair_join(pair);
	ck_assert_int_eq(pair->result, 0);
	ck_assert_int_eq(pair->here.dialogue, ASSOCIATION_TWO_WAY);
	ck_assert_int_eq(pair->there.dialogue, ASSOCIATION_TWO_WAY);
}

struct association_event
two_way_expect(struct association *a, enum association_event_kind kind)
{
	struct association_event event;

	ck_assert_int_eq(association_receive(a, &event, clock_after(60000)), 0);
	ck_assert_int_eq(event.kind, kind);
	return event;
}

void
two_way_on_wire(int fd, struct slice tsdu)
{
	uint8_t octets[64];
	ssize_t got = recv(fd, octets, sizeof(octets), MSG_PEEK);

	ck_assert_int_eq(got, (ssize_t)tsdu.len + 7);
	ck_assert_uint_eq(octets[3], (uint8_t)(tsdu.len + 7));
	ck_assert_mem_eq(octets + 7, tsdu.data, tsdu.len);
}

void
two_way_nothing(struct association *a)
{
	struct association_event event;

	ck_assert_int_eq(association_receive(a, &event, 0), ERR_AGAIN);
}
