/* SPDX-License-Identifier: ISC */
/*
 * token_test.c - the states of RTSE's token and the events between them
 */
#include "tests/unit/test.h"
#include "traffic/engine/token.h"

/* go - let events happen one after the other, up to -1; the state then */
static enum token_state
go(struct token *token, const int *events)
{
	for (; *events >= 0; events++)
		token_event(token, (enum token_event) * events);
	return token->state;
}

/* The token moves there and back; its counts begin again each time. */
START_TEST(there_and_back)
{
	struct token token;

	token_init(&token, TOKEN_OURS);
	ck_assert(token_is_ours(&token));
	ck_assert_int_eq(token.state, TOKEN_OURS);
	token.wanted = 3;
	ck_assert_int_eq(
	    go(&token,
		(const int[]){TOKEN_EV_SENT, TOKEN_EV_SENT, TOKEN_EV_GIVE, -1}),
	    TOKEN_GIVEN);
	ck_assert_uint_eq(token.sent, 2);
	ck_assert_uint_eq(token.wanted, 0);
	ck_assert(!token_is_ours(&token));
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_TAKEN, -1}), TOKEN_PEERS);
	token.asked = 1;
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_ASK, TOKEN_EV_BEGUN, -1}),
	    TOKEN_ASKED);
	ck_assert_int_eq(token.asked, 1);
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_USED, -1}), TOKEN_OURS);
	ck_assert_int_eq(token.asked, TOKEN_NOT_ASKED);
	ck_assert_uint_eq(token.sent, 0);
}
END_TEST

/* A peer that sent nothing waits for one transfer of ours. */
START_TEST(unused)
{
	struct token token;

	token_init(&token, TOKEN_PEERS);
	ck_assert_int_eq(token.state, TOKEN_PEERS);
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_UNUSED, -1}), TOKEN_RETURNED);
	ck_assert(token_is_ours(&token));
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_SENT, -1}), TOKEN_OURS);
}
END_TEST

/* To release, the turn is waited for; a transfer of the peer's comes first. */
START_TEST(release)
{
	struct token token;

	token_init(&token, TOKEN_PEERS);
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_ASK, TOKEN_EV_RELEASE, -1}),
	    TOKEN_RELEASING);
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_BEGUN, -1}), TOKEN_ASKED);
	ck_assert_int_eq(
	    go(&token, (const int[]){TOKEN_EV_RELEASE, TOKEN_EV_USED, -1}),
	    TOKEN_OURS);
}
END_TEST

/* Events that mean nothing in a state leave it: nothing is asked for that is
 * ours, or that the peer has not acknowledged. */
START_TEST(nothing)
{
	struct token token;

	token_init(&token, TOKEN_OURS);
	ck_assert_int_eq(go(&token,
			     (const int[]){TOKEN_EV_ASK, TOKEN_EV_RELEASE,
				 TOKEN_EV_TAKEN, TOKEN_EV_BEGUN, -1}),
	    TOKEN_OURS);
	ck_assert_int_eq(go(&token,
			     (const int[]){TOKEN_EV_GIVE, TOKEN_EV_ASK,
				 TOKEN_EV_RELEASE, -1}),
	    TOKEN_GIVEN);
}
END_TEST

TEST_MAIN("traffic/token", TEST(there_and_back), TEST(unused), TEST(release),
    TEST(nothing))
