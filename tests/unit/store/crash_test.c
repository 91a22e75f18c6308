/* SPDX-License-Identifier: ISC */
/*
 * crash_test.c - a process killed while it works loses nothing acknowledged
 *
 * A child takes messages, with contents and without, holds some, deletes
 * some, and says through a pipe what it has committed, after it has.  It is
 * killed at a random moment, and another goes on with what is there.  After
 * each: the check is clean, and all that was said is so.
 */
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/store/queue.h"

#define ROUNDS 30
#define IDS    400000
#define TURN   20 /* words a turn, which fit in PIPE_BUF */

/* The words of the child about a message. */
enum said {
	ADDED = 1,
	HELD = 2,
	DELETED = 3
};

struct word {
	uint64_t id;
	uint64_t said;
};

static uint8_t octets[30000];

/* The last word about each id. */
static uint8_t said[IDS];

/* MUST - end the child, which may not use Check's assertions, if a call
 * fails */
#define MUST(call)                                                   \
	do {                                                         \
		int must_rc = (call);                                \
		if (must_rc < 0) {                                   \
			fprintf(stderr, "%s: %d\n", #call, must_rc); \
			_exit(1);                                    \
		}                                                    \
	} while (0)

/* add - add a message; every fourth with a content object */
static struct word
add(struct store *store, unsigned number)
{
	struct store_message m = queue_message(1);
	size_t len = number * 97 % sizeof(octets);
	uint64_t content = 0;

	if (number % 4 == 0) {
		MUST(store_content_create(store, STORE_LINK_NONE, &content));
		MUST(store_content_append(
		    store, content, slice_of(octets, len)));
		MUST(store_content_seal(store, content, len));
		m.content = slice_of(NULL, 0);
		m.content_id = content;
		m.content_length = len;
	} else if (number % 5 == 0) {
		m.envelope = slice_of(octets, len);
	}
	MUST(store_message_add(store, &m));
	return (struct word){m.id, ADDED};
}

/* hold - hold the first message that is ready */
static struct word
hold(struct store *store)
{
	struct store_message m = queue_message(1);

	MUST(store_ready_next(store, 1, STORE_NORMAL, 0, &m.id));
	m.state = STORE_HELD;
	m.reason = slice_of_string("because");
	MUST(store_message_update(store, &m));
	return (struct word){m.id, HELD};
}

/* first_held - find the first message that is held */
static int
first_held(struct store *store, uint64_t *id)
{
	struct store_message m = {.state = STORE_READY};
	struct arena arena;
	int rc = 0;

	arena_init(&arena, 65536);
	*id = 0;
	while (rc == 0 && m.state != STORE_HELD) {
		rc = store_message_next(store, *id, id);
		if (rc == 0)
			rc = store_message_get(
			    store, *id, STORE_HEAD, &arena, &m);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	return rc;
}

/* delete - delete a message that is held, else the first that is ready */
static struct word delete (struct store *store, unsigned number)
{
	uint64_t id = 0;

	if (number % 2 == 0 || first_held(store, &id) != 0)
		MUST(store_ready_next(store, 1, STORE_NORMAL, 0, &id));
	MUST(store_message_delete(store, id));
	return (struct word){id, DELETED};
}

/* work - turn after turn, until killed */
static void
work(int fd, unsigned seed)
{
	struct store *store;
	struct store_options options = {.queue_size = QUEUE_SIZE};
	struct word words[TURN];
	unsigned i, n;

	MUST(store_open(queue_directory, &options, &store, NULL));
	for (n = seed;; n++) {
		MUST(store_begin(store));
		MUST(store_reap_step(store, 100000));
		for (i = 0; i < TURN; i++) {
			/* the queue stays short, about */
			if (i < 2 || store_total(store).messages < 300 ||
			    i % 4 == 0)
				words[i] = add(store, n * TURN + i);
			else if (i % 4 == 1)
				words[i] = hold(store);
			else
				words[i] = delete (store, n + i);
		}
		MUST(store_commit(store));
		if (write(fd, words, sizeof(words)) != sizeof(words))
			_exit(1);
	}
}

/* hear - note what is said, until the child has said nothing for ever */
static void
hear(int fd, pid_t pid, unsigned words)
{
	struct word word;
	unsigned heard = 0;
	ssize_t len;

	while ((len = read(fd, &word, sizeof(word))) == sizeof(word)) {
		ck_assert_uint_lt(word.id, IDS);
		said[word.id] = (uint8_t)word.said;
		if (++heard == words)
			kill(pid, SIGKILL);
	}
	ck_assert_int_eq(len, 0);
	/* The child did not end by itself. */
	ck_assert_uint_ge(heard, words);
}

/* assert_said - check that the queue holds what was said, and at most one
 * commit more */
static void
assert_said(struct store *store)
{
	struct store_message m;
	struct arena arena;
	uint64_t id;
	unsigned differ = 0;
	int rc;

	arena_init(&arena, 65536);
	for (id = 1; id < IDS; id++) {
		if (said[id] == 0)
			continue;
		arena_reset(&arena);
		rc = store_message_get(store, id, STORE_HEAD, &arena, &m);
		if (rc == ERR_NOTFOUND && said[id] != DELETED) {
			/* deleted by the turn that was not said */
			said[id] = DELETED;
			differ++;
		} else if (rc == 0 && said[id] == ADDED &&
		    m.state == STORE_HELD) {
			said[id] = HELD;
			differ++;
		} else if (said[id] == DELETED) {
			ck_assert_int_eq(rc, ERR_NOTFOUND);
		} else {
			ck_assert_int_eq(rc, 0);
			ck_assert_int_eq(m.state,
			    said[id] == HELD ? STORE_HELD : STORE_READY);
		}
	}
	arena_fini(&arena);
	ck_assert_uint_le(differ, TURN);
	/* added by the last commit */
	for (id = 0; store_message_next(store, id, &id) == 0;) {
		ck_assert_uint_lt(id, IDS);
		if (said[id] == 0)
			said[id] = ADDED;
	}
}

START_TEST(nothing_acknowledged_is_lost)
{
	struct store *store;
	unsigned round;
	int fds[2], status;
	pid_t pid;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	store_close(store);
	srandom(19930401);
	for (round = 0; round < ROUNDS; round++) {
		QUEUE_OK(pipe(fds));
		pid = fork();
		if (pid == 0) {
			close(fds[0]);
			work(fds[1], round * 1000);
		}
		close(fds[1]);
		hear(fds[0], pid, 1 + (unsigned)random() % 5000);
		close(fds[0]);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		queue_assert_clean();
		store = queue_open();
		assert_said(store);
		store_close(store);
	}
	queue_end(queue_open());
}
END_TEST

TEST_MAIN("store/crash", TEST_LONG(nothing_acknowledged_is_lost, 240))
