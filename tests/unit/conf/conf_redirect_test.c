/* SPDX-License-Identifier: ISC */
/*
 * conf_redirect_test.c - who gets the messages of somebody else: the lines of a
 * map, and who is told of them
 */
#include "conf/conf_redirect.h"

#include "conf/conf_dump.h"
#include "mhs/or_address.h"
#include "tests/unit/conf/conf_fixture.h"

#define MSMAIL                                                 \
	"msmail po1 { postoffice = /tmp network = N name = P " \
	"directory = \"%s\" redirect = {\"C=DE;A=V;S=A -> C=DE;A=V;S=B\"} }\n"

/* text_with - write a configuration with a map of these octets */
static void
text_with(char *text, size_t size, char path[64], const char *map)
{
	int len = snprintf(text, size, "%s", MTA_LINE);

	temporary_file(path, map, strlen(map), 0600);
	(void)snprintf(text + len, size - (size_t)len, MSMAIL, path);
}

/* dumped - write a configuration as text */
static const char *
dumped(const struct conf *conf, enum conf_secrets secrets, struct buffer *out)
{
	buffer_init(out, 1 << 20);
	ck_assert_int_eq(conf_dump(conf, secrets, CONF_EXTENT_SET, out), 0);
	ck_assert_int_eq(buffer_append(out, "", 1), 0);
	return (const char *)buffer_slice(out).data;
}

/* The lines of the map stand behind those of the setting; qmgr is handed all,
 * a person and a worker see what the file has. */
START_TEST(lines_of_map)
{
	char text[1024], path[64];
	struct conf *conf, *handed;
	struct buffer out;

	text_with(text, sizeof(text), path,
	    "# who is who\nC=DE;A=V;S=X = N/P/X\n"
	    "redirect C=DE;A=V;S=C -> C=DE;A=V;S=D\r\n"
	    "  redirect\tC=DE;A=V;S=E->C=DE;A=V;S=F\n");
	conf = parse_ok(text);
	ck_assert_uint_eq(conf->msmails[0].redirect.count, 3);
	ck_assert_uint_eq(conf->msmails[0].redirect.from_file, 2);
	ck_assert(slice_equal_string(
	    conf->msmails[0].redirect.items[2].to->attribute[OR_SURNAME], "F"));
	ck_assert_ptr_null(
	    strstr(dumped(conf, CONF_SECRETS_OMIT, &out), "S=D"));
	buffer_fini(&out);
	ck_assert_ptr_nonnull(
	    strstr(dumped(conf, CONF_SECRETS_INLINE, &out), "S=D"));
	handed = parse_handed(slice_of(out.data, buffer_length(&out) - 1));
	ck_assert_uint_eq(handed->msmails[0].redirect.count, 3);
	conf_free(handed);
	buffer_fini(&out);
	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(conf_dump_msmail(conf, &conf->msmails[0], &out), 0);
	ck_assert_int_eq(buffer_append(&out, "", 1), 0);
	ck_assert_ptr_null(
	    strstr((const char *)buffer_slice(&out).data, "redirect"));
	buffer_fini(&out);
	conf_free(conf);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* A line that is wrong is named. */
START_TEST(bad_line)
{
	char text[1024], path[64], reason[256];

	text_with(text, sizeof(text), path, "\n\nredirect C=DE;A=V;S=C\n");
	(void)snprintf(reason, sizeof(reason),
	    "t:2: msmail \"po1\": directory: %s:3: \"C=DE;A=V;S=C\" is not "
	    "ADDRESS -> ADDRESS",
	    path);
	parse_bad(text, reason);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

TEST_MAIN("conf/conf_redirect", TEST(lines_of_map), TEST(bad_line))
