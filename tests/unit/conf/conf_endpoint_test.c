/* SPDX-License-Identifier: ISC */
/*
 * conf_endpoint_test.c - a host and a port as text
 */
#include "conf/conf_endpoint.h"

#include "tests/unit/test.h"

/* endpoint_is - check what a text means, and its canonical form */
static void
endpoint_is(const char *text, enum conf_host_form form, const char *host,
    uint16_t port, const char *canonical)
{
	struct conf_endpoint endpoint;
	struct arena arena;
	struct buffer out;
	struct diag diag = {0};

	arena_init(&arena, 65536);
	buffer_init(&out, 512);
	ck_assert_msg(
	    conf_endpoint_parse(text, form, &arena, &endpoint, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_str_eq(endpoint.host, host);
	ck_assert_uint_eq(endpoint.port, port);
	ck_assert_int_eq(conf_endpoint_format(&endpoint, &out), 0);
	ck_assert(slice_equal_string(buffer_slice(&out), canonical));
	buffer_fini(&out);
	arena_fini(&arena);
}

/* refused - check that a text is refused */
static void
refused(const char *text, enum conf_host_form form, int code)
{
	struct conf_endpoint endpoint;
	struct arena arena;
	struct diag diag = {0};

	arena_init(&arena, 65536);
	ck_assert_msg(
	    conf_endpoint_parse(text, form, &arena, &endpoint, &diag) == code,
	    "%s", text);
	ck_assert_int_eq(diag.code, code);
	arena_fini(&arena);
}

START_TEST(right)
{
	endpoint_is("paris.example.net:102", CONF_HOST_ANY, "paris.example.net",
	    102, "paris.example.net:102");
	endpoint_is("paris", CONF_HOST_ANY, "paris", 102, "paris:102");
	endpoint_is("127.0.0.1:65535", CONF_HOST_NUMERIC, "127.0.0.1", 65535,
	    "127.0.0.1:65535");
	endpoint_is("[::]:102", CONF_HOST_NUMERIC, "::", 102, "[::]:102");
	endpoint_is("[2001:db8::1]", CONF_HOST_ANY, "2001:db8::1", 102,
	    "[2001:db8::1]:102");
}
END_TEST

START_TEST(wrong)
{
	char long_name[300];

	refused("", CONF_HOST_ANY, ERR_SYNTAX);
	refused(":102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("::1", CONF_HOST_ANY, ERR_SYNTAX);
	refused("::1:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("[::1", CONF_HOST_ANY, ERR_SYNTAX);
	refused("[::1]102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("[]:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("[paris]:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("[127.0.0.1]:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("a b:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("a..b:102", CONF_HOST_ANY, ERR_SYNTAX);
	refused("paris:", CONF_HOST_ANY, ERR_VALUE);
	refused("paris:0", CONF_HOST_ANY, ERR_VALUE);
	refused("paris:65536", CONF_HOST_ANY, ERR_VALUE);
	refused("paris:x400", CONF_HOST_ANY, ERR_VALUE);
	refused("paris:102", CONF_HOST_NUMERIC, ERR_VALUE);
	memset(long_name, 'a', sizeof(long_name));
	long_name[64] = '\0';
	refused(long_name, CONF_HOST_ANY, ERR_SYNTAX);
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 60; i < sizeof(long_name); i += 60)
		long_name[i] = '.';
	long_name[254] = '\0';
	refused(long_name, CONF_HOST_ANY, ERR_SYNTAX);
}
END_TEST

TEST_MAIN("conf/conf_endpoint", TEST(right); TEST(wrong))
