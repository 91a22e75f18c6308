/* SPDX-License-Identifier: ISC */
/*
 * pickup_run.c - a pickup with a postoffice and a queue manager; see
 * pickup_run.h
 */
#include "base/clock.h"
#include "tests/unit/mhs/ipm_record.h"
#include "tests/unit/msmi/pickup_run.h"

void
run_connect(struct run *run)
{
	ck_assert_int_eq(ipc_channel_init(&run->pickup->msmi.qmgr,
			     fake_run(run->place.sent, &run->pid)),
	    0);
}

void
run_init(struct run *run)
{
	arena_init(&run->arena, 1 << 28);
	run->pickup = calloc(1, sizeof(*run->pickup));
	ck_assert_ptr_nonnull(run->pickup);
	place_init(&run->place, &run->pickup->msmi);
	ck_assert_int_eq(pickup_init(run->pickup), 0);
	run_connect(run);
}

void
run_age(struct run *run, uint64_t ms)
{
	for (size_t i = 0; i < run->pickup->seen_count; i++)
		run->pickup->seen[i].first -= ms;
}

void
run_scan(struct run *run)
{
	pickup_scan(run->pickup);
	run_age(run, PICKUP_PATIENCE);
	run_scan_again(run);
}

void
run_scan_again(struct run *run)
{
	uint64_t limit = clock_after(60000);
	bool busy = true;

	pickup_scan(run->pickup);
	while (busy) {
		busy = false;
		for (size_t i = 0; i < LIMITS_FILES; i++)
			busy = busy || run->pickup->submissions[i].busy;
		if (busy)
			ck_assert_int_ne(
			    pickup_wait(run->pickup, PICKUP_WAIT_QMGR,
				clock_after(100)),
			    ERR_CLOSED);
		pickup_settle(run->pickup);
		ck_assert_int_gt(clock_remaining(limit), 0);
	}
	while (ipc_channel_pending(&run->pickup->msmi.qmgr) > 0)
		ck_assert_int_eq(ipc_channel_flush(&run->pickup->msmi.qmgr), 0);
}

void
run_end(struct run *run)
{
	ipc_channel_fini(&run->pickup->msmi.qmgr);
	fake_wait(run->pid);
}

void
run_fini(struct run *run)
{
	place_fini(&run->place, &run->pickup->msmi);
	pickup_fini(run->pickup);
	free(run->pickup);
	arena_fini(&run->arena);
}

const char *
told(struct run *run, const char *name)
{
	struct record record;
	struct diag diag = {0};
	const char *text;

	record_init(&record);
	ck_assert_msg(
	    record_decode(&record, place_get(&run->place, name, &run->arena),
		1000, &diag) == 0,
	    "%s", diag_text(&diag));
	text = arena_printf(&run->arena, "%s", record_text(&record));
	record_fini(&record);
	return text;
}
