/* SPDX-License-Identifier: ISC */
/*
 * redo_test.c - records of the journal, and its file
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "store/redo.h"
#include "tests/unit/store/queue.h"

#define SECTOR 512

static const struct redo_stamp stamp = {
    .identity = {1, 2, 3}, .epoch = 7, .written = 6, .known = true};
static uint8_t octets[70000];

/* fill - make octets that are not all the same */
static void
fill(void)
{
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(1 + i % 251);
}

/* add - add a change; len SIZE_MAX: the key is deleted */
static void
add(struct redo_turn *turn, unsigned database, size_t key, size_t len)
{
	struct redo_change change = {
	    .database = database, .key = slice_of(octets, key)};

	if (len != SIZE_MAX)
		change.value = slice_of(octets + key, len);
	redo_turn_add(turn, &change);
}

/* assert_change - take the next change, and check that it is as it was added */
static void
assert_change(struct slice *changes, unsigned database, size_t key, size_t len)
{
	struct redo_change change;

	ck_assert_int_eq(redo_change_next(changes, &change), 1);
	ck_assert_uint_eq(change.database, database);
	QUEUE_SLICE_EQ(change.key, slice_of(octets, key));
	if (len == SIZE_MAX)
		ck_assert_ptr_null(change.value.data);
	else {
		ck_assert_ptr_nonnull(change.value.data);
		QUEUE_SLICE_EQ(change.value, slice_of(octets + key, len));
	}
}

/* begin - begin a turn with octets to fill it */
static struct redo_turn
begin(void)
{
	struct redo_turn turn;

	fill();
	QUEUE_OK(redo_turn_init(&turn));
	redo_turn_begin(&turn);
	return turn;
}

/* All that a turn changed is read again, as it was. */
START_TEST(round_trip)
{
	struct redo_turn turn = begin();
	struct redo_place place = {.offset = 0}, read = {.offset = 0};
	struct slice record, changes;
	struct redo_change change;
	struct redo_head head;

	for (int i = 0; i < 3; i++) {
		redo_turn_begin(&turn);
		add(&turn, 1, 8, 4080);
		add(&turn, 2, 1, 0);
		add(&turn, 17, 255, SIZE_MAX);
		add(&turn, 3, 10, 1);
		record = redo_turn_seal(&turn, &stamp, &place);
		ck_assert_uint_eq(record.len % REDO_BLOCK, 0);
		ck_assert_uint_eq(record.len, redo_record_octets(turn.len));
		for (size_t n = REDO_HEAD + turn.len; n < record.len; n++)
			ck_assert_uint_eq(record.data[n], 0);
		ck_assert_int_eq(
		    redo_head_read(record.data, &stamp, &head), REDO_WHOLE);
		ck_assert_uint_eq(head.epoch, 7);
		ck_assert_uint_eq(head.number, (uint64_t)i + 1);
		ck_assert_uint_eq(head.changes, 4);
		ck_assert(redo_record_read(record, &stamp, &read, &changes));
		ck_assert_mem_eq(&read, &place, sizeof(place));
		assert_change(&changes, 1, 8, 4080);
		assert_change(&changes, 2, 1, 0);
		assert_change(&changes, 17, 255, SIZE_MAX);
		assert_change(&changes, 3, 10, 1);
		ck_assert_int_eq(redo_change_next(&changes, &change), 0);
	}
	ck_assert_uint_eq(place.number, 3);
	ck_assert_uint_eq(place.changes, 12);
	redo_turn_fini(&turn);
}
END_TEST

/* A turn that is as large as one may be is a record, the next octet is one too
 * many; what comes behind that is counted alone. */
