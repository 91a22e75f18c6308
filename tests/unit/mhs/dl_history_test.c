/* SPDX-License-Identifier: ISC */
/*
 * dl_history_test.c - histories of lists and redirections, good and malformed
 */
#include "ber/time.h"
#include "mhs/dl_history.h"
#include "mhs/trace.h"
#include "tests/unit/test.h"

#define TIME 1795953600 /* 2026-11-29T12:00:00Z */

/* history_of - make dl-expansion-history of so many lists, S=L1 first */
static void
history_of(struct arena *arena, unsigned count, struct buffer *out)
{
	char text[UTC_TIME_LEN + 1], name[64];
	struct ber_writer writer;
	struct diag diag = {0};

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	for (unsigned i = 1; i <= count; i++) {
		struct or_name list = {0};

		snprintf(name, sizeof(name), "C=FR;A=ATLAS;S=L%u", i);
		ck_assert_int_eq(or_address_parse(slice_of_string(name), arena,
				     &list.address, &diag),
		    0);
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		or_name_encode(&writer, OR_NAME_TAG, &list);
		utc_time_format(TIME + i, text);
		ber_put_string(&writer, BER_UNI(BER_UTC_TIME), text);
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
}

/* last_of - read the last expansion of a history of these octets */
static int
last_of(struct slice value, struct arena *arena, struct dl_history *history)
{
	struct extension item = {
	    .number = EXTENSION_DL_EXPANSION_HISTORY, .value = value};
	struct extension_list list = {.items = &item, .count = 1};

	return dl_history_last(&list, arena, history);
}

/* The last list counts, with its time; without an arena the time alone. */
START_TEST(last)
{
	struct dl_history history;
	struct arena arena;
	struct buffer out;

	arena_init(&arena, 8 << 20);
	buffer_init(&out, 1 << 20);
	for (unsigned count = 0; count <= 600; count += 200) {
		char wanted[64];
		int rc;

		buffer_reset(&out);
		history_of(&arena, count, &out);
		rc = last_of(buffer_slice(&out), &arena, &history);
		if (count == 0 || count > 512) {
			ck_assert_int_eq(rc, ERR_VALUE);
			continue;
		}
		ck_assert_int_eq(rc, 0);
		ck_assert_int_eq(history.time, TIME + count);
		snprintf(wanted, sizeof(wanted), "S=L%u;A=ATLAS;C=FR", count);
		ck_assert_str_eq(or_address_format(&history.list.address,
				     OR_STYLE_F401, &arena),
		    wanted);
		ck_assert_int_eq(
		    last_of(buffer_slice(&out), NULL, &history), 0);
		ck_assert_int_eq(history.time, TIME + count);
	}
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Each octet changed, and each end cut off: an answer or ERR_VALUE, for each of
 * both histories. */
START_TEST(malformed)
{
	struct extension item = {.number = EXTENSION_REDIRECTION_HISTORY};
	struct extension_list list = {.items = &item, .count = 1};
	struct dl_history history;
	struct or_name intended;
	struct arena arena;
	struct buffer out;

	arena_init(&arena, 8 << 20);
	buffer_init(&out, 1 << 20);
	history_of(&arena, 2, &out);
	for (size_t i = 0; i < buffer_length(&out); i++) {
		uint8_t *copy = malloc(buffer_length(&out));
		size_t len = buffer_length(&out);

		ck_assert_ptr_nonnull(copy);
		for (unsigned change = 1; change <= 256; change++) {
			int rc;

			memcpy(copy, buffer_slice(&out).data, len);
			copy[i] ^= (uint8_t)change;
			item.value = slice_of(copy, change == 256 ? i : len);
			rc = last_of(item.value, &arena, &history);
			ck_assert(rc == 0 || rc == ERR_VALUE);
			rc = redirection_intended(&list, &arena, &intended);
			ck_assert(rc == 0 || rc == ERR_VALUE);
			arena_reset(&arena);
		}
		free(copy);
	}
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/dl_history", TEST(last), TEST(malformed))
