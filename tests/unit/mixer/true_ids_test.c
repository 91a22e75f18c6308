/* SPDX-License-Identifier: ISC */
/*
 * true_ids_test.c - identifiers that are too long for X.400: cut, remembered,
 * and found again
 */
#include "mixer/true_ids.h"

#include <stdio.h>

#include "mhs/charset.h"
#include "mixer/memory_note.h"
#include "mixer/message_id.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

static struct mixer_message m;
static struct arena arena;

/* begin, end - prepare a mapping, and give it back */
static void
begin(void)
{
	mixer_message_init(&m);
	arena_init(&arena, 1 << 22);
}

static void
end(void)
{
	arena_fini(&arena);
	mixer_message_fini(&m);
}

/* cut - make the identifier of a text */
static struct ipm_identifier
cut(const char *text)
{
	struct ipm_identifier id = {.local = {.len = 0}};

	ck_assert_int_eq(
	    message_id_to_x400(&m.mapping, slice_of_string(text), &arena, &id),
	    0);
	ck_assert_uint_le(id.local.len, IPM_UB_LOCAL_IDENTIFIER);
	ck_assert(charset_is_printable(id.local));
	return id;
}

#define OUTLOOK                                     \
	"KL1PR0302MB5219E19084B514EC36B4F636DB5EA@" \
	"KL1PR0302MB5219.apcprd03.prod.outlook.com"
#define GMAIL "CAHk-=wjXYZ0123456789abcdefghijklmnopqrstuvwx_A@mail.gmail.com"
#define DOLLARS \
	"XNM1$9$0$4$$3$3$7$A$9002762U4538eeb8@hitachi.com.and.more.so.it.is"

/* The first 36 characters, without a part of an escape, and the same 26 for
 * everybody who cuts it. */
START_TEST(cut_the_same)
{
	static const char *const texts[] = {OUTLOOK, GMAIL, DOLLARS};

	begin();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ipm_identifier one = cut(texts[i]), other;
		struct slice text, printable;

		m.mapping.secret[0]++;
		other = cut(texts[i]);
		ck_assert(slice_equal(one.local, other.local));
		ck_assert_uint_eq(one.user.len, 0);
		ck_assert(message_id_is_cut(&one));
		/* the rest can be read: no escape was cut */
		ck_assert_int_eq(
		    charset_printable_to_ascii(
			slice_of(one.local.data, one.local.len - 27), &arena,
			&printable),
		    0);
		ck_assert(
		    slice_equal(printable, slice_of(texts[i], printable.len)));
		ck_assert_uint_ge(printable.len, 12);
		/* without a memory it is an identifier all the same */
		ck_assert_int_eq(
		    message_id_to_internet(&m.mapping, &one, &arena, &text), 0);
		ck_assert(!slice_equal_string(text, texts[i]));
	}
	end();
}
END_TEST

/* An identifier that has room is not cut, nor taken for one that was. */
START_TEST(not_cut)
{
	static const char *const texts[] = {"1@example.org",
	    "e9d4a6ac-1c0f-4b43-9d5d-0f5d2ab94b3a@app.fastmail.com",
	    "a.ABCDEFGHIJKLMNOPQRSTUVWXY@b.c", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"};

	begin();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ipm_identifier id = cut(texts[i]);
		struct slice text;

		ck_assert(!message_id_is_cut(&id));
		if (i == 3)
			continue;
		ck_assert_int_eq(
		    message_id_to_internet(&m.mapping, &id, &arena, &text), 0);
		ck_assert(slice_equal_string(text, texts[i]));
	}
	end();
}
END_TEST

static unsigned asked;

/* recall - remember the identifiers of Outlook, and lie about Gmail's */
static void
recall(void *arg, struct arena *to, struct mapping_cut *list, size_t count)
{
	const struct ipm_identifier *known = arg;

	(void)to;
	asked += (unsigned)count;
	for (size_t i = 0; i < count; i++)
		list[i].text = slice_of_string(
		    slice_equal(list[i].local, known->local) ? OUTLOOK
							     : "lie@b.c");
}

