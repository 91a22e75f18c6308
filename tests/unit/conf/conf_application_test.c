/* SPDX-License-Identifier: ISC */
/*
 * conf_application_test.c - sections of applications, as one process hands them
 * to another
 */
#include "conf/conf_application.h"

#include "conf/conf_compare.h"
#include "conf/conf_content.h"
#include "conf/conf_dump.h"
#include "mhs/p1.h"
#include "tests/unit/conf/conf_fixture.h"

#define MTA "mta { name = A domain = \"C=DE;A=V\" }\n"

/* parse - parse a text that was handed over */
static struct conf *
parse(const char *text)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_msg(conf_parse_text(slice_of_string(text), "t", CONF_HANDED,
			  &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	return conf;
}

/* refuse - parse a text that is wrong, and compare the reason */
static void
refuse(const char *text, const char *reason)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_lt(conf_parse_text(slice_of_string(text), "t",
			     CONF_HANDED, &conf, &diag),
	    0);
	ck_assert_str_eq(diag_text(&diag), reason);
}

START_TEST(defaults)
{
	struct conf *conf =
	    parse(MTA "application \"edi\" { path = /srv/edi }\n");
	const struct conf_application *edi = conf_application_find(conf, "edi");

	ck_assert_ptr_nonnull(edi);
	ck_assert_ptr_null(conf_application_find(conf, "x"));
	ck_assert_str_eq(edi->path, "/srv/edi");
	ck_assert_str_eq(edi->group.name, "");
	ck_assert_uint_eq(edi->cost, 10);
	ck_assert_int_eq(edi->delivered_when, CONF_DELIVERED_ANSWERED);
	ck_assert_uint_eq(edi->answer_timeout, 600000);
	ck_assert_uint_eq(edi->outstanding, 16);
	ck_assert_uint_eq(edi->max_size, 0);
	ck_assert_uint_eq(edi->contents.count, 0);
	conf_free(conf);
}
END_TEST

START_TEST(values)
{
	struct conf *conf = parse(MTA
	    "application x { path = /a group = root cost = 3\n"
	    "address-space = {\"C=DE;A=V;O=X\", \"C=FR\"} originators = \"*\"\n"
	    "delivered-when = written answer-timeout = 90s outstanding = 1\n"
	    "contents = {ipm, \"2.6.1.4.17\"} max-size = 10M }\n");
	const struct conf_application *x = &conf->applications[0];

	ck_assert_uint_eq(x->address_space.count, 2);
	ck_assert_uint_eq(x->originators.count, 1);
	ck_assert_int_eq(x->delivered_when, CONF_DELIVERED_WRITTEN);
	ck_assert_uint_eq(x->answer_timeout, 90000);
	ck_assert_uint_eq(x->outstanding, 1);
	ck_assert_uint_eq(x->max_size, 10 * 1024 * 1024);
	conf_free(conf);
}
END_TEST

START_TEST(wrong_values)
{
	refuse("application x {\noutstanding = 17 }",
	    "t:2: outstanding: \"17\" is out of range, 1 to 16");
	refuse("application x {\nanswer-timeout = 0 }",
	    "t:2: answer-timeout: \"0\" is out of range, 1 to 7d");
	refuse("application x {\ndelivered-when = read }",
	    "t:2: delivered-when: \"read\" is none of answered, written");
	refuse("application x {\ncontents = {ipm, paper} }",
	    "t:2: contents: \"paper\" is not ipm, edi, a number or an object "
	    "identifier");
	refuse("application x {\npath = srv }",
	    "t:2: path: \"srv\" does not begin with /");
}
END_TEST

/* refuse_whole - parse a file that is wrong as a whole, and compare */
static void
refuse_whole(const char *text, const char *reason)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_lt(conf_parse_text(slice_of_string(text), "t",
			     CONF_COMPLETE, &conf, &diag),
	    0);
	ck_assert_str_eq(diag_text(&diag), reason);
}

