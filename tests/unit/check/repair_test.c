/* SPDX-License-Identifier: ISC */
/*
 * repair_test.c - a damaged queue is made whole, and loses what was hit alone
 *
 * Thirteen kinds of damaged record, and pages damaged at random (seeded): after
 * the repair the check finds nothing, every message whose pages were spared is
 * there, octet for octet, and none that could have left is ready.
 */
#include <fcntl.h>

#include "store/pages.h"
#include "store/record.h"
#include "check/repair.h"
#include "tests/unit/check/damage.h"

#define PAGE	 4096
#define MESSAGES 300
#define CONTENT	 9000

static char out[192];

/* repair - repair the queue, and return the result */
static struct store_repair_result
repair(void)
{
	struct store_repair_result result;
	struct diag diag = {.code = 0};
	int rc;

	snprintf(out, sizeof(out), "%s/out", queue_directory);
	rc = store_repair(queue_directory, out, NULL, NULL, &result, &diag);
	ck_assert_msg(rc == 0, "repair: %s", diag_text(&diag));
	return result;
}

/* What a repair of a damaged record must come to. */
struct kind {
	struct mutation mutation;
	unsigned messages; /* that are left of five */
	bool lost;
	const char *moved; /* a file of what was moved out, or NULL */
};

static const struct kind kinds[] = {
    {{"messages", PART0(1), "", ""}, 4, true, "messages-1.0"},
    {{"messages", PART0(1), "3003020109", ""}, 4, true, "messages-1.0"},
    {{"messages", ID(3) "0002", NULL, ""}, 4, true, "message-3.body"},
    {{"ready", "0000000101" ID(1), NULL, ""}, 5, false, NULL},
    {{"ready", "0000000101" ID(8), "", ""}, 5, false, NULL},
    {{"held", "02" ID(3), NULL, ""}, 5, false, NULL},
    {{"counts", "0000000101000007349e", "30", ""}, 5, false, NULL},
    {{"links", "00000001", "30", ""}, 5, true, "links-00000001"},
    {{"header", HEADER, "30", ""}, 5, false, NULL},
    {{"objects", ID(1), "30", ""}, 5, true, "objects-0000000000000001"},
    {{"objects", ID(1), NULL, ""}, 5, false, NULL},
    {{"slices", ID(1) "00000002", NULL, ""}, 4, true, "content-1.octets"},
    {{"sessions", ID(1) "00", "30", ""}, 5, true,
	"sessions-000000000000000100"},
    {{"batches", ID(1), "30", ""}, 5, true, "batches-0000000000000001"},
    {{"intake", ID(1), "30", ""}, 5, true, "intake-0000000000000001"},
    {{"delivery", ID(8), "3009020101800100810161", ""}, 5, false, NULL},
    {{"reap", "01", "", ""}, 5, true, "reap-01"},
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

START_TEST(a_damaged_record_is_moved_out)
{
	const struct kind *kind = &kinds[_i];
	struct store_repair_result result;
	char path[512];

	make();
	mutate(&kind->mutation);
	result = repair();
	queue_assert_clean();
	ck_assert_uint_eq(result.messages, kind->messages);
	ck_assert_uint_eq(result.held, 0);
	ck_assert_int_eq(result.lost, kind->lost);
	if (kind->moved != NULL) {
		snprintf(path, sizeof(path), "%s/%s", out, kind->moved);
		ck_assert_msg(access(path, R_OK) == 0, "no %s", path);
		snprintf(path, sizeof(path), "%s/REASONS", out);
		ck_assert_int_eq(access(path, R_OK), 0);
		/* The old one still has all that was lost. */
		snprintf(path, sizeof(path), "%s/data.mdb", out);
		ck_assert_int_eq(access(path, R_OK), 0);
	} else {
		ck_assert_int_ne(access(out, R_OK), 0);
	}
	store_close(queue_open());
	queue_remove();
}
END_TEST

/* pattern - fill in octets of a message's content, different for each */
static void
pattern(uint64_t id, uint8_t octets_of[CONTENT])
{
	for (size_t i = 0; i < CONTENT; i++)
		octets_of[i] = (uint8_t)(id * 31 + i * 7 + i / 251);
}

/* add_message - number i of the queue: inline, with a large envelope, or with
 * a content of its own */
static void
add_message(struct store *store, unsigned i)
{
	static uint8_t content[CONTENT];
	struct store_message m = queue_message(1 + i % 2);
	uint64_t id;

	m.priority = (enum store_priority)(i % STORE_PRIORITIES);
	pattern(i + 1, content);
	if (i % 3 == 1) {
		m.envelope = slice_of(content, CONTENT);
	} else if (i % 3 == 2) {
		QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
		QUEUE_OK(store_content_append(
		    store, id, slice_of(content, CONTENT)));
		QUEUE_OK(store_content_seal(store, id, CONTENT));
		m.content = slice_of(NULL, 0);
		m.content_id = id;
		m.content_length = CONTENT;
	} else {
		m.content = slice_of(content, 1000);
		m.content_length = 1000;
	}
	QUEUE_OK(store_message_add(store, &m));
	ck_assert_uint_eq(m.id, i + 1);
}

/* make_many - make a queue of many messages, and close it */
static void
make_many(void)
{
	struct store *store;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	queue_link(store, "rome");
	for (unsigned i = 0; i < MESSAGES; i += 10) {
		QUEUE_OK(store_begin(store));
		for (unsigned j = i; j < i + 10; j++)
			add_message(store, j);
		QUEUE_OK(store_commit(store));
	}
	store_close(store);
}

/* The pages of one damaged copy, and which messages they spare. */
struct spared {
	struct pages pages;
	uint64_t hit[4];
	unsigned hits;
	bool message[MESSAGES + 1]; /* all of its values */
	bool content[MESSAGES + 1]; /* all slices of a content */
	uint64_t content_of[MESSAGES + 1];
};

/* is_hit - test whether a page is damaged */
static bool
is_hit(const struct spared *s, uint64_t page)
{
	for (unsigned i = 0; i < s->hits; i++)
		if (s->hit[i] == page)
			return true;
	return false;
}

/* spared_row - note whether the pages of a value of the intact copy are
 * spared */
static int
spared_row(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct spared *s = arg;
	uint64_t id = key_number(key, 0, 8);
	bool hit = is_hit(s, s->pages.leaf) ||
	    (s->pages.overflow != 0 && is_hit(s, s->pages.overflow));
	struct store_message m = {.id = id};
	struct record_body body;

	(void)place;
	ck_assert_uint_le(id, MESSAGES);
	if (key.len == 12) {
		s->content[id] = s->content[id] && !hit;
		return 0;
	}
	s->message[id] = s->message[id] && !hit;
	if (key_number(key, 8, 2) == 0) {
		QUEUE_OK(record_decode_message(value, &m, &body, NULL));
		s->content_of[id] = m.content_id;
	}
	return 0;
}

/* find_spared - find which messages must be there after the repair */
static void
find_spared(struct spared *s, int fd)
{
	uint64_t root;

	memset(s->message, true, sizeof(s->message));
	memset(s->content, true, sizeof(s->content));
	QUEUE_OK(pages_open(&s->pages, fd, NULL, s, NULL));
	QUEUE_OK(pages_root(&s->pages, "messages", &root));
	QUEUE_OK(pages_walk(&s->pages, "messages", root, spared_row));
	QUEUE_OK(pages_root(&s->pages, "slices", &root));
	QUEUE_OK(pages_walk(&s->pages, "slices", root, spared_row));
	pages_close(&s->pages);
}

/* damage - overwrite some pages of the database at random */
static void
damage(struct spared *s, int fd, unsigned seed)
{
	uint8_t page[PAGE];
	off_t size = lseek(fd, 0, SEEK_END);
	size_t from;

	srandom(seed);
	s->hits = 1 + (unsigned)random() % 3;
	for (unsigned i = 0; i < s->hits; i++)
		s->hit[i] = (uint64_t)random() % ((uint64_t)size / PAGE);
	find_spared(s, fd);
	for (unsigned i = 0; i < s->hits; i++) {
		/* zeroes, junk, or junk behind a header that looks right */
		memset(page, 0, sizeof(page));
		from = random() % 3 == 0 ? 16 : 0;
		if (random() % 3 != 0)
			for (size_t j = from; j < PAGE; j++)
				page[j] = (uint8_t)random();
		ck_assert_uint_eq((size_t)pwrite(fd, page + from, PAGE - from,
				      (off_t)(s->hit[i] * PAGE + from)),
		    PAGE - from);
	}
}

/* assert_kept - check that a message whose pages were spared is there, octet
 * for octet */
static void
assert_kept(struct store *store, uint64_t id, struct arena *arena)
{
	static uint8_t content[CONTENT];
	struct store_message m;
	struct buffer got;

	arena_reset(arena);
	QUEUE_OK(store_message_get(store, id, STORE_WHOLE, arena, &m));
	ck_assert(m.state == STORE_READY || m.state == STORE_HELD);
	pattern(id, content);
	if (id % 3 == 2)
		QUEUE_SLICE_EQ(m.envelope, slice_of(content, CONTENT));
	else if (id % 3 == 1)
		QUEUE_SLICE_EQ(m.content, slice_of(content, 1000));
	if (m.content_id == 0)
		return;
	buffer_init(&got, CONTENT);
	QUEUE_OK(
	    store_content_read(store, m.content_id, 0, CONTENT, &got, NULL));
	QUEUE_SLICE_EQ(buffer_slice(&got), slice_of(content, CONTENT));
	buffer_fini(&got);
}

/* seeds - choose how many damaged copies are tried */
static size_t
seeds(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL ? 200 : 12;
}

START_TEST(damaged_pages_cost_what_was_on_them)
{
	static struct spared s;
	struct store_repair_result result;
	struct store_check_result checked;
	struct store *store;
	struct arena arena;
	char path[160];
	unsigned must = 0;
	int fd;

	make_many();
	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	damage(&s, fd, (unsigned)_i + 1);
	close(fd);
	/* The check tells, and survives: it is no child here. */
	QUEUE_OK(store_check(queue_directory, NULL, NULL, &checked, NULL));
	result = repair();
	queue_assert_clean();
	arena_init(&arena, 1 << 20);
	store = queue_open();
	for (uint64_t id = 1; id <= MESSAGES; id++) {
		if (!s.message[id] ||
		    (s.content_of[id] != 0 && !s.content[s.content_of[id]]))
			continue;
		must++;
		assert_kept(store, id, &arena);
	}
	ck_assert_uint_ge(result.messages, must);
	ck_assert_uint_le(result.messages, MESSAGES);
	arena_fini(&arena);
	store_close(store);
	if (checked.verdict == STORE_CLEAN)
		ck_assert_uint_eq(result.messages, MESSAGES);
	queue_remove();
}
END_TEST

START_TEST(compacting_gives_pages_back)
{
	struct stat before, after;
	struct store *store;
	struct diag diag = {.code = 0};
	char path[160];
	int rc = 1;

	make_many();
	store = queue_open();
	for (uint64_t id = 1; id <= MESSAGES; id++) {
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_delete(store, id));
		QUEUE_OK(store_commit(store));
	}
	while (rc > 0) {
		QUEUE_OK(store_begin(store));
		rc = store_reap_step(store, STORE_STAGE_MAX);
		QUEUE_OK(store_commit(store));
	}
	store_close(store);
	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	ck_assert_int_eq(stat(path, &before), 0);
	rc = store_compact(queue_directory, &diag);
	ck_assert_msg(rc == 0, "%s", diag_text(&diag));
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_int_lt(after.st_size, before.st_size / 4);
	queue_assert_clean();
	queue_remove();
}
END_TEST

