/* SPDX-License-Identifier: ISC */
/*
 * handshakes_test.c - with whom a TLS handshake is done, and how often
 *
 * The times are the test's own, but where a worker asks.
 */
#include "qmgr/receiving/handshakes.h"

#include "tests/references.h"
#include "tests/unit/qmgr/harness.h"
#include "tests/unit/qmgr/remote.h"

#define STRANGER "192.0.2.1"
#define CALLED	 "198.51.100.1"
#define CALLER	 "203.0.113.7"

static struct harness h;

/* One peer that is known by where it is called, one by where it calls from, and
 * one by name alone. */
static const char conf[] =
    "mta { name = \"MTA-TEST\" domain = \"C=DE;A=VIAT;P=ACME\" "
    "password = \"secret\" state-directory = \"/tmp\" run-directory = \"/tmp\" "
    "queue-size = \"64M\" }\n"
    "link \"a\" { remote-mta = \"A\" remote-password = \"a\" "
    "address = {\"198.51.100.1:102\"} address-space = {\"C=FR\"} }\n"
    "link \"b\" { remote-mta = \"B\" remote-password = \"b\" "
    "schedule = \"remote-initiated\" remote-addresses = {\"203.0.113.0/24\"} "
    "address-space = {\"C=IT\"} }\n"
    "link \"c\" { remote-mta = \"C\" remote-password = \"c\" "
    "address = {\"c.example.net:102\"} address-space = {\"C=GB\"} }\n";

/* count - count how many handshakes with a host are done at once */
static unsigned
count(const char *host, uint64_t now)
{
	unsigned done = 0;

	while (done < 1000 && handshakes_may(&h.qmgr, host, now))
		done++;
	return done;
}

START_TEST(few_of_a_stranger)
{
	uint64_t now = 1000000;

	harness_init_conf(&h, conf);
	ck_assert_uint_eq(count(STRANGER, now), 10);
	ck_assert_uint_eq(count("::ffff:" STRANGER, now), 0);
	ck_assert_uint_eq(count("192.0.2.2", now), 10);
	ck_assert_uint_eq(count(STRANGER, now + 999), 0);
	ck_assert_uint_eq(count(STRANGER, now + 1000), 1);
	ck_assert_uint_eq(count(STRANGER, now + 60000), 10);
	harness_fini(&h);
}
END_TEST

/* Many addresses are one: and whoever is known is not slowed by them. */
START_TEST(few_of_all_strangers)
{
	uint64_t now = 1000000;
	unsigned done = 0;
	char host[32];

	harness_init_conf(&h, conf);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(host, sizeof(host), "10.0.%u.%u", i / 250, i % 250);
		done += handshakes_may(&h.qmgr, host, now);
	}
	ck_assert_uint_eq(done, 50);
	ck_assert_uint_eq(count(STRANGER, now + 50), 1);
	ck_assert_uint_eq(count(CALLED, now), 100);
	ck_assert_uint_eq(count(CALLED, now + 100), 1);
	ck_assert_uint_eq(count(CALLER, now), 100);
	harness_fini(&h);
}
END_TEST

/* Whose binds are accepted may begin as many as it likes. */
START_TEST(a_good_one_is_taken_back)
{
	static const char *const hosts[] = {STRANGER, CALLER};
	uint64_t now = 1000000;

	harness_init_conf(&h, conf);
	for (unsigned i = 0; i < 400; i++) {
		ck_assert(handshakes_may(&h.qmgr, hosts[_i], now));
		handshakes_good(&h.qmgr, hosts[_i]);
	}
	ck_assert_uint_eq(count(hosts[_i], now), _i == 0 ? 10 : 100);
	harness_fini(&h);
}
END_TEST

/* ask - have a worker ask for a handshake with a peer */
static bool
ask(struct remote *r)
{
	struct ipc_record record = {.type = IPC_HANDSHAKE};

	record.handshake.address = slice_of_string(STRANGER ":4711");
	remote_send(r, &record);
	remote_expect(r, IPC_HANDSHAKE, &record);
	return record.handshake.allowed;
}

/* bind_as - have a worker ask for the bind of a peer within TLS; whether it was
 * accepted */
static bool
bind_as(struct remote *r, const char *password)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("C");
	record.bind_check.password = slice_of_string(password);
	record.bind_check.address = slice_of_string(STRANGER ":4711");
	record.bind_check.references = references_of("c", "261122200000Z", "");
	record.bind_check.tls = true;
	remote_send(r, &record);
	remote_expect(r, IPC_BIND_ANSWER, &record);
	return record.bind_answer.accepted;
}

/* The worker of a stranger is told so, and the log tells its address; the bind
 * that is accepted makes room for one more. */
START_TEST(a_worker_asks)
{
	struct remote r, good;
	unsigned asked = 0;

	harness_init_conf(&h, conf);
	remote_connect_as(&h, &good, IPC_ROLE_X400IN, "");
	ck_assert(ask(&good));
	remote_connect_as(&h, &r, IPC_ROLE_X400IN, "");
	while (ask(&r))
		ck_assert_uint_lt(asked++, 1000);
	ck_assert(harness_log_has(&h, " 20234 "));
	ck_assert(harness_log_has(&h, STRANGER));
	ck_assert(!bind_as(&r, "wrong"));
	ck_assert(bind_as(&good, "c"));
	ck_assert(ask(&r));
	remote_close(&r);
	remote_close(&good);
	harness_fini(&h);
}
END_TEST

/* Nobody but x400in asks. */
START_TEST(others_do_not_ask)
{
	struct ipc_record record = {.type = IPC_HANDSHAKE};
	struct remote r;

	harness_init_conf(&h, conf);
	remote_connect_as(&h, &r, IPC_ROLE_TOOL, "x4queue");
	remote_send(&r, &record);
	remote_dropped(&r);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/handshakes", TEST(few_of_a_stranger);
	  TEST(few_of_all_strangers); TEST_LOOP(a_good_one_is_taken_back, 2);
	  TEST(a_worker_asks); TEST(others_do_not_ask))
