/* SPDX-License-Identifier: ISC */
/*
 * tls_cut_test.c - a connection within TLS that is cut: what was sent arrives
 * exactly once
 *
 * A relay cuts right behind each record of either direction, and at octets in
 * the middle of records.  It knows nothing of what it passes: all that it sees
 * is lengths.
 */
#include <stdlib.h>

#include "tests/fault/cutter.h"
#include "tests/system/letter.h"
#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"

#define LARGEST ((size_t)300 * 1024)

/* Each message has a connection of its own. */
#define LINK                                   \
	"association-lifetime = 0\n"           \
	"transfer-timeout-normal = \"0.05\"\n" \
	"open-timeout = 10\n"

static struct tls_suites suites;
static struct cutter *cutter;
static uint8_t data[LARGEST];
static unsigned sent, cuts;
static size_t size;

/* send - send one message more, of octets that are its own */
static void
send(void)
{
	char file[32], subject[32];

	letter_fill(data, size, ++sent);
	snprintf(file, sizeof(file), "%05u.MSG", sent);
	snprintf(subject, sizeof(subject), "cut %u", sent);
	pair_letter(
	    &suites.pair, file, PAIR_BOB, '3', subject, "text\r\n", data, size);
}

/* arrived - check that all that was sent arrived, none twice */
static void
arrived(void)
{
	pair_wait_files(suites.pair.b_out, sent, 60);
	pair_wait_empty(&suites.pair, 60);
	ck_assert_uint_eq(suite_count_files(suites.pair.b_out), sent);
}

/* start - start two suites with the relay between them */
static void
start(const char *name)
{
	suite_begin(name);
	cutter = cutter_start();
	suites.pair.relay_port = cutter->port;
	tls_suites_prepare(&suites);
	tls_suites_start(&suites, PAIR_RELAYED, LINK);
	atomic_store(&cutter->target, suites.pair.b_tls);
}

/* stop - stop them, and check that nothing was sent in clear */
static void
stop(void)
{
	tls_suites_stop(&suites);
	cutter_stop(cutter);
	suite_end();
}

START_TEST(cut_behind_every_record)
{
	unsigned whole[2], step = suite_long() ? 1 : 5;

	size = suite_long() ? LARGEST : LARGEST / 4;
	start("tls-records");
	cutter_plan(cutter, CUTTER_PASS, 0, 0);
	send();
	arrived();
	for (int side = 0; side < 2; side++) {
		whole[side] = atomic_load(&cutter->records[side]);
		ck_assert_uint_ge(whole[side], 5);
	}
	for (int side = 0; side < 2; side++)
		for (unsigned n = 1; n < whole[side]; n += step) {
			cutter_plan_record(cutter,
			    n % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, side, n);
			send();
			arrived();
			cuts += atomic_load(&cutter->done) != 0;
		}
	/* The first record of either side is reached whatever happens; how
	 * many there are differs from one transfer to the next. */
	ck_assert_uint_ge(cuts, 2);
	printf("figure: %u cuts behind a TLS record\n", cuts);
	stop();
}
END_TEST

START_TEST(cut_within_records)
{
	uint64_t whole[2], parts = suite_long() ? 60 : 5;

	/* More than a window of checkpoints, so that a late cut comes behind
	 * one that is confirmed. */
	size = LARGEST;
	start("tls-octets");
	cutter_plan(cutter, CUTTER_PASS, 0, 0);
	send();
	arrived();
	for (int side = 0; side < 2; side++)
		whole[side] = atomic_load(&cutter->first[side]);
	ck_assert_uint_gt(whole[0], size);
	for (int side = 0; side < 2; side++)
		for (uint64_t i = 0; i < parts; i++) {
			cutter_plan(cutter,
			    i % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, side,
			    7 + whole[side] * i / parts);
			send();
			arrived();
			cuts += atomic_load(&cutter->done) != 0;
		}
	ck_assert_uint_ge(cuts, 3);
	/* A certificate proves who recovers. */
	ck_assert_uint_ge(tls_suites_logged(&suites.pair.b, " 20100 "), 1);
	printf("figure: %u cuts within TLS records\n", cuts);
	stop();
}
END_TEST

TEST_MAIN("fault/tls_cut", TEST_LONG(cut_behind_every_record, 900);
	  TEST_LONG(cut_within_records, 900))
