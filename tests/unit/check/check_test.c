/* SPDX-License-Identifier: ISC */
/*
 * check_test.c - the offline check finds what is wrong, and only that
 *
 * A queue with one of each thing is made through the store's interface, then
 * one value of its database is changed behind the store's back, through LMDB.
 */
#include <fcntl.h>
#include <sys/wait.h>

#include "tests/unit/check/damage.h"

/* What the finding of a run said. */
static char found[512];

/* remember - note the text of the first finding */
static void
remember(void *arg, const char *object, const char *problem)
{
	(void)arg;
	if (found[0] == '\0')
		snprintf(found, sizeof(found), "%s: %s", object, problem);
}

static const struct mutation mutations[] = {
    /* records */
    {"messages", PART0(1), NULL, "message 1"},
    {"messages", PART0(1), "", "message 1: "},
    {"messages", PART0(1), "3000", "message 1: "},
    {"messages", PART0(1), "3003020102", "message 1: message record: version"},
    {"messages", PART0(9), "3003020101", "message 9: "},
    {"messages", ID(3) "0002", NULL, "message 3: part 3 belongs to nothing"},
    {"messages", ID(3) "0005", NULL, "message 3: has 16320 octets"},
    {"messages", ID(3) "0006", "00", "message 3: has 20010 octets"},
    {"messages", ID(1) "0001", "00", "message 1: part 1 belongs to nothing"},
    {"messages", "01", "00", "messages: bad key"},
    /* indexes */
    {"ready", "0000000101" ID(1), NULL, "message 1: is ready, and not in"},
    {"ready", "0000000101" ID(2), "", "message 2: has an entry in index"},
    {"ready", "0000000100" ID(1), "", "message 1: has an entry in index"},
    {"ready", "0000000101" ID(8), "", "message 8: has an entry in index"},
    {"ready", "00", "", "ready: bad key"},
    {"held", "02" ID(3), NULL, "message 3: is held, and not in"},
    {"held", "03" ID(3), "", "message 3: has an entry in index"},
    {"held", "03" ID(4), NULL, "message 4: is quarantined, and not in"},
    {"deferred", ID(5) ID(2), "", "message 2: has an entry in index"},
    /* counts */
    {"counts", "0000000101000007349e", "300903010103", "counts: "},
    {"counts", "0000000101000007349e", "3009020101800101810101",
	"counts: link 1 priority 1 ready hour 472222: 1 messages of 1"},
    {"counts", "ffff", "", "counts: count: bad key"},
    {"counts", "ffffffffff0000000000", NULL, "counts: source 0 link 429496"},
    {"counts", "ffffffffff0000000000", "300c020101800100810100820100",
	"counts: source 0 link 4294967295: 0 messages of 0"},
    {"counts", "00000001ff0000000005", "300c020101800100810100820100",
	"counts: source 5 link 1: 0 messages"},
    /* contents */
    {"objects", ID(1), NULL, "message 5: there is no content 1"},
    {"objects", ID(1), "300a02010180024e20810102",
	"content 1: 2 references, 1 users"},
    {"objects", ID(1), "300a02010180024e21810101",
	"message 5: content of 20001 octets, not 20000"},
    {"objects", ID(2), "300d02010180021388810100820100", ""},
    {"objects", ID(2), "300a02010180021389810100",
	"content 2: slices hold 5000 octets, not 5001"},
    {"objects", ID(2), "300a02010180021388810101",
	"content 2: 1 references, 0 users"},
    {"objects", ID(7), "3009020101800100810100",
	"content 7: is neither used nor partial"},
    {"slices", ID(1) "00000004", NULL, "content 1: slices hold 16320"},
    {"slices", ID(1) "00000000", NULL, "content 1: begins with slice 1"},
    {"slices", ID(1) "00000002", NULL, "content 1: slice 2 is missing"},
    {"slices", ID(1) "00000002", "00", "content 1: slice 3: one of 4080"},
    {"slices", ID(9) "00000000", "00", "content 9: 1 slices belong to nothi"},
    {"partial", ID(2), NULL, "content 2: 2 slices belong to nothing"},
    {"partial", ID(1), "3003020101", "content 1: is used, and partial"},
    {"partial", ID(2), "3003020105", "content 2: partial content: version 5"},
    {"reap", ID(2), "", "content 2: is partial, and to be reaped"},
    {"reap", ID(1), "", "content 1: is an object, and to be reaped"},
    /* the rest */
    {"links", "00000001", NULL, "message 1: there is no link 1"},
    {"links", "00000003", "30090201018001618101", "links: "},
    {"links", "00000003", "3009020101800161810100",
	"the name of link 2 is lost"},
    {"links", "00000002", "3009020101800100810100", "links: link: bad name"},
    {"sessions", ID(1) "00", NULL, "session 1: slot 2 is not its own"},
    {"sessions", ID(1) "02", "", "session 1: "},
    {"sessions", ID(1) "05",
	"30180201018001018110010203040506070809000102030405068201", ""},
    {"sessions", ID(1) "05",
	"301b02010180010181100102030405060708090001020304050682"
	"0101",
	"session 1: slot 5 is not its own"},
    {"batches", ID(1), "3003020101", "batch 1: "},
    {"batches", ID(1), "3016020101800105a106800081008200820101a303020100",
	"batch 1: there is no link 5"},
    {"batches", ID(1), "3016020101800101a106800081008200820101a303020163",
	"header: message 99 would be given again"},
    {"intake", ID(1), "3003020101", "intake note 1: "},
    {"delivery", ID(1), "3003020101", "delivery note 1: "},
    {"delivery", ID(8), "3009020101800100810161",
	"delivery note 8: there is no such message"},
    {"tracking", "00", "00", "tracking: bad key"},
    {"tracking", ID(1), "3003020102", "tracking page 1: "},
    {"header", HEADER, NULL, "header: queue header: missing"},
    {"header", HEADER, "3012020101800105810103820102830102840102",
	"header: message 5 would be given again"},
    {"header", HEADER, "3012020101800106810102820102830102840102",
	"header: content 2 would be given again"},
    {"header", HEADER, "3012020101800106810103820101830102840102",
	"header: session 1 would be given again"},
};