/* All that a heading names is asked for once, and only what gives the same
 * identifier again is believed. */
START_TEST(recalled)
{
	struct ipm_identifier known, related[2];
	struct ipm_heading heading;
	struct true_ids ids = {.count = 0};
	struct slice text;

	begin();
	known = cut(OUTLOOK);
	ipm_heading_init(&heading);
	heading.this_ipm = cut("1@example.org");
	heading.has_replied_to = true;
	heading.replied_to = known;
	related[0] = cut(GMAIL);
	related[1] = cut("2@example.org");
	heading.related = (struct ipm_identifiers){related, 2};
	true_ids_recall(&m.mapping, &heading, &arena, &ids);
	ck_assert_uint_eq(ids.count, 0);
	m.mapping.recall = recall;
	m.mapping.recall_arg = &known;
	asked = 0;
	true_ids_recall(&m.mapping, &heading, &arena, &ids);
	ck_assert_uint_eq(asked, 2);
	ck_assert(true_ids_find(&ids, &known, &text));
	ck_assert(slice_equal_string(text, OUTLOOK));
	ck_assert(!true_ids_find(&ids, &related[0], &text));
	/* nothing is asked for that is known */
	asked = 0;
	heading.related.count = 0;
	true_ids_recall(&m.mapping, &heading, &arena, &ids);
	ck_assert_uint_eq(asked, 0);
	end();
}
END_TEST

/* Notes that were read from a page. */
struct notes {
	unsigned count;
	char last[256];
};

/* take - take a note of a page */
static int
take(void *arg, struct slice key, struct slice value)
{
	struct notes *notes = arg;

	notes->count++;
	(void)snprintf(notes->last, sizeof(notes->last), "%.*s=%.*s",
	    (int)key.len, (const char *)key.data, (int)value.len,
	    (const char *)value.data);
	return 0;
}

/* Notes fill pages, each with the identifier of its message, in their order;
 * what is too long is left out. */
START_TEST(pages)
{
	static uint8_t large[MEMORY_VALUE_MAX + 1];
	struct notes notes = {.count = 0};
	struct buffer all, page;
	struct slice rest;
	char number[16];
	unsigned made = 0;

	begin();
	buffer_init(&all, 1 << 20);
	buffer_init(&page, MEMORY_PAGE_MAX);
	for (unsigned i = 1; i <= 300; i++) {
		snprintf(number, sizeof(number), "%u", i);
		ck_assert_int_eq(memory_note_put(MEMORY_CAME, number,
				     slice_of_string("rfc822;a@b.c"), &all),
		    0);
	}
	ck_assert_int_eq(memory_note_put(MEMORY_ID, "x",
			     slice_of(large, sizeof(large)), &all),
	    0);
	ck_assert_int_eq(
	    memory_note_put(MEMORY_ID, "id", slice_of_string("true"), &all), 0);
	for (rest = buffer_slice(&all); rest.len > 0; made++) {
		ck_assert_int_eq(memory_note_page("MTS", &rest, &page), 0);
		ck_assert_uint_le(buffer_length(&page), MEMORY_PAGE_MAX);
		ck_assert_int_eq(
		    memory_note_read(buffer_slice(&page), &arena, take, &notes),
		    0);
		if (notes.count == 300)
			ck_assert_str_eq(notes.last, "@MTS 300=rfc822;a@b.c");
	}
	ck_assert_uint_eq(notes.count, 301);
	ck_assert_str_eq(notes.last, "#id=true");
	ck_assert_uint_gt(made, 1);
	/* a page that ends early, at each octet */
	for (size_t len = 0; len < buffer_length(&page); len++)
		ck_assert_int_ne(
		    memory_note_read(slice_of(buffer_slice(&page).data, len),
			&arena, take, &notes),
		    0);
	buffer_fini(&all);
	buffer_fini(&page);
	end();
}
END_TEST

TEST_MAIN("mixer/true_ids", TEST(cut_the_same), TEST(not_cut), TEST(recalled),
    TEST(pages))
