/* SPDX-License-Identifier: ISC */
/*
 * track_test.c - records of tracking into pages and back
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ber/writer.h"
#include "tests/unit/test.h"
#include "track/shorten.h"
#include "track/track.h"

#define MANY 2000

static struct buffer records, page;
static struct arena arena;

static const struct slice two[] = {
    {(const uint8_t *)"C=DE;S=ONE", 10}, {(const uint8_t *)"C=DE;S=TWO", 10}};

/* setup - begin with empty buffers */
static void
setup(void)
{
	buffer_init(&records, (size_t)4 * 1024 * 1024);
	buffer_init(&page, TRACK_PAGE_MAX);
	arena_init(&arena, (size_t)4 * 1024 * 1024);
}

/* teardown - free them */
static void
teardown(void)
{
	buffer_fini(&records);
	buffer_fini(&page);
	arena_fini(&arena);
}

/* full_record - make a record with every element */
static struct track_record
full_record(void)
{
	return (struct track_record){
	    .event = TRACK_QUARANTINE,
	    .time = 1700000000123,
	    .message = 42,
	    .kind = MTS_REPORT,
	    .mts_id = slice_of_string("[/C=DE/;1]"),
	    .link = slice_of_string("paris"),
	    .originator = slice_of_string("C=FR;S=X"),
	    .content_id = slice_of_string("content"),
	    .content_type = slice_of_string("2"),
	    .priority = 2,
	    .size = UINT64_C(1) << 40,
	    .trace = slice_of_string("C=DE MTA"),
	    .recipients = two,
	    .recipient_count = 2,
	    .reason_plus = 1,
	    .diagnostic_plus = 128,
	    .text = slice_of_string("why"),
	    .by = slice_of_string("uid 0 (root)"),
	    .subject = slice_of_string("[/C=DE/;0]"),
	    .other = slice_of_string("rome"),
	    .delay_plus = 5,
	    .delay_queue_plus = 4,
	    .delay_transfer_plus = 3,
	};
}

/* same_text - compare two texts */
static void
same_text(struct slice a, struct slice b)
{
	ck_assert(slice_equal(a, b));
}

/* same - compare two records but for their recipients */
static void
same(const struct track_record *a, const struct track_record *b)
{
	ck_assert_int_eq(a->event, b->event);
	ck_assert_int_eq(a->time, b->time);
	ck_assert_uint_eq(a->message, b->message);
	ck_assert_int_eq(a->kind, b->kind);
	same_text(a->mts_id, b->mts_id);
	ck_assert_uint_eq(a->part, b->part);
	same_text(a->link, b->link);
	same_text(a->originator, b->originator);
	same_text(a->content_id, b->content_id);
	same_text(a->content_type, b->content_type);
	ck_assert_uint_eq(a->priority, b->priority);
	ck_assert_uint_eq(a->size, b->size);
	same_text(a->trace, b->trace);
	ck_assert_uint_eq(a->reason_plus, b->reason_plus);
	ck_assert_uint_eq(a->diagnostic_plus, b->diagnostic_plus);
	same_text(a->text, b->text);
	same_text(a->by, b->by);
	same_text(a->subject, b->subject);
	same_text(a->other, b->other);
	ck_assert_uint_eq(a->delay_plus, b->delay_plus);
	ck_assert_uint_eq(a->delay_queue_plus, b->delay_queue_plus);
	ck_assert_uint_eq(a->delay_transfer_plus, b->delay_transfer_plus);
}

/* open_page - make the next page and read it */
static void
open_page(struct slice *rest, struct track_reader *reader)
{
	struct diag diag = {0};

	ck_assert_int_eq(track_make_page(rest, &page), 0);
	ck_assert_uint_le(buffer_length(&page), TRACK_PAGE_MAX);
	ck_assert_int_eq(
	    track_open(reader, buffer_slice(&page), &arena, &diag), 0);
}

START_TEST(every_element_comes_back)
{
	struct track_record full = full_record(), none = {.time = 1}, got;
	struct track_reader reader;
	struct slice rest;

	setup();
	ck_assert_int_eq(track_encode(&full, &records), 0);
	ck_assert_int_eq(track_encode(&none, &records), 0);
	rest = buffer_slice(&records);
	open_page(&rest, &reader);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	same(&full, &got);
	ck_assert_uint_eq(got.recipient_count, 2);
	same_text(got.recipients[0], two[0]);
	same_text(got.recipients[1], two[1]);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	same(&none, &got);
	ck_assert_uint_eq(got.recipient_count, 0);
	ck_assert_int_eq(track_next(&reader, &got, NULL), ERR_NOTFOUND);
	teardown();
}
END_TEST

