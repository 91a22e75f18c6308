/* SPDX-License-Identifier: ISC */
/*
 * callers_test.c - how many associations each peer may have open with us
 *
 * The test plays the workers of callers; time passes for a worker when the
 * test sets back when its peer was heard.
 */
#include "mhs/bind.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/callers.h"
#include "tests/references.h"
#include "tests/unit/qmgr/harness.h"
#include "tests/unit/qmgr/remote.h"

#define MANY 40

static struct harness h;
static struct remote callers[MANY];
static unsigned opened;

/* call - have a worker ask for a peer's bind: whether it was accepted */
static bool
call(struct remote *r, const char *mta, const char *password, int *error)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	char reference[16];

	snprintf(reference, sizeof(reference), "%u", ++opened);
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(mta);
	record.bind_check.password = slice_of_string(password);
	record.bind_check.address = slice_of_string("127.0.0.1:4711");
	record.bind_check.references =
	    references_of(reference, "261122200000Z", "");
	remote_connect_as(&h, r, IPC_ROLE_X400IN, "");
	remote_send(r, &record);
	remote_expect(r, IPC_BIND_ANSWER, &record);
	*error = record.bind_answer.bind_error;
	return record.bind_answer.accepted;
}

/* paris - have the peer of the link paris call once more */
static bool
paris(unsigned n)
{
	int error = 0;
	bool accepted = call(&callers[n], "MTA-PARIS", "pw-paris", &error);

	ck_assert(accepted || error == BIND_ERROR_BUSY);
	return accepted;
}

/* begin - begin with paris, which may open five, and has */
static struct link *
begin(void)
{
	harness_init(&h);
	for (unsigned n = 0; n < 5; n++)
		ck_assert(paris(n));
	ck_assert_uint_eq(harness_link(&h, "paris")->callers, 5);
	return harness_link(&h, "paris");
}

/* age - let a time pass for the worker that called n-th */
static struct client *
age(unsigned n, uint64_t milliseconds)
{
	struct client *client = TAILQ_FIRST(&h.qmgr.clients);

	while (n-- > 0)
		client = TAILQ_NEXT(client, entry);
	ck_assert_ptr_nonnull(client->calls_for);
	client->heard -= milliseconds;
	return client;
}

/* The first association beyond the limit is refused as busy, with event 57 that
 * names the peer once, however often it calls. */
START_TEST(one_too_many)
{
	struct link *link = begin();
	int error;

	for (unsigned n = 5; n < 20; n++)
		ck_assert(!paris(n));
	ck_assert_uint_eq(link->callers, 5);
	ck_assert(harness_log_has(&h, ": 57 warn"));
	ck_assert(harness_log_has(&h, " link=paris mta=MTA-PARIS "));
	log_tick(CLOCK_NEVER);
	ck_assert(harness_log_has(&h, " folded=14 "));
	/* Another has what it may have. */
	ck_assert(call(&callers[30], "MTA-LYON", "pw-lyon", &error));
	/* When one ends there is room for another. */
	remote_close(&callers[2]);
	ck_assert(paris(21));
	ck_assert(!paris(22));
	harness_fini(&h);
}
END_TEST

/* The one that was silent longest ends for the new one, if that was long
 * enough; and not one for which something of ours is due. */
START_TEST(silent_one_goes)
{
	struct ipc_record record;
	struct link *link = begin();

	age(1, CALLERS_SILENCE - 2000);
	ck_assert(!paris(5));
	age(1, 4000);
	age(3, CALLERS_SILENCE + 60000)->waiting++;
	age(4, CALLERS_SILENCE + 1000);
	ck_assert(paris(6));
	ck_assert_uint_eq(link->callers, 5);
	remote_expect(&callers[1], IPC_RETIRE, &record);
	ck_assert(paris(7));
	remote_expect(&callers[4], IPC_RETIRE, &record);
	ck_assert(!paris(8));
	remote_close(&callers[1]);
	remote_close(&callers[4]);
	ck_assert_uint_eq(link->callers, 5);
	ck_assert(!paris(9));
	harness_fini(&h);
}
END_TEST

