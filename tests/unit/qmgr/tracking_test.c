/* SPDX-License-Identifier: ISC */
/*
 * tracking_test.c - what the tracker is told, and how often
 *
 * The test plays the tracker: what it is handed is written as one line for each
 * record, and compared.
 */
#include <stdlib.h>

#include "base/fault.h"
#include "qmgr/engine/tracking.h"
#include "qmgr/links/link.h"
#include "tests/unit/qmgr/link_bench.h"

#define TRACKED STORE_PAGED_TRACKING
#define NOWHERE "C=XX;A=NONE;S=Nobody"
#define MANY	400 /* recipients */

/* A tracker, and all that it was told. */
struct tracker {
	struct remote remote;
	struct arena arena;
	char told[32768];
	uint64_t first, last; /* numbers of pages */
	unsigned pages;
	size_t queue_len; /* of the queue's UUID in the last page */
	bool silent;	  /* of what it was told only pages are counted */
};

/* begin - make a queue manager that tells */
static void
begin(struct bench *b, const char *link)
{
	bench_init(b, link);
	b->h.qmgr.conf->mta.tracking_days = 30;
}

/* reopen - end the queue manager and begin another */
static void
reopen(struct bench *b)
{
	static char conf[8192];
	const char *mta = strstr(harness_conf, "mta {") + strlen("mta {");

	/* A turn before the test could change it would forget all. */
	snprintf(conf, sizeof(conf), "mta {\n tracking-days = 30\n%s", mta);
	b->h.conf = conf;
	bench_reopen(b);
}

/* acknowledge - say that all pages up to a number are kept */
static void
acknowledge(struct tracker *t, uint64_t number)
{
	struct ipc_record record = {.type = IPC_TRACK_ACK};

	record.track_ack.number = number;
	remote_send(&t->remote, &record);
}

/* connect_tracker - connect as the tracker, which has pages up to a number */
static void
connect_tracker(struct bench *b, struct tracker *t, uint64_t number)
{
	memset(t, 0, sizeof(*t));
	arena_init(&t->arena, 1 << 20);
	remote_connect_as(&b->h, &t->remote, IPC_ROLE_TRACKER, "");
	acknowledge(t, number);
}

/* close_tracker - end its connection */
static void
close_tracker(struct tracker *t)
{
	remote_close(&t->remote);
	arena_fini(&t->arena);
}

/* note - append a name and a value to a line, unless that is empty */
static void
note(struct tracker *t, const char *name, struct slice value)
{
	size_t len = strlen(t->told);

	if (value.len > 0)
		snprintf(t->told + len, sizeof(t->told) - len, " %s%.*s", name,
		    (int)value.len, (const char *)value.data);
}

/* note_record - write what a record says, but for what no test knows */
static void
note_record(struct tracker *t, const struct track_record *r)
{
	char text[64];

	(void)strlcat(t->told, track_event_name(r->event), sizeof(t->told));
	if (r->kind != MTS_MESSAGE)
		(void)strlcat(t->told,
		    r->kind == MTS_REPORT ? " report" : " probe",
		    sizeof(t->told));
	if (r->message != 0) {
		snprintf(
		    text, sizeof(text), "%llu", (unsigned long long)r->message);
		note(t, "#", slice_of_string(text));
	}
	note(t, "", r->link);
	note(t, "other=", r->other);
	for (size_t i = 0; i < r->recipient_count; i++)
		note(t, "to=", r->recipients[i]);
	if (r->reason_plus != 0) {
		snprintf(text, sizeof(text), "%lld/%lld",
		    (long long)r->reason_plus - 1,
		    (long long)r->diagnostic_plus - 1);
		note(t, "", slice_of_string(text));
	}
	if (r->event == TRACK_TRANSFER || r->event == TRACK_DELIVERY)
		note(t, "text=", r->text);
	note(t, "by=", r->by);
	note(t, "queued=", r->to);
	(void)strlcat(t->told, "\n", sizeof(t->told));
	ck_assert_int_gt(r->time, 0);
}

