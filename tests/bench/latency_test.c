/* SPDX-License-Identifier: ISC */
/*
 * latency_test.c - figures: how long a message takes while little else passes
 */
#include "tests/bench/relay.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* Twenty messages a second. */
START_TEST(low_load)
{
	suite_begin("bench");
	relay_run(&(struct relay){.associations = 1,
	    .octets = 2048,
	    .messages = 400,
	    .threshold = RELAY_THRESHOLD,
	    .rate = 20});
	suite_end();
}
END_TEST

TEST_MAIN("bench/latency", TEST_LONG(low_load, 120))
