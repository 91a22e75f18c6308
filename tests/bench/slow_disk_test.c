/* SPDX-License-Identifier: ISC */
/*
 * slow_disk_test.c - figures: a suite on a disk whose flush takes 10 ms longer,
 * and Postfix beside it
 */
#include "tests/bench/postfix_relay.h"
#include "tests/bench/relay.h"
#include "tests/bench/table.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* As a hard disk, a SAN or the volume of a cloud has it. */
START_TEST(slow_disk)
{
	static const unsigned associations[] = {1, 10, 50};
	char what[64];
	bool postfix;

	suite_begin("bench");
	postfix = postfix_relay_begin(10);
	for (size_t i = 0; i < 3; i++) {
		struct relay relay = {.associations = associations[i],
		    .octets = 2048,
		    .messages = i == 0 ? 400 : 4000,
		    .threshold = RELAY_THRESHOLD,
		    .flush_ms = 10};
		double rate = relay_run(&relay).rate;

		if (!postfix)
			continue;
		relay.messages = i == 0 ? 400 : 3000;
		snprintf(what, sizeof(what),
		    "+10 ms a flush, %u associations: messages/s",
		    associations[i]);
		table_row(what, rate, postfix_relay_run(&relay), TABLE_POSTFIX);
	}
	if (postfix)
		postfix_relay_end();
	suite_end();
}
END_TEST

TEST_MAIN("bench/slow_disk", TEST_LONG(slow_disk, 300))
