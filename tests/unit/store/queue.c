/* SPDX-License-Identifier: ISC */
/*
 * queue.c - a queue in a temporary directory, for the tests of store/;
 * see queue.h
 */
#include "tests/unit/store/queue.h"

char queue_directory[128];

/* queue_remove_one - remove one file, for nftw */
static int
queue_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
queue_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(queue_directory, sizeof(queue_directory),
	    "%s/store_test.XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(queue_directory));
}

void
queue_remove(void)
{
	nftw(queue_directory, queue_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
queue_try(uint64_t size, struct store **store, struct diag *diag)
{
	struct store_options options = {
	    .queue_size = size, .mode = STORE_READ_WRITE};

	return store_open(queue_directory, &options, store, diag);
}

struct store *
queue_open_size(uint64_t size)
{
	struct store *store = NULL;
	struct diag diag = {.code = 0};
	int rc = queue_try(size, &store, &diag);

	ck_assert_msg(rc == 0, "open: %s", diag_text(&diag));
	return store;
}

struct store *
queue_open(void)
{
	return queue_open_size(QUEUE_SIZE);
}

void
queue_row(void *arg, const char *object, const char *problem)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", object, problem);
}

struct store_check_result
queue_assert_clean(void)
{
	struct store_check_result result;
	struct diag diag = {.code = 0};
	int rc = store_check(queue_directory, queue_row, NULL, &result, &diag);

	ck_assert_msg(rc == 0, "check: %s", diag_text(&diag));
	ck_assert_int_eq(result.verdict, STORE_CLEAN);
	ck_assert_uint_eq(result.findings, 0);
	return result;
}

void
queue_end(struct store *store)
{
	store_close(store);
	queue_assert_clean();
	queue_remove();
}

uint32_t
queue_link(struct store *store, const char *name)
{
	uint32_t number = 0;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_link_create(store, name, &number));
	QUEUE_OK(store_commit(store));
	return number;
}

struct store_message
queue_message(uint32_t link)
{
	return (struct store_message){.kind = MTS_MESSAGE,
	    .state = STORE_READY,
	    .priority = STORE_NORMAL,
	    .link = link,
	    .arrival = QUEUE_TIME,
	    .expires = QUEUE_TIME + 24 * QUEUE_HOUR,
	    .mts_id = slice_of_string("[/C=DE/A=VIAT/P=ACME/;1]"),
	    .envelope = slice_of_string("an envelope"),
	    .content = slice_of_string("a content"),
	    .content_length = 9};
}

uint64_t
queue_add(struct store *store, struct store_message *message)
{
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, message));
	QUEUE_OK(store_commit(store));
	return message->id;
}

unsigned
queue_sessions(const struct store *store)
{
	struct store_session session = {.id = 0};
	unsigned count = 0;

	while (store_session_next(store, session.id, &session) == 0)
		count++;
	return count;
}
