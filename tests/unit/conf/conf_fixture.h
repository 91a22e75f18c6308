/* SPDX-License-Identifier: ISC */
/*
 * conf_fixture.h - texts and files that the configuration's tests begin with
 */
#ifndef FOURPOST_TESTS_CONF_FIXTURE_H
#define FOURPOST_TESTS_CONF_FIXTURE_H

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_dump.h"
#include "tests/unit/test.h"

/* The least that is a whole configuration: three lines, then one a link. */
#define MTA_LINE "mta { name = \"MTA-A\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"

/* parse - a complete text that is right */
static inline struct conf *
parse_ok(const char *text)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	int r = conf_parse_text(
	    slice_of_string(text), "t", CONF_COMPLETE, &conf, &diag);

	ck_assert_msg(r == 0, "%s: %s", text, diag_text(&diag));
	ck_assert_ptr_nonnull(conf);
	return conf;
}

/* parse_handed - a text from another process that is right */
static inline struct conf *
parse_handed(struct slice text)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	int r = conf_parse_text(text, "t", CONF_HANDED, &conf, &diag);

	ck_assert_msg(r == 0, "%.*s: %s", (int)text.len,
	    (const char *)text.data, diag_text(&diag));
	return conf;
}

/* parse_bad - a text that is refused with just this reason */
static inline void
parse_bad(const char *text, const char *reason)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	int r = conf_parse_text(
	    slice_of_string(text), "t", CONF_COMPLETE, &conf, &diag);

	ck_assert_msg(r < 0, "accepted: %s", text);
	ck_assert_ptr_null(conf);
	ck_assert_str_eq(diag_text(&diag), reason);
	ck_assert_int_eq(diag.code, r);
}

/* temporary_file - a file with these octets and this mode; path is set */
static inline void
temporary_file(char path[64], const char *octets, size_t len, mode_t mode)
{
	int fd;

	(void)snprintf(path, 64, "/tmp/fourpost-conf-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, octets, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	ck_assert_int_eq(close(fd), 0);
}

#endif
