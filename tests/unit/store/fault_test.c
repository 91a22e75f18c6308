/* SPDX-License-Identifier: ISC */
/*
 * fault_test.c - every write path with fault number n = 1, 2, 3 …
 *
 * The work is done again and again, and each time the nth step of it fails,
 * until one time none does.  After each: what the memory says is what the
 * disk says, the check is clean, and the same work succeeds when nothing
 * fails any more.  Then the same with a process that is killed there.
 */
#include <signal.h>
#include <sys/wait.h>

#include "base/fault.h"
#include "tests/references.h"
#include "tests/unit/store/queue.h"

static uint8_t octets[20000];

/* The work of one transaction; 0 or the first error. */
typedef int (*work_function)(struct store *store);

/* The records from which a test's work goes on, made without faults. */
static uint32_t link_one, link_two;
static uint64_t plain, large, with_content, partial, session, batch;

#define TRY(call)                      \
	do {                           \
		int try_rc = (call);   \
		if (try_rc < 0)        \
			return try_rc; \
	} while (0)

/* file - make the file of the intake notes */
static struct store_file
file(const char *name)
{
	return (struct store_file){.postoffice = link_two,
	    .name = slice_of_string(name),
	    .inode = 1,
	    .ctime = 2,
	    .size = 3};
}

/* references - make the references of a session */
static struct session_references
references(const char *text)
{
	return references_of(text, text, text);
}

/* add_content - add a sealed content and a message that uses it */
static int
add_content(struct store *store, uint64_t *id)
{
	struct store_message m = queue_message(link_one);
	uint64_t content = 0;

	TRY(store_content_create(store, STORE_LINK_NONE, &content));
	TRY(store_content_append(store, content, slice_of(octets, 5000)));
	TRY(store_content_append(store, content, slice_of(octets, 5000)));
	TRY(store_content_seal(store, content, 10000));
	m.content = slice_of(NULL, 0);
	m.content_id = content;
	m.content_length = 10000;
	TRY(store_message_add(store, &m));
	*id = m.id;
	return 0;
}

/* prepare - make one of each thing */
static int
prepare(struct store *store)
{
	struct store_message m;
	struct session_references r = references("old");
	struct store_batch b = {
	    .link = link_one, .references = r, .count = 1, .messages = {1}};
	struct store_file f = file("old");
	struct store_delivery d;
	struct store_key key = {.octets = {1}};
	unsigned i;

	TRY(store_link_create(store, "paris", &link_one));
	TRY(store_link_create(store, "msmail/po1", &link_two));
	b.link = link_one;
	f.postoffice = link_two;
	m = queue_message(link_one);
	TRY(store_message_add(store, &m));
	plain = m.id;
	m.envelope = slice_of(octets, sizeof(octets));
	TRY(store_message_add(store, &m));
	large = m.id;
	TRY(add_content(store, &with_content));
	TRY(store_content_create(store, STORE_LINK_NONE, &partial));
	TRY(store_content_append(store, partial, slice_of(octets, 9000)));
	TRY(store_session_open(
	    store, slice_of_string("P"), 0, &r, &session, NULL, NULL));
	for (i = 1; i <= 3; i++)
		TRY(store_session_note_transfer(
		    store, session, i, &key, plain));
	TRY(store_batch_add(store, &b));
	batch = b.id;
	TRY(store_intake_note(store, &f, plain));
	d = (struct store_delivery){
	    .message = plain, .name = slice_of_string("n")};
	TRY(store_delivery_note(store, &d));
	return 0;
}

/* add_all - add one more of each thing */
static int
add_all(struct store *store)
{
	struct store_message m = queue_message(link_one);
	struct session_references r = references("new");
	struct store_batch b = {
	    .link = link_one, .references = r, .count = 1, .messages = {1}};
	struct store_file f = file("new");
	struct store_key key = {.octets = {2}};
	uint64_t id = 0;
	uint32_t number;

	TRY(store_link_create(store, "rome", &number));
	m.envelope = slice_of(octets, sizeof(octets));
	m.link = number;
	TRY(store_message_add(store, &m));
	TRY(add_content(store, &id));
	TRY(store_session_open(
	    store, slice_of_string("P"), 0, &r, &id, NULL, NULL));
	TRY(store_session_note_transfer(store, id, 1, &key, m.id));
	TRY(store_session_note_transfer(store, session, 33, &key, m.id));
	TRY(store_batch_add(store, &b));
	TRY(store_intake_note(store, &f, m.id));
	return 0;
}

