/* SPDX-License-Identifier: ISC */
/*
 * tls_test.c - RFC 1006 inside TLS, between suites and with others' TLS
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/letter.h"
#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"

static struct tls_suites suites;

/* begin - make the test's directory, certificates and settings */
static void
begin(const char *name)
{
	suite_begin(name);
	tls_suites_prepare(&suites);
}

/* send - send a message from A to B */
static void
send(unsigned number)
{
	char file[32], subject[32];

	snprintf(file, sizeof(file), "%05u.MSG", number);
	snprintf(subject, sizeof(subject), "tls %u", number);
	pair_letter(&suites.pair, file, PAIR_BOB, '3', subject, "secret words",
	    NULL, 0);
}

/* A message passes both ways where both links require TLS, and the wire shows
 * nothing of it. */
START_TEST(message_passes)
{
	char *output;

	begin("tls");
	tls_suites_start(&suites, PAIR_RECORDED, "");
	send(1);
	pair_wait_files(suites.pair.b_out, 1, 30);
	pair_wait_empty(&suites.pair, 30);
	ck_assert_int_ne(
	    suite_shell(&output, "grep -aq 'secret' '%s'", suites.pair.pcap),
	    0);
	free(output);
	ck_assert_int_eq(
	    suite_tool(&suites.pair.a, &output, "x4ping", "b", NULL), 0);
	ck_assert_msg(strstr(output, "TLSv1.3") != NULL, "%s", output);
	ck_assert_ptr_nonnull(strstr(output, "CN=MTA B"));
	ck_assert_ptr_nonnull(strstr(output, "365 days left"));
	free(output);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

TEST_MAIN("system/tls", TEST_LONG(message_passes, 120))
