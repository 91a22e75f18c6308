/* SPDX-License-Identifier: ISC */
/*
 * category_test.c - categories of events, their levels, and the page about them
 */
#include "base/category.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/test.h"

static const char *const names[EVENT_CATEGORIES] = {
    [CATEGORY_SERVICE] = "service",
    [CATEGORY_SECURITY] = "security",
    [CATEGORY_RESOURCE] = "resource",
    [CATEGORY_ADMINISTRATION] = "administration",
    [CATEGORY_CONFIGURATION] = "configuration",
    [CATEGORY_INTERNAL] = "internal",
    [CATEGORY_INTEROPERABILITY] = "interoperability",
    [CATEGORY_INTERCHANGE] = "interchange",
};

/* Of a category as much is written as its level says, and of others all. */
START_TEST(as_much_as_said)
{
	enum log_level levels[EVENT_CATEGORIES];
	char text[4096] = "";
	int ends[2];

	for (int i = 0; i < EVENT_CATEGORIES; i++)
		levels[i] = LOG_LEVEL_MAXIMUM;
	levels[CATEGORY_SERVICE] = LOG_LEVEL_MINIMUM;
	levels[CATEGORY_INTERNAL] = LOG_LEVEL_NONE;
	ck_assert_int_eq(pipe(ends), 0);
	log_init("test", ends[1]);
	category_levels(levels);
	LOG_EVENT(EVENT_MESSAGE_SENT);
	LOG_EVENT(EVENT_TRANSFER_FAILED);
	LOG_EVENT(EVENT_MSMI_TAKEN);
	LOG_EVENT(EVENT_MASTER_GONE);
	LOG_EVENT(EVENT_TRACKING_WAITS);
	levels[CATEGORY_SERVICE] = LOG_LEVEL_MAXIMUM;
	category_levels(levels);
	LOG_EVENT(EVENT_MESSAGE_RECEIVED);
	ck_assert_int_gt(read(ends[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_null(strstr(text, " 271 "));
	ck_assert_ptr_nonnull(strstr(text, " 62 "));
	ck_assert_ptr_nonnull(strstr(text, " 20011 "));
	ck_assert_ptr_null(strstr(text, " 20030 "));
	ck_assert_ptr_nonnull(strstr(text, " 20306 "));
	ck_assert_ptr_nonnull(strstr(text, " 272 "));
}
END_TEST

/* page - read the page of events */
static char *
page(void)
{
	static char text[256 * 1024];
	FILE *in = fopen(TEST_SOURCE_DIR "/man/fourpost-events.8", "r");
	size_t len;

	ck_assert_ptr_nonnull(in);
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = '\0';
	fclose(in);
	return text;
}

/* The page lists the events of each category but the first. */
START_TEST(listed)
{
	char *text = page(), item[64], number[16];

	for (int i = 1; i < EVENT_CATEGORIES; i++) {
		char *begin, *end;

		snprintf(item, sizeof(item), "\n.It Cm %s\n", names[i]);
		begin = strstr(text, item);
		ck_assert_msg(begin != NULL, "no category %s", names[i]);
		end = strstr(begin + strlen(item), "\n.");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		for (int event = 0; event < EVENT_COUNT; event++) {
			const char *at;

			snprintf(number, sizeof(number), "%d",
			    event_number((enum event_name)event));
			at = strstr(begin, number);
			while (at != NULL &&
			    (strchr("0123456789", at[-1]) != NULL ||
				strchr("0123456789", at[strlen(number)]) !=
				    NULL))
				at = strstr(at + 1, number);
			ck_assert_msg((at != NULL) ==
				((int)category_of((enum event_name)event) == i),
			    "event %s, category %s", number, names[i]);
		}
		*end = '\n';
	}
}
END_TEST

TEST_MAIN("base/category", TEST(as_much_as_said); TEST(listed))
