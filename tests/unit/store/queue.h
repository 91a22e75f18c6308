/* SPDX-License-Identifier: ISC */
/*
 * queue.h - a queue in a temporary directory, for the tests of store/
 */
#ifndef FOURPOST_TESTS_STORE_QUEUE_H
#define FOURPOST_TESTS_STORE_QUEUE_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/check.h"
#include "store/store.h"
#include "tests/unit/test.h"

#define QUEUE_UNUSED __attribute__((unused))
#define QUEUE_SIZE   ((uint64_t)64 * 1024 * 1024)
#define QUEUE_HOUR   3600000
/* Some time in 2023, on the hour. */
#define QUEUE_TIME ((int64_t)1700000000000 / QUEUE_HOUR * QUEUE_HOUR)

static char queue_directory[128];

/* queue_remove_one - for nftw */
QUEUE_UNUSED static int
queue_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* queue_make - a new directory, without a queue in it */
QUEUE_UNUSED static void
queue_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(queue_directory, sizeof(queue_directory),
	    "%s/store_test.XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(queue_directory));
}

/* queue_remove - the directory and all in it */
QUEUE_UNUSED static void
queue_remove(void)
{
	nftw(queue_directory, queue_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* queue_try - open it with a size; what came of it */
QUEUE_UNUSED static int
queue_try(uint64_t size, struct store **store, struct diag *diag)
{
	struct store_options options = {
	    .queue_size = size, .mode = STORE_READ_WRITE};

	return store_open(queue_directory, &options, store, diag);
}

/* queue_open_size - open it, which must be possible */
QUEUE_UNUSED static struct store *
queue_open_size(uint64_t size)
{
	struct store *store = NULL;
	struct diag diag = {.code = 0};
	int rc = queue_try(size, &store, &diag);

	ck_assert_msg(rc == 0, "open: %s", diag_text(&diag));
	return store;
}

/* queue_open - open it with the usual size */
QUEUE_UNUSED static struct store *
queue_open(void)
{
	return queue_open_size(QUEUE_SIZE);
}

/* queue_row - print a finding, so that a failing test tells */
QUEUE_UNUSED static void
queue_row(void *arg, const char *object, const char *problem)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", object, problem);
}

/* queue_assert_clean - close was before; what the check found */
QUEUE_UNUSED static struct store_check_result
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

/* queue_end - close, check, remove */
QUEUE_UNUSED static void
queue_end(struct store *store)
{
	store_close(store);
	queue_assert_clean();
	queue_remove();
}

#define QUEUE_OK(call)                                                      \
	do {                                                                \
		int queue_rc = (call);                                      \
		ck_assert_msg(queue_rc == 0, "%s: %d, %s", #call, queue_rc, \
		    error_strerror(queue_rc));                              \
	} while (0)

/* queue_link - the number of a link, made in a transaction of its own */
QUEUE_UNUSED static uint32_t
queue_link(struct store *store, const char *name)
{
	uint32_t number = 0;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_link_create(store, name, &number));
	QUEUE_OK(store_commit(store));
	return number;
}

/* queue_message - a message for a link with a small inline content */
QUEUE_UNUSED static struct store_message
queue_message(uint32_t link)
{
	return (struct store_message){.kind = STORE_MESSAGE,
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

/* queue_add - add a message in a transaction of its own; its id */
QUEUE_UNUSED static uint64_t
queue_add(struct store *store, struct store_message *message)
{
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, message));
	QUEUE_OK(store_commit(store));
	return message->id;
}

/* queue_slice_equal - compare octets */
#define QUEUE_SLICE_EQ(a, b)                                                \
	do {                                                                \
		struct slice queue_a = (a), queue_b = (b);                  \
		ck_assert_uint_eq(queue_a.len, queue_b.len);                \
		ck_assert_msg(                                              \
		    slice_equal(queue_a, queue_b), "%s is not %s", #a, #b); \
	} while (0)

#endif
