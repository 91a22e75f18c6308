/* SPDX-License-Identifier: ISC */
/*
 * further_test.c - a presentation context by which both sides say that they
 * know something more
 */
#include "tests/unit/osi/association_fixture.h"

/* What the responder does about the syntax that the initiator proposes. */
enum responder {
	KNOWS,
	KNOWS_NOT,
	KNOWS_ANOTHER,
	DENIES /* when it has learnt who calls */
};

/* respond - listen, accept, receive to the end, as pair->arg says */
static void
respond(struct pair *pair)
{
	enum responder how = *(enum responder *)pair->arg;
	struct association_parameters parameters = pair->parameters;

	parameters.further_syntax = how == KNOWS_NOT ? slice_of(NULL, 0)
	    : how == KNOWS_ANOTHER		     ? LITERAL("\x69\x02")
						     : LITERAL("\x69\x01");
	pair->result = association_listen(
	    &pair->there, pair->fd[1], &parameters, &pair->indication);
	if (pair->result == 0 && how == DENIES)
		association_deny_further(&pair->there);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 30, 5);
	if (pair->result == 0)
		pair_receive(pair);
}

/* is_known - open an association, transfer something, release it; whether both
 * sides say that they know the syntax */
static bool
is_known(struct slice proposed, enum responder how)
{
	struct pair pair;
	uint64_t sum = 0;
	bool known;

	pair_init(&pair);
	pair.parameters.further_syntax = proposed;
	pair.arg = &how;
	pair_start(&pair, respond);
	ck_assert_int_eq(pair_open(&pair), 0);
	known = pair.here.further;
	ck_assert_int_eq(pair_send(&pair, 600, &sum), 0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_int_eq(pair.there.further, known);
	ck_assert_uint_eq(pair.sum, sum);
	pair_fini(&pair);
	return known;
}

START_TEST(agreed)
{
	ck_assert(is_known(LITERAL("\x69\x01"), KNOWS));
	ck_assert(!is_known(LITERAL("\x69\x01"), KNOWS_NOT));
	ck_assert(!is_known(LITERAL("\x69\x01"), KNOWS_ANOTHER));
	ck_assert(!is_known(LITERAL("\x69\x01"), DENIES));
	ck_assert(!is_known(slice_of(NULL, 0), KNOWS));
	ck_assert(!is_known(slice_of(NULL, 0), DENIES));
}
END_TEST

TEST_MAIN("osi/further", TEST(agreed))
