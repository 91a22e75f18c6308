/* SPDX-License-Identifier: ISC */
/*
 * conf_network_test.c - from where a peer may call
 */
#include "conf/conf_network.h"

#include "tests/unit/test.h"

/* network_of - parse a text that is right */
static struct conf_network
network_of(const char *text)
{
	struct conf_network network;
	struct diag diag = {0};

	ck_assert_msg(conf_network_parse(text, &network, &diag) == 0, "%s",
	    diag_text(&diag));
	return network;
}

/* matches - tell whether an address lies in the one network */
static bool
matches(const char *text, const char *address)
{
	struct conf_network network = network_of(text);
	struct conf_networks networks = {&network, 1};

	return conf_network_match(&networks, address);
}

/* formats_as - check the canonical form of a text */
static void
formats_as(const char *text, const char *canonical)
{
	struct conf_network network = network_of(text);
	struct buffer out;

	buffer_init(&out, 128);
	ck_assert_int_eq(conf_network_format(&network, &out), 0);
	ck_assert_msg(slice_equal_string(buffer_slice(&out), canonical),
	    "%s: %.*s", text, (int)buffer_length(&out),
	    (const char *)buffer_slice(&out).data);
	buffer_fini(&out);
}

START_TEST(matching)
{
	struct conf_networks any = {NULL, 0};

	ck_assert(conf_network_match(&any, "192.0.2.1"));
	ck_assert(matches("192.0.2.1", "192.0.2.1"));
	ck_assert(matches("192.0.2.1", "::ffff:192.0.2.1"));
	ck_assert(!matches("192.0.2.1", "192.0.2.2"));
	ck_assert(matches("192.0.2.128/25", "192.0.2.255"));
	ck_assert(!matches("192.0.2.128/25", "192.0.2.127"));
	ck_assert(matches("192.0.2.77/24", "192.0.2.1"));
	ck_assert(matches("0.0.0.0/0", "203.0.113.9"));
	ck_assert(!matches("0.0.0.0/0", "2001:db8::1"));
	ck_assert(matches("::/0", "203.0.113.9"));
	ck_assert(matches("2001:db8::/33", "2001:db8:7fff::1"));
	ck_assert(!matches("2001:db8::/33", "2001:db8:8000::1"));
	ck_assert(!matches("::/0", "paris.example.net"));
	ck_assert(!matches("::/0", ""));
}
END_TEST

START_TEST(several)
{
	struct conf_network two[] = {
	    network_of("192.0.2.1"), network_of("2001:db8::/32")};
	struct conf_networks networks = {two, 2};

	ck_assert(conf_network_match(&networks, "192.0.2.1"));
	ck_assert(conf_network_match(&networks, "2001:db8::5"));
	ck_assert(!conf_network_match(&networks, "198.51.100.1"));
}
END_TEST

START_TEST(formatted)
{
	formats_as("192.0.2.1", "192.0.2.1");
	formats_as("192.0.2.77/24", "192.0.2.0/24");
	formats_as("192.0.2.1/32", "192.0.2.1");
	formats_as("0.0.0.0/0", "0.0.0.0/0");
	formats_as("2001:DB8:0::1", "2001:db8::1");
	formats_as("::/0", "::/0");
	formats_as("2001:db8::ff/120", "2001:db8::/120");
	formats_as("::ffff:192.0.2.1", "192.0.2.1");
	formats_as("::ffff:192.0.2.1/120", "192.0.2.0/24");
}
END_TEST

START_TEST(malformed)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
	    {"", ERR_SYNTAX},
	    {"localhost", ERR_SYNTAX},
	    {"192.0.2", ERR_SYNTAX},
	    {"192.0.2.256", ERR_SYNTAX},
	    {"[::1]", ERR_SYNTAX},
	    {"192.0.2.1:102", ERR_SYNTAX},
	    {"/24", ERR_SYNTAX},
	    {"192.0.2.0/33", ERR_VALUE},
	    {"2001:db8::/129", ERR_VALUE},
	    {"192.0.2.0/", ERR_VALUE},
	    {"192.0.2.0/-1", ERR_VALUE},
	    {"192.0.2.0/24/8", ERR_VALUE},
	    {"0123456789012345678901234567890123456789012345678901234567",
		ERR_SYNTAX},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_network network;
		struct diag diag = {0};

		ck_assert_msg(conf_network_parse(cases[i].text, &network,
				  &diag) == cases[i].code,
		    "%s", cases[i].text);
	}
}
END_TEST

TEST_MAIN("conf/conf_network", TEST(matching); TEST(several); TEST(formatted);
	  TEST(malformed))