/* Octets that make no record of their own are heard. */
START_TEST(heard)
{
	struct ipc_record record = {
	    .type = IPC_LINK_EVENT, .link_event = {.state = IPC_LINK_HEARD}};

	begin();
	age(0, CALLERS_SILENCE + 1000);
	remote_send(&callers[0], &record);
	harness_steps(&h, 3);
	ck_assert(!paris(5));
	harness_fini(&h);
}
END_TEST

/* All together have max-associations beyond the first of each; a peer that has
 * none always gets one. */
START_TEST(common_bound)
{
	int error = 0;

	harness_init(&h);
	h.qmgr.conf->mta.max_associations = 3;
	for (unsigned n = 0; n < 4; n++)
		ck_assert(paris(n));
	ck_assert(!paris(4));
	ck_assert_uint_eq(h.qmgr.callers_extra, 3);
	ck_assert(call(&callers[10], "MTA-LYON", "pw-lyon", &error));
	ck_assert(!call(&callers[11], "MTA-LYON", "pw-lyon", &error));
	ck_assert_int_eq(error, BIND_ERROR_BUSY);
	ck_assert(call(&callers[12], "MTA-ROME", "pw-rome", &error));
	remote_close(&callers[0]);
	ck_assert_uint_eq(h.qmgr.callers_extra, 2);
	ck_assert(call(&callers[13], "MTA-LYON", "pw-lyon", &error));
	for (unsigned n = 1; n < 4; n++)
		remote_close(&callers[n]);
	remote_close(&callers[10]);
	remote_close(&callers[12]);
	remote_close(&callers[13]);
	ck_assert_uint_eq(h.qmgr.callers_extra, 0);
	ck_assert_uint_eq(harness_link(&h, "lyon")->callers, 0);
	harness_fini(&h);
}
END_TEST

/* A worker whose peer was refused or released serves another later, and its
 * peer counts no more meanwhile. */
START_TEST(released)
{
	struct ipc_record record = {
	    .type = IPC_LINK_EVENT, .link_event = {.state = IPC_LINK_RELEASED}};
	struct link *link = begin();

	remote_send(&callers[3], &record);
	harness_steps(&h, 3);
	ck_assert_uint_eq(link->callers, 4);
	remote_close(&callers[3]);
	ck_assert_uint_eq(link->callers, 4);
	harness_fini(&h);
}
END_TEST

/* A notice of a worker is logged under the link that it serves, and only if it
 * is of an event that peers cause. */
START_TEST(notices)
{
	struct slice values[] = {slice_of_string("link"),
	    slice_of_string("rome"), slice_of_string("reason"),
	    slice_of_string("junk \n at 5")};
	struct ipc_record record = {
	    .type = IPC_NOTICE, .notice = {1192, values, 4}};

	begin();
	for (unsigned i = 0; i < 50; i++)
		remote_send(&callers[i % 5], &record);
	harness_steps(&h, 5);
	ck_assert(harness_log_has(
	    &h, " link=paris reason=\"junk \\x0a at 5\" worker=x400in#0"));
	ck_assert(!harness_log_has(&h, "link=rome"));
	log_tick(CLOCK_NEVER);
	ck_assert(harness_log_has(&h, " folded=49 "));
	record.notice.number = 271;
	remote_send(&callers[0], &record);
	remote_dropped(&callers[0]);
	record.notice.number = 1192;
	values[2] = slice_of_string("Rea son");
	remote_send(&callers[1], &record);
	remote_dropped(&callers[1]);
	ck_assert(!harness_log_has(&h, " 271 "));
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/callers", TEST(one_too_many), TEST(silent_one_goes),
    TEST(heard), TEST(common_bound), TEST(released), TEST(notices))