/* change_all - change each thing */
static int
change_all(struct store *store)
{
	struct store_message m = queue_message(link_two);
	struct session_references r = references("old");
	struct store_delivery d = {.message = plain,
	    .state = STORE_DELIVERY_DONE,
	    .name = slice_of_string("n")};

	m.id = plain;
	m.state = STORE_DEFERRED;
	m.next_try = QUEUE_TIME + 1;
	TRY(store_message_update(store, &m));
	m.id = large;
	m.state = STORE_HELD;
	TRY(store_message_update(store, &m));
	TRY(store_content_append(store, partial, slice_of(octets, 9000)));
	TRY(store_content_seal(store, partial, 18000));
	TRY(store_link_set_flags(store, link_one, STORE_LINK_DISABLED));
	TRY(store_session_close(
	    store, session, STORE_SESSION_LOST, QUEUE_TIME));
	TRY(store_session_open(
	    store, slice_of_string("P"), 0, &r, &session, NULL, NULL));
	TRY(store_delivery_note(store, &d));
	return 0;
}

/* remove_all - remove each thing */
static int
remove_all(struct store *store)
{
	struct store_file f = file("old");

	TRY(store_message_delete(store, plain));
	TRY(store_message_delete(store, large));
	TRY(store_message_delete(store, with_content));
	TRY(store_content_discard(store, partial));
	TRY(store_reap_step(store, 6000));
	TRY(store_session_close(
	    store, session, STORE_SESSION_RELEASED, QUEUE_TIME));
	TRY(store_batch_remove(store, batch));
	TRY(store_intake_forget(store, &f));
	return 0;
}

/* attempt - do the work as one transaction */
static int
attempt(struct store *store, work_function work)
{
	TRY(store_begin(store));
	if (work(store) < 0) {
		store_abort(store);
		return ERR_IO;
	}
	return store_commit(store);
}

/* The sums of what memory holds, to be compared with what disk holds. */
struct picture {
	struct store_total total, one, two;
	uint64_t reap;
	uint32_t links, flags;
	unsigned sessions, counts;
	struct store_session session;
	bool key[2], file[2];
};

/* take - collect what the memory of a store says */
static struct picture
take(struct store *store)
{
	struct store_key key[2] = {{.octets = {1}}, {.octets = {2}}};
	struct store_file files[2] = {file("old"), file("new")};
	struct store_link link = {.flags = 0};
	struct store_count count;
	bool started = false;
	struct picture p;
	int i;

	memset(&p, 0, sizeof(p));
	p.total = store_total(store);
	p.one = store_link_total(store, link_one);
	p.two = store_link_total(store, link_two);
	p.reap = store_reap_pending(store);
	p.links = store_link_count(store);
	QUEUE_OK(store_link_get(store, link_one, &link));
	p.flags = link.flags;
	p.sessions = queue_sessions(store);
	while (store_count_next(store, &started, &count) == 1)
		p.counts++;
	if (store_session_get(store, session, &p.session) == 0)
		p.session.ended = 0; /* opening ends it */
	for (i = 0; i < 2; i++) {
		p.key[i] = store_transfer_find(
			       store, STORE_LINK_NONE, &key[i], NULL) == 0;
		p.file[i] = store_intake_find(store, &files[i], NULL) == 0;
	}
	return p;
}

/* assert_as_on_disk - check that a store that is opened again says the same;
 * contents that are partial are reaped by opening and are left out */
static struct store *
assert_as_on_disk(struct store *store)
{
	struct picture before = take(store), after;

	store_close(store);
	queue_assert_clean();
	store = queue_open();
	after = take(store);
	after.reap -= store_recovery(store).partial;
	ck_assert_mem_eq(&before, &after, sizeof(before));
	return store;
}

/* fail_each - fail each step of the work in turn */
static void
fail_each(work_function work)
{
	char spec[32];
	struct store *store;
	struct picture before, after;
	unsigned n;
	int rc = ERR_IO;

	for (n = 1; rc != 0; n++) {
		ck_assert_uint_lt(n, 1000);
		queue_make();
		store = queue_open();
		QUEUE_OK(attempt(store, prepare));
		before = take(store);
		snprintf(spec, sizeof(spec), "*:%u:fail", n);
		QUEUE_OK(fault_arm(spec));
		rc = attempt(store, work);
		ck_assert_int_eq(rc == 0, fault_state == FAULT_ARMED);
		QUEUE_OK(fault_arm(NULL));
		after = take(store);
		if (rc != 0)
			ck_assert_mem_eq(&before, &after, sizeof(before));
		/* The store that has failed works now. */
		if (rc != 0)
			QUEUE_OK(attempt(store, work));
		store = assert_as_on_disk(store);
		store_close(store);
		queue_remove();
	}
	/* begin, commit, and at least a few writes in between */
	ck_assert_uint_gt(n, 10);
}

