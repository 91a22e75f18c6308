/* SPDX-License-Identifier: ISC */
/*
 * conf_tracking_test.c - the database that tracking of many machines is in
 */
#include "conf/conf_tracking.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf_dump.h"
#include "tests/unit/test.h"

#define MTA                                                              \
	"mta { name = A domain = \"C=DE;A=V\" viewer-group = \"root\"\n" \
	" tracking-days = 7\n tracking-database = \"%s\" }\n"

static char passfile[64];

/* setup - make a passfile */
static void
setup(void)
{
	static const char text[] = "other:*:*:*:x\ndb:5432:d:u:secret\n";
	int fd;

	(void)snprintf(passfile, sizeof(passfile), "/tmp/conf_test.XXXXXX");
	fd = mkstemp(passfile);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	ck_assert_int_eq(close(fd), 0);
}

/* parse - parse a configuration with a URL whose %s is the passfile */
static int
parse(const char *format, struct conf **conf, struct diag *diag)
{
	char url[256], text[1024];

	(void)snprintf(url, sizeof(url), "%s%s", format,
	    strchr(format, '=') != NULL ? passfile : "");
	(void)snprintf(text, sizeof(text), MTA, url);
	return conf_parse_text(
	    slice_of_string(text), "t.conf", CONF_COMPLETE, conf, diag);
}

/* refuses - check that a URL is refused, with a word */
static void
refuses(const char *url, const char *word)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_lt(parse(url, &conf, &diag), 0);
	ck_assert_msg(strstr(diag_text(&diag), "tracking-database: ") != NULL &&
		strstr(diag_text(&diag), word) != NULL,
	    "%s", diag_text(&diag));
}

START_TEST(password_by_passfile)
{
	char password[POSTGRESQL_PASSWORD_MAX];
	struct postgresql_url url;
	struct conf *conf = NULL, *handed = NULL;
	struct diag diag = {0};
	struct buffer text;

	setup();
	ck_assert_msg(parse("postgresql://u@db/d?passfile=", &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(conf_tracking_url(&conf->mta, &url, &diag), 0);
	ck_assert_int_eq(conf_tracking_password(&url, password, &diag), 0);
	ck_assert_str_eq(password, "secret");
	/* A process is told where the database is, and who may look. */
	buffer_init(&text, CONF_FILE_MAX);
	ck_assert_int_eq(conf_dump_tracking(conf, &text), 0);
	ck_assert_int_eq(conf_parse_text(buffer_slice(&text), "handed",
			     CONF_HANDED, &handed, &diag),
	    0);
	ck_assert_str_eq(
	    handed->mta.tracking_database, conf->mta.tracking_database);
	ck_assert_uint_eq(handed->mta.tracking_days, 7);
	ck_assert_str_eq(handed->mta.name, "A");
	ck_assert_str_eq(handed->mta.viewer_group.name, "root");
	buffer_fini(&text);
	conf_free(handed);
	conf_free(conf);
	ck_assert_int_eq(unlink(passfile), 0);
}
END_TEST

START_TEST(refused)
{
	setup();
	refuses("postgresql://u:secret@db/d", "passfile");
	refuses("postgresql://u@other.example/d?passfile=",
	    "no line for other.example:5432:d:u");
	ck_assert_int_eq(chmod(passfile, 0644), 0);
	refuses("postgresql://u@db/d?passfile=", "others can read");
	ck_assert_int_eq(unlink(passfile), 0);
	refuses("postgresql://u@db/d?passfile=", "No such file");
}
END_TEST

START_TEST(nothing_to_write)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_eq(
	    conf_parse_text(
		slice_of_string("mta { name = A domain = \"C=DE;A=V\"\n"
				" tracking-days = 0\n tracking-database = "
				"\"postgresql://u@db/d\" }\n"),
		"t.conf", CONF_COMPLETE, &conf, &diag),
	    ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "tracking-days is 0"));
}
END_TEST

START_TEST(none)
{
	const struct conf_mta mta = {.tracking_database = ""};
	struct postgresql_url url;

	ck_assert_int_eq(conf_tracking_url(&mta, &url, NULL), 0);
	ck_assert_uint_eq(url.host_count, 0);
}
END_TEST

TEST_MAIN("conf/conf_tracking", TEST(password_by_passfile); TEST(refused);
	  TEST(nothing_to_write); TEST(none))
