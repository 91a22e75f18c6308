/* SPDX-License-Identifier: ISC */
/*
 * tls_identity_test.c - names, pins, and what proves a peer
 */
#include "tls/tls_identity.h"

#include "tests/unit/test.h"

static const uint8_t pins[2][TLS_PIN_LEN] = {{1, 2, 3}, {4, 5, 6}};

START_TEST(names)
{
	static const struct {
		const char *certified, *name;
		bool match;
	} cases[] = {
	    {"mta.example.net", "mta.example.net", true},
	    {"MTA.Example.NET", "mta.example.net", true},
	    {"mta.example.net", "mta.example.org", false},
	    {"*.example.net", "mta.example.net", true},
	    {"*.EXAMPLE.net", "mta.example.net", true},
	    {"*.example.net", "a.mta.example.net", false},
	    {"*.example.net", "example.net", false},
	    {"*.example.net", ".example.net", false},
	    {"*.net", "example.net", false},
	    {"*", "mta", false},
	    {"m*.example.net", "mta.example.net", false},
	    {"*.example.net", "mta", false},
	    {"", "mta", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(tls_name_matches(cases[i].certified,
				  cases[i].name) == cases[i].match,
		    "%s for %s", cases[i].certified, cases[i].name);
}
END_TEST

/* make - make the identity of a peer with the second pin and one name */
static struct tls_identity
make(void)
{
	struct tls_identity identity = {.known = true, .name_count = 1};

	memcpy(identity.pin, pins[1], TLS_PIN_LEN);
	strcpy(identity.names[0], "a.test");
	return identity;
}

/* refused - check that a peer is refused, and why */
static void
refused(const struct tls_identity *identity,
    const struct tls_expectation *expectation, const char *reason)
{
	struct diag diag = {0};

	ck_assert_int_eq(
	    tls_identity_prove(identity, expectation, &diag), ERR_DENIED);
	ck_assert_str_eq(diag_text(&diag), reason);
}

START_TEST(proofs)
{
	const struct tls_expectation pin = {
	    .name = "", .pins = pins, .pin_count = 2};
	const struct tls_expectation one = {
	    .name = "", .pins = pins, .pin_count = 1};
	const struct tls_expectation name = {.name = "a.test"};
	const struct tls_expectation either = {
	    .name = "a.test", .pins = pins, .pin_count = 1};
	struct tls_identity identity = make();
	struct diag diag = {0};

	ck_assert_int_eq(tls_identity_prove(&identity, &pin, &diag), 0);
	ck_assert_int_eq(tls_identity_prove(&identity, &name, &diag), 0);
	ck_assert_int_eq(tls_identity_prove(&identity, &either, &diag), 0);
	refused(&identity, &one, "its key is none of tls-pin");
	strcpy(identity.problem, "certificate has expired");
	/* a pin stands for itself */
	ck_assert_int_eq(tls_identity_prove(&identity, &pin, &diag), 0);
	refused(&identity, &name, "its certificate: certificate has expired");
	refused(&identity, &either, "its certificate: certificate has expired");
	identity = make();
	strcpy(identity.names[0], "b.test");
	refused(&identity, &name,
	    "its certificate is for b.test, not for the tls-name a.test");
	identity.name_count = 0;
	refused(&identity, &name,
	    "its certificate is for no name, not for the tls-name a.test");
	identity = (struct tls_identity){.known = false};
	refused(&identity, &pin, "it gave no certificate");
}
END_TEST

TEST_MAIN("tls/tls_identity", TEST(names); TEST(proofs))