/* kill_each - kill the process at each step of the work in turn */
static void
kill_each(work_function work)
{
	char spec[32];
	struct store *store;
	unsigned n;
	int status = 1;
	pid_t pid;

	for (n = 1; status != 0; n++) {
		ck_assert_uint_lt(n, 1000);
		queue_make();
		pid = fork();
		if (pid == 0) {
			store = queue_open();
			snprintf(spec, sizeof(spec), "*:%u:crash", n);
			if (attempt(store, prepare) != 0 ||
			    fault_arm(spec) != 0)
				_exit(2);
			_exit(attempt(store, work) == 0 ? 0 : 3);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(status == 0 ||
		    (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
		queue_assert_clean();
		store = queue_open();
		/* all of the work, or nothing of it */
		if (status != 0) {
			ck_assert_uint_eq(store_total(store).messages, 3);
			ck_assert_uint_eq(queue_sessions(store), 1);
			ck_assert_uint_eq(store_link_count(store), 2);
			ck_assert_uint_eq(store_reap_pending(store), 1);
		}
		queue_end(store);
	}
	ck_assert_uint_gt(n, 10);
}

START_TEST(adding_fails_at_each_step)
{
	fail_each(add_all);
}
END_TEST

START_TEST(changing_fails_at_each_step)
{
	fail_each(change_all);
}
END_TEST

START_TEST(removing_fails_at_each_step)
{
	fail_each(remove_all);
}
END_TEST

START_TEST(adding_is_killed_at_each_step)
{
	kill_each(add_all);
}
END_TEST

START_TEST(changing_is_killed_at_each_step)
{
	kill_each(change_all);
}
END_TEST

START_TEST(removing_is_killed_at_each_step)
{
	kill_each(remove_all);
}
END_TEST

START_TEST(opening_fails_at_each_step)
{
	char spec[32];
	struct store *store = NULL;
	struct diag diag;
	unsigned n;
	int rc = ERR_IO;

	queue_make();
	for (n = 1; rc != 0; n++) {
		ck_assert_uint_lt(n, 100);
		snprintf(spec, sizeof(spec), "*:%u:fail", n);
		diag_clear(&diag);
		QUEUE_OK(fault_arm(spec));
		rc = queue_try(QUEUE_SIZE, &store, &diag);
		ck_assert_int_eq(rc == 0, fault_state == FAULT_ARMED);
		QUEUE_OK(fault_arm(NULL));
		if (rc != 0)
			ck_assert_uint_gt(strlen(diag_text(&diag)), 10);
	}
	ck_assert_uint_gt(n, 3);
	QUEUE_OK(attempt(store, prepare));
	store_close(store);
	/* with something to recover */
	for (n = 1, rc = ERR_IO; rc != 0; n++) {
		ck_assert_uint_lt(n, 100);
		snprintf(spec, sizeof(spec), "*:%u:fail", n);
		QUEUE_OK(fault_arm(spec));
		rc = queue_try(QUEUE_SIZE, &store, NULL);
		QUEUE_OK(fault_arm(NULL));
		if (rc != 0)
			queue_assert_clean();
	}
	ck_assert_uint_gt(n, 5);
	ck_assert_uint_eq(store_recovery(store).partial, 1);
	ck_assert_uint_eq(store_recovery(store).sessions, 1);
	ck_assert_uint_eq(store_total(store).messages, 3);
	queue_end(store);
}
END_TEST

START_TEST(opening_is_killed_at_each_step)
{
	struct store_check_result result;
	char spec[32];
	unsigned n;
	int status = 1, rc;
	pid_t pid;

	for (n = 1; status != 0; n++) {
		ck_assert_uint_lt(n, 100);
		queue_make();
		pid = fork();
		if (pid == 0) {
			snprintf(spec, sizeof(spec), "*:%u:crash", n);
			if (fault_arm(spec) != 0)
				_exit(2);
			store_close(queue_open());
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(status == 0 || WIFSIGNALED(status));
		rc = store_check(
		    queue_directory, queue_row, NULL, &result, NULL);
		ck_assert(rc == ERR_NOTFOUND ||
		    (rc == 0 && result.verdict == STORE_CLEAN));
		queue_end(queue_open());
	}
	ck_assert_uint_gt(n, 3);
}
END_TEST

TEST_MAIN("store/fault", TEST_LONG(opening_is_killed_at_each_step, 60);
	  TEST_LONG(adding_fails_at_each_step, 120);
	  TEST_LONG(changing_fails_at_each_step, 120);
	  TEST_LONG(removing_fails_at_each_step, 120);
	  TEST_LONG(adding_is_killed_at_each_step, 120);
	  TEST_LONG(changing_is_killed_at_each_step, 120);
	  TEST_LONG(removing_is_killed_at_each_step, 120);
	  TEST_LONG(opening_fails_at_each_step, 60))
