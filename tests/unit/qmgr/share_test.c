/* SPDX-License-Identifier: ISC */
/*
 * share_test.c - what one source may have of the queue
 *
 * The peer of paris takes all that it gets; that of lyon is to notice nothing.
 */
#include "qmgr/queue/share.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/resume.h"
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define QUEUE ((uint64_t)4 << 20)
#define DAY   ((int64_t)24 * 3600)

static uint8_t octets[100000];

/* open_small - begin with a queue of QUEUE octets */
static void
open_small(struct harness *h)
{
	harness_init(h);
	h->qmgr.conf->mta.queue_size = QUEUE;
}

/* bind_peer - have the peer of a link bind; its session */
static uint64_t
bind_peer(
    struct harness *h, struct remote *r, const char *name, const char *password)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	remote_connect_as(h, r, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(name);
	record.bind_check.password = slice_of_string(password);
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references = references_of(name, "261122200000Z", "");
	remote_send(r, &record);
	remote_expect(r, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	return record.bind_answer.session;
}

/* held - get the octets that a link's peer has in the queue */
static uint64_t
held(struct harness *h, const char *link)
{
	return store_source_total(h->qmgr.store, harness_link(h, link)->number)
	    .octets;
}

/* begin_transfer - announce one, with its envelope */
static uint64_t
begin_transfer(struct harness *h, struct remote *r, uint64_t session,
    const char *to, int64_t deferred)
{
	static uint64_t activity;
	struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_TRANSFER,
	    .session = session,
	    .activity = ++activity};
	struct p1_envelope e;

	arena_reset(&h->arena);
	harness_envelope(h, &e, 1, &to);
	e.trace.count = 0;
	e.identifier.domain.prmd = slice_of_string("OTHER");
	if (deferred != 0)
		e.deferred_time = deferred;
	ck_assert_int_eq(p1_trace_append(&e, &h->arena, &e.identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	return remote_submit_begin(r, start, harness_octets(h, &e));
}

/* transfer - send a whole message; what is answered */
static enum ipc_submit_result
transfer(struct harness *h, struct remote *r, uint64_t session, const char *to,
    size_t len, int64_t deferred)
{
	uint64_t submit = begin_transfer(h, r, session, to, deferred);
	struct ipc_record record;

	remote_data(r, submit, slice_of(octets, len));
	remote_submit_end(r, submit, len, NULL);
	do
		remote_next(r, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	ck_assert_uint_eq(record.submit_answer.submit, submit);
	return record.submit_answer.result;
}

/* fill - send messages until one is refused for the time being: how many
 * were taken */
static unsigned
fill(struct harness *h, struct remote *r, uint64_t session, const char *to,
    int64_t deferred)
{
	unsigned taken = 0;
	enum ipc_submit_result result;

	while ((result = transfer(h, r, session, to, 40000, deferred)) ==
	    IPC_SUBMIT_ACCEPTED) {
		ck_assert_uint_lt(++taken, 1000);
		ck_assert_uint_le(held(h, "paris"), QUEUE / 2);
	}
	ck_assert_int_eq(result, IPC_SUBMIT_UNAVAILABLE);
	return taken;
}

/* next_answer - turn until a submission is answered, or all is quiet */
static bool
next_answer(struct remote *r, struct ipc_record *record)
{
	for (int i = 0; i < 20; i++) {
		while (remote_try(r, record))
			if (record->type == IPC_SUBMIT_ANSWER)
				return true;
		harness_step(r->h);
	}
	return false;
}

/* is_too_long - tell whether qmgr says that it wants no more of a content */
static bool
is_too_long(struct remote *r)
{
	struct ipc_record record;

	for (int i = 0; i < 20; i++) {
		while (remote_try(r, &record)) {
			ck_assert_int_eq(record.type, IPC_SUBMIT_PROGRESS);
			if (record.submit_progress.too_long)
				return true;
		}
		harness_step(r->h);
	}
	return false;
}

/* end_cut - end a transfer of which nothing more was wanted: it is taken, and
 * its sender gets a report */
static void
end_cut(struct harness *h, struct remote *r, uint64_t submit, size_t sent)
{
	struct ipc_record record;

	remote_submit_end(r, submit, sent, NULL);
	ck_assert(next_answer(r, &record));
	ck_assert_uint_eq(record.submit_answer.submit, submit);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert(harness_log_has(h, "content-too-long"));
	ck_assert(harness_log_has(h, "larger than the queue"));
}

START_TEST(endless_transfers_leave_half_to_the_others)
{
	struct harness h;
	struct remote b, a;
	struct ipc_record record = {.type = IPC_HELLO};
	uint64_t b_session, a_session, endless[3];
	unsigned refused = 0;

	open_small(&h);
	b_session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	a_session = bind_peer(&h, &a, "MTA-LYON", "pw-lyon");
	for (int i = 0; i < 3; i++)
		endless[i] = begin_transfer(&h, &b, b_session, TO_ROME, 0);
	for (int round = 0; round < 60; round++) {
		remote_data(&b, endless[round % 3], slice_of(octets, 90000));
		if (next_answer(&b, &record)) {
			ck_assert_int_eq(record.submit_answer.result,
			    IPC_SUBMIT_UNAVAILABLE);
			refused++;
		}
		ck_assert_uint_le(held(&h, "paris"), QUEUE / 2);
		ck_assert_int_eq(transfer(&h, &a, a_session, TO_ROME, 5000, 0),
		    IPC_SUBMIT_ACCEPTED);
	}
	ck_assert_uint_ge(refused, 1);
	ck_assert_uint_eq(harness_queued(&h), 60);
	ck_assert(harness_log_has(&h, " 20130 "));
	ck_assert(harness_log_has(&h, "link=paris"));
	remote_close(&b);
	remote_close(&a);
	harness_fini(&h);
}
END_TEST

START_TEST(what_can_never_fit_is_taken_and_reported)
{
	struct harness h;
	struct remote b;
	uint64_t session, submit;
	size_t sent = 0;

	open_small(&h);
	session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	do {
		remote_data(&b, submit, slice_of(octets, 90000));
		sent += 90000;
		ck_assert_uint_lt(sent, QUEUE);
	} while (!is_too_long(&b));
	ck_assert_uint_gt(sent, QUEUE / 2);
	end_cut(&h, &b, submit, sent);
	for (int i = 0; i < 50 && held(&h, "paris") > 0; i++)
		harness_step(&h);
	ck_assert_uint_lt(held(&h, "paris"), 2000);
	ck_assert_int_eq(
	    transfer(&h, &b, session, TO_ROME, 10000, 0), IPC_SUBMIT_ACCEPTED);
	remote_close(&b);
	harness_fini(&h);
}
END_TEST

/* A peer that says how much is to come need not send it. */
START_TEST(what_is_announced_need_not_come)
{
	struct harness h;
	struct remote b;
	struct ipc_record size = {.type = IPC_SUBMIT_SIZE},
			  record = {.type = IPC_HELLO};
	uint64_t session, submit;

	open_small(&h);
	session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	size.submit_size.submit = submit;
	size.submit_size.content_length = (uint64_t)8 << 30;
	remote_send(&b, &size);
	ck_assert(is_too_long(&b));
	ck_assert_uint_eq(held(&h, "paris"), 0);
	/* the pieces on their way are ignored, and the next message is taken */
	remote_data(&b, submit, slice_of(octets, 90000));
	end_cut(&h, &b, submit, 90000);
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	size.submit_size.submit = submit;
	size.submit_size.content_length = 90000;
	remote_send(&b, &size);
	remote_data(&b, submit, slice_of(octets, 90000));
	remote_submit_end(&b, submit, 90000, NULL);
	ck_assert(next_answer(&b, &record));
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	remote_close(&b);
	harness_fini(&h);
}
END_TEST

/* The octets of a refused message are not yet reaped when the next message
 * comes. */
START_TEST(what_is_reaped_holds_nothing_up)
{
	struct harness h;
	struct remote b;
	struct ipc_record record;
	uint64_t session, submit;
	size_t sent = 0;

	open_small(&h);
	session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	do {
		remote_data(&b, submit, slice_of(octets, 90000));
		sent += 90000;
	} while (!is_too_long(&b));
	end_cut(&h, &b, submit, sent);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(transfer(&h, &b, session, TO_ROME, 90000, 0),
		    IPC_SUBMIT_ACCEPTED);
		ck_assert_uint_le(held(&h, "paris"), QUEUE / 2);
	}
	ck_assert(!harness_log_has(&h, " 20130 "));
	/* a submission given up while it waits leaves nothing behind */
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	do
		remote_data(&b, submit, slice_of(octets, 90000));
	while (!next_answer(&b, &record));
	submit = begin_transfer(&h, &b, session, TO_ROME, 0);
	remote_data(&b, submit, slice_of(octets, 90000));
	remote_submit_end(&b, submit, 90000, NULL);
	remote_close(&b);
	harness_fini(&h);
}
END_TEST

START_TEST(deferred_mail_counts_and_a_restart_forgets_nothing)
{
	struct harness h;
	struct remote b, a;
	uint64_t b_session, a_session, before;
	int64_t later = (int64_t)time(NULL) + 30 * DAY;

	open_small(&h);
	b_session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	ck_assert_uint_gt(fill(&h, &b, b_session, TO_ROME, later), 40);
	before = held(&h, "paris");
	remote_close(&b);
	harness_close(&h);
	harness_open(&h);
	h.qmgr.conf->mta.queue_size = QUEUE;
	ck_assert_uint_eq(held(&h, "paris"), before);
	b_session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	a_session = bind_peer(&h, &a, "MTA-LYON", "pw-lyon");
	ck_assert_int_eq(transfer(&h, &b, b_session, TO_ROME, 40000, 0),
	    IPC_SUBMIT_UNAVAILABLE);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(transfer(&h, &a, a_session, TO_ROME, 40000, 0),
		    IPC_SUBMIT_ACCEPTED);
	remote_close(&b);
	remote_close(&a);
	harness_fini(&h);
}
END_TEST

START_TEST(mail_deferred_for_years_is_reported_on)
{
	struct harness h;
	struct remote b;
	uint64_t session;
	int64_t years = (int64_t)time(NULL) + 900 * DAY;

	open_small(&h);
	session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	ck_assert_int_eq(
	    transfer(&h, &b, session, TO_ROME, 10, years), IPC_SUBMIT_ACCEPTED);
	for (unsigned p = 0; p < STORE_PRIORITIES; p++)
		ck_assert_uint_eq(store_link_state(h.qmgr.store,
				      harness_link(&h, "rome")->number,
				      STORE_DEFERRED, (enum store_priority)p)
				      .messages,
		    0);
	ck_assert(harness_log_has(&h, " 290 "));
	ck_assert(harness_log_has(&h, "reason_code=7"));
	ck_assert(harness_log_has(&h, "diagnostic_code=5"));
	remote_close(&b);
	harness_fini(&h);
}
END_TEST

START_TEST(a_link_that_is_down_has_room_for_others)
{
	struct harness h;
	struct remote b, a;
	uint64_t b_session, a_session;

	open_small(&h);
	harness_link(&h, "rome")->open_failures = 1;
	harness_link(&h, "rome2")->open_failures = 1;
	b_session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	a_session = bind_peer(&h, &a, "MTA-LYON", "pw-lyon");
	ck_assert_uint_le(
	    fill(&h, &b, b_session, TO_ROME, 0), QUEUE / 4 / 2 / 40000);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(transfer(&h, &a, a_session, TO_ROME, 40000, 0),
		    IPC_SUBMIT_ACCEPTED);
	remote_close(&b);
	remote_close(&a);
	harness_fini(&h);
}
END_TEST

START_TEST(the_oldest_partial_of_that_source_goes_first)
{
	struct harness h;
	struct remote b;
	struct ipc_record record = {.type = IPC_HELLO};
	uint64_t session, old, new;

	open_small(&h);
	session = bind_peer(&h, &b, "MTA-PARIS", "pw-paris");
	old = begin_transfer(&h, &b, session, TO_ROME, 0);
	for (int i = 0; i < 20; i++) {
		remote_data(&b, old, slice_of(octets, 90000));
		ck_assert(!next_answer(&b, &record));
	}
	new = begin_transfer(&h, &b, session, TO_ROME, 0);
	do
		remote_data(&b, new, slice_of(octets, 90000));
	while (!next_answer(&b, &record));
	ck_assert_uint_eq(record.submit_answer.submit, new);
	resume_tick(&h.qmgr);
	ck_assert(!next_answer(&b, &record));
	/* the transfer has been under way for a while, and another is
	 * refused */
	TAILQ_FIRST(&TAILQ_FIRST(&h.qmgr.clients)->submits)->arrival -= 61000;
	new = begin_transfer(&h, &b, session, TO_ROME, 0);
	do
		remote_data(&b, new, slice_of(octets, 90000));
	while (!next_answer(&b, &record));
	resume_tick(&h.qmgr);
	ck_assert(next_answer(&b, &record));
	ck_assert_uint_eq(record.submit_answer.submit, old);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_UNAVAILABLE);
	for (int i = 0; i < 50 && held(&h, "paris") > 0; i++)
		harness_step(&h);
	ck_assert_uint_eq(held(&h, "paris"), 0);
	ck_assert(harness_log_has(&h, " 20131 "));
	remote_close(&b);
	harness_fini(&h);
}
END_TEST

/* park - leave a transfer in part, as one that was cut; its content */
static uint64_t
park(struct harness *h, int64_t time)
{
	struct store_partial partial = {.session = 7,
	    .activity = 1,
	    .link = harness_link(h, "paris")->number,
	    .time = time,
	    .offset = 100 + 5000,
	    .envelope = slice_of(octets, 100),
	    .state = slice_of(octets, 10)};

	ck_assert_int_eq(store_begin(h->qmgr.store), 0);
	ck_assert_int_eq(
	    store_content_create(h->qmgr.store, partial.link, &partial.content),
	    0);
	ck_assert_int_eq(store_content_append(h->qmgr.store, partial.content,
			     slice_of(octets, 5000)),
	    0);
	ck_assert_int_eq(store_partial_mark(h->qmgr.store, &partial), 0);
	ck_assert_int_eq(store_commit(h->qmgr.store), 0);
	return partial.content;
}

/* Of transfers that were cut the oldest goes, one for each refusal. */
START_TEST(the_oldest_that_was_cut_goes)
{
	int64_t now = clock_wall();
	uint64_t old, new, length;
	struct harness h;

	harness_init(&h);
	new = park(&h, now - 1000);
	old = park(&h, now - 2000);
	harness_link(&h, "paris")->over_share = true;
	resume_tick(&h.qmgr);
	harness_steps(&h, 3);
	ck_assert_int_eq(
	    store_content_length(h.qmgr.store, old, &length), ERR_NOTFOUND);
	ck_assert_int_eq(store_content_length(h.qmgr.store, new, &length), 0);
	ck_assert(harness_log_has(&h, " 20131 "));
	resume_tick(&h.qmgr);
	harness_steps(&h, 3);
	ck_assert_int_eq(store_content_length(h.qmgr.store, new, &length), 0);
	harness_fini(&h);
}
END_TEST

/* announce - say that an envelope of so many octets comes; its answer, if there
 * is one at once, is expected to refuse it for the time being */
static void
announce(struct remote *r, uint64_t submit, uint64_t length, bool refused)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};

	record.submit_start.kind = MTS_MESSAGE;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.submit = submit;
	record.submit_start.envelope_length = length;
	remote_send(r, &record);
	if (!refused) {
		remote_quiet(r);
		return;
	}
	remote_expect(r, IPC_SUBMIT_ANSWER, &record);
	ck_assert_uint_eq(record.submit_answer.submit, submit);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_UNAVAILABLE);
}