START_TEST(largest)
{
	struct redo_turn turn = begin();
	struct redo_place place = {.offset = 0}, read = {.offset = 0};
	struct slice record, changes;

	add(&turn, 1, 8, 60000);
	add(&turn, 1, 8, REDO_TURN_MAX - 60000 - 2 * 12);
	ck_assert(!turn.large);
	ck_assert_uint_eq(turn.len, REDO_TURN_MAX);
	record = redo_turn_seal(&turn, &stamp, &place);
	ck_assert_uint_le(record.len, REDO_RECORD_MAX);
	ck_assert(redo_record_read(record, &stamp, &read, &changes));
	ck_assert_uint_eq(changes.len, REDO_TURN_MAX);
	redo_turn_begin(&turn);
	add(&turn, 1, 8, 60000);
	add(&turn, 1, 8, REDO_TURN_MAX - 60000 - 2 * 12 + 1);
	ck_assert(turn.large);
	add(&turn, 1, 1, 1);
	ck_assert(turn.large);
	ck_assert_uint_eq(turn.changes, 3);
	/* A length beyond that is none of ours, whatever its checksums say. */
	turn.len = REDO_TURN_MAX + 1;
	place = (struct redo_place){.offset = 0};
	record = redo_turn_seal(&turn, &stamp, &place);
	ck_assert_int_eq(redo_head_read(record.data, &stamp,
			     &(struct redo_head){.epoch = 0}),
	    REDO_OTHER);
	redo_turn_fini(&turn);
}
END_TEST

/* what_is_read - read the next record behind a place that does not move */
static bool
what_is_read(struct slice record, const struct redo_place *behind)
{
	struct redo_place place = *behind;
	struct slice changes;
	bool whole = redo_record_read(record, &stamp, &place, &changes);

	if (!whole)
		ck_assert_mem_eq(&place, behind, sizeof(place));
	return whole;
}

/* old_octets - make what stood where a record is written: zeros, or one of an
 * earlier epoch */
static void
old_octets(int which, struct redo_turn *turn, uint8_t *old, size_t len)
{
	struct redo_place place = {.offset = 0};
	struct redo_stamp other = stamp;
	struct slice record;

	memset(old, 0, len);
	if (which == 0)
		return;
	other.epoch--;
	redo_turn_begin(turn);
	memset(octets, 0x55, sizeof(octets));
	for (size_t i = 0; i < 3; i++)
		add(turn, 4, 9, 4000);
	fill();
	record = redo_turn_seal(turn, &other, &place);
	memcpy(old, record.data, record.len < len ? record.len : len);
}

/* A write that was torn is no record, wherever that was, and whatever stood
 * there before. */
START_TEST(torn_anywhere)
{
	static uint8_t old[4 * REDO_BLOCK], torn[4 * REDO_BLOCK];
	struct redo_turn turn = begin();
	struct redo_place behind = {.offset = 0}, place = behind;
	struct slice record;
	size_t used;

	old_octets(_i, &turn, old, sizeof(old));
	redo_turn_begin(&turn);
	for (size_t i = 0; i < 3; i++)
		add(&turn, 1, 8, 4080 - i);
	record = redo_turn_seal(&turn, &stamp, &place);
	used = REDO_HEAD + turn.len;
	ck_assert_uint_eq(record.len, sizeof(torn));
	for (size_t cut = 0; cut < used; cut += SECTOR) {
		/* All from there on is missing, or that sector alone, or all
		 * but that. */
		memcpy(torn, record.data, cut);
		memcpy(torn + cut, old + cut, sizeof(torn) - cut);
		ck_assert(!what_is_read(slice_of(torn, sizeof(torn)), &behind));
		memcpy(torn, record.data, sizeof(torn));
		memcpy(torn + cut, old + cut, SECTOR);
		ck_assert(!what_is_read(slice_of(torn, sizeof(torn)), &behind));
		memcpy(torn, old, sizeof(torn));
		memcpy(torn + cut, record.data + cut, SECTOR);
		ck_assert(!what_is_read(slice_of(torn, sizeof(torn)), &behind));
		/* The file may end there. */
		ck_assert(!what_is_read(slice_of(record.data, cut), &behind));
	}
	ck_assert(!what_is_read(slice_of(record.data, used - 1), &behind));
	ck_assert(what_is_read(slice_of(record.data, used), &behind));
	redo_turn_fini(&turn);
}
END_TEST

