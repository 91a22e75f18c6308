/* SPDX-License-Identifier: ISC */
/*
 * store_test.c - opening the queue, its lock, transactions, room, values
 */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "store/db.h"
#include "tests/unit/store/queue.h"

/* path_of - format the path of a file in the queue's directory */
static const char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", queue_directory, name);
	return path;
}

START_TEST(a_new_queue_is_empty_and_clean)
{
	struct store *store;
	struct store_recovery recovery;
	uint64_t id;

	queue_make();
	store = queue_open();
	recovery = store_recovery(store);
	ck_assert_uint_eq(recovery.partial + recovery.sessions +
		recovery.batches + recovery.reap,
	    0);
	ck_assert_uint_eq(store_total(store).messages, 0);
	ck_assert_int_eq(store_message_next(store, 0, &id), ERR_NOTFOUND);
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().messages, 0);
	store = queue_open();
	queue_end(store);
}
END_TEST

START_TEST(the_directory_is_made)
{
	struct store_options options = {.queue_size = QUEUE_SIZE};
	struct store *store;
	struct stat st;

	queue_make();
	QUEUE_OK(store_open(path_of("queue"), &options, &store, NULL));
	store_close(store);
	QUEUE_OK(stat(path_of("queue"), &st));
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(
	    store_open(path_of("no/queue"), &options, &store, NULL),
	    ERR_NOTFOUND);
	queue_remove();
}
END_TEST

START_TEST(only_one_has_it_open)
{
	struct store *store, *other = NULL;
	struct diag diag = {.code = 0};
	struct store_check_result result;
	char pid[32];

	queue_make();
	store = queue_open();
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &other, &diag), ERR_BUSY);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	ck_assert_ptr_nonnull(strstr(diag.text, pid));
	ck_assert_ptr_null(other);
	diag_clear(&diag);
	ck_assert_int_eq(
	    store_check(queue_directory, NULL, NULL, &result, &diag), ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(diag.text, pid));
	store_close(store);
	store = queue_open();
	queue_end(store);
}
END_TEST

START_TEST(a_killed_process_leaves_no_lock)
{
	struct store *store;
	int fds[2], status;
	char c;
	pid_t pid;

	queue_make();
	QUEUE_OK(pipe(fds));
	pid = fork();
	if (pid == 0) {
		store = queue_open();
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, NULL), ERR_BUSY);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	queue_end(queue_open());
}
END_TEST

START_TEST(reading_only_changes_nothing)
{
	struct store_options options = {.mode = STORE_READ_ONLY};
	struct store *store;
	struct store_message m;
	struct arena arena;
	uint64_t content;

	queue_make();
	ck_assert_int_eq(
	    store_open(queue_directory, &options, &store, NULL), ERR_NOTFOUND);
	store = queue_open();
	m = queue_message(queue_link(store, "paris"));
	queue_add(store, &m);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &content));
	QUEUE_OK(store_commit(store));
	store_close(store);
	QUEUE_OK(unlink(path_of("lock.mdb")));
	QUEUE_OK(unlink(path_of("lock")));
	QUEUE_OK(chmod(path_of("data.mdb"), 0400));
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	ck_assert_int_eq(store_begin(store), ERR_STATE);
	arena_init(&arena, 65536);
	QUEUE_OK(store_message_get(store, m.id, STORE_WHOLE, &arena, &m));
	arena_fini(&arena);
	ck_assert_uint_eq(store_total(store).messages, 1);
	/* Partial contents are still partial. */
	ck_assert_uint_eq(store_recovery(store).partial, 0);
	ck_assert_uint_eq(store_reap_pending(store), 0);
	store_close(store);
	ck_assert_int_ne(access(path_of("lock.mdb"), F_OK), 0);
	ck_assert_int_ne(access(path_of("lock"), F_OK), 0);
	queue_assert_clean();
	queue_remove();
}
END_TEST

START_TEST(a_size_out_of_range_is_refused)
{
	struct store *store;
	struct diag diag = {.code = 0};

	queue_make();
	ck_assert_int_eq(
	    queue_try(STORE_SIZE_MIN - 1, &store, &diag), ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag.text, "queue-size"));
	ck_assert_int_eq(
	    queue_try(STORE_SIZE_LIMIT + 1, &store, NULL), ERR_VALUE);
	queue_remove();
}
END_TEST

