/* SPDX-License-Identifier: ISC */
/*
 * bind_test.c - binds as another MTA sent them, and as we make them
 */
#include "mhs/bind.h"
#include "tests/unit/test.h"

#define OCTETS(...)                                \
	slice_of(((const uint8_t[]){__VA_ARGS__}), \
	    sizeof((const uint8_t[]){__VA_ARGS__}))

/* What PP sends: bind-invoke, authenticated, "mta-a", "secret-a" */
static const uint8_t captured[] = {0xb0, 0x17, 0xa1, 0x15, 0x80, 0x05, 'm', 't',
    'a', '-', 'a', 0xa1, 0x0c, 0xa0, 0x00};
static const uint8_t invoke[] = {0xb0, 0x15, 0xa1, 0x13, 0x80, 0x05, 'm', 't',
    'a', '-', 'a', 0xa1, 0x0a, 0x04, 0x08, 's', 'e', 'c', 'r', 'e', 't', '-',
    'a'};

/* decode - decode a bind that must be one */
static struct mta_bind
decode(struct slice octets, struct arena *arena)
{
	struct mta_bind bind;
	struct diag diag;

	diag_clear(&diag);
	memset(&bind, 0, sizeof(bind));
	ck_assert_msg(
	    mta_bind_decode(octets, arena, &bind, &diag) == 0, "%s", diag.text);
	return bind;
}

/* The captured bind is read, and ours is the same octet for octet. */
START_TEST(simple)
{
	struct mta_bind bind;
	struct buffer out;
	struct arena arena;

	arena_init(&arena, 65536);
	buffer_init(&out, 1024);
	bind = decode(slice_of(invoke, sizeof(invoke)), &arena);
	ck_assert_int_eq(bind.credentials, BIND_SIMPLE);
	ck_assert(slice_equal_string(bind.name, "mta-a"));
	ck_assert_int_eq(bind.form, BIND_OCTET_STRING);
	ck_assert(mta_bind_password_is(&bind, slice_of_string("secret-a")));
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("Secret-a")));
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("secret-")));
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("secret-ab")));
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("")));
	ck_assert_int_eq(mta_bind_encode(&bind, BIND_INVOKE, &out), 0);
	ck_assert(
	    slice_equal(buffer_slice(&out), slice_of(invoke, sizeof(invoke))));
	/* X.410 mode: the same without wrapper. */
	buffer_reset(&out);
	ck_assert_int_eq(mta_bind_encode(&bind, BIND_BARE, &out), 0);
	ck_assert(slice_equal(
	    buffer_slice(&out), slice_of(invoke + 2, sizeof(invoke) - 2)));
	bind = decode(buffer_slice(&out), &arena);
	ck_assert(slice_equal_string(bind.name, "mta-a"));
	/* The decoded bind borrows, but not from the octets written to. */
	bind = decode(slice_of(invoke, sizeof(invoke)), &arena);
	buffer_reset(&out);
	ck_assert_int_eq(mta_bind_encode(&bind, BIND_RESULT, &out), 0);
	ck_assert_uint_eq(out.data[0], 0xb1);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Any order, any encoding, IA5, nobody. */
