/* SPDX-License-Identifier: ISC */
/*
 * program_test.c - lines and octets of a program, however they come
 */
#include "app/program.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

static struct program program;
static int other;

/* begin - make a connection of which the test has the other end */
static void
begin(void)
{
	int pair[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	program_init(&program, pair[0]);
	other = pair[1];
}

/* end - close both */
static void
end(void)
{
	program_fini(&program);
	if (other >= 0)
		(void)close(other);
}

/* give - send octets as the program, and have them read */
static void
give(const char *text)
{
	ck_assert_int_eq(
	    send(other, text, strlen(text), 0), (ssize_t)strlen(text));
	program_fill(&program);
}

/* is_line - check that this line comes next */
static void
is_line(const char *text)
{
	struct slice line;

	ck_assert_int_eq(program_line(&program, &line), 1);
	ck_assert(slice_equal_string(line, text));
	program_take_line(&program, line);
}

START_TEST(in_pieces)
{
	uint8_t octets[8];
	struct slice line;

	begin();
	give("ab");
	ck_assert_int_eq(program_line(&program, &line), 0);
	give("c\nXY");
	is_line("abc");
	ck_assert_uint_eq(program_take(&program, octets, 8), 2);
	ck_assert_uint_eq(program_take(&program, octets, 8), 0);
	give("Z\n\nnext\n");
	ck_assert_uint_eq(program_take(&program, octets, 1), 1);
	is_line("");
	is_line("");
	is_line("next");
	ck_assert_int_eq(program_line(&program, &line), 0);
	give("no end");
	(void)close(other);
	other = -1;
	program_fill(&program);
	ck_assert(program.ended);
	ck_assert_int_eq(program_line(&program, &line), 0);
	end();
}
END_TEST

/* A line is read as far as it may go, and no further. */
START_TEST(too_long)
{
	static char piece[65536];
	struct slice line;
	int result;

	begin();
	memset(piece, ' ', sizeof(piece));
	while ((result = program_line(&program, &line)) == 0) {
		(void)!send(other, piece, sizeof(piece), MSG_DONTWAIT);
		program_fill(&program);
		ck_assert_uint_le(buffer_length(&program.in),
		    PROGRAM_LINE_MAX + 2 * PROGRAM_AHEAD);
	}
	ck_assert_int_eq(result, ERR_LIMIT);
	ck_assert_uint_gt(buffer_length(&program.in), PROGRAM_LINE_MAX);
	end();
}
END_TEST

/* What nobody takes is not read either. */
START_TEST(ahead)
{
	static char piece[65536];

	begin();
	memset(piece, '\n', sizeof(piece));
	for (int i = 0; i < 64; i++) {
		struct slice line;

		(void)!send(other, piece, sizeof(piece), MSG_DONTWAIT);
		program_fill(&program);
		ck_assert_int_eq(program_line(&program, &line), 1);
	}
	ck_assert(!program_wants(&program));
	ck_assert_uint_lt(buffer_length(&program.in), 2 * PROGRAM_AHEAD);
	end();
}
END_TEST

TEST_MAIN("app/program", TEST(in_pieces); TEST(too_long); TEST(ahead))
