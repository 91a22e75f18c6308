/* SPDX-License-Identifier: ISC */
/*
 * answer_test.c - what a program says became of the recipients
 */
#include "app/answer.h"

#include "tests/unit/test.h"

/* Of three recipients the first and the last are to be answered for. */
static const uint8_t responsible[] = {1, 0, 1};
static const struct answer_for on = {responsible, 3};
static struct arena arena;

/* read_right - read an answer that is right */
static struct answer
read_right(const char *text)
{
	struct object_fault fault = {0};
	struct answer answer;

	ck_assert_msg(answer_read(slice_of_string(text), &on, &arena, &answer,
			  &fault) == 0,
	    "%s: %s", fault.pointer, fault.text);
	return answer;
}

/* read_wrong - read an answer that is wrong at this place, named without the
 * first slash */
static void
read_wrong(const char *text, const char *pointer)
{
	struct object_fault fault = {0};
	struct answer answer;

	ck_assert_msg(answer_read(slice_of_string(text), &on, &arena, &answer,
			  &fault) < 0,
	    "%s", text);
	/* Pointers of RFC 6901 begin with a slash, but for the whole. */
	ck_assert_str_eq(fault.pointer + (*pointer != '\0'), pointer);
	ck_assert_str_ne(fault.text, "");
}

START_TEST(each_result)
{
	struct answer a;

	arena_init(&arena, 1024 * 1024);
	a = read_right("{\"recipients\":["
		       "{\"n\":3,\"result\":\"failed\",\"reason\":0,"
		       "\"diagnostic\":4,\"text\":\"away\",\"x-mine\":[]},"
		       "{\"n\":1,\"result\":\"delivered\",\"time\":1796032800}"
		       "],\"x-note\":1}");
	ck_assert_uint_eq(a.count, 2);
	ck_assert_uint_eq(a.recipients[0].index, 2);
	ck_assert_int_eq(a.recipients[0].fate, IPC_FATE_FAILED);
	ck_assert_int_eq(a.recipients[0].reason, 0);
	ck_assert_int_eq(a.recipients[0].diagnostic, 4);
	ck_assert(slice_equal_string(a.recipients[0].text, "away"));
	ck_assert_uint_eq(a.recipients[1].index, 0);
	ck_assert_int_eq(a.recipients[1].fate, IPC_FATE_DELIVERED);
	ck_assert_int_eq(a.recipients[1].time, 1796032800);
	a = read_right("{\"recipients\":[{\"n\":1,\"result\":\"transient\"},"
		       "{\"n\":3,\"result\":\"transferred\"}]}");
	ck_assert_int_eq(a.recipients[0].fate, IPC_FATE_LATER);
	ck_assert_int_eq(a.recipients[1].fate, IPC_FATE_TRANSFERRED);
	arena_fini(&arena);
}
END_TEST

START_TEST(all_alike)
{
	static const struct {
		const char *text;
		enum ipc_result result;
	} rows[] = {{"{\"all\":{\"result\":\"delivered\"}}", IPC_DELIVERED},
	    {"{\"all\":{\"result\":\"transferred\"}}", IPC_TRANSFERRED},
	    {"{\"all\":{\"result\":\"failed\"}}", IPC_REFUSED},
	    {"{\"all\":{\"result\":\"transient\"}}", IPC_LATER}};

	arena_init(&arena, 1024 * 1024);
	for (size_t i = 0; i < 4; i++) {
		struct answer a = read_right(rows[i].text);

		ck_assert_uint_eq(a.count, 0);
		ck_assert_int_eq(a.outcome.result, rows[i].result);
		/* Without codes a failure is 1, and no diagnostic. */
		ck_assert_int_eq(a.outcome.reason, 1);
		ck_assert_int_eq(a.outcome.diagnostic, -1);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(wrong_answers)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {"{", ""},
	    {"[]", ""},
	    {"{}", ""},
	    {"{\"all\":{\"result\":\"delivered\"},\"recipients\":[]}", ""},
	    {"{\"all\":{\"result\":\"delivered\"},\"all\":1}", ""},
	    {"{\"all\":null}", "all"},
	    {"{\"all\":{}}", "all/result"},
	    {"{\"all\":{\"result\":\"sent\"}}", "all/result"},
	    {"{\"all\":{\"result\":\"delivered\",\"n\":1}}", "all/n"},
	    {"{\"all\":{\"result\":\"failed\",\"reason\":1.0}}", "all/reason"},
	    {"{\"all\":{\"result\":\"failed\",\"reason\":-1}}", "all/reason"},
	    {"{\"all\":{\"result\":\"failed\",\"text\":1}}", "all/text"},
	    {"{\"all\":{\"result\":\"delivered\",\"why\":1}}", "all/why"},
	    {"{\"whole\":1}", "whole"},
	    {"{\"recipients\":{}}", "recipients"},
	    {"{\"recipients\":[]}", "recipients"},
	    {"{\"recipients\":[{\"n\":1,\"result\":\"delivered\"}]}",
		"recipients"},
	    {"{\"recipients\":[{\"n\":1,\"result\":\"delivered\"},"
	     "{\"n\":1,\"result\":\"delivered\"}]}",
		"recipients/1/n"},
	    {"{\"recipients\":[{\"n\":2,\"result\":\"delivered\"}]}",
		"recipients/0/n"},
	    {"{\"recipients\":[{\"n\":4,\"result\":\"delivered\"}]}",
		"recipients/0/n"},
	    {"{\"recipients\":[{\"result\":\"delivered\"}]}", "recipients/0/n"},
	    {"{\"recipients\":[1]}", "recipients/0"},
	};

	arena_init(&arena, 1024 * 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		read_wrong(rows[i][0], rows[i][1]);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("app/answer", TEST(each_result); TEST(all_alike); TEST(wrong_answers))