/* spoil - overwrite, or cut, the database's file */
static void
spoil(off_t at, const char *with, size_t len, off_t cut)
{
	int fd = open(path_of("data.mdb"), O_WRONLY);

	ck_assert_int_ge(fd, 0);
	if (cut >= 0)
		QUEUE_OK(ftruncate(fd, cut));
	if (len != 0)
		ck_assert_int_eq(pwrite(fd, with, len, at), (ssize_t)len);
	close(fd);
}

/* assert_unusable - check that opening is refused with a reason, and the
 * check says what can be done */
static void
assert_unusable(const char *text, enum store_verdict verdict)
{
	struct store *store = NULL;
	struct store_check_result result;
	struct diag diag = {.code = 0};
	int rc = queue_try(QUEUE_SIZE, &store, &diag);

	ck_assert_msg(rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED, "%d: %s", rc,
	    diag_text(&diag));
	ck_assert_msg(strstr(diag.text, text) != NULL, "reason: %s", diag.text);
	QUEUE_OK(store_check(queue_directory, NULL, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, verdict);
	ck_assert_uint_ge(result.findings, 1);
}

/* make_some - make a queue with some messages, and close it */
static void
make_some(void)
{
	struct store *store;
	struct store_message m;
	int i;

	queue_make();
	store = queue_open();
	m = queue_message(queue_link(store, "paris"));
	for (i = 0; i < 500; i++)
		queue_add(store, &m);
	store_close(store);
}

START_TEST(a_file_that_is_no_database_is_refused)
{
	char junk[8192];

	make_some();
	memset(junk, 'x', sizeof(junk));
	spoil(0, junk, sizeof(junk), -1);
	assert_unusable("not an LMDB file", STORE_UNUSABLE);
	queue_remove();
}
END_TEST

START_TEST(a_file_cut_short_is_refused)
{
	make_some();
	spoil(0, NULL, 0, 4096 * 5);
	assert_unusable("cut short", STORE_NEEDS_REPAIR);
	spoil(0, NULL, 0, 4096);
	assert_unusable("", STORE_NEEDS_REPAIR);
	spoil(0, NULL, 0, 100);
	assert_unusable("", STORE_UNUSABLE);
	/* an empty file is what a first start that was killed leaves */
	spoil(0, NULL, 0, 0);
	queue_end(queue_open());
}
END_TEST

START_TEST(another_program_s_database_is_refused)
{
	struct store_check_result result;
	struct store *store;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	char octet[] = "x";
	MDB_val v = {1, octet};

	queue_make();
	QUEUE_OK(mdb_env_create(&env));
	QUEUE_OK(mdb_env_open(env, queue_directory, 0, 0600));
	QUEUE_OK(mdb_txn_begin(env, NULL, 0, &txn));
	QUEUE_OK(mdb_dbi_open(txn, NULL, 0, &dbi));
	QUEUE_OK(mdb_put(txn, dbi, &v, &v, 0));
	QUEUE_OK(mdb_txn_commit(txn));
	mdb_env_close(env);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, NULL), ERR_CORRUPT);
	QUEUE_OK(store_check(queue_directory, NULL, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, STORE_UNUSABLE);
	queue_remove();
}
END_TEST

/* fill - add contents until intake of a class is refused: the number added */
static unsigned
fill(struct store *store, enum store_class class, uint32_t link)
{
	static uint8_t octets[1024 * 1024];
	struct store_message m = queue_message(link);
	unsigned count = 0;
	int rc;

	m.envelope = slice_of(octets, sizeof(octets));
	while ((rc = store_room(store, class, sizeof(octets))) == 0) {
		queue_add(store, &m);
		ck_assert_uint_lt(++count, 1000);
	}
	ck_assert_int_eq(rc, ERR_FULL);
	ck_assert_ptr_nonnull(strstr(store_reason(store), "full"));
	return count;
}