START_TEST(an_open_queue_is_left_alone)
{
	struct store_repair_result result;
	struct store *store;
	char path[160];

	make();
	store = queue_open();
	/* Removing the lock file removes no lock. */
	snprintf(path, sizeof(path), "%s/lock", queue_directory);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, NULL), ERR_BUSY);
	ck_assert_int_eq(store_repair(queue_directory, "/nowhere", NULL, NULL,
			     &result, NULL),
	    ERR_BUSY);
	ck_assert_int_eq(store_compact(queue_directory, NULL), ERR_BUSY);
	store_close(store);
	queue_assert_clean();
	queue_remove();
}
END_TEST

/* A queue that is mended is of the same host, and drained as it was. */
START_TEST(whose_it_is_is_kept)
{
	const struct host host = {"node1", "0123", "boot"},
			  other = {"node2", "4567", "boot"};
	struct store_options options = {
	    .queue_size = QUEUE_SIZE, .host = &host};
	const struct store_drain drain = {QUEUE_TIME, 1};
	struct store *store;

	make();
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	QUEUE_OK(store_begin(store));
	store_drain_set(store, &drain);
	QUEUE_OK(store_commit(store));
	store_close(store);
	(void)repair();
	options.host = &other;
	ck_assert_int_eq(
	    store_open(queue_directory, &options, &store, NULL), ERR_STATE);
	options.host = &host;
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	ck_assert_int_eq(store_drain(store)->since, QUEUE_TIME);
	ck_assert_uint_eq(store_drain(store)->link, 1);
	store_close(store);
	queue_assert_clean();
	queue_remove();
}
END_TEST

