/* SPDX-License-Identifier: ISC */
/*
 * journal_full_test.c - a disk that is full when the journal is to be made, or
 * to be applied
 */
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "store/state.h"
#include "tests/unit/store/journal.h"

static uint8_t octets[60000];
static char said[STORE_TROUBLES][512];

/* limit - let no file grow beyond so many octets; RLIM_INFINITY */
static void
limit(rlim_t size)
{
	struct rlimit rlimit;

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &rlimit), 0);
	rlimit.rlim_cur = size;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &rlimit), 0);
}

/* hear - keep what is told of a trouble */
static void
hear(void *arg, enum store_trouble kind, const char *text)
{
	(void)arg;
	snprintf(said[kind], sizeof(said[kind]), "%s", text);
}

/* try_open - open the queue, whose troubles are heard */
static int
try_open(struct store **store, struct diag *diag)
{
	const struct store_options options = {.queue_size = QUEUE_SIZE,
	    .mode = STORE_READ_WRITE,
	    .trouble = hear};

	return store_open(queue_directory, &options, store, diag);
}

/* try_add - add a message with a large envelope; what came of it */
static int
try_add(struct store *store)
{
	struct store_message m = queue_message(1);
	int rc = store_begin(store);

	if (rc != 0)
		return rc;
	m.envelope = slice_of(octets, sizeof(octets));
	QUEUE_OK(store_message_add(store, &m));
	return store_commit(store);
}

/* A queue whose journal could not be made is made by the next start. */
START_TEST(when_it_is_made)
{
	struct journal_pair pair;
	struct diag diag = {0};
	struct store *store;

	queue_make();
	limit(REDO_FILE / 2);
	ck_assert_int_eq(try_open(&store, &diag), ERR_FULL);
	ck_assert_msg(strstr(diag_text(&diag), "journal.") != NULL, "%s",
	    diag_text(&diag));
	pair = journal_take();
	ck_assert_uint_lt(pair.journal.len, REDO_FILE);
	journal_free(&pair);
	queue_assert_clean();
	ck_assert_int_eq(try_open(&store, &diag), ERR_FULL);
	limit(RLIM_INFINITY);
	QUEUE_OK(try_open(&store, NULL));
	pair = journal_take();
	ck_assert_uint_eq(pair.journal.len, REDO_FILE);
	journal_free(&pair);
	queue_end(store);
}
END_TEST

/* fill - make a queue larger than a journal, and let it grow no more */
static struct store *
fill(void)
{
	struct store *store;
	rlim_t size;

	queue_make();
	QUEUE_OK(try_open(&store, NULL));
	(void)queue_link(store, "paris");
	for (int i = 0; i < 100; i++)
		QUEUE_OK(try_add(store));
	store_close(store);
	QUEUE_OK(try_open(&store, NULL));
	{
		struct journal_pair pair = journal_take();

		size = pair.data.len;
		journal_free(&pair);
	}
	ck_assert_uint_gt(size, REDO_FILE);
	limit(size);
	return store;
}

/* Where the database cannot grow turns are refused, once; what was confirmed is
 * kept in the journal, and goes on when there is room. */
START_TEST(when_it_is_applied)
{
	struct store *store = fill();
	uint64_t confirmed = store_total(store).messages, deadline;
	struct diag diag = {0};
	int rc;

	while ((rc = try_add(store)) == 0)
		confirmed++;
	ck_assert_int_eq(rc, ERR_FULL);
	ck_assert(!store_dead(store));
	ck_assert_uint_eq(store_total(store).messages, confirmed);
	ck_assert_uint_eq(store_troubles(store, STORE_NOT_APPLIED), 1);
	ck_assert_uint_eq(store_troubles(store, STORE_APPLIED), 0);
	/* Refused before anything is changed, and told no more. */
	ck_assert_int_eq(store_begin(store), ERR_FULL);
	ck_assert_ptr_nonnull(strstr(store_reason(store), "no room"));
	ck_assert_uint_eq(store_troubles(store, STORE_NOT_APPLIED), 1);
	if (_i == 0) {
		limit(RLIM_INFINITY);
		deadline = clock_after(30000);
		while ((rc = try_add(store)) == ERR_FULL &&
		    clock_monotonic() < deadline)
			usleep(20000);
		QUEUE_OK(rc);
		confirmed++;
		ck_assert_uint_eq(store_troubles(store, STORE_APPLIED), 1);
		store_close(store);
	} else {
		/* The next process finds the same, and takes nothing from
		 * it. */
		store_close(store);
		ck_assert_uint_eq(queue_assert_clean().messages, confirmed);
		ck_assert_int_eq(try_open(&store, &diag), ERR_FULL);
		ck_assert_uint_eq(queue_assert_clean().messages, confirmed);
		limit(RLIM_INFINITY);
	}
	ck_assert_uint_eq(queue_assert_clean().messages, confirmed);
	QUEUE_OK(try_open(&store, NULL));
	ck_assert_uint_eq(store_total(store).messages, confirmed);
	queue_end(store);
}
END_TEST

TEST_MAIN("store/journal_full", TEST(when_it_is_made);
	  TEST_LOOP(when_it_is_applied, 2))