START_TEST(a_queue_id_is_set_later)
{
	struct track_record full, got;
	struct track_reader reader;
	struct buffer set;
	struct slice rest;

	setup();
	buffer_init(&set, 4096);
	full = full_record();
	full.message = 0;
	full.to = slice_of(NULL, 0);
	ck_assert_int_eq(track_encode(&full, &records), 0);
	ck_assert_int_eq(track_set_message(buffer_slice(&records), 4711,
			     slice_of_string("rome"), &set),
	    0);
	rest = buffer_slice(&set);
	open_page(&rest, &reader);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	full.message = 4711;
	full.to = slice_of_string("rome");
	same(&full, &got);
	ck_assert_uint_eq(got.recipient_count, 2);
	ck_assert_int_eq(track_next(&reader, &got, NULL), ERR_NOTFOUND);
	buffer_fini(&set);
	teardown();
}
END_TEST

/* fill - make a text of len octets that a cut at any of them would break */
static struct slice
fill(char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	return slice_of(text, len);
}

START_TEST(many_recipients_come_in_parts)
{
	static struct slice recipients[MANY];
	static char texts[MANY][32];
	struct track_record full = full_record(), got;
	struct track_reader reader;
	struct slice rest;
	size_t next = 0;
	uint64_t part = 0;

	setup();
	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "C=DE;S=USER-%zu", i);
		recipients[i] = slice_of_string(texts[i]);
	}
	full.recipients = recipients;
	full.recipient_count = MANY;
	ck_assert_int_eq(track_encode(&full, &records), 0);
	for (rest = buffer_slice(&records); rest.len > 0;) {
		open_page(&rest, &reader);
		while (track_next(&reader, &got, NULL) == 0) {
			ck_assert_uint_eq(got.part, part++);
			ck_assert_uint_eq(got.message, 42);
			same_text(got.mts_id, full.mts_id);
			ck_assert_uint_eq(got.originator.len > 0, part == 1);
			for (size_t i = 0; i < got.recipient_count; i++)
				same_text(
				    got.recipients[i], recipients[next++]);
		}
	}
	ck_assert_uint_eq(next, MANY);
	ck_assert_uint_gt(part, 3);
	teardown();
}
END_TEST

#define ALIKE 250

/* Addresses that end alike take little room, and come back whole. */
START_TEST(endings_are_written_once)
{
	static struct slice recipients[ALIKE];
	static char texts[ALIKE][64];
	struct track_record full = full_record(), got;
	struct track_reader reader;
	struct slice rest;

	setup();
	for (size_t i = 0; i < ALIKE; i++) {
		snprintf(texts[i], sizeof(texts[i]),
		    "S=U%zu;O=%s;P=ACME;A=VIAT;C=DE", i,
		    i % 10 == 0 ? "OTHER" : "HOUSE");
		recipients[i] = slice_of_string(texts[i]);
	}
	/* Texts that end as the whole of the one before, and an empty one. */
	recipients[7] = slice_of_string("C=DE");
	recipients[8] = slice_of_string("A=VIAT;C=DE");
	recipients[9] = slice_of(NULL, 0);
	full.recipients = recipients;
	full.recipient_count = ALIKE;
	ck_assert_int_eq(track_encode(&full, &records), 0);
	rest = buffer_slice(&records);
	open_page(&rest, &reader);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	ck_assert_uint_eq(got.recipient_count, ALIKE);
	for (size_t i = 0; i < ALIKE; i++)
		same_text(got.recipients[i], recipients[i]);
	teardown();
}
END_TEST

/* undo - read a short text behind "1234": what comes of it */
static int
undo(const char *octets, size_t len, struct slice *text)
{
	return shorten_undo(slice_of_string("1234"),
	    slice_of((const uint8_t *)octets, len), &arena, text);
}

START_TEST(short_texts_are_checked)
{
	struct slice text;

	setup();
	ck_assert_int_eq(undo("\3\0\1x", 4, &text), 0);
	same_text(text, slice_of_string("x234"));
	ck_assert_int_eq(undo("\0\2\1x\1\1y", 7, &text), 0);
	same_text(text, slice_of_string("12x4y"));
	ck_assert_int_eq(undo("\0", 1, &text), 0);
	ck_assert_uint_eq(text.len, 0);
	ck_assert_int_eq(undo("", 0, &text), ERR_VALUE);
	/* More is shared than there is, at the end and in front. */
	ck_assert_int_eq(undo("\5", 1, &text), ERR_VALUE);
	ck_assert_int_eq(undo("\0\5\0", 3, &text), ERR_VALUE);
	ck_assert_int_eq(undo("\0\0\1x\4\0", 6, &text), ERR_VALUE);
	/* The text ends within a run. */
	ck_assert_int_eq(undo("\0\0\2x", 4, &text), ERR_VALUE);
	ck_assert_int_eq(undo("\0\1", 2, &text), ERR_VALUE);
	teardown();
}
END_TEST

