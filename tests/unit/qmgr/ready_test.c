/* SPDX-License-Identifier: ISC */
/*
 * ready_test.c - what is read ahead of a link's queue, and found again
 */
#include "qmgr/links/ready.h"
#include "tests/unit/qmgr/remote.h"

static struct harness h;

/* take - take the next message of paris; 0: there is none */
static uint64_t
take(void)
{
	uint64_t id;

	return ready_take(&h.qmgr, harness_link(&h, "paris"), STORE_URGENT,
		   STORE_NON_URGENT, &id) == 0
	    ? id
	    : 0;
}

/* Found by seed 4154 of the simulator: a message that was read ahead waited for
 * ever, because one behind it became ready again before it was taken. */
START_TEST(found_again_behind_others)
{
	struct remote tool;
	struct link *paris;
	uint64_t id[3];

	harness_init(&h);
	paris = harness_link(&h, "paris");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	for (int i = 0; i < 3; i++)
		id[i] = remote_submit_to(&h, &tool, TO_PARIS);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(take(), id[i]);
	ck_assert_uint_eq(take(), 0);
	ready_again(paris, STORE_NORMAL, id[0]);
	ck_assert_uint_eq(take(), id[0]);
	/* The second lies in the window now, and the third behind it. */
	ready_again(paris, STORE_NORMAL, id[2]);
	ck_assert_uint_eq(take(), id[1]);
	ck_assert_uint_eq(take(), id[2]);
	ck_assert_uint_eq(take(), 0);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/ready", TEST(found_again_behind_others))
