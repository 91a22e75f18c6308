/* SPDX-License-Identifier: ISC */
/*
 * slow_disk_test.c - figures: a suite on a disk whose flush takes 10 ms longer
 */
#include "tests/bench/relay.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* As a hard disk, a SAN or the volume of a cloud has it. */
START_TEST(slow_disk)
{
	static const unsigned associations[] = {1, 10, 50};

	suite_begin("bench");
	for (size_t i = 0; i < 3; i++)
		relay_run(&(struct relay){.associations = associations[i],
		    .octets = 2048,
		    .messages = i == 0 ? 400 : 4000,
		    .threshold = RELAY_THRESHOLD,
		    .flush_ms = 10});
	suite_end();
}
END_TEST

TEST_MAIN("bench/slow_disk", TEST_LONG(slow_disk, 300))