START_TEST(a_mutation_is_found)
{
	const struct mutation *m = &mutations[_i];
	struct store_check_result result;

	make();
	queue_assert_clean();
	mutate(m);
	found[0] = '\0';
	QUEUE_OK(store_check(queue_directory, remember, NULL, &result, NULL));
	if (m->finding[0] == '\0' && m->database[0] == 'o') {
		/* sealed, and still partial: a legal state */
		ck_assert_int_eq(result.verdict, STORE_CLEAN);
	} else {
		ck_assert_int_eq(result.verdict, STORE_NEEDS_REPAIR);
		ck_assert_uint_ge(result.findings, 1);
		ck_assert_msg(strstr(found, m->finding) != NULL,
		    "%s %s: \"%s\", not \"%s\"", m->database, m->key, found,
		    m->finding);
	}
	queue_remove();
}
END_TEST

START_TEST(a_session_that_is_there_twice_is_found)
{
	/* the record of session 1, as session 2 */
	static const struct mutation twice = {"sessions", ID(2) "00",
	    "301702010180015081010182068001618100820083"
	    "0100",
	    ""};
	struct store_check_result result;
	struct mutation header = {
	    "header", HEADER, "3012020101800106810103820103830102840102", ""};

	make();
	mutate(&twice);
	mutate(&header);
	found[0] = '\0';
	QUEUE_OK(store_check(queue_directory, remember, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, STORE_NEEDS_REPAIR);
	queue_remove();
}
END_TEST

/* What an open store told last, and how often. */
static char told[256];
static unsigned told_count;

/* hear - note a trouble, as store_options wants it */
static void
hear(void *arg, enum store_trouble kind, const char *text)
{
	(void)arg;
	(void)kind;
	told_count++;
	snprintf(told, sizeof(told), "%s", text);
}

/* open_hearing - open the queue, and note its troubles: what came of it */
static int
open_hearing(struct store **store, struct diag *diag)
{
	struct store_options options = {.queue_size = QUEUE_SIZE,
	    .mode = STORE_READ_WRITE,
	    .trouble = hear};

	told[0] = '\0';
	told_count = 0;
	return store_open(queue_directory, &options, store, diag);
}

START_TEST(a_queue_with_damaged_tables_opens)
{
	static const struct mutation damages[] = {
	    {"links", "00000001", "30", "the name of link 1 is lost"},
	    {"counts", "0000000101000007349e", "30", "counts are made again"},
	    {"counts", "01", "30", "counts are made again"},
	    {"sessions", ID(1) "00", "30", "session"},
	    {"intake", ID(1), "30", "intake"},
	    {"header", HEADER, "30", "the next numbers are made again"},
	    {"header", HEADER, NULL, "the next numbers are made again"},
	    {"partial", "01", "30", "partial: bad key"},
	    {"objects", ID(2), "30", "content 2"},
	};
	struct store *store = NULL;
	struct store_link link;
	struct store_message m = queue_message(1);
	struct diag diag = {.code = 0};
	uint64_t before = 5;

	make();
	mutate(&damages[_i]);
	QUEUE_OK(open_hearing(&store, &diag));
	ck_assert_uint_ge(told_count, 1);
	ck_assert_msg(strstr(told, damages[_i].finding) != NULL, "%s", told);
	ck_assert_uint_eq(store_total(store).messages, 5);
	ck_assert_uint_eq(
	    store_link_state(store, 1, STORE_READY, STORE_NORMAL).messages, 2);
	QUEUE_OK(store_link_get(store, 1, &link));
	/* No number is given twice, whatever was lost. */
	ck_assert_uint_gt(queue_add(store, &m), before);
	store_close(store);
	/* The derived counts are on disk. */
	QUEUE_OK(open_hearing(&store, &diag));
	if (damages[_i].database[0] == 'c' || damages[_i].database[0] == 'h')
		ck_assert_uint_eq(told_count, 0);
	ck_assert_uint_eq(store_total(store).messages, 6);
	store_close(store);
	queue_remove();
}
END_TEST

START_TEST(a_later_version_is_refused)
{
	static const struct mutation damage = {
	    "header", HEADER, "3003020103", ""};
	struct store *store = NULL;
	struct diag diag = {.code = 0};

	make();
	mutate(&damage);
	ck_assert_int_eq(open_hearing(&store, &diag), ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(diag.text, "version 3"));
	queue_remove();
}
END_TEST

START_TEST(a_damaged_record_spoils_only_itself)
{
	static const struct mutation damages[] = {
	    {"messages", PART0(1), "3003020109", "message 1"},
	    {"messages", PART0(1), "", "message 1"},
	    {"messages", PART0(1), NULL, ""},
	    {"ready", "0000000101" ID(1), NULL, "not in its index"},
	};
	struct store *store;
	struct store_message m;
	struct arena arena;
	struct diag diag = {.code = 0};
	uint64_t id = 0;
	int rc;

	make();
	mutate(&damages[_i]);
	QUEUE_OK(open_hearing(&store, &diag));
	arena_init(&arena, 65536);
	rc = store_message_sound(store, 1);
	ck_assert_int_lt(rc, 0);
	if (damages[_i].finding[0] != '\0')
		ck_assert_ptr_nonnull(
		    strstr(store_reason(store), damages[_i].finding));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_aside(store, 1, "damaged"));
	QUEUE_OK(store_message_delete(store, 2));
	QUEUE_OK(store_commit(store));
	/* Neither is it ready, nor does it count as such. */
	ck_assert_int_eq(store_ready_next(store, 1, STORE_NORMAL, 0, &id), 0);
	ck_assert_uint_eq(id, 5);
	ck_assert_uint_eq(
	    store_link_state(store, 1, STORE_READY, STORE_NORMAL).messages,
	    _i == 2 ? 2 : 1);
	QUEUE_OK(store_message_get(store, 3, STORE_HEAD, &arena, &m));
	QUEUE_OK(store_begin(store));
	rc = store_message_delete(store, 1);
	ck_assert_int_eq(rc, _i == 2 ? ERR_NOTFOUND : 0);
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(
	    store_message_get(store, 1, STORE_HEAD, &arena, &m), ERR_NOTFOUND);
	arena_fini(&arena);
	store_close(store);
	if (_i != 2)
		queue_assert_clean();
	queue_remove();
}
END_TEST

