/* SPDX-License-Identifier: ISC */
/*
 * fake_tracker.c - the tracker
 */
#include "tests/sim/fake_tracker.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tests/sim/items.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"
#include "track/track.h"

#define DIES 60 /* once in so many times that it has kept something */

struct page {
	uint64_t number;
	size_t len;
	uint8_t octets[TRACK_PAGE_MAX];
};

struct tracker {
	struct fake fake;
	bool introduced;
	struct page *pages; /* owned: not kept yet */
	size_t count, room;
};

static const struct fake_role role;
static uint64_t kept; /* the number of the last page that is kept */

/* tracker_of - find the tracker that a fake is */
static struct tracker *
tracker_of(struct fake *fake)
{
	return (struct tracker *)(void *)fake;
}

/* tracker_worker - see that there is a tracker */
void
tracker_worker(void)
{
	struct fake *fake;

	if (fake_count(&role) > 0)
		return;
	fake = fake_begin(&role, sizeof(struct tracker));
	master_started(fake, IPC_ROLE_TRACKER, "");
	fake_act_between(fake, 0, 50);
}

/* end - end it, with what it has not kept */
static void
end(struct fake *fake)
{
	free(tracker_of(fake)->pages);
	tracker_of(fake)->pages = NULL;
	tracker_of(fake)->count = tracker_of(fake)->room = 0;
	fake_end(fake);
}

/* tracker_kill - kill it, if there is one */
void
tracker_kill(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role)
			end(fake);
	}
}

/* acknowledge - tell the queue manager what is kept */
static void
acknowledge(struct fake *fake)
{
	struct ipc_record record = {.type = IPC_TRACK_ACK};

	record.track_ack.number = kept;
	fake_send(fake, &record);
}

/* add_page - take a page over */
static void
add_page(struct tracker *tracker, const struct ipc_track_page *from)
{
	struct page *page;

	if (tracker->count == TRACK_WINDOW || from->page.len > TRACK_PAGE_MAX)
		sim_fail("more pages, or octets, than a tracker takes");
	if (tracker->count == tracker->room) {
		tracker->room = tracker->room == 0 ? 8 : 2 * tracker->room;
		tracker->pages =
		    realloc(tracker->pages, tracker->room * sizeof(*page));
		if (tracker->pages == NULL)
			sim_fail("no memory for pages");
	}
	page = &tracker->pages[tracker->count];
	if (tracker->count > 0 && from->number <= page[-1].number)
		sim_fail("page %llu behind page %llu",
		    (unsigned long long)from->number,
		    (unsigned long long)page[-1].number);
	page->number = from->number;
	page->len = from->page.len;
	memcpy(page->octets, from->page.data, from->page.len);
	if (tracker->count++ == 0)
		fake_act_between(&tracker->fake, 5, 600);
}

/* keep_page - note what a page tells */
static void
keep_page(const struct page *page)
{
	struct track_reader reader;
	struct track_record record;
	struct diag diag = {0};
	struct arena arena;
	int rc;

	arena_init(&arena, (size_t)128 * TRACK_PAGE_MAX);
	rc = track_open(
	    &reader, slice_of(page->octets, page->len), &arena, &diag);
	while (rc == 0 && (rc = track_next(&reader, &record, &diag)) == 0)
		if (record.event == TRACK_ARRIVAL && record.part == 0 &&
		    record.kind != MTS_REPORT)
			items_tracked(record.content_id);
	if (rc != ERR_NOTFOUND)
		sim_fail("page %llu: %s", (unsigned long long)page->number,
		    diag_text(&diag));
	arena_fini(&arena);
}

/* keep_all - keep the pages that came, each once */
static void
keep_all(struct tracker *tracker)
{
	for (size_t i = 0; i < tracker->count; i++) {
		const struct page *page = &tracker->pages[i];

		if (page->number <= kept)
			continue;
		keep_page(page);
		kept = page->number;
	}
	trace_note("kept", tracker->count, kept);
	tracker->count = 0;
}

/* tracker_act - connect, or keep what came */
static void
tracker_act(struct fake *fake)
{
	struct tracker *tracker = tracker_of(fake);

	if (!fake->open) {
		if (fake_connect(fake, "qmgr"))
			fake_hello(fake, IPC_ROLE_TRACKER);
		else
			fake_act_between(fake, 20, 200);
		return;
	}
	keep_all(tracker);
	if (chance_one_in(DIES))
		end(fake);
	else
		acknowledge(fake);
}

/* tracker_take - take a record */
static void
tracker_take(struct fake *fake, const struct ipc_record *record)
{
	struct tracker *tracker = tracker_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		break;
	case IPC_SETTINGS:
		if (!tracker->introduced)
			acknowledge(fake);
		tracker->introduced = true;
		break;
	case IPC_TRACK_PAGE:
		add_page(tracker, &record->track_page);
		break;
	case IPC_RETIRE:
		end(fake);
		break;
	default:
		sim_fail("%s to the tracker", ipc_type_name(record->type));
	}
}

/* tracker_gone - end: master starts another */
static void
tracker_gone(struct fake *fake)
{
	end(fake);
}

static const struct fake_role role = {.name = "tracker",
    .take = tracker_take,
    .gone = tracker_gone,
    .act = tracker_act};