/* Large envelopes of one source have room for two; small ones still come. */
START_TEST(large_envelopes_leave_room_for_small_ones)
{
	struct harness h;
	struct remote tools[4];

	open_small(&h);
	for (size_t i = 0; i < 4; i++)
		remote_connect_as(&h, &tools[i], IPC_ROLE_TOOL, "x4send");
	announce(&tools[0], 1, P1_ENVELOPE_MAX, false);
	announce(&tools[1], 1, P1_ENVELOPE_MAX, false);
	announce(&tools[2], 1, P1_ENVELOPE_MAX, true);
	announce(&tools[2], 2, SUBMIT_BUFFER_SMALL + 1, true);
	announce(&tools[2], 3, SUBMIT_BUFFER_SMALL, false);
	/* A submission given up leaves its room to others. */
	remote_close(&tools[0]);
	for (int i = 0; i < 20; i++)
		harness_step(&h);
	announce(&tools[3], 1, P1_ENVELOPE_MAX / 2, false);
	for (size_t i = 1; i < 4; i++)
		remote_close(&tools[i]);
	harness_fini(&h);
}
END_TEST

START_TEST(envelopes_in_memory_are_bounded)
{
	struct harness h;
	struct remote tool;
	struct ipc_record record = {.type = IPC_SUBMIT_START};

	open_small(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	record.submit_start.kind = MTS_MESSAGE;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.envelope_length = P1_ENVELOPE_MAX / 8;
	for (unsigned i = 1; i <= 8; i++) {
		record.submit_start.submit = i;
		remote_send(&tool, &record);
	}
	remote_quiet(&tool);
	record.submit_start.submit = 9;
	remote_send(&tool, &record);
	remote_expect(&tool, IPC_SUBMIT_ANSWER, &record);
	ck_assert_uint_eq(record.submit_answer.submit, 9);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_UNAVAILABLE);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/share", TEST(endless_transfers_leave_half_to_the_others);
	  TEST(what_can_never_fit_is_taken_and_reported);
	  TEST(what_is_announced_need_not_come);
	  TEST(what_is_reaped_holds_nothing_up);
	  TEST(deferred_mail_counts_and_a_restart_forgets_nothing);
	  TEST(mail_deferred_for_years_is_reported_on);
	  TEST(a_link_that_is_down_has_room_for_others);
	  TEST(the_oldest_partial_of_that_source_goes_first);
	  TEST(the_oldest_that_was_cut_goes);
	  TEST(envelopes_in_memory_are_bounded);
	  TEST(large_envelopes_leave_room_for_small_ones))