START_TEST(a_user_of_a_missing_content_can_be_deleted)
{
	static const struct mutation damages[] = {
	    {"objects", ID(1), NULL, ""}, {"objects", ID(1), "30", ""}};
	struct store *store;
	struct diag diag = {.code = 0};

	make();
	mutate(&damages[_i]);
	QUEUE_OK(open_hearing(&store, &diag));
	ck_assert_int_eq(store_message_sound(store, 5), ERR_CORRUPT);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, 5));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_total(store).messages, 4);
	store_close(store);
	queue_remove();
}
END_TEST

START_TEST(follow_ups_are_not_findings)
{
	static const struct mutation damages[] = {
	    {"messages", PART0(5), "", "message 5: "},
	    {"messages", PART0(3), "3000", "message 3: "},
	    {"objects", ID(1), "30", "content 1: "},
	};
	struct store_check_result result;

	make();
	mutate(&damages[_i]);
	found[0] = '\0';
	QUEUE_OK(store_check(queue_directory, remember, NULL, &result, NULL));
	ck_assert_uint_eq(result.findings, 1);
	ck_assert_uint_ge(result.follow_ups, 1);
	ck_assert_ptr_nonnull(strstr(found, damages[_i].finding));
	queue_remove();
}
END_TEST

START_TEST(elements_of_a_later_version_survive_an_update)
{
	/* record 1 with [27] between its head and its body */
	static const struct mutation later = {"messages", PART0(1),
	    "302c"
	    "020101"
	    "800100"
	    "810100"
	    "820101"
	    "830101"
	    "8506018bcfe56800"
	    "8d0103"
	    "9b03616263"
	    "bd0b"
	    "8004656e7621"
	    "8103636f6e",
	    ""};
	struct store *store;
	struct store_message m;
	struct arena arena;
	int i;

	make();
	mutate(&later);
	store = queue_open();
	arena_init(&arena, 65536);
	for (i = 0; i < 2; i++) {
		QUEUE_OK(store_message_get(store, 1, STORE_HEAD, &arena, &m));
		QUEUE_SLICE_EQ(m.extra,
		    slice_of("\x9b\x03"
			     "abc",
			5));
		m.reason = slice_of_string("why");
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_update(store, &m));
		QUEUE_OK(store_commit(store));
	}
	QUEUE_OK(store_message_get(store, 1, STORE_WHOLE, &arena, &m));
	QUEUE_SLICE_EQ(m.envelope, slice_of_string("env!"));
	QUEUE_SLICE_EQ(m.content, slice_of_string("con"));
	QUEUE_SLICE_EQ(m.reason, slice_of_string("why"));
	arena_fini(&arena);
	store_close(store);
	queue_remove();
}
END_TEST

