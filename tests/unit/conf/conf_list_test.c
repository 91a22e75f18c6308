/* SPDX-License-Identifier: ISC */
/*
 * conf_list_test.c - distribution lists: what goes together, and the file of
 * members
 */

#include <stdlib.h>

#include "conf/conf_dump.h"
#include "mhs/or_address.h"
#include "tests/unit/conf/conf_fixture.h"

#define LIST "list l { address = \"C=DE;A=V;S=L\" "

/* Errors of a list as a whole are found. */
START_TEST(together)
{
	parse_bad(
	    MTA_LINE LIST "}\n", "t:2: list \"l\": members: there are none");
	parse_bad(MTA_LINE LIST
	    "members = \"C=DE;A=V;S=M\" reports = owner }\n",
	    "t:2: list \"l\": owner: missing, and gets reports");
	parse_bad(MTA_LINE "list l { members = \"C=DE;A=V;S=M\" }\n",
	    "t:2: list \"l\": address: missing");
	parse_bad(MTA_LINE LIST "members = \"C=DE;A=V;S=M\" }\n"
				"list k { address = \"c=de;a=v;s=l\" "
				"members = \"C=DE;A=V;S=M\" }\n",
	    "t:3: list \"k\": address: that of list \"l\"");
}
END_TEST

/* Members of a file stand behind the others, and are handed on with them. */
START_TEST(file_of_members)
{
	char text[1024], path[64], reason[256];
	struct conf *conf, *handed;
	struct buffer out;
	const char *members = "# staff\n\nC=DE;A=V;S=M\n  C=DE;A=V;S=N\r\n";

	temporary_file(path, members, strlen(members), 0600);
	(void)snprintf(text, sizeof(text),
	    "%s" LIST "members-file = \"%s\" members = \"C=DE;A=V;S=K\" }\n",
	    MTA_LINE, path);
	conf = parse_ok(text);
	ck_assert_uint_eq(conf->lists[0].members.count, 3);
	ck_assert_uint_eq(conf->lists[0].members.from_file, 2);
	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(
	    conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET, &out), 0);
	ck_assert_int_eq(unlink(path), 0);
	handed = parse_handed(buffer_slice(&out));
	ck_assert_uint_eq(handed->lists[0].members.count, 3);
	conf_free(handed);
	buffer_fini(&out);
	conf_free(conf);
	temporary_file(path, "C=DE;A=V;S=M\nS=N\n", 18, 0600);
	(void)snprintf(text, sizeof(text),
	    "%s" LIST "members-file = \"%s\" }\n", MTA_LINE, path);
	(void)snprintf(reason, sizeof(reason),
	    "t:2: list \"l\": members-file: %s:2: \"S=N\": ADMD: missing",
	    path);
	parse_bad(text, reason);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* 10,000 members are handed on whole. */
START_TEST(many_members)
{
	enum {
		COUNT = 10000
	};
	size_t size = COUNT * 32, len = 0;
	char *members = malloc(size), text[1024], path[64];
	struct conf *conf, *handed;
	struct buffer out;

	ck_assert_ptr_nonnull(members);
	for (int i = 0; i < COUNT; i++)
		len += (size_t)snprintf(
		    members + len, size - len, "C=DE;A=V;S=M%d\n", i);
	temporary_file(path, members, len, 0600);
	free(members);
	(void)snprintf(text, sizeof(text),
	    "%s" LIST "members-file = \"%s\" }\n", MTA_LINE, path);
	conf = parse_ok(text);
	ck_assert_int_eq(unlink(path), 0);
	buffer_init(&out, CONF_FILE_MAX);
	ck_assert_int_eq(
	    conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET, &out), 0);
	handed = parse_handed(buffer_slice(&out));
	ck_assert_uint_eq(handed->lists[0].members.count, COUNT);
	conf_free(handed);
	buffer_fini(&out);
	conf_free(conf);
}
END_TEST

TEST_MAIN("conf/conf_member", TEST(together), TEST(file_of_members),
    TEST(many_members))