START_TEST(a_lost_database_is_not_a_new_queue)
{
	char identity[160], path[160];
	struct store_options options = {.queue_size = QUEUE_SIZE,
	    .mode = STORE_READ_WRITE,
	    .identity = identity};
	struct store *store = NULL;
	struct diag diag = {.code = 0};

	queue_make();
	snprintf(identity, sizeof(identity), "%s/id", queue_directory);
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	store_close(store);
	ck_assert_int_eq(access(identity, R_OK), 0);
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	store_close(store);
	ck_assert_int_eq(
	    store_create(queue_directory, identity, NULL), ERR_EXISTS);
	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	if (_i == 0)
		ck_assert_int_eq(unlink(path), 0);
	else
		ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(
	    store_open(queue_directory, &options, &store, &diag), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(diag.text, "x4check --create"));
	QUEUE_OK(store_create(queue_directory, identity, NULL));
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("check/repair", TEST_LOOP(a_damaged_record_is_moved_out, KINDS);
	  TEST_LOOP(damaged_pages_cost_what_was_on_them, seeds());
	  TEST(compacting_gives_pages_back); TEST(an_open_queue_is_left_alone);
	  TEST(whose_it_is_is_kept);
	  TEST_LOOP(a_lost_database_is_not_a_new_queue, 2))