/* Each octet of a record counts. */
START_TEST(flipped)
{
	struct redo_turn turn = begin();
	struct redo_place behind = {.offset = 0}, place = behind;
	uint8_t changed[REDO_BLOCK];
	struct slice record;

	add(&turn, 1, 8, 40);
	record = redo_turn_seal(&turn, &stamp, &place);
	ck_assert_uint_eq(record.len, sizeof(changed));
	for (size_t bit = 0; bit < 8 * (REDO_HEAD + turn.len); bit++) {
		/* Sixteen octets of the head are for later releases. */
		if (bit / 8 >= 48 && bit / 8 < REDO_HEAD)
			continue;
		memcpy(changed, record.data, sizeof(changed));
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_msg(
		    !what_is_read(slice_of(changed, sizeof(changed)), &behind),
		    "bit %zu does not count", bit);
	}
	redo_turn_fini(&turn);
}
END_TEST

/* A record of another journal, time or place is not the next one. */
START_TEST(of_another)
{
	struct redo_turn turn = begin();
	struct redo_place first = {.offset = 0}, second, place = first;
	struct redo_stamp other = stamp;
	struct slice record, changes;

	add(&turn, 1, 8, 40);
	(void)redo_turn_seal(&turn, &stamp, &place);
	second = place;
	redo_turn_begin(&turn);
	add(&turn, 1, 8, 41);
	record = redo_turn_seal(&turn, &stamp, &place);
	ck_assert(what_is_read(record, &second));
	/* Number 2 is not the first. */
	ck_assert(!what_is_read(record, &first));
	/* A number is not all: another number 1 was before. */
	place = second;
	place.checksum ^= 1;
	ck_assert(!what_is_read(record, &place));
	place = second;
	other.epoch++;
	ck_assert(!redo_record_read(record, &other, &place, &changes));
	other.epoch -= 2;
	ck_assert(!redo_record_read(record, &other, &place, &changes));
	other = stamp;
	other.identity[REDO_IDENTITY - 1] = 1;
	ck_assert(!redo_record_read(record, &other, &place, &changes));
	ck_assert_int_eq(redo_head_read(record.data, &other,
			     &(struct redo_head){.epoch = 0}),
	    REDO_OTHER);
	ck_assert_mem_eq(&place, &second, sizeof(place));
	redo_turn_fini(&turn);
}
END_TEST

/* Changes that do not fit into their record are damage, and are not read. */
START_TEST(bad_changes)
{
	static const struct {
		size_t len;
		uint8_t octets[8];
	} bad[] = {
	    {1, {1}}, {3, {1, 1, 0}}, {4, {1, 1, 0, 0}}, /* no key */
	    {5, {1, 2, 0, 0, 9}},			 /* half a key */
	    {6, {1, 0, 1, 0, 9, 9}},			 /* a key of nothing */
	    {6, {1, 1, 2, 0, 9, 9}},			 /* half a value */
	    {6, {1, 1, 0xfe, 0xff, 9, 9}},		 /* a long one */
	    {5, {1, 2, 0xff, 0xff, 9}}, /* half a key that is deleted */
	};
	struct redo_change change;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *exact = malloc(bad[i].len);
		struct slice changes = slice_of(exact, bad[i].len);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, bad[i].octets, bad[i].len);
		ck_assert_int_eq(
		    redo_change_next(&changes, &change), ERR_CORRUPT);
		free(exact);
	}
}
END_TEST

