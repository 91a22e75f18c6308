/* SPDX-License-Identifier: ISC */
/*
 * conf_fixture.c - texts and files that the configuration's tests begin with;
 * see conf_fixture.h
 */
#include "tests/unit/conf/conf_fixture.h"

#include "conf/conf_value.h"

struct conf *
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

struct conf *
parse_handed(struct slice text)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	int r = conf_parse_text(text, "t", CONF_HANDED, &conf, &diag);

	ck_assert_msg(r == 0, "%.*s: %s", (int)text.len,
	    (const char *)text.data, diag_text(&diag));
	return conf;
}

void
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

bool
values_equal(enum conf_section section, const void *a, const void *b)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++)
		if (conf_value_equal(&settings->items[i], a, b) != 1)
			return false;
	return true;
}

void
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
