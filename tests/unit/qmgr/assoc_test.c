/* SPDX-License-Identifier: ISC */
/*
 * assoc_test.c - the states of an association, and what is counted with them
 */
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "tests/unit/test.h"

/* Every event that a state has, and the state after it; but that each of them
 * but GONE ends in GONE. */
static const struct {
	enum assoc_state from;
	enum assoc_event event;
	enum assoc_state to;
} changes[] = {
    {ASSOC_STARTING, ASSOC_EV_HELLO, ASSOC_OPENING},
    {ASSOC_STARTING, ASSOC_EV_RETIRE, ASSOC_FAILED},
    {ASSOC_OPENING, ASSOC_EV_BOUND, ASSOC_BOUND},
    {ASSOC_OPENING, ASSOC_EV_FAILED, ASSOC_FAILED},
    {ASSOC_OPENING, ASSOC_EV_RETIRE, ASSOC_FAILED},
    {ASSOC_BOUND, ASSOC_EV_FAILED, ASSOC_LOST},
    {ASSOC_BOUND, ASSOC_EV_RECOVERING, ASSOC_RECOVERING},
    {ASSOC_BOUND, ASSOC_EV_RETIRE, ASSOC_RETIRING},
    {ASSOC_BOUND, ASSOC_EV_RELEASED, ASSOC_RELEASING},
    {ASSOC_RECOVERING, ASSOC_EV_BOUND, ASSOC_BOUND},
    {ASSOC_RECOVERING, ASSOC_EV_FAILED, ASSOC_LOST},
    {ASSOC_RECOVERING, ASSOC_EV_RECOVERING, ASSOC_RECOVERING},
    {ASSOC_RECOVERING, ASSOC_EV_RETIRE, ASSOC_LOST},
    {ASSOC_RETIRING, ASSOC_EV_BOUND, ASSOC_RETIRING},
    {ASSOC_RETIRING, ASSOC_EV_FAILED, ASSOC_UNRELEASED},
    {ASSOC_RETIRING, ASSOC_EV_RECOVERING, ASSOC_RETIRING},
    {ASSOC_RETIRING, ASSOC_EV_RETIRE, ASSOC_RETIRING},
    {ASSOC_RETIRING, ASSOC_EV_TOLD, ASSOC_RELEASING},
    {ASSOC_RETIRING, ASSOC_EV_RELEASED, ASSOC_RELEASING},
    {ASSOC_RELEASING, ASSOC_EV_BOUND, ASSOC_RELEASING},
    {ASSOC_RELEASING, ASSOC_EV_FAILED, ASSOC_UNRELEASED},
    {ASSOC_RELEASING, ASSOC_EV_RECOVERING, ASSOC_RELEASING},
    {ASSOC_RELEASING, ASSOC_EV_RETIRE, ASSOC_RELEASING},
    {ASSOC_RELEASING, ASSOC_EV_RELEASED, ASSOC_RELEASING},
    {ASSOC_LOST, ASSOC_EV_RETIRE, ASSOC_LOST},
    {ASSOC_UNRELEASED, ASSOC_EV_RETIRE, ASSOC_UNRELEASED},
    {ASSOC_FAILED, ASSOC_EV_RETIRE, ASSOC_FAILED},
};

/* after - find the state after an event in the list above */
static enum assoc_state
after(enum assoc_state from, enum assoc_event event)
{
	if (event == ASSOC_EV_GONE)
		return from == ASSOC_GONE ? ASSOC_STATES : ASSOC_GONE;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (changes[i].from == from && changes[i].event == event)
			return changes[i].to;
	return ASSOC_STATES;
}

START_TEST(table)
{
	for (int s = 0; s < ASSOC_STATES; s++) {
		for (int e = 0; e < ASSOC_EVENTS; e++)
			ck_assert_msg(assoc_transition((enum assoc_state)s,
					  (enum assoc_event)e) ==
				after((enum assoc_state)s, (enum assoc_event)e),
			    "%s in %s", assoc_event_name((enum assoc_event)e),
			    assoc_state_name((enum assoc_state)s));
	}
}
END_TEST

/* A link always counts those of its associations that are open. */
START_TEST(open_ones_are_counted)
{
	for (int s = 0; s < ASSOC_STATES; s++) {
		for (int e = 0; e < ASSOC_EVENTS; e++) {
			struct link link = {.bound = 7};
			struct assoc assoc = {
			    .link = &link, .state = (enum assoc_state)s};
			bool before = assoc_is_open(&assoc);
			bool known = after(assoc.state, (enum assoc_event)e) !=
			    ASSOC_STATES;

			ck_assert(assoc_expects(&assoc, (enum assoc_event)e) ==
			    known);
			ck_assert(
			    assoc_change(&assoc, (enum assoc_event)e) == known);
			ck_assert_uint_eq(
			    link.bound, 7U + assoc_is_open(&assoc) - before);
			if (!known)
				ck_assert_int_eq((int)assoc.state, s);
		}
	}
}
END_TEST

/* Every state and event has a name of its own. */
START_TEST(names)
{
	for (int s = 0; s < ASSOC_STATES; s++)
		ck_assert_str_ne(assoc_state_name((enum assoc_state)s), "?");
	for (int e = 0; e < ASSOC_EVENTS; e++)
		ck_assert_str_ne(assoc_event_name((enum assoc_event)e), "?");
}
END_TEST

TEST_MAIN("qmgr/assoc", TEST(table), TEST(open_ones_are_counted), TEST(names))