/* make - make a journal in a directory; the directory */
static int
make(struct redo *redo)
{
	struct diag diag = {0};
	int directory;

	queue_make();
	directory = open(queue_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(directory, 0);
	fill();
	QUEUE_OK(redo_init(redo));
	redo->stamp = stamp;
	ck_assert_msg(
	    redo_create(redo, directory, &diag) == 0, "%s", diag_text(&diag));
	return directory;
}

/* end - remove a journal, and the directory */
static void
end(struct redo *redo, int directory)
{
	redo_fini(redo);
	close(directory);
	queue_remove();
}

/* append - write a turn of one value */
static void
append(struct redo *redo, size_t len)
{
	redo_turn_begin(&redo->turn);
	add(&redo->turn, 1, 8, len);
	ck_assert_int_eq(redo_append(redo), 0);
}

/* reopen - open the file again, as a process that is started; what came of
 * it */
static int
reopen(struct redo *redo, const struct redo_stamp *as, int directory,
    bool *pending, struct diag *diag)
{
	redo_fini(redo);
	QUEUE_OK(redo_init(redo));
	redo->stamp = *as;
	diag_clear(diag);
	return redo_open(redo, directory, REDO_READ_WRITE, pending, diag);
}

/* assert_refused - open the file again, which is refused by name */
static void
assert_refused(struct redo *redo, const struct redo_stamp *as, int directory,
    const char *words)
{
	char name[REDO_NAME_MAX];
	struct diag diag = {0};
	bool pending;

	redo_name(as, name);
	ck_assert_int_eq(
	    reopen(redo, as, directory, &pending, &diag), ERR_CORRUPT);
	ck_assert_msg(strstr(diag_text(&diag), name) != NULL &&
		strstr(diag_text(&diag), words) != NULL,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(redo->fd, -1);
}

/* A journal is read up to where it was written, and is as long as it was made
 * from then on. */
START_TEST(written_and_read)
{
	struct redo redo;
	int directory = make(&redo);
	struct diag diag = {0};
	struct slice changes;
	struct stat st;
	bool pending;
	size_t n;

	ck_assert_int_eq(fstat(redo.fd, &st), 0);
	ck_assert_uint_eq((uint64_t)st.st_size, REDO_FILE);
	/* That it has all its octets from the beginning is what it is for. */
	ck_assert_uint_ge((uint64_t)st.st_blocks * 512, REDO_FILE);
	for (n = 1; redo.place.offset < REDO_CHECKPOINT; n++)
		append(&redo, n * 37 % 9000);
	ck_assert_int_eq(fstat(redo.fd, &st), 0);
	ck_assert_uint_eq((uint64_t)st.st_size, REDO_FILE);
	ck_assert_int_eq(reopen(&redo, &stamp, directory, &pending, &diag), 0);
	ck_assert(pending);
	for (size_t i = 1; i < n; i++) {
		ck_assert_int_eq(redo_next(&redo, &changes, &diag), 1);
		assert_change(&changes, 1, 8, i * 37 % 9000);
	}
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 0);
	ck_assert_uint_eq(redo.place.number, n - 1);
	redo_rewind(&redo);
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 1);
	assert_change(&changes, 1, 8, 37);
	end(&redo, directory);
}
END_TEST

/* What stands of an earlier epoch counts for nothing, however much it is. */
START_TEST(restarted)
{
	struct redo redo;
	int directory = make(&redo);
	struct redo_stamp next = stamp;
	struct diag diag = {0};
	struct slice changes;
	bool pending;

	for (int i = 0; i < 20; i++)
		append(&redo, 100);
	next.written = next.epoch++;
	ck_assert_int_eq(reopen(&redo, &next, directory, &pending, &diag), 0);
	ck_assert(!pending);
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 0);
	append(&redo, 200);
	ck_assert_int_eq(reopen(&redo, &next, directory, &pending, &diag), 0);
	ck_assert(pending);
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 1);
	assert_change(&changes, 1, 8, 200);
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 0);
	/* The database before the checkpoint does not go with that. */
	assert_refused(&redo, &stamp, directory, "another time");
	next.written = next.epoch++;
	next.epoch++;
	next.written++;
	assert_refused(&redo, &next, directory, "another time");
	end(&redo, directory);
}
END_TEST

/* A file that is not there, or not the right one, is told by its name. */
START_TEST(refused)
{
	struct redo redo;
	int directory = make(&redo);
	struct redo_stamp other = stamp;
	char name[REDO_NAME_MAX], theirs[REDO_NAME_MAX];

	append(&redo, 100);
	redo_name(&stamp, name);
	other.identity[0]++;
	assert_refused(&redo, &other, directory, "missing");
	/* That of another queue under the name of ours. */
	redo_name(&other, theirs);
	ck_assert_int_eq(renameat(directory, name, directory, theirs), 0);
	assert_refused(&redo, &other, directory, "damaged");
	assert_refused(&redo, &stamp, directory, "missing");
	ck_assert_int_eq(renameat(directory, theirs, directory, name), 0);
	/* Cut off within its first record's beginning, or empty. */
	for (off_t len = 0; len < REDO_HEAD; len += REDO_HEAD - 1) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", queue_directory, name);
		ck_assert_int_eq(truncate(path, len), 0);
		assert_refused(&redo, &stamp, directory, "damaged");
	}
	end(&redo, directory);
}
END_TEST

