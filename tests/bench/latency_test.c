/* SPDX-License-Identifier: ISC */
/*
 * latency_test.c - figures: how long a message takes while little else passes
 */
#include "tests/bench/postfix_relay.h"
#include "tests/bench/relay.h"
#include "tests/bench/table.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define RATE 20 /* messages a second */

/* So few that each is alone. */
START_TEST(low_load)
{
	double median;

	suite_begin("bench");
	median = relay_run(&(struct relay){.associations = 1,
			       .octets = 2048,
			       .messages = 400,
			       .threshold = RELAY_THRESHOLD,
			       .rate = RATE})
		     .median;
	if (postfix_relay_begin(0)) {
		table_row("20 messages a second: ms to the far end", median,
		    postfix_relay_latency(1000 / RATE), TABLE_POSTFIX);
		postfix_relay_end();
	}
	suite_end();
}
END_TEST

TEST_MAIN("bench/latency", TEST_LONG(low_load, 120))