START_TEST(forms)
{
	refuse_whole(MTA "application x {\noriginators = \"C=DE\" }",
	    "t:2: application \"x\": path: missing, and there is no socket");
	refuse_whole(MTA
	    "application x {\nsocket = edi delivered-when = written\n"
	    "originators = \"C=DE\" }",
	    "t:2: application \"x\": delivered-when: written is for a "
	    "directory alone, and there is a socket");
	/* Names of sockets that others have. */
	refuse_whole(MTA
	    "application x {\nsocket = \"a.b\" originators = \"C=DE\" }",
	    "t:2: application \"x\": socket: a name has 1 to 32 of a-z, 0-9 "
	    "and -");
	refuse_whole(MTA
	    "application x {\nsocket = qmgr originators = \"C=DE\" }",
	    "t:2: application \"x\": socket: a process of ours has it");
	refuse_whole(MTA
	    "application x {\nsocket = console originators = \"C=DE\" }",
	    "t:2: application \"x\": socket: that is for the console");
	refuse_whole(MTA "application x { socket = a originators = \"C=DE\" }\n"
			 "application y { socket = a originators = \"C=DE\" }",
	    "t:3: application \"y\": socket: that of application \"x\"");
}
END_TEST

START_TEST(contents)
{
	struct conf *conf = parse(
	    MTA "application x { path = /a contents = {ipm, \"1.2.3\"} }\n");
	const struct conf_contents *some = &conf->applications[0].contents;
	const struct conf_contents any = {0};
	static const uint8_t oid[] = {0x2a, 0x03}, other[] = {0x2a, 0x04};
	const struct p1_content_type types[] = {
	    {.built_in = P1_CONTENT_P2},
	    {.built_in = P1_CONTENT_P22},
	    {.built_in = P1_CONTENT_OID, .oid = {oid, sizeof(oid)}},
	    {.built_in = P1_CONTENT_OID, .oid = {other, sizeof(other)}},
	    {.built_in = P1_CONTENT_EDI},
	};

	for (size_t i = 0; i < 5; i++) {
		ck_assert(conf_content_accepts(&any, &types[i]));
		ck_assert_int_eq(conf_content_accepts(some, &types[i]), i < 3);
	}
	conf_free(conf);
}
END_TEST

START_TEST(handed_to_its_worker)
{
	struct conf *conf = parse(
	    MTA "application y { path = /b }\n"
		"application x { path = /a address-space = \"C=FR\"\n"
		"originators = \"*\" contents = edi answer-timeout = 1h }\n");
	struct conf *part;
	struct buffer text;

	buffer_init(&text, 4096);
	ck_assert_int_eq(
	    conf_dump_application(conf, &conf->applications[1], &text), 0);
	ck_assert_int_eq(buffer_append(&text, "", 1), 0);
	part = parse((const char *)buffer_slice(&text).data);
	ck_assert_uint_eq(part->application_count, 1);
	ck_assert_str_eq(part->applications[0].path, "/a");
	ck_assert_uint_eq(part->applications[0].answer_timeout, 3600000);
	ck_assert_uint_eq(part->applications[0].address_space.count, 0);
	ck_assert_uint_eq(part->applications[0].originators.count, 0);
	ck_assert_uint_eq(part->applications[0].contents.count, 0);
	conf_free(part);
	buffer_fini(&text);
	conf_free(conf);
}
END_TEST

/* note_change - note the kind of the last difference, and count */
static void
note_change(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	enum conf_change *last = context;

	ck_assert_int_eq(section, CONF_APPLICATION);
	ck_assert_str_eq(name, "x");
	ck_assert(
	    change != CONF_CHANGED || strcmp(setting->name, "contents") == 0);
	*last = change;
}

START_TEST(compared)
{
	static const char *const texts[] = {MTA,
	    MTA "application x { path = /a contents = edi }",
	    MTA "application x { path = /a contents = ipm }", MTA};
	static const enum conf_change expected[] = {
	    CONF_ADDED, CONF_CHANGED, CONF_REMOVED};

	for (size_t i = 0; i < 3; i++) {
		struct conf *before = parse(texts[i]);
		struct conf *after = parse(texts[i + 1]);
		enum conf_change change;

		ck_assert_int_eq(
		    conf_compare(before, after, note_change, &change), 1);
		ck_assert_int_eq(change, expected[i]);
		conf_free(before);
		conf_free(after);
	}
}
END_TEST

TEST_MAIN("conf/conf_application", TEST(defaults); TEST(values);
	  TEST(wrong_values); TEST(forms); TEST(contents);
	  TEST(handed_to_its_worker); TEST(compared))