START_TEST(a_full_queue_still_gives_out)
{
	struct store *store;
	struct store_message m;
	uint64_t used, size, id = 0, before;
	uint32_t link;
	unsigned waiting, up;

	queue_make();
	store = queue_open_size(STORE_SIZE_MIN);
	link = queue_link(store, "paris");
	waiting = fill(store, STORE_INTAKE_WAITING, link);
	store_usage(store, &used, &size);
	ck_assert_uint_eq(size, STORE_SIZE_MIN);
	ck_assert_uint_le(used, size * 3 / 4);
	ck_assert_uint_ge(used, size / 2);
	up = fill(store, STORE_INTAKE_UP, link);
	ck_assert_uint_ge(up, waiting / 4);
	store_usage(store, &used, &size);
	ck_assert_uint_le(used, size);
	before = used;
	/* outcomes: change each, give each a report, delete each */
	while (store_message_next(store, id, &id) == 0) {
		if (id > waiting + up)
			break;
		QUEUE_OK(store_room(store, STORE_OUTCOME, 4000));
		m = queue_message(link);
		m.id = id;
		m.state = STORE_DEFERRED;
		m.reason = slice_of_string("no answer");
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_update(store, &m));
		QUEUE_OK(store_commit(store));
		QUEUE_OK(store_begin(store));
		m.kind = MTS_REPORT;
		m.state = STORE_READY;
		QUEUE_OK(store_message_add(store, &m));
		QUEUE_OK(store_message_delete(store, id));
		QUEUE_OK(store_commit(store));
	}
	ck_assert_uint_eq(store_total(store).messages, waiting + up);
	store_usage(store, &used, &size);
	ck_assert_uint_lt(used, before / 4);
	QUEUE_OK(store_room(store, STORE_INTAKE_WAITING, 1024 * 1024));
	queue_end(store);
}
END_TEST

START_TEST(a_transaction_that_does_not_fit_can_be_undone)
{
	static uint8_t octets[STORE_ENVELOPE_MAX];
	struct store *store;
	struct store_message m;
	uint64_t kept;
	uint32_t link;
	int rc = 0, i;

	queue_make();
	store = queue_open_size(STORE_SIZE_MIN);
	link = queue_link(store, "paris");
	m = queue_message(link);
	kept = queue_add(store, &m);
	m.envelope = slice_of(octets, sizeof(octets));
	QUEUE_OK(store_begin(store));
	for (i = 0; rc == 0 && i < 200; i++)
		rc = store_message_add(store, &m);
	ck_assert_int_eq(rc, ERR_FULL);
	/* Every further change is refused, and nothing of it is kept. */
	ck_assert_int_eq(store_message_delete(store, kept), ERR_STATE);
	ck_assert_int_eq(store_commit(store), ERR_STATE);
	ck_assert_uint_eq(store_total(store).messages, 1);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, &m));
	ck_assert_uint_eq(m.id, 2);
	QUEUE_OK(store_message_delete(store, kept));
	QUEUE_OK(store_commit(store));
	ck_assert(!store_dead(store));
	queue_end(store);
}
END_TEST

START_TEST(a_disk_that_is_full_loses_nothing)
{
	static uint8_t octets[100000];
	struct rlimit before;
	struct store *store;
	struct store_message m;
	uint64_t id, committed = 0;
	int rc = 0;

	queue_make();
	store = queue_open();
	m = queue_message(queue_link(store, "paris"));
	m.envelope = slice_of(octets, sizeof(octets));
	/* a file that may not grow is a disk that is full */
	signal(SIGXFSZ, SIG_IGN);
	QUEUE_OK(getrlimit(RLIMIT_FSIZE, &before));
	QUEUE_OK(setrlimit(
	    RLIMIT_FSIZE, &(struct rlimit){8 << 20, before.rlim_max}));
	while (rc == 0 && committed < 1000) {
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_add(store, &m));
		rc = store_commit(store);
		if (rc == 0)
			committed++;
	}
	/* LMDB does not tell a write that was cut short from a bad disk, and
	 * the file system here has room */
	ck_assert(rc == ERR_FULL || rc == ERR_IO);
	ck_assert(!store_dead(store));
	ck_assert_uint_gt(committed, 50);
	ck_assert_uint_eq(store_total(store).messages, committed);
	/* As soon as there is room work goes on from what was committed. */
	QUEUE_OK(setrlimit(RLIMIT_FSIZE, &before));
	ck_assert_uint_eq(queue_add(store, &m), committed + 1);
	QUEUE_OK(store_begin(store));
	for (id = 1; id <= committed; id++)
		QUEUE_OK(store_message_delete(store, id));
	QUEUE_OK(store_commit(store));
	queue_end(store);
}
END_TEST

START_TEST(what_is_staged_is_counted)
{
	struct store *store;
	struct store_message m;

	queue_make();
	store = queue_open();
	ck_assert_uint_eq(store_staged(store), 0);
	m = queue_message(STORE_LINK_NONE);
	QUEUE_OK(store_begin(store));
	ck_assert_uint_eq(store_staged(store), 0);
	QUEUE_OK(store_message_add(store, &m));
	ck_assert_uint_gt(store_staged(store), m.envelope.len);
	ck_assert_uint_lt(store_staged(store), 2000);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_staged(store), 0);
	queue_end(store);
}
END_TEST

/* note - run a transaction that only notes the time, and return what the
 * store has then */
