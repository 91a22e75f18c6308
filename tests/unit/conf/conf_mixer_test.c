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

TEST_MAIN("conf/conf_mixer", TEST(wrong_sections); TEST(compared))
