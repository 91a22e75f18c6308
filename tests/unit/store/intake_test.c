/* SPDX-License-Identifier: ISC */
/*
 * intake_test.c - notes of files that were taken, and that are being made
 */
#include "tests/unit/store/queue.h"

/* file - make a file of a postoffice, identified by its name */
static struct store_file
file(uint32_t postoffice, const char *name)
{
	return (struct store_file){.postoffice = postoffice,
	    .name = slice_of_string(name),
	    .inode = UINT64_MAX - 5,
	    .ctime = -7,
	    .size = 1234};
}

START_TEST(a_file_is_known_until_it_is_forgotten)
{
	struct store *store;
	struct store_file f, other;
	struct store_message m;
	uint64_t message = 0;
	uint32_t po;
	int i;

	queue_make();
	store = queue_open();
	po = queue_link(store, "msmail/po1");
	m = queue_message(po);
	f = file(po, "A.P1");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_intake_note(store, &f, m.id));
	ck_assert_int_eq(store_intake_note(store, &f, m.id), ERR_EXISTS);
	QUEUE_OK(store_commit(store));
	for (i = 0; i < 2; i++) {
		QUEUE_OK(store_intake_find(store, &f, &message));
		ck_assert_uint_eq(message, m.id);
#define OTHER(change) \
	other = f;    \
	change;       \
	ck_assert_int_eq(store_intake_find(store, &other, NULL), ERR_NOTFOUND)
		OTHER(other.name = slice_of_string("B.P1"));
		OTHER(other.postoffice = 0);
		OTHER(other.inode++);
		OTHER(other.ctime++);
		OTHER(other.size++);
		OTHER(other.name.len = 0);
#undef OTHER
		store_close(store);
		queue_assert_clean();
		store = queue_open();
	}
	/* the message may leave before the file */
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, m.id));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_intake_forget(store, &f));
	ck_assert_int_eq(store_intake_forget(store, &f), ERR_NOTFOUND);
	store_abort(store);
	QUEUE_OK(store_intake_find(store, &f, NULL));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_intake_forget(store, &f));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(store_intake_find(store, &f, NULL), ERR_NOTFOUND);
	queue_end(store);
}
END_TEST

START_TEST(an_aborted_note_is_none)
{
	struct store *store;
	struct store_file f;

	queue_make();
	store = queue_open();
	f = file(queue_link(store, "msmail/po1"), "A.P1");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_intake_note(store, &f, 0));
	store_abort(store);
	ck_assert_int_eq(store_intake_find(store, &f, NULL), ERR_NOTFOUND);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_intake_note(store, &f, 0));
	QUEUE_OK(store_intake_forget(store, &f));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(store_intake_find(store, &f, NULL), ERR_NOTFOUND);
	queue_end(store);
}
END_TEST

START_TEST(a_name_has_a_bound)
{
	struct store *store;
	struct store_file f;
	char name[STORE_FILE_NAME_MAX + 2];

	queue_make();
	store = queue_open();
	f = file(queue_link(store, "msmail/po1"), "x");
	memset(name, 'x', sizeof(name));
	QUEUE_OK(store_begin(store));
	f.name = slice_of(name, STORE_FILE_NAME_MAX + 1);
	ck_assert_int_eq(store_intake_note(store, &f, 0), ERR_LIMIT);
	f.name.len = 0;
	ck_assert_int_eq(store_intake_note(store, &f, 0), ERR_LIMIT);
	f.name.len = STORE_FILE_NAME_MAX;
	QUEUE_OK(store_intake_note(store, &f, 0));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_intake_find(store, &f, NULL));
	queue_end(store);
}
END_TEST

START_TEST(a_delivery_note_leaves_with_its_message)
{
	struct store *store;
	struct store_delivery note, got;
	struct store_message m;
	struct arena arena;

	queue_make();
	store = queue_open();
	arena_init(&arena, 65536);
	m = queue_message(queue_link(store, "msmail/po1"));
	queue_add(store, &m);
	note = (struct store_delivery){.message = m.id,
	    .state = STORE_DELIVERY_PREPARED,
	    .name = slice_of_string("00000001.MMF")};
	ck_assert_int_eq(
	    store_delivery_get(store, m.id, &arena, &got), ERR_NOTFOUND);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_delivery_note(store, &note));
	note.message = 77;
	ck_assert_int_eq(store_delivery_note(store, &note), ERR_NOTFOUND);
	note.name.len = 0;
	ck_assert_int_eq(store_delivery_note(store, &note), ERR_LIMIT);
	QUEUE_OK(store_commit(store));
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	QUEUE_OK(store_delivery_get(store, m.id, &arena, &got));
	ck_assert_int_eq(got.state, STORE_DELIVERY_PREPARED);
	QUEUE_SLICE_EQ(got.name, slice_of_string("00000001.MMF"));
	got.state = STORE_DELIVERY_DONE;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_delivery_note(store, &got));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_delivery_get(store, m.id, &arena, &got));
	ck_assert_int_eq(got.state, STORE_DELIVERY_DONE);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, m.id));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(
	    store_delivery_get(store, m.id, &arena, &got), ERR_NOTFOUND);
	arena_fini(&arena);
	queue_end(store);
}
END_TEST

START_TEST(a_postoffice_has_half_of_the_notes)
{
	struct store *store;
	struct store_file f = {.ctime = 2, .size = 3};
	char name[24];
	uint32_t one, two;
	int rc = 0;

	queue_make();
	store = queue_open();
	one = queue_link(store, "msmail/one");
	two = queue_link(store, "msmail/two");
	f.postoffice = one;
	for (f.inode = 0; rc == 0; f.inode++) {
		if (f.inode % 1000 == 0)
			QUEUE_OK(store_begin(store));
		snprintf(
		    name, sizeof(name), "%llu", (unsigned long long)f.inode);
		f.name = slice_of_string(name);
		rc = store_intake_note(store, &f, f.inode + 1);
		if (f.inode % 1000 == 999)
			QUEUE_OK(store_commit(store));
	}
	ck_assert_int_eq(rc, ERR_LIMIT);
	ck_assert_uint_eq(f.inode - 1, STORE_INTAKES_MAX / 2);
	f.postoffice = two;
	QUEUE_OK(store_intake_note(store, &f, 1));
	store_abort(store);
	/* the other's was undone; the first forgets one and has room again */
	QUEUE_OK(store_begin(store));
	f.postoffice = one;
	f.inode = 5;
	f.name = slice_of_string("5");
	QUEUE_OK(store_intake_forget(store, &f));
	QUEUE_OK(store_intake_note(store, &f, 1));
	f.inode = 1;
	f.name = slice_of_string("new");
	ck_assert_int_eq(store_intake_note(store, &f, 1), ERR_LIMIT);
	QUEUE_OK(store_commit(store));
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/intake", TEST(a_postoffice_has_half_of_the_notes);
	  TEST(a_file_is_known_until_it_is_forgotten);
	  TEST(an_aborted_note_is_none); TEST(a_name_has_a_bound);
	  TEST(a_delivery_note_leaves_with_its_message))