static int64_t
note(struct store **store, int64_t now)
{
	QUEUE_OK(store_begin(*store));
	store_note_time(*store, now);
	QUEUE_OK(store_commit(*store));
	store_close(*store);
	*store = queue_open();
	return store_newest(*store);
}

/* The newest time is kept though nothing else is written, within ten minutes;
 * an earlier one takes its place, and what is undone was not noted. */
START_TEST(the_newest_time_is_kept)
{
	const int64_t minute = 60000, noon = INT64_C(1800000000000);
	struct store *store;

	queue_make();
	store = queue_open();
	ck_assert_int_eq(store_newest(store), 0);
	ck_assert_int_eq(note(&store, noon), noon);
	ck_assert_int_eq(note(&store, noon + 9 * minute), noon);
	ck_assert_int_eq(note(&store, noon + 10 * minute), noon + 10 * minute);
	ck_assert_int_eq(note(&store, noon - minute), noon - minute);
	QUEUE_OK(store_begin(store));
	store_note_time(store, noon + 60 * minute);
	store_abort(store);
	ck_assert_int_eq(store_newest(store), noon - minute);
	queue_end(store);
}
END_TEST

#define PAGE	   4096
#define FLAGS_AT   10 /* of a page: its kind, where its keys end */
#define LOWER_AT   12
#define BRANCH	   0x01
#define ONE_KEY	   18
#define MANY	   400
#define UNREADABLE 99 /* all was read, but nothing was found */

/* cut_branches - leave one key to each branch page, which LMDB asserts that
 * none has */
static void
cut_branches(void)
{
	const uint16_t one = ONE_KEY;
	uint8_t page[PAGE];
	uint16_t flags;
	unsigned cut = 0;
	int fd = open(path_of("data.mdb"), O_RDWR);

	ck_assert_int_ge(fd, 0);
	for (off_t at = 2 * PAGE; pread(fd, page, PAGE, at) == PAGE;
	     at += PAGE) {
		memcpy(&flags, page + FLAGS_AT, sizeof(flags));
		if (flags != BRANCH)
			continue;
		ck_assert_int_eq(
		    pwrite(fd, &one, sizeof(one), at + LOWER_AT), sizeof(one));
		cut++;
	}
	close(fd);
	ck_assert_uint_gt(cut, 0);
}

/* tell - note in a file which trouble the store had */
static void
tell(void *arg, enum store_trouble kind, const char *text)
{
	const uint8_t octet = (uint8_t)kind;

	(void)text;
	(void)!write(*(int *)arg, &octet, 1);
}

/* A page that LMDB asserts is sound, and is not: a trouble, and an exit that
 * blames nobody. */
START_TEST(an_assertion_is_a_damaged_page)
{
	struct store_options options = {
	    .queue_size = QUEUE_SIZE, .trouble = tell};
	struct store_message message, got;
	struct store *store;
	struct arena arena;
	uint8_t kind = UINT8_MAX;
	int told[2], status;
	pid_t pid;

	queue_make();
	store = queue_open();
	message = queue_message(queue_link(store, "paris"));
	for (unsigned i = 0; i < MANY; i++)
		queue_add(store, &message);
	store_close(store);
	cut_branches();
	QUEUE_OK(pipe(told));
	options.trouble_arg = &told[1];
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		arena_init(&arena, 1 << 20);
		if (store_open(queue_directory, &options, &store, NULL) == 0)
			(void)!store_message_get(
			    store, MANY, STORE_HEAD, &arena, &got);
		_exit(UNREADABLE);
	}
	close(told[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(read(told[0], &kind, 1), 1);
	ck_assert_int_eq(kind, STORE_PAGE_DAMAGED);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EX_IOERR);
	close(told[0]);
	queue_remove();
}
END_TEST

TEST_MAIN(
    "store/store", TEST(a_new_queue_is_empty_and_clean);
    TEST(the_directory_is_made); TEST(only_one_has_it_open);
    TEST(a_killed_process_leaves_no_lock); TEST(reading_only_changes_nothing);
    TEST(a_size_out_of_range_is_refused);
    TEST(a_file_that_is_no_database_is_refused);
    TEST(a_file_cut_short_is_refused);
    TEST(another_program_s_database_is_refused);
    TEST(a_full_queue_still_gives_out);
    TEST(a_transaction_that_does_not_fit_can_be_undone);
    TEST(a_disk_that_is_full_loses_nothing); TEST(what_is_staged_is_counted);
    TEST(the_newest_time_is_kept); TEST(an_assertion_is_a_damaged_page))
