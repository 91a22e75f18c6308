/* SPDX-License-Identifier: ISC */
/*
 * certificates_test.c - what is said of a file whose validity ends
 */
#include "master/certificates.h"

#include "base/clock.h"
#include "tests/unit/test.h"

#define DAY INT64_C(86400)

/* file_of - make a file that is valid from and until so many days from now */
static struct conf_pem
file_of(int64_t issued, int64_t expires)
{
	int64_t now = clock_wall() / 1000;

	return (struct conf_pem){.path = "a.pem",
	    .octets = slice_of_string("a certificate"),
	    .issued = now + issued * DAY,
	    .expires = now + expires * DAY};
}

START_TEST(certificates)
{
	struct certificate_state state;
	struct conf_pem file = file_of(-300, 31);

	ck_assert(!certificates_state(&file, CERTIFICATE_OURS, &state));
	file = file_of(-300, 20);
	ck_assert(certificates_state(&file, CERTIFICATE_OURS, &state));
	ck_assert(!state.urgent && !state.expired);
	ck_assert_str_eq(state.path, "a.pem");
	/* The end has been told of since thirty days before. */
	ck_assert_int_eq(state.since, (file.expires - 30 * DAY) * 1000);
	file = file_of(-300, 5);
	ck_assert(certificates_state(&file, CERTIFICATE_OURS, &state));
	ck_assert(state.urgent && !state.expired);
	file = file_of(-300, -2);
	ck_assert(certificates_state(&file, CERTIFICATE_OURS, &state));
	ck_assert(state.urgent && state.expired);
	ck_assert_int_eq(state.since, file.expires * 1000);
	file.octets.len = 0;
	ck_assert(!certificates_state(&file, CERTIFICATE_OURS, &state));
}
END_TEST

START_TEST(revocation_lists)
{
	struct certificate_state state;
	struct conf_pem file = file_of(-1, 7);

	/* A quarter of eight days before its end. */
	ck_assert(!certificates_state(&file, CERTIFICATE_REVOCATIONS, &state));
	file = file_of(-7, 1);
	ck_assert(certificates_state(&file, CERTIFICATE_REVOCATIONS, &state));
	ck_assert(!state.urgent && !state.expired);
	ck_assert_str_eq(state.what, "revocation list");
	file = file_of(-8, -1);
	ck_assert(certificates_state(&file, CERTIFICATE_REVOCATIONS, &state));
	ck_assert(state.urgent && state.expired);
	/* A certificate that says no end has none. */
	file.expires = INT64_MAX;
	ck_assert(!certificates_state(&file, CERTIFICATE_REVOCATIONS, &state));
}
END_TEST

TEST_MAIN("master/certificates", TEST(certificates), TEST(revocation_lists))
