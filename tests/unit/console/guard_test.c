/* SPDX-License-Identifier: ISC */
/*
 * guard_test.c - who may see what: Host, tokens, cookies
 */
#include "console/guard.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#define TOKEN "0123456789abcdef"
#define OTHER "fedcba9876543210"

static struct conf_console conf;
static struct guard guard;

/* begin - begin with a guard that knows two tokens and a name */
static void
begin(void)
{
	conf = (struct conf_console){.token = slice_of_string(TOKEN),
	    .metrics_token = slice_of_string(OTHER),
	    .host_name = "mta.example.net"};
	guard = (struct guard){.conf = &conf};
}

/* check_host - check what is said of a header Host */
static void
check_host(const char *host, enum guard_answer expected)
{
	const struct guard_headers headers = {.host = host};

	ck_assert_msg(
	    guard_check(&guard, GUARD_LOCAL, GUARD_ALL, &headers) == expected,
	    "%s", host);
}

START_TEST(hosts)
{
	begin();
	check_host(NULL, GUARD_ALLOWED);
	check_host("localhost", GUARD_ALLOWED);
	check_host("LOCALHOST:8400", GUARD_ALLOWED);
	check_host("127.0.0.1:8400", GUARD_ALLOWED);
	check_host("192.0.2.1", GUARD_ALLOWED);
	check_host("[::1]:8400", GUARD_ALLOWED);
	check_host("[2001:db8::1]", GUARD_ALLOWED);
	check_host("mta.example.net:443", GUARD_ALLOWED);
	check_host("", GUARD_WRONG_HOST);
	check_host(":80", GUARD_WRONG_HOST);
	check_host("[::1", GUARD_WRONG_HOST);
	check_host("localhost.example.net", GUARD_WRONG_HOST);
	check_host("127.0.0.1.example.net", GUARD_WRONG_HOST);
	check_host("xmta.example.net", GUARD_WRONG_HOST);
	check_host("1", GUARD_WRONG_HOST);
	/* Without host-name no name is ours. */
	conf.host_name = "";
	check_host("mta.example.net", GUARD_WRONG_HOST);
}
END_TEST

/* check_token - check what is said of a token at a port */
static void
check_token(
    const char *authorization, enum guard_want want, enum guard_answer expected)
{
	const struct guard_headers headers = {.authorization = authorization};

	ck_assert_msg(
	    guard_check(&guard, GUARD_TCP, want, &headers) == expected, "%s",
	    authorization);
}

START_TEST(tokens)
{
	begin();
	check_token(NULL, GUARD_ALL, GUARD_NO_TOKEN);
	check_token("Bearer " TOKEN, GUARD_ALL, GUARD_ALLOWED);
	check_token("bearer " TOKEN, GUARD_ALL, GUARD_ALLOWED);
	check_token("Basic " TOKEN, GUARD_ALL, GUARD_NO_TOKEN);
	check_token("Bearer " TOKEN "x", GUARD_ALL, GUARD_WRONG_TOKEN);
	check_token("Bearer ", GUARD_ALL, GUARD_NO_TOKEN);
	check_token("Bearer " OTHER, GUARD_ALL, GUARD_WRONG_TOKEN);
	check_token("Bearer " OTHER, GUARD_METRICS, GUARD_ALLOWED);
	check_token("Bearer " TOKEN, GUARD_METRICS, GUARD_ALLOWED);
	check_token(NULL, GUARD_PUBLIC, GUARD_ALLOWED);
	/* Without a token nothing is one, the empty text least of all. */
	conf.token = conf.metrics_token = slice_of(NULL, 0);
	check_token("Bearer ", GUARD_METRICS, GUARD_NO_TOKEN);
	ck_assert_ptr_null(guard_login(&guard, slice_of_string("")));
}
END_TEST

/* check_cookie - check what is said of a header Cookie at a port */
static void
check_cookie(const char *before, const char *value, const char *behind,
    enum guard_answer expected)
{
	char text[256];
	const struct guard_headers headers = {.cookie = text};

	snprintf(text, sizeof(text), "%s%s%s", before, value, behind);
	ck_assert_msg(
	    guard_check(&guard, GUARD_TCP, GUARD_ALL, &headers) == expected,
	    "%s", text);
}

START_TEST(cookies)
{
	char first[GUARD_COOKIE_LEN + 1];
	const char *cookie;

	begin();
	ck_assert_ptr_null(guard_login(&guard, slice_of_string(OTHER)));
	cookie = guard_login(&guard, slice_of_string(TOKEN));
	ck_assert_ptr_nonnull(cookie);
	ck_assert_uint_eq(strlen(cookie), GUARD_COOKIE_LEN);
	strcpy(first, cookie);
	check_cookie("fourpost=", first, "", GUARD_ALLOWED);
	check_cookie("a=b; fourpost=", first, "; c=d", GUARD_ALLOWED);
	check_cookie("xfourpost=", first, "", GUARD_NO_TOKEN);
	check_cookie("fourpost=", first, "0", GUARD_NO_TOKEN);
	check_cookie("fourpost=", "", "", GUARD_NO_TOKEN);
	check_cookie(";;; ", "", "", GUARD_NO_TOKEN);
	/* The 65th ends the one that was not used for longest. */
	for (int i = 0; i < GUARD_SESSIONS; i++) {
		ck_assert_str_ne(
		    guard_login(&guard, slice_of_string(TOKEN)), first);
		guard.sessions[0].used = 0;
	}
	check_cookie("fourpost=", first, "", GUARD_NO_TOKEN);
}
END_TEST

START_TEST(logout_ends_a_session)
{
	char text[128];
	const struct guard_headers headers = {.cookie = text};

	begin();
	snprintf(text, sizeof(text), "fourpost=%s",
	    guard_login(&guard, slice_of_string(TOKEN)));
	ck_assert_int_eq(
	    guard_check(&guard, GUARD_TCP, GUARD_ALL, &headers), GUARD_ALLOWED);
	guard_logout(&guard, &headers);
	ck_assert_int_eq(guard_check(&guard, GUARD_TCP, GUARD_ALL, &headers),
	    GUARD_NO_TOKEN);
}
END_TEST

TEST_MAIN("console/guard", TEST(hosts); TEST(tokens); TEST(cookies);
	  TEST(logout_ends_a_session))
