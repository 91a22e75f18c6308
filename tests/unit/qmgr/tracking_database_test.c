/* SPDX-License-Identifier: ISC */
/*
 * tracking_database_test.c - what qmgr tells of the database of many machines
 */
#include "qmgr/engine/tracking.h"
#include "qmgr/problem.h"
#include "tests/unit/qmgr/link_bench.h"

/* says - check what is told as a problem, NULL: none */
static void
says(struct bench *b, const char *text)
{
	struct problem_told told;

	harness_steps(&b->h, 5);
	ck_assert(problem_common(&b->h.qmgr, COMMON_PROBLEM_DATABASE, &told) ==
	    (text != NULL));
	if (text != NULL)
		ck_assert_str_eq(told.problem.text, text);
}

START_TEST(as_the_tracker_says)
{
	struct ipc_record record = {.type = IPC_TRACK_ACK};
	struct bench b;
	struct remote tracker;

	bench_init(&b, "paris");
	b.h.qmgr.conf->mta.tracking_days = 30;
	remote_connect_as(&b.h, &tracker, IPC_ROLE_TRACKER, "");
	remote_send(&tracker, &record);
	says(&b, NULL);
	record = (struct ipc_record){.type = IPC_PROBLEM,
	    .problem = {.text = slice_of_string("it is gone"), .count = 7}};
	remote_send(&tracker, &record);
	says(&b,
	    "tracking-database cannot be written, 7 pages wait: it is gone");
	record.problem.text = slice_of(NULL, 0);
	remote_send(&tracker, &record);
	says(&b, NULL);
	record.problem.text = slice_of_string("gone again");
	remote_send(&tracker, &record);
	says(&b,
	    "tracking-database cannot be written, 7 pages wait: gone again");
	record.problem.weight = TRACK_TROUBLE_OLD_DAYS;
	record.problem.text = slice_of_string("a view is in the way");
	remote_send(&tracker, &record);
	says(&b,
	    "old days of tracking-database cannot be dropped: a view is in the "
	    "way");
	/* A tracker that is gone knows nothing. */
	remote_close(&tracker);
	says(&b, NULL);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/tracking_database", TEST(as_the_tracker_says))