START_TEST(forms)
{
	struct mta_bind bind;
	struct buffer out;
	struct arena arena;

	arena_init(&arena, 65536);
	buffer_init(&out, 1024);
	/* credentials first, all indefinite, both strings in segments */
	bind = decode(
	    OCTETS(0xb1, 0x80, 0xa1, 0x80, 0xa1, 0x80, 0x36, 0x80, 0x04, 0x01,
		'p', 0x04, 0x01, 'w', 0, 0, 0, 0, 0xa0, 0x80, 0x04, 0x01, 'm',
		0x04, 0x01, 't', 0, 0, 0xa2, 0x00, 0, 0, 0, 0),
	    &arena);
	ck_assert(slice_equal_string(bind.name, "mt"));
	ck_assert_int_eq(bind.form, BIND_IA5_STRING);
	ck_assert(mta_bind_password_is(&bind, slice_of_string("pw")));
	ck_assert(bind.security_context);
	bind = decode(OCTETS(0xb0, 0x02, 0x05, 0x00), &arena);
	ck_assert_int_eq(bind.credentials, BIND_UNAUTHENTICATED);
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("")));
	ck_assert_int_eq(mta_bind_encode(&bind, BIND_INVOKE, &out), 0);
	ck_assert(
	    slice_equal(buffer_slice(&out), OCTETS(0xb0, 0x02, 0x05, 0x00)));
	bind = decode(OCTETS(0x05, 0x00), &arena);
	ck_assert_int_eq(bind.credentials, BIND_UNAUTHENTICATED);
	bind =
	    decode(OCTETS(0xa1, 0x07, 0x80, 0x01, 'm', 0xa1, 0x02, 0xa0, 0x00),
		&arena);
	ck_assert_int_eq(bind.credentials, BIND_STRONG);
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("")));
	/* An empty password is one. */
	bind =
	    decode(OCTETS(0xa1, 0x07, 0x80, 0x01, 'm', 0xa1, 0x02, 0x04, 0x00),
		&arena);
	ck_assert(mta_bind_password_is(&bind, slice_of_string("")));
	ck_assert(!mta_bind_password_is(&bind, slice_of_string("x")));
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* An error names what is wrong, and shows no password. */
START_TEST(refused)
{
	static const struct {
		const char *octets;
		size_t len;
		int error;
		const char *names;
	} bad[] = {
	    {"", 0, ERR_TRUNCATED, "bind"},
	    {"\xb0\x00", 2, ERR_TRUNCATED, "bind"},
	    {"\xa2\x00", 2, ERR_SYNTAX, "bind"},
	    {"\x05\x00\x05\x00", 4, ERR_SYNTAX, "bind"},
	    {"\xa1\x00", 2, ERR_SYNTAX, "MTA name"},
	    {"\xa1\x03\x80\x01m", 5, ERR_SYNTAX, "credentials"},
	    {"\xa1\x04\xa1\x02\x04\x00", 6, ERR_SYNTAX, "MTA name"},
	    {"\xa1\x06\x80\x00\xa1\x02\x04\x00", 8, ERR_VALUE, "MTA name"},
	    {"\xa1\x08\x80\x01m\xa1\x03\x02\x01\x00", 10, ERR_SYNTAX,
		"credentials"},
	    {"\xa1\x06\x80\x01m\x80\x01n", 8, ERR_SYNTAX, "bind"},
	};
	struct mta_bind bind = {.credentials = BIND_SIMPLE};
	struct buffer out;
	struct arena arena;
	struct diag diag;
	uint8_t longer[80] = {
	    0xa1, 0x4c, 0x80, 0x01, 'm', 0xa1, 0x47, 0x04, 0x45};
	size_t i;

	arena_init(&arena, 65536);
	buffer_init(&out, 1024);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		diag_clear(&diag);
		ck_assert_msg(
		    mta_bind_decode(slice_of(bad[i].octets, bad[i].len), &arena,
			&bind, &diag) == bad[i].error,
		    "%zu: %s", i, diag.text);
		ck_assert_msg(strstr(diag.text, bad[i].names) != NULL,
		    "%zu: %s", i, diag.text);
	}
	memset(longer + 9, 'S', 69);
	diag_clear(&diag);
	ck_assert_int_eq(
	    mta_bind_decode(slice_of(longer, 78), &arena, &bind, &diag),
	    ERR_LIMIT);
	ck_assert_ptr_null(strstr(diag.text, "SSS"));
	/* Any cut of a good one. */
	for (i = 0; i < sizeof(invoke); i++)
		ck_assert_int_eq(
		    mta_bind_decode(slice_of(invoke, i), &arena, &bind, NULL),
		    ERR_TRUNCATED);
	/* Lengths that do not add up. */
	ck_assert_int_eq(mta_bind_decode(slice_of(captured, sizeof(captured)),
			     &arena, &bind, NULL),
	    ERR_TRUNCATED);
	bind = (struct mta_bind){.credentials = BIND_SIMPLE};
	ck_assert_int_eq(mta_bind_encode(&bind, BIND_BARE, &out), ERR_VALUE);
	bind.credentials = BIND_STRONG;
	ck_assert_int_eq(
	    mta_bind_encode(&bind, BIND_BARE, &out), ERR_UNSUPPORTED);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Passwords as other modes and peers write them: IA5String in 1984, T61String;
 * we write the first. */
START_TEST(old_strings)
{
	static const struct {
		const char *octets;
		size_t len;
	} binds[] = {
	    {"\xa1\x0b\x80\x03mta\xa1\x04\x16\x02pw", 13},
	    {"\xa1\x0b\x80\x03mta\xa1\x04\x14\x02pw", 13},
	};
	struct arena arena;
	struct buffer out;

	arena_init(&arena, 65536);
	buffer_init(&out, 1024);
	for (size_t i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		struct mta_bind bind =
		    decode(slice_of(binds[i].octets, binds[i].len), &arena);

		ck_assert_int_eq(bind.form, BIND_IA5_STRING);
		ck_assert(mta_bind_password_is(&bind, slice_of_string("pw")));
		buffer_reset(&out);
		ck_assert_int_eq(mta_bind_encode(&bind, BIND_BARE, &out), 0);
		ck_assert(slice_equal(buffer_slice(&out),
		    slice_of(binds[0].octets, binds[0].len)));
	}
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/bind", TEST(simple); TEST(old_strings); TEST(forms);
	  TEST(refused))
