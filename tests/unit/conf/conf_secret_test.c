/* SPDX-License-Identifier: ISC */
/*
 * conf_secret_test.c - password files
 */
#include "conf/conf_secret.h"

#include "tests/unit/conf/conf_fixture.h"

static struct arena arena;

/* secret_is - check the password in a file of these octets and this mode */
static void
secret_is(const char *octets, size_t len, mode_t mode, const char *expected)
{
	struct slice password = {0};
	struct diag diag = {0};
	char path[64];

	temporary_file(path, octets, len, mode);
	ck_assert_msg(conf_secret_read(path, &arena, &password, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert(slice_equal_string(password, expected));
	(void)unlink(path);
}

/* refused - check that a file is refused, for a reason */
static void
refused(
    const char *octets, size_t len, mode_t mode, int code, const char *reason)
{
	struct slice password = {0};
	struct diag diag = {0};
	char path[64];

	temporary_file(path, octets, len, mode);
	ck_assert_int_eq(
	    conf_secret_read(path, &arena, &password, &diag), code);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), path));
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), reason));
	ck_assert_ptr_null(password.data);
	(void)unlink(path);
}

START_TEST(contents)
{
	char longest[CONF_PASSWORD_MAX + 3];

	arena_init(&arena, 65536);
	secret_is("secret\n", 7, 0600, "secret");
	secret_is("secret", 6, 0600, "secret");
	secret_is("secret\r\n", 8, 0600, "secret");
	secret_is("two words\n\n", 11, 0600, "two words\n");
	memset(longest, 'x', sizeof(longest));
	longest[CONF_PASSWORD_MAX] = '\n';
	longest[CONF_PASSWORD_MAX + 1] = '\0';
	refused(longest, CONF_PASSWORD_MAX + 2, 0600, ERR_VALUE, "longer");
	longest[CONF_PASSWORD_MAX] = '\0';
	secret_is(longest, CONF_PASSWORD_MAX, 0600, longest);
	longest[CONF_PASSWORD_MAX] = 'x';
	refused(longest, CONF_PASSWORD_MAX + 1, 0600, ERR_VALUE, "longer");
	refused("", 0, 0600, ERR_VALUE, "is empty");
	refused("\n", 1, 0600, ERR_VALUE, "is empty");
	refused("a\0b", 3, 0600, ERR_VALUE, "NUL");
	arena_fini(&arena);
}
END_TEST

START_TEST(modes)
{
	arena_init(&arena, 65536);
	secret_is("secret\n", 7, 0400, "secret");
	secret_is("secret\n", 7, 0640, "secret");
	secret_is("secret\n", 7, 0660, "secret");
	refused("secret\n", 7, 0644, ERR_DENIED, "others can read");
	refused("secret\n", 7, 0604, ERR_DENIED, "others can read");
	refused("secret\n", 7, 0602, ERR_DENIED, "mode 602");
	arena_fini(&arena);
}
END_TEST

START_TEST(no_file)
{
	struct slice password = {0};
	struct diag diag = {0};

	arena_init(&arena, 65536);
	ck_assert_int_eq(
	    conf_secret_read("/nonexistent/x", &arena, &password, &diag),
	    ERR_IO);
	ck_assert_str_eq(
	    diag_text(&diag), "/nonexistent/x: No such file or directory");
	diag_clear(&diag);
	ck_assert_int_eq(
	    conf_secret_read("/tmp", &arena, &password, &diag), ERR_IO);
	ck_assert_str_eq(diag_text(&diag), "/tmp: not a file");
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("conf/conf_secret", TEST(contents); TEST(modes); TEST(no_file))