/* Texts that share anything, or nothing, come back. */
START_TEST(texts_of_all_kinds_come_back)
{
	static uint8_t texts[2][SHORTEN_TEXT_MAX];
	uint8_t room[SHORTEN_MAX];
	struct slice before = slice_of(NULL, 0), text, short_text;
	unsigned random = 1;

	setup();
	for (int i = 0; i < 20000; i++) {
		uint8_t *to = texts[i % 2];
		size_t len = (random >> 8) % (SHORTEN_TEXT_MAX + 1);

		for (size_t n = 0; n < len; n++) {
			random = random * 1103515245 + 12345;
			to[n] = (uint8_t)("ab"[random >> 16 & 1]);
			/* Long runs of the one before, at the same place. */
			if (i % 3 != 0 && n < before.len && n % 50 > 3)
				to[n] = before.data[n];
		}
		random = random * 1103515245 + 12345;
		text = slice_of(to, len);
		short_text = shorten(before, text, room);
		ck_assert_uint_le(short_text.len, SHORTEN_MAX);
		arena_reset(&arena);
		ck_assert_int_eq(
		    shorten_undo(before, short_text, &arena, &text), 0);
		same_text(text, slice_of(to, len));
		before = slice_of(to, len);
	}
	teardown();
}
END_TEST

/* A page of an older release has its recipients as they are. */
START_TEST(whole_recipients_are_read)
{
	struct track_reader reader;
	struct track_record got;
	struct ber_writer w;
	struct slice rest;

	setup();
	ber_writer_init(&w, &records);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put_integer(&w, BER_CTX(0), TRACK_ARRIVAL);
	ber_put_integer(&w, BER_CTX(1), 1);
	ber_begin(&w, BER_CTX(13));
	for (int i = 0; i < 2; i++)
		ber_put(&w, BER_UNI(BER_OCTET_STRING), two[i]);
	ber_end_element(&w);
	ber_end_element(&w);
	ck_assert_int_eq(ber_finish(&w), 0);
	rest = buffer_slice(&records);
	open_page(&rest, &reader);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	ck_assert_uint_eq(got.recipient_count, 2);
	same_text(got.recipients[0], two[0]);
	same_text(got.recipients[1], two[1]);
	teardown();
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
	static char text[4096];
	struct slice longest = fill(text, sizeof(text));
	struct track_record full = full_record(), got;
	struct slice recipients[] = {longest, longest};
	struct track_reader reader;
	struct slice rest;

	setup();
	full.mts_id = full.link = full.originator = full.content_id = longest;
	full.content_type = full.trace = full.text = full.by = longest;
	full.subject = full.other = longest;
	full.recipients = recipients;
	ck_assert_int_eq(track_encode(&full, &records), 0);
	rest = buffer_slice(&records);
	open_page(&rest, &reader);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	ck_assert_uint_eq(got.mts_id.len, TRACK_TEXT_MAX);
	ck_assert_uint_eq(got.originator.len, TRACK_ADDRESS_MAX);
	/* an odd beginning, whose last character would be cut in two */
	full.text = slice_of(text + 1, 300);
	buffer_reset(&records);
	ck_assert_int_eq(track_encode(&full, &records), 0);
	rest = buffer_slice(&records);
	open_page(&rest, &reader);
	ck_assert_int_eq(track_next(&reader, &got, NULL), 0);
	ck_assert_uint_eq(got.text.len, TRACK_TEXT_MAX - 1);
	teardown();
}
END_TEST

START_TEST(what_is_wrong_is_refused)
{
	struct track_record full = full_record(), got;
	struct track_reader reader;
	struct slice rest, whole;
	uint8_t *copy;

	setup();
	ck_assert_int_eq(track_encode(&full, &records), 0);
	rest = buffer_slice(&records);
	ck_assert_int_eq(track_make_page(&rest, &page), 0);
	whole = buffer_slice(&page);
	for (size_t len = 0; len < whole.len; len++)
		ck_assert_int_lt(track_open(&reader, slice_of(whole.data, len),
				     &arena, NULL),
		    0);
	copy = malloc(whole.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, whole.data, whole.len);
	/* Each octet is changed in turn: an error or a record, no more. */
	for (size_t i = 0; i < whole.len; i++) {
		copy[i] ^= 0x81;
		if (track_open(
			&reader, slice_of(copy, whole.len), &arena, NULL) == 0)
			while (track_next(&reader, &got, NULL) == 0)
				;
		copy[i] ^= 0x81;
		arena_reset(&arena);
	}
	free(copy);
	teardown();
}
END_TEST

TEST_MAIN("track/track", TEST(every_element_comes_back);
	  TEST(a_queue_id_is_set_later); TEST(many_recipients_come_in_parts);
	  TEST(endings_are_written_once); TEST(short_texts_are_checked);
	  TEST(texts_of_all_kinds_come_back); TEST(whole_recipients_are_read);
	  TEST(long_texts_are_cut_between_characters);
	  TEST(what_is_wrong_is_refused))
