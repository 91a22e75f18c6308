/* SPDX-License-Identifier: ISC */
/*
 * relay_test.c - figures: how fast a suite relays, where the time goes, and
 * Postfix beside it
 */
#include "tests/bench/postfix_relay.h"
#include "tests/bench/relay.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* run_beside - measure, and so many messages by Postfix, if there is one */
static void
run_beside(const struct relay *relay, bool postfix, unsigned messages)
{
	struct relay other = *relay;

	relay_run(relay);
	other.messages = messages;
	if (postfix)
		postfix_relay_run(&other);
}

/* Small, middling and large messages, over one association, ten and fifty. */
START_TEST(throughput)
{
	static const unsigned associations[] = {1, 10, 50};

	bool postfix;

	suite_begin("bench");
	postfix = postfix_relay_begin();
	printf("disk: %.0f durable writes of 4 KB a second\n", relay_disk());
	for (size_t i = 0; i < 3; i++) {
		struct relay relay = {.associations = associations[i],
		    .octets = 2048,
		    .messages = i == 0 ? 3000 : 30000,
		    .threshold = RELAY_THRESHOLD};

		run_beside(&relay, postfix, i == 0 ? 500 : 3000);
		relay.octets = 100 * 1024;
		relay.messages = i == 0 ? 500 : 3000;
		run_beside(&relay, postfix, 500);
		relay.octets = 5 * 1024 * 1024;
		relay.messages = i == 0 ? 20 : 100;
		relay_run(&relay);
	}
	if (postfix)
		postfix_relay_end();
	suite_end();
}
END_TEST

TEST_MAIN("bench/relay", TEST_LONG(throughput, 900))