/* take_page - write down the records of a page */
static void
take_page(struct tracker *t, const struct ipc_track_page *page)
{
	struct track_reader reader;
	struct track_record record;
	struct diag diag = {0};
	int rc;

	ck_assert_uint_gt(page->number, t->last);
	if (t->pages++ == 0)
		t->first = page->number;
	t->last = page->number;
	t->queue_len = page->queue.len;
	arena_reset(&t->arena);
	ck_assert_int_eq(track_open(&reader, page->page, &t->arena, &diag), 0);
	while ((rc = track_next(&reader, &record, &diag)) == 0)
		if (!t->silent)
			note_record(t, &record);
	ck_assert_int_eq(rc, ERR_NOTFOUND);
}

/* hear - take all that is handed out now */
static void
hear(struct tracker *t)
{
	struct ipc_record record;
	unsigned before;

	do {
		before = t->pages;
		harness_steps(t->remote.h, 5);
		tracking_tick(&t->remote.h->qmgr);
		harness_steps(t->remote.h, 5);
		while (remote_try(&t->remote, &record)) {
			ck_assert_int_eq(record.type, IPC_TRACK_PAGE);
			take_page(t, &record.track_page);
		}
	} while (t->pages > before);
}

/* heard - compare all that was told since the last time, and forget it */
static void
heard(struct tracker *t, const char *fmt, ...)
{
	static char want[32768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	hear(t);
	ck_assert_str_eq(t->told, want);
	t->told[0] = '\0';
}

/* pages_left - count the pages in the queue */
static unsigned
pages_left(struct bench *b)
{
	uint64_t number = 0;
	unsigned count = 0;

	while (store_paged_next(b->h.qmgr.store, TRACKED, number, &number) == 0)
		count++;
	return count;
}

/* by_us - say who made the connections of the test */
static const char *
by_us(void)
{
	static char text[128];
	const struct credentials us = {.uid = getuid()};
	char name[CREDENTIALS_NAME_MAX];

	(void)credentials_name(&us, name);
	snprintf(text, sizeof(text), "by=uid %u%s%s%s", us.uid,
	    name[0] == '\0' ? "" : " (", name, name[0] == '\0' ? "" : ")");
	return text;
}

START_TEST(a_message_is_told_from_arrival_to_transfer)
{
	struct bench b;
	struct tracker t;
	struct remote worker;
	struct ipc_record record;
	unsigned long long id;

	begin(&b, "paris");
	connect_tracker(&b, &t, 0);
	id = bench_submit(&b, TO_PARIS);
	heard(&t,
	    "arrival #%llu to=S=Dupont;P=BNP;A=ATLAS;C=FR by=uid %u "
	    "queued=paris\n",
	    id, getuid());
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	heard(&t, "");
	remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	heard(&t, "transfer #%llu paris text=so the worker says\n", id);
	remote_close(&worker);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(a_queue_gets_a_name_when_it_needs_one)
{
	struct bench b;
	struct tracker t;

	begin(&b, "paris");
	connect_tracker(&b, &t, 0);
	(void)bench_submit(&b, TO_PARIS);
	hear(&t);
	ck_assert_uint_eq(t.queue_len, 0);
	b.h.qmgr.conf->mta.tracking_database = "postgresql://u@h/d";
	(void)bench_submit(&b, TO_PARIS);
	hear(&t);
	ck_assert_uint_eq(t.queue_len, STORE_UUID_LEN);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(each_copy_is_told_with_its_recipients)
{
	const char *to[] = {TO_PARIS, TO_ROME, NOWHERE};
	struct bench b;
	struct tracker t;
	struct ipc_record record;
	struct p1_envelope e;
	unsigned long long id;

	begin(&b, "paris");
	connect_tracker(&b, &t, 0);
	harness_envelope(&b.h, &e, 3, to);
	for (size_t i = 0; i < 3; i++)
		e.recipients[i].indicators |= P1_ORIGINATOR_NON_DELIVERY_REPORT;
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	id = record.submit_answer.message;
	heard(&t,
	    "arrival to=S=Dupont;P=BNP;A=ATLAS;C=FR to=S=Rossi;A=GARR;C=IT "
	    "to=S=Nobody;A=NONE;C=XX by=uid %u\n"
	    "arrival report\n"
	    "copy #%llu paris to=S=Dupont;P=BNP;A=ATLAS;C=FR\n"
	    "copy #%llu rome to=S=Rossi;A=GARR;C=IT\n"
	    "copy report #%llu msmail/po1\n"
	    "report other=sent to=S=Nobody;A=NONE;C=XX 1/0\n",
	    getuid(), id, id + 1, id + 2);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(what_an_administrator_does_is_told)
{
	struct bench b;
	struct tracker t;
	unsigned long long id, other;

	begin(&b, "rome");
	id = bench_submit(&b, TO_ROME);
	other = bench_submit(&b, TO_ROME);
	connect_tracker(&b, &t, 0);
	hear(&t);
	t.told[0] = '\0';
	bench_ask_id(&b, "hold", id);
	heard(&t, "hold #%llu rome %s\n", id, by_us());
	bench_ask_id(&b, "release", id);
	heard(&t, "release #%llu rome %s\n", id, by_us());
	bench_ask_id(&b, "delete", id);
	heard(&t, "deletion #%llu rome %s\n", id, by_us());
	bench_ask_id(&b, "return", other);
	hear(&t);
	snprintf(t.told + 16000, 100, "return #%llu rome", other);
	ck_assert_msg(strstr(t.told, t.told + 16000) != NULL, "%s", t.told);
	ck_assert_msg(strstr(t.told, by_us()) != NULL, "%s", t.told);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(a_new_route_is_told_by_the_same_number)
{
	const char *to[] = {TO_PARIS, TO_LYON};
	struct bench b;
	struct tracker t;
	struct ipc_record record;
	struct p1_envelope e;
	unsigned long long id, held;

	begin(&b, "rome");
	bench_ask(&b, "disable", "lyon");
	harness_envelope(&b.h, &e, 2, to);
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("content"), &record);
	id = record.submit_answer.message;
	held = bench_submit(&b, TO_LYON);
	bench_ask_id(&b, "hold", held);
	connect_tracker(&b, &t, 0);
	hear(&t);
	t.told[0] = '\0';
	bench_ask(&b, "enable", "lyon");
	bench_ask_id(&b, "reroute", id);
	heard(&t,
	    "reroute #%llu lyon other=paris %s\n"
	    "copy #%llu paris to=S=Dupont;P=BNP;A=ATLAS;C=FR\n"
	    "copy #%llu lyon to=S=Petit;O=LYON;P=BNP;A=ATLAS;C=FR\n",
	    id, by_us(), id, held + 1);
	bench_ask_id(&b, "reroute", held);
	heard(&t,
	    "reroute #%llu lyon other=paris %s\n"
	    "copy #%llu lyon to=S=Petit;O=LYON;P=BNP;A=ATLAS;C=FR\n"
	    "hold #%llu lyon\n",
	    held, by_us(), held, held);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

/* A tracker is told of changed settings, and goes on. */
START_TEST(a_reload_does_not_end_the_tracker)
{
	static char text[8192];
	struct bench b;
	struct tracker t;
	struct ipc_record record;
	unsigned long long id;
	const char *mta = strstr(harness_conf, "mta {") + strlen("mta {");

	begin(&b, "paris");
	connect_tracker(&b, &t, 0);
	for (int days = 31; days < 36; days++) {
		struct diag diag = {0};
		struct conf *conf;

		snprintf(text, sizeof(text), "mta {\n tracking-days = %d\n%s",
		    days, mta);
		ck_assert_int_eq(conf_parse_text(slice_of_string(text), "test",
				     CONF_HANDED, &conf, NULL),
		    0);
		ck_assert_int_eq(loop_reload(&b.h.qmgr, conf, &diag), 0);
		remote_expect(&t.remote, IPC_SETTINGS, &record);
		snprintf(text, sizeof(text), "tracking-days = \"%d\"", days);
		ck_assert_ptr_nonnull(memmem(record.settings.text.data,
		    record.settings.text.len, text, strlen(text)));
	}
	id = bench_submit(&b, TO_PARIS);
	heard(&t,
	    "arrival #%llu to=S=Dupont;P=BNP;A=ATLAS;C=FR by=uid %u "
	    "queued=paris\n",
	    id, getuid());
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(what_is_refused_is_told)
{
	struct bench b;
	struct tracker t;
	struct remote worker;
	struct ipc_record record;
	unsigned long long id;

	begin(&b, "rome");
	connect_tracker(&b, &t, 0);
	id = bench_submit(&b, TO_ROME);
	hear(&t);
	t.told[0] = '\0';
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	/* this link holds what is refused */
	remote_outcome(&worker, record.job.job, IPC_REFUSED);
	heard(&t, "hold #%llu rome\n", id);
	remote_close(&worker);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(what_is_undone_is_told_once)
{
	struct bench b;
	struct tracker t;
	unsigned long long id;

	begin(&b, "paris");
	connect_tracker(&b, &t, 0);
	ck_assert_int_eq(fault_arm("store.commit:1:fail"), 0);
	id = bench_submit(&b, TO_PARIS);
	ck_assert_int_eq(fault_arm(NULL), 0);
	heard(&t,
	    "arrival #%llu to=S=Dupont;P=BNP;A=ATLAS;C=FR by=uid %u "
	    "queued=paris\n",
	    id, getuid());
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(pages_outlive_a_restart_until_acknowledged)
{
	struct bench b;
	struct tracker t, next;

	begin(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	(void)bench_submit(&b, TO_PARIS);
	connect_tracker(&b, &t, 0);
	hear(&t);
	ck_assert_uint_eq(t.pages, 2);
	/* told, and not acknowledged: told again, by the same numbers */
	close_tracker(&t);
	reopen(&b);
	connect_tracker(&b, &next, 0);
	hear(&next);
	ck_assert_uint_eq(next.pages, 2);
	ck_assert_uint_eq(next.first, t.first);
	ck_assert_uint_eq(next.last, t.last);
	ck_assert_str_eq(next.told, t.told);
	/* one is acknowledged: it goes with the next transaction, by which no
	 * number comes again */
	acknowledge(&next, next.first);
	harness_steps(&b.h, 5);
	ck_assert_uint_eq(pages_left(&b), 2);
	(void)bench_submit(&b, TO_PARIS);
	ck_assert_uint_eq(pages_left(&b), 2);
	hear(&next);
	ck_assert_uint_eq(next.pages, 3);
	ck_assert_uint_gt(next.last, t.last);
	close_tracker(&next);
	/* who kept more than was acknowledged is not told that again */
	connect_tracker(&b, &t, next.last);
	hear(&t);
	ck_assert_uint_eq(t.pages, 0);
	(void)bench_submit(&b, TO_PARIS);
	hear(&t);
	ck_assert_uint_eq(t.pages, 1);
	ck_assert_uint_eq(pages_left(&b), 1);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

/* submit_many - submit a message to many recipients, of whom several pages
 * tell; its queue id */
static uint64_t
submit_many(struct bench *b)
{
	static char texts[MANY][48];
	const char *to[MANY];
	struct ipc_record record;
	struct p1_envelope e;

	/* What they share is written once. */
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]),
		    "C=FR;A=ATLAS;P=BNP;G=%x;S=%x", (i + 1) * 2654435761U,
		    (i + 1) * 2246822519U);
		to[i] = texts[i];
	}
	arena_reset(&b->h.arena);
	harness_envelope(&b->h, &e, MANY, to);
	remote_submit(&b->tool, harness_octets(&b->h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* fill_pages - put so many pages into the queue, of a record each */
static void
fill_pages(struct bench *b, unsigned pages)
{
	const struct track_record record = {
	    .event = TRACK_COPY, .time = 1, .mts_id = slice_of_string("x")};
	struct buffer records, page;
	struct slice rest;
	uint64_t number;

	buffer_init(&records, TRACK_PAGE_MAX);
	buffer_init(&page, TRACK_PAGE_MAX);
	ck_assert_int_eq(track_encode(&record, &records), 0);
	rest = buffer_slice(&records);
	ck_assert_int_eq(track_make_page(&rest, &page), 0);
	ck_assert_int_eq(store_begin(b->h.qmgr.store), 0);
	while (pages-- > 0)
		ck_assert_int_eq(store_paged_append(b->h.qmgr.store, TRACKED,
				     buffer_slice(&page), &number),
		    0);
	ck_assert_int_eq(store_commit(b->h.qmgr.store), 0);
	buffer_fini(&records);
	buffer_fini(&page);
}

START_TEST(a_window_is_sent_ahead)
{
	struct bench b;
	struct tracker t;
	unsigned pages = TRACK_WINDOW + 3;

	begin(&b, "paris");
	fill_pages(&b, pages);
	connect_tracker(&b, &t, 0);
	t.silent = true;
	hear(&t);
	ck_assert_uint_eq(t.pages, TRACK_WINDOW);
	acknowledge(&t, t.first);
	hear(&t);
	ck_assert_uint_eq(t.pages, TRACK_WINDOW + 1);
	acknowledge(&t, t.last);
	hear(&t);
	ck_assert_uint_eq(t.pages, pages);
	/* what was not sent it cannot have */
	acknowledge(&t, t.last + 1);
	remote_dropped(&t.remote);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(the_oldest_are_given_up_without_a_tracker)
{
	struct bench b;
	struct tracker t;
	uint64_t id;
	uint64_t octets = 0, most = (uint64_t)64 * 1024 * 1024 / TRACKING_PART,
		 first = 0, now = 0;

	begin(&b, "paris");
	/* several pages each */
	for (unsigned i = 0; i < most / 8192; i++) {
		id = submit_many(&b);
		if (i == 0)
			(void)!store_paged_next(
			    b.h.qmgr.store, TRACKED, 0, &first);
		bench_ask_id(&b, "delete", id);
	}
	ck_assert_int_eq(
	    store_paged_octets(b.h.qmgr.store, TRACKED, &octets), 0);
	ck_assert_uint_le(octets, most + 65536);
	ck_assert_uint_gt(octets, most / 2);
	ck_assert_int_eq(store_paged_next(b.h.qmgr.store, TRACKED, 0, &now), 0);
	ck_assert(first > 0 && now > first);
	tracking_tick(&b.h.qmgr);
	ck_assert(harness_log_has(&b.h, "tracking records were given up"));
	connect_tracker(&b, &t, 0);
	hear(&t);
	ck_assert_uint_eq(t.first, now);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

START_TEST(nothing_is_told_where_nothing_is_kept)
{
	struct bench b;
	struct tracker t;

	begin(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	ck_assert_uint_eq(pages_left(&b), 1);
	b.h.qmgr.conf->mta.tracking_days = 0;
	(void)bench_submit(&b, TO_PARIS);
	ck_assert_uint_eq(pages_left(&b), 0);
	connect_tracker(&b, &t, 0);
	heard(&t, "");
	b.h.qmgr.conf->mta.tracking_days = 1;
	(void)bench_submit(&b, TO_PARIS);
	hear(&t);
	ck_assert_uint_eq(t.pages, 1);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

#define BOX(n) "S=" n ";O=PO1;P=ACME;A=VIAT;C=DE"

/* tell_fates - say what became of two of three recipients of a job, and of the
 * third */
static void
tell_fates(struct remote *worker, uint64_t job, enum ipc_result result,
    enum ipc_fate first, enum ipc_fate second)
{
	const struct ipc_recipient_outcome named[] = {
	    {.index = 0, .reason = 1, .fate = first},
	    {.index = 1, .reason = 1, .fate = second},
	};
	const struct ipc_record outcome = {.type = IPC_OUTCOME,
	    .outcome = {.job = job,
		.result = result,
		.recipients = named,
		.recipient_count = 2}};

	remote_send(worker, &outcome);
}

/* Who has a message is told while others wait for it, and if some have it in
 * another way. */
START_TEST(each_fate_is_told_with_its_recipients)
{
	const char *to[] = {BOX("a"), BOX("b"), BOX("c")};
	struct bench b;
	struct tracker t;
	struct remote worker;
	struct ipc_record record;
	struct p1_envelope e;
	unsigned long long id;
	int po;

	begin(&b, "rome");
	po = remote_listen(&b.h, "msmi-out.po1");
	harness_envelope(&b.h, &e, 3, to);
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("content"), &record);
	id = record.submit_answer.message;
	remote_wait_for(&b.h, po, &worker);
	remote_greet(&worker, IPC_ROLE_MSMI_OUT, "po1");
	remote_event(&worker, IPC_LINK_BOUND, "");
	remote_expect(&worker, IPC_JOB, &record);
	connect_tracker(&b, &t, 0);
	hear(&t);
	t.told[0] = '\0';
	tell_fates(&worker, record.job.job, IPC_LATER, IPC_FATE_DELIVERED,
	    IPC_FATE_TRANSFERRED);
	heard(&t,
	    "delivery #%llu msmail/po1 to=" BOX(
		"a") "\n"
		     "transfer #%llu msmail/po1 to=" BOX("b") "\n",
	    id, id);
	bench_ask_id(&b, "retry-message", id);
	remote_expect(&worker, IPC_JOB, &record);
	remote_outcome(&worker, record.job.job, IPC_REFUSED);
	heard(&t,
	    "arrival report\n"
	    "copy report #%llu msmail/po1\n"
	    "report #%llu other=sent to=" BOX(
		"c") " 1/4\n"
		     "failure #%llu msmail/po1 1/4\n",
	    id + 1, id, id);
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("content"), &record);
	id = record.submit_answer.message;
	do
		remote_expect(&worker, IPC_JOB, &record);
	while (record.job.message != id);
	hear(&t);
	t.told[0] = '\0';
	tell_fates(&worker, record.job.job, IPC_DELIVERED, IPC_FATE_TRANSFERRED,
	    IPC_FATE_DELIVERED);
	heard(&t,
	    "transfer #%llu msmail/po1 to=%s\ndelivery #%llu msmail/po1\n", id,
	    to[0], id);
	remote_close(&worker);
	close(po);
	close_tracker(&t);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/tracking", TEST(a_message_is_told_from_arrival_to_transfer);
	  TEST(a_queue_gets_a_name_when_it_needs_one);
	  TEST(each_copy_is_told_with_its_recipients);
	  TEST(each_fate_is_told_with_its_recipients);
	  TEST(what_an_administrator_does_is_told);
	  TEST(a_new_route_is_told_by_the_same_number);
	  TEST(a_reload_does_not_end_the_tracker);
	  TEST(what_is_refused_is_told); TEST(what_is_undone_is_told_once);
	  TEST(pages_outlive_a_restart_until_acknowledged);
	  TEST(a_window_is_sent_ahead);
	  TEST(the_oldest_are_given_up_without_a_tracker);
	  TEST(nothing_is_told_where_nothing_is_kept))
