/* SPDX-License-Identifier: ISC */
/*
 * backlog.c - many messages in the queue of a suite that is stopped; see
 * backlog.h
 */
#include "tests/fault/backlog.h"

#include <sys/wait.h>

#include <check.h>
#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

#define SOME	   1000 /* messages of a commit */
#define QUEUE_SIZE ((uint64_t)16 << 30)
#define DAY	   INT64_C(86400000)

/* become_user - become the user of the queue, where root started us */
static bool
become_user(void)
{
	const struct passwd *user = getpwnam(SUITE_USER);

	return geteuid() != 0 ||
	    (user != NULL && setgid(user->pw_gid) == 0 &&
		setuid(user->pw_uid) == 0);
}

/* add_some - add messages in one transaction */
static int
add_some(struct store *store, uint32_t link, unsigned messages)
{
	static const uint8_t content[2048];
	int64_t now = clock_wall();
	int rc = store_begin(store);

	for (unsigned i = 0; i < messages && rc == 0; i++) {
		struct store_message m = {.kind = MTS_MESSAGE,
		    .state = STORE_READY,
		    .priority = STORE_NORMAL,
		    .link = link,
		    .arrival = now,
		    .expires = now + DAY,
		    .recipients = 1,
		    .mts_id = slice_of_string("[C=XX;A=TEST;backlog]"),
		    .envelope = slice_of(content, 300),
		    .content = slice_of(content, sizeof(content)),
		    .content_length = sizeof(content)};

		rc = store_message_add(store, &m);
	}
	return rc == 0 ? store_commit(store) : rc;
}

/* fill - add all messages; 0, or an error */
static int
fill(const char *queue, const char *name, unsigned messages)
{
	const struct store_options options = {
	    .queue_size = QUEUE_SIZE, .mode = STORE_READ_WRITE};
	struct store *store;
	uint32_t link = STORE_LINK_NONE;
	int rc = store_open(queue, &options, &store, NULL);

	if (rc == 0)
		rc = store_begin(store);
	if (rc == 0)
		rc = store_link_create(store, name, &link);
	if (rc == 0)
		rc = store_commit(store);
	for (unsigned done = 0; rc == 0 && done < messages; done += SOME)
		rc = add_some(store, link,
		    messages - done < SOME ? messages - done : SOME);
	if (rc == 0)
		store_close(store);
	return rc;
}

void
backlog_fill(const struct suite *suite, const char *link, unsigned messages)
{
	const char *queue = suite_path(suite, "state/queue");
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		_exit(
		    become_user() && fill(queue, link, messages) == 0 ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