/* flip - turn some bits of the file round */
static void
flip(unsigned seed, off_t size)
{
	int fd = open(queue_directory, O_RDONLY | O_DIRECTORY);
	int file = openat(fd, "data.mdb", O_RDWR);
	uint8_t octet;
	off_t at;
	int i;

	ck_assert_int_ge(file, 0);
	for (i = 0; i < 4; i++) {
		seed = seed * 1103515245U + 12345U;
		at = (off_t)(seed >> 4) % size;
		/* headers and pointers of pages are at their beginning */
		if (i % 2 == 0)
			at = at / 4096 * 4096 + at % 64;
		ck_assert_int_eq(pread(file, &octet, 1, at), 1);
		octet ^= (uint8_t)(1U << (seed >> 28 & 7));
		ck_assert_int_eq(pwrite(file, &octet, 1, at), 1);
	}
	close(file);
	close(fd);
}

START_TEST(damaged_pages_never_hang_the_check)
{
	struct store_check_result result;
	char data[256];
	struct stat st;
	int status;
	pid_t pid;

	make();
	snprintf(data, sizeof(data), "%s/data.mdb", queue_directory);
	QUEUE_OK(stat(data, &st));
	flip((unsigned)_i * 2654435761U, st.st_size);
	pid = fork();
	if (pid == 0) {
		alarm(10);
		fclose(stderr);
		_exit(
		    store_check(queue_directory, NULL, NULL, &result, NULL) == 0
			? 0
			: 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* however it ends, it ends */
	ck_assert(!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM);
	queue_remove();
}
END_TEST

/* Free pages are listed by transaction; 256 comes after 255. */
START_TEST(free_pages_are_in_order_of_numbers)
{
	struct store *store;
	struct store_message message;
	uint32_t link;

	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	for (int i = 0; i < 270; i++) {
		message = queue_message(link);
		(void)queue_add(store, &message);
		if (i < 230)
			continue;
		store_close(store);
		(void)queue_assert_clean();
		store = queue_open();
	}
	queue_end(store);
}
END_TEST

TEST_MAIN(
    "check/check",
    TEST_LOOP(a_mutation_is_found, sizeof(mutations) / sizeof(mutations[0]));
    TEST(a_session_that_is_there_twice_is_found);
    TEST_LOOP(a_queue_with_damaged_tables_opens, 9);
    TEST(a_later_version_is_refused);
    TEST_LOOP(a_damaged_record_spoils_only_itself, 4);
    TEST_LOOP(a_user_of_a_missing_content_can_be_deleted, 2);
    TEST_LOOP(follow_ups_are_not_findings, 3);
    TEST(elements_of_a_later_version_survive_an_update);
    TEST(free_pages_are_in_order_of_numbers);
    TEST_LOOP(damaged_pages_never_hang_the_check, 100))
