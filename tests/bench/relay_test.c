/* SPDX-License-Identifier: ISC */
/*
 * relay_test.c - figures: how fast a suite relays, where the time goes, and
 * Postfix beside it
 */
#include "tests/bench/postfix_relay.h"
#include "tests/bench/relay.h"
#include "tests/bench/table.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* print_row - print a row of the table on a figure */
static void
print_row(const struct relay *relay, const char *unit, double ours,
    double other, const char *compared_with)
{
	char what[64];

	snprintf(what, sizeof(what), "%u KB, %u associations: %s",
	    relay->octets / 1024, relay->associations, unit);
	table_row(what, ours, other, compared_with);
}

/* run_beside - measure, and so many messages by Postfix, if there is one */
static struct relay_result
run_beside(const struct relay *relay, bool postfix, unsigned messages)
{
	struct relay other = *relay;
	struct relay_result result = relay_run(relay);

	other.messages = messages;
	if (postfix)
		print_row(relay, "messages/s", result.rate,
		    postfix_relay_run(&other), TABLE_POSTFIX);
	return result;
}

/* Small, middling and large messages, over one association, ten and fifty. */
START_TEST(throughput)
{
	static const unsigned associations[] = {1, 10, 50};
	/* What is asked for, with one flush a commit. */
	static const double flushes[] = {1.1, 0.35, 0.1};
	bool postfix;

	suite_begin("bench");
	postfix = postfix_relay_begin(0);
	printf("disk: %.0f durable writes of 4 KB a second\n", relay_disk());
	for (size_t i = 0; i < 3; i++) {
		struct relay relay = {.associations = associations[i],
		    .octets = 2048,
		    .messages = i == 0 ? 3000 : 30000,
		    .threshold = RELAY_THRESHOLD};

		print_row(&relay, "flushes/message",
		    run_beside(&relay, postfix, i == 0 ? 500 : 3000).flushes,
		    flushes[i], TABLE_BOUND);
		relay.octets = 100 * 1024;
		relay.messages = i == 0 ? 500 : 3000;
		(void)run_beside(&relay, postfix, 500);
		relay.octets = 5 * 1024 * 1024;
		relay.messages = i == 0 ? 20 : 100;
		(void)run_beside(&relay, postfix, relay.messages);
	}
	if (postfix)
		postfix_relay_end();
	suite_end();
}
END_TEST

TEST_MAIN("bench/relay", TEST_LONG(throughput, 900))
