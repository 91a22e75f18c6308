/* SPDX-License-Identifier: ISC */
/*
 * conf_compare_test.c - what differs between two configurations
 */
#include "conf/conf_compare.h"

#include "tests/unit/conf/conf_fixture.h"

#define LINK_A "link a { remote-mta = A address = a open-interval = 600 }\n"
#define LINK_B "link b { remote-mta = B address = b }\n"
#define PO     "msmail po { postoffice = /a network = N name = P }\n"

/* note - write a difference as a word into the text that context is */
static void
note(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	static const char signs[] = "+-*";
	char word[128];

	(void)snprintf(word, sizeof(word), "%c%s/%s%s%s ", signs[change],
	    conf_settings(section)->name, name, setting != NULL ? "." : "",
	    setting != NULL ? setting->name : "");
	(void)strlcat(context, word, 512);
}

/* differ - list all differences, in order */
static void
differ(const char *before, const char *after, const char *expected)
{
	struct conf *a = parse_ok(before), *b = parse_ok(after);
	char text[512] = "";
	int count = 0, r = conf_compare(a, b, note, text);

	for (const char *c = expected; *c != '\0'; c++)
		count += *c == ' ';
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(r, count);
	conf_free(a);
	conf_free(b);
}

START_TEST(nothing)
{
	differ(MTA_LINE LINK_A LINK_B PO, PO LINK_B MTA_LINE LINK_A, "");
	differ(MTA_LINE LINK_A,
	    MTA_LINE "link a { address = \"a:102\" remote-mta = \"A\"\n"
		     "open-interval = 10m cost = 10 schedule = always }",
	    "");
}
END_TEST

START_TEST(sections)
{
	differ(MTA_LINE LINK_A PO, MTA_LINE LINK_B,
	    "-link/a +link/b "
	    "-msmail/po ");
	differ(
	    MTA_LINE, MTA_LINE LINK_A LINK_B PO, "+link/a +link/b +msmail/po ");
}
END_TEST

START_TEST(settings)
{
	differ(MTA_LINE LINK_A LINK_B PO,
	    "mta { name = X domain = \"C=DE;A=VIAT;P=ACME\" user = u }\n"
	    "link a { remote-mta = A address = {a, b} cost = 11 }\n" LINK_B
	    "msmail po { postoffice = /b network = N name = P }\n",
	    "*mta/.name *mta/.user *link/a.address *link/a.cost "
	    "*msmail/po.postoffice ");
}
END_TEST

START_TEST(passwords)
{
	char path[64], text[512];

	temporary_file(path, "secret\n", 7, 0600);
	(void)snprintf(text, sizeof(text),
	    MTA_LINE
	    "link b { remote-mta = B address = b remote-password-file = %s }",
	    path);
	differ(text,
	    MTA_LINE
	    "link b { remote-mta = B address = b remote-password = secret }",
	    "");
	differ(text,
	    MTA_LINE
	    "link b { remote-mta = B address = b remote-password = Secret }",
	    "*link/b.remote-password ");
	differ(text, MTA_LINE LINK_B, "*link/b.remote-password ");
	(void)unlink(path);
}
END_TEST

START_TEST(equal)
{
	struct conf *a = parse_ok(MTA_LINE LINK_A LINK_B);
	struct conf *b = parse_ok(MTA_LINE LINK_A
	    "link b { remote-mta = A address = a open-interval = 600 }");

	ck_assert(values_equal(CONF_LINK, &a->links[0], &b->links[0]));
	ck_assert(!values_equal(CONF_LINK, &a->links[1], &b->links[1]));
	/* A name is no value; conf_compare goes by it. */
	ck_assert(values_equal(CONF_LINK, &b->links[0], &b->links[1]));
	conf_free(a);
	conf_free(b);
}
END_TEST

TEST_MAIN("conf/conf_compare", TEST(nothing); TEST(sections); TEST(settings);
	  TEST(passwords); TEST(equal))
