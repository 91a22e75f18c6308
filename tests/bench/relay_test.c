/* SPDX-License-Identifier: ISC */
/*
 * relay_test.c - figures: how fast a suite relays, and where the time goes
 */
#include "tests/bench/relay.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* Small, middling and large messages, over one association, ten and fifty. */
START_TEST(throughput)
{
	static const unsigned associations[] = {1, 10, 50};

	suite_begin("bench");
	printf("disk: %.0f durable writes of 4 KB a second\n", relay_disk());
	for (size_t i = 0; i < 3; i++) {
		struct relay relay = {.associations = associations[i],
		    .octets = 2048,
		    .messages = i == 0 ? 3000 : 30000,
		    .threshold = RELAY_THRESHOLD};

		relay_run(&relay);
		relay.octets = 100 * 1024;
		relay.messages = i == 0 ? 500 : 3000;
		relay_run(&relay);
		relay.octets = 5 * 1024 * 1024;
		relay.messages = i == 0 ? 20 : 100;
		relay_run(&relay);
	}
	suite_end();
}
END_TEST

TEST_MAIN("bench/relay", TEST_LONG(throughput, 900))
