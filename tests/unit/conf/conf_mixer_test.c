/* SPDX-License-Identifier: ISC */
/*
 * conf_mixer_test.c - sections mixer: what must hold in one, and what changed
 */
#include "conf/conf_mixer.h"

#include "conf/conf_compare.h"
#include "tests/unit/conf/conf_fixture.h"

#define MTA "mta { name = A domain = \"C=DE;A=V\" }\n"

/* refuse - parse a section with these settings, and compare the reason */
static void
refuse(const char *settings, const char *reason)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	char text[512];

	(void)snprintf(text, sizeof(text), MTA "mixer m { %s }\n", settings);
	ck_assert_int_lt(conf_parse_text(slice_of_string(text), "t",
			     CONF_COMPLETE, &conf, &diag),
	    0);
	ck_assert_str_eq(diag_text(&diag), reason);
}

START_TEST(wrong_sections)
{
	refuse("gateway-address = \"C=DE;A=V\"",
	    "t:2: mixer \"m\": mail-domain: missing");
	refuse(
	    "mail-domain = a.b", "t:2: mixer \"m\": gateway-address: missing");
	refuse("mail-domain = a.b gateway-address = \"\"",
	    "t:2: mixer \"m\": gateway-address: missing");
	refuse("mail-domain = a gateway-address = \"C=DE;A=V\"",
	    "t:2: mixer \"m\": mail-domain: \"a\" is no domain of two labels "
	    "or "
	    "more");
	refuse("mail-domain = a..b gateway-address = \"C=DE;A=V\"",
	    "t:2: mixer \"m\": mail-domain: \"a..b\" is no domain of two "
	    "labels "
	    "or more");
	refuse("mail-domain = a.b gateway-address = \"C=DE;A=V;DDA:x=y\"",
	    "t:2: mixer \"m\": gateway-address: has domain defined attributes");
}
END_TEST

#define NAMED "mail-domain = a.b gateway-address = \"C=DE;A=V\" "

/* Whoever can connect is believed: nobody can by mistake. */
START_TEST(wrong_sockets)
{
	static const struct {
		const char *settings, *reason;
	} cases[] = {
	    {"listen-lmtp = \"192.0.2.1:24\"",
		"listen-lmtp: an address that is not of loopback, and there "
		"is no lmtp-from"},
	    {"listen-lmtp = \"127.0.0.1\"",
		"listen-lmtp: a port is needed, and 102 is that of X.400"},
	    {"listen-lmtp = \"127.0.0.1:24\" lmtp-from = \"192.0.2.1\"",
		"lmtp-from: listen-lmtp has no address to which others can "
		"connect"},
	    {"lmtp-from = \"192.0.2.1\"",
		"lmtp-from: listen-lmtp has no address to which others can "
		"connect"},
	    {"listen-lmtp = \"/run/lmtp\"",
		"lmtp-group: missing, and listen-lmtp has a path: nobody "
		"could connect"},
	    {"listen-lmtp = \"127.0.0.1:24\" lmtp-group = root",
		"lmtp-group: listen-lmtp has no path"},
	    {"listen-lmtp = \"/run/\" lmtp-group = root",
		"listen-lmtp: a path that is no whole one"},
	    {"listen-lmtp = \"/run/../lmtp\" lmtp-group = root",
		"listen-lmtp: a path that is no whole one"},
	};
	char settings[256], reason[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(
		    settings, sizeof(settings), NAMED "%s", cases[i].settings);
		(void)snprintf(reason, sizeof(reason), "t:2: mixer \"m\": %s",
		    cases[i].reason);
		refuse(settings, reason);
	}
	refuse(NAMED "listen-lmtp = \"[::1]:24\" }\nmixer n { " NAMED
		     "listen-lmtp = \"[::1]:24\"",
	    "t:3: mixer \"n\": listen-lmtp: that of mixer \"m\"");
	conf_free(parse_ok(MTA "mixer m { " NAMED
			       "listen-lmtp = {\"192.0.2.1:24\", \"/run/l\"} "
			       "lmtp-from = \"192.0.2.0/24\" "
			       "lmtp-group = root }\n"));
}
END_TEST

#define RELAY "mail-domain = a.b gateway-address = \"C=DE;A=V\" "

START_TEST(tls)
{
	static const char *const right[] = {"tls = none tls-name = c.d",
	    "tls = may", "tls = require relay = \"c.d:25\"",
	    "tls = require tls-name = c.d",
	    "tls = require tls-pin = "
	    "\"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\""};
	char text[512];

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "mta { name = A domain = \"C=DE;A=V\" "
		    "tls-ca-file = \"/ca.pem\" }\nmixer m { " RELAY "%s }\n",
		    right[i]);
		conf_free(parse_ok(text));
	}
	refuse(RELAY "tls = require tls-name = c.d",
	    "t:2: mixer \"m\": tls: require needs the tls-ca-file of the mta "
	    "section, or tls-pin");
	refuse(RELAY "tls = require",
	    "t:2: mixer \"m\": tls: require needs tls-name or tls-pin where "
	    "relay is an address");
	refuse(RELAY "tls = require relay = {\"c.d:25\", \"[::1]:25\"}",
	    "t:2: mixer \"m\": tls: require needs tls-name or tls-pin where "
	    "relay is an address");
}
END_TEST

/* note - write down what changed */
static void
note(void *context, enum conf_section section, const char *name,
    enum conf_change what, const struct conf_setting *setting)
{
	char *text = context;

	ck_assert_int_eq(section, CONF_MIXER);
	(void)snprintf(text + strlen(text), 256 - strlen(text), "%s %d %s;",
	    name, (int)what, setting == NULL ? "" : setting->name);
}

START_TEST(compared)
{
#define GATEWAY "mail-domain = a.b gateway-address = \"C=DE;A=V\""
	struct conf *before = parse_ok(
	    MTA "mixer gone { " GATEWAY " }\nmixer same { " GATEWAY " }\n"
		"mixer other { " GATEWAY " map = \"c.d = C=DE\" }\n");
	struct conf *after = parse_ok(
	    MTA "mixer same { " GATEWAY " }\nmixer new { " GATEWAY " }\n"
		"mixer other { " GATEWAY " map = \"c.d = C=FR\" }\n");
	char text[256] = "", expected[256];

	ck_assert_int_eq(conf_compare(before, after, note, text), 3);
	(void)snprintf(expected, sizeof(expected),
	    "gone %d ;new %d ;other %d map;", CONF_REMOVED, CONF_ADDED,
	    CONF_CHANGED);
	ck_assert_str_eq(text, expected);
	conf_free(before);
	conf_free(after);
}
END_TEST

TEST_MAIN("conf/conf_mixer", TEST(wrong_sections); TEST(wrong_sockets);
	  TEST(tls); TEST(compared))