/* spoil - change an octet of the file */
static void
spoil(const struct redo *redo, uint64_t at)
{
	uint8_t octet;

	ck_assert_int_eq(pread(redo->fd, &octet, 1, (off_t)at), 1);
	octet ^= 0x10;
	ck_assert_int_eq(pwrite(redo->fd, &octet, 1, (off_t)at), 1);
}

/* A last record that is not whole was never confirmed; before another that is,
 * it was, and its loss is told. */
START_TEST(damaged_within)
{
	struct redo redo;
	int directory = make(&redo), rc = 1;
	struct diag diag = {0};
	struct slice changes;
	uint64_t at[4];
	bool pending;
	unsigned read = 0;

	for (int i = 0; i < 4; i++) {
		at[i] = redo.place.offset;
		append(&redo, 6000);
	}
	spoil(&redo, at[_i] + 5000);
	ck_assert_int_eq(reopen(&redo, &stamp, directory, &pending, &diag), 0);
	ck_assert(pending);
	for (; rc == 1; read += rc == 1)
		rc = redo_next(&redo, &changes, &diag);
	ck_assert_uint_eq(read, (unsigned)_i);
	ck_assert_int_eq(rc, _i == 3 ? 0 : ERR_CORRUPT);
	if (_i != 3)
		ck_assert_ptr_nonnull(strstr(diag_text(&diag), redo.name));
	/* The first sector of the file tells its time, and cannot be torn. */
	spoil(&redo, 20);
	assert_refused(&redo, &stamp, directory, "damaged");
	end(&redo, directory);
}
END_TEST

/* A first record that was torn is what the file begins with from then on. */
START_TEST(torn_first)
{
	struct redo redo;
	int directory = make(&redo);
	struct redo_stamp next = stamp;
	struct diag diag = {0};
	struct slice changes;
	bool pending;

	ck_assert(!redo.begun);
	append(&redo, 6000);
	spoil(&redo, 5000);
	ck_assert_int_eq(reopen(&redo, &stamp, directory, &pending, &diag), 0);
	ck_assert(pending);
	ck_assert_int_eq(redo_next(&redo, &changes, &diag), 0);
	ck_assert(redo.begun);
	next.written = next.epoch++;
	redo_restart(&redo, &next);
	ck_assert(!redo.begun);
	ck_assert_int_eq(reopen(&redo, &next, directory, &pending, &diag), 0);
	ck_assert(!pending && !redo.begun);
	end(&redo, directory);
}
END_TEST

/* What could not be written did not happen. */
START_TEST(not_written)
{
	struct redo redo;
	int directory = make(&redo), fd;
	struct redo_place place;

	append(&redo, 100);
	place = redo.place;
	fd = redo.fd;
	redo.fd = openat(directory, redo.name, O_RDONLY | O_CLOEXEC);
	redo_turn_begin(&redo.turn);
	add(&redo.turn, 1, 8, 100);
	ck_assert_int_ne(redo_append(&redo), 0);
	ck_assert_mem_eq(&redo.place, &place, sizeof(place));
	close(redo.fd);
	redo.fd = fd;
	end(&redo, directory);
}
END_TEST

TEST_MAIN("store/redo", TEST(round_trip); TEST(largest);
	  TEST_LOOP(torn_anywhere, 2); TEST(flipped); TEST(of_another);
	  TEST(bad_changes); TEST(written_and_read); TEST(restarted);
	  TEST(refused); TEST_LOOP(damaged_within, 4); TEST(torn_first);
	  TEST(not_written))
