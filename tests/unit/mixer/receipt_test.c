/* SPDX-License-Identifier: ISC */
/*
 * receipt_test.c - who may ask for a receipt
 */
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

/* asks - tell whether a message with this sender asks for a receipt to an
 * address; *dropped: that cannot be had */
static bool
asks(const char *sender, const char *to, bool *dropped)
{
	struct mixer_message m;
	struct message_in *in;
	struct message_plan plan;
	struct diag diag = {0};
	char text[512];
	bool result;

	mixer_message_init(&m);
	m.mapping.sender = sender;
	(void)snprintf(text, sizeof(text),
	    "From: Kim <kim@example.org>\r\nTo: "
	    "jo@example.net\r\n%s%s%s\r\nx\r\n",
	    *to == '\0' ? "" : "Disposition-Notification-To: ", to,
	    *to == '\0' ? "" : "\r\n");
	ck_assert_int_eq(message_in_new(&m.mapping, &m.limits, &in), 0);
	ck_assert_int_eq(message_in_push(in, slice_of_string(text), &diag), 0);
	ck_assert_int_eq(message_in_finish(in, &plan, &diag), 0);
	ck_assert_uint_eq(plan.heading->primary.count, 1);
	result = plan.heading->primary.list[0].requests != 0;
	*dropped = plan.receipt_dropped;
	message_in_free(in);
	mixer_message_fini(&m);
	return result;
}

START_TEST(who_may_ask)
{
	static const struct {
		const char *sender, *to;
		bool asks, dropped;
	} cases[] = {
	    {"kim@example.org", "", false, false},
	    {"kim@example.org", "<kim@example.org>", true, false},
	    {NULL, "<KIM@example.org>", true, false},
	    {"bounces@example.org", "<bounces@example.org>", true, false},
	    {"bounces@example.org", "<else@example.org>", false, true},
	    {NULL, "<else@example.org>", false, true},
	    {"kim@example.org", "<kim@example.org>, <else@example.org>", false,
		true},
	    /* a message without a sender */
	    {"", "<kim@example.org>", false, true},
	};
	bool dropped;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(asks(cases[i].sender, cases[i].to, &dropped),
		    cases[i].asks);
		ck_assert_int_eq(dropped, cases[i].dropped);
	}
}
END_TEST

TEST_MAIN("mixer/receipt", TEST(who_may_ask))
