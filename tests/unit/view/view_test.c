/* SPDX-License-Identifier: ISC */
/*
 * view_test.c - the queue as rows, with nobody else at work on it
 */
#include "view/view.h"
#include "tests/unit/store/queue.h"

/* What came: how many rows, and a few fields of the last one. */
struct seen {
	unsigned rows, limit;
	uint64_t id;
	char state[16], text[VIEW_TEXT_MAX], address[128];
	char octets[8192];
	size_t octets_len;
};

/* keep - note the fields of a row; no more than limit of them */
static int
keep(void *arg, const struct ipc_row *row)
{
	struct seen *seen = arg;

	if (seen->rows == seen->limit)
		return ERR_AGAIN;
	seen->rows++;
	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *f = &row->fields[i];
		const char *text =
		    f->octets.len == 0 ? "" : (const char *)f->octets.data;

		if (slice_equal_string(f->name, "id"))
			seen->id = (uint64_t)f->number;
		else if (slice_equal_string(f->name, "state"))
			snprintf(seen->state, sizeof(seen->state), "%.*s",
			    (int)f->octets.len, text);
		else if (slice_equal_string(f->name, "text"))
			snprintf(seen->text, sizeof(seen->text), "%.*s",
			    (int)f->octets.len, text);
		else if (f->type == IPC_FIELD_OCTETS) {
			memcpy(seen->octets, text, f->octets.len);
			seen->octets_len = f->octets.len;
		}
	}
	return 0;
}

/* ask - send a request with at most one argument */
static struct view_done
ask(struct store *store, struct seen *seen, unsigned limit, const char *command,
    const char *argument)
{
	struct view view = {.store = store, .emit = keep, .arg = seen};
	struct slice given = slice_of_string(argument == NULL ? "" : argument);
	struct view_done done;

	memset(seen, 0, sizeof(*seen));
	seen->limit = limit;
	ck_assert_int_eq(view_request(&view, slice_of_string(command), &given,
			     argument == NULL ? 0 : 1, &done),
	    0);
	return done;
}

/* add - add a message that nobody can decode: it is shown all the same */
static uint64_t
add(struct store *store, uint32_t link, enum store_state state)
{
	struct store_message message = {.state = state,
	    .priority = STORE_NORMAL,
	    .link = link,
	    .arrival = QUEUE_TIME,
	    .next_try = QUEUE_TIME,
	    .content_length = 5,
	    .mts_id = slice_of_string("[C=DE;A=X;1]"),
	    .reason = slice_of_string("because"),
	    .envelope = slice_of_string("junk"),
	    .content = slice_of_string("hello")};

	ck_assert_int_eq(store_message_add(store, &message), 0);
	return message.id;
}

START_TEST(offline)
{
	struct store *store;
	struct diag diag = {0};
	struct view view = {.emit = keep};
	struct view_done done;
	struct seen seen;
	uint32_t link;
	uint64_t ready, held;
	char id[32], cursor[32];

	queue_make();
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, &diag), 0);
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_link_create(store, "paris", &link), 0);
	ready = add(store, link, STORE_READY);
	held = add(store, link, STORE_HELD);
	ck_assert_int_eq(store_commit(store), 0);

	done = ask(store, &seen, 10, "list", NULL);
	ck_assert_int_eq(done.status, 0);
	ck_assert_uint_eq(seen.rows, 2);
	ck_assert_uint_eq(seen.id, held);
	ck_assert_str_eq(seen.state, "held");
	/* no room: the rest is asked for again */
	done = ask(store, &seen, 1, "list", NULL);
	ck_assert_uint_eq(seen.rows, 1);
	ck_assert_uint_eq(done.cursor, ready);
	snprintf(cursor, sizeof(cursor), "cursor=%llu",
	    (unsigned long long)done.cursor);
	done = ask(store, &seen, 1, "list", cursor);
	ck_assert_uint_eq(seen.id, held);
	ck_assert_uint_eq(done.cursor, 0);
	/* A message that cannot be decoded has no address. */
	(void)ask(store, &seen, 10, "list", "to=x");
	ck_assert_uint_eq(seen.rows, 0);

	snprintf(id, sizeof(id), "%llu", (unsigned long long)ready);
	(void)ask(store, &seen, 1, "why", id);
	ck_assert_ptr_nonnull(strstr(seen.text, "paris"));
	ck_assert_ptr_nonnull(strstr(seen.text, "not running"));
	(void)ask(store, &seen, 1, "cat", id);
	ck_assert_uint_eq(seen.octets_len, 5);
	ck_assert_mem_eq(seen.octets, "hello", 5);
	snprintf(id, sizeof(id), "%llu", (unsigned long long)held);
	(void)ask(store, &seen, 1, "why", id);
	ck_assert_ptr_nonnull(strstr(seen.text, "because"));
	/* the link that they are for, and the tools that they came from */
	(void)ask(store, &seen, 10, "summary", NULL);
	ck_assert_uint_eq(seen.rows, 2);
	ck_assert_int_eq(
	    view_request(&view, slice_of_string("links"), NULL, 0, &done),
	    ERR_NOTFOUND);
	store_close(store);
	queue_remove();
}
END_TEST

/* keep_names - keep who a row says a message is from and to, in one text */
static int
keep_names(void *arg, const struct ipc_row *row)
{
	char *text = arg;

	*text = '\0';
	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *f = &row->fields[i];

		if (f->type == IPC_FIELD_TEXT && f->octets.len > 0 &&
		    (slice_equal_string(f->name, "originator") ||
			slice_equal_string(f->name, "recipients")))
			snprintf(text + strlen(text), 64 - strlen(text),
			    "<%.*s>", (int)f->octets.len,
			    (const char *)f->octets.data);
	}
	return 0;
}

/* A list for people has the names that the record was given, though its
 * envelope cannot be decoded; one for programs has not. */
START_TEST(brief)
{
	struct store_message message = {.state = STORE_READY,
	    .priority = STORE_NORMAL,
	    .arrival = QUEUE_TIME,
	    .content_length = 5,
	    .mts_id = slice_of_string("[C=DE;A=X;1]"),
	    .names = slice_of("S=a\0S=b and 7 more", 18),
	    .envelope = slice_of_string("junk"),
	    .content = slice_of_string("hello")};
	char text[64];
	struct view view = {.emit = keep_names, .arg = text};
	struct slice wanted = slice_of_string("brief=yes");
	struct view_done done;
	struct diag diag = {0};

	queue_make();
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &view.store, &diag), 0);
	ck_assert_int_eq(store_begin(view.store), 0);
	ck_assert_int_eq(
	    store_link_create(view.store, "paris", &message.link), 0);
	ck_assert_int_eq(store_message_add(view.store, &message), 0);
	ck_assert_int_eq(store_commit(view.store), 0);
	ck_assert_int_eq(
	    view_request(&view, slice_of_string("list"), &wanted, 1, &done), 0);
	ck_assert_str_eq(text, "<S=a><S=b and 7 more>");
	ck_assert_int_eq(
	    view_request(&view, slice_of_string("list"), NULL, 0, &done), 0);
	ck_assert_str_eq(text, "");
	store_close(view.store);
	queue_remove();
}
END_TEST

/* always - tell that an answer has had its time */
static bool
always(void *arg)
{
	(void)arg;
	return true;
}

/* An answer that has had its time goes on by its cursor, and is never without a
 * part of the whole. */
START_TEST(in_steps)
{
	struct view view = {.emit = keep, .enough = always};
	struct slice argument;
	struct view_done done = {0};
	unsigned rows = 0, answers = 0;
	struct diag diag = {0};
	struct seen seen;
	uint32_t link;
	char cursor[32];

	queue_make();
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &view.store, &diag), 0);
	ck_assert_int_eq(store_begin(view.store), 0);
	ck_assert_int_eq(store_link_create(view.store, "paris", &link), 0);
	for (int i = 0; i < 200; i++)
		(void)add(view.store, link, STORE_READY);
	ck_assert_int_eq(store_commit(view.store), 0);
	view.arg = &seen;
	do {
		memset(&seen, 0, sizeof(seen));
		seen.limit = 1000;
		snprintf(cursor, sizeof(cursor), "cursor=%llu",
		    (unsigned long long)done.cursor);
		argument = slice_of_string(cursor);
		ck_assert_int_eq(view_request(&view, slice_of_string("list"),
				     &argument, answers == 0 ? 0 : 1, &done),
		    0);
		ck_assert_uint_gt(seen.rows, 0);
		ck_assert_uint_lt(seen.rows, 200);
		rows += seen.rows;
		answers++;
	} while (done.cursor != 0);
	ck_assert_uint_eq(rows, 200);
	store_close(view.store);
	queue_remove();
}
END_TEST

/* walk - ask for a list, a row a request, and compare the ids that come */
static void
walk(struct store *store, const char *filter, const uint64_t *ids, size_t count)
{
	struct view view = {.store = store, .emit = keep};
	struct slice arguments[2] = {slice_of_string(filter)};
	struct view_done done = {0};
	struct seen seen;
	char cursor[32];

	for (size_t i = 0; i == 0 || done.cursor != 0; i++) {
		memset(&seen, 0, sizeof(seen));
		seen.limit = 1;
		view.arg = &seen;
		snprintf(cursor, sizeof(cursor), "cursor=%llu",
		    (unsigned long long)done.cursor);
		arguments[1] = slice_of_string(cursor);
		ck_assert_int_eq(view_request(&view, slice_of_string("list"),
				     arguments, i == 0 ? 1 : 2, &done),
		    0);
		ck_assert_int_eq(done.status, 0);
		ck_assert_uint_eq(seen.rows, i < count);
		if (i < count)
			ck_assert_uint_eq(seen.id, ids[i]);
		ck_assert(i < count || done.cursor == 0);
		if (done.cursor == 0)
			ck_assert_uint_ge(i + 1, count);
	}
}

/* What a filter means comes by its index, once each, however often it is asked
 * for the rest. */
START_TEST(filters)
{
	struct store *store;
	struct diag diag = {0};
	struct seen seen;
	uint64_t id[9];
	uint32_t paris, rome;
	char older[32];

	queue_make();
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, &diag), 0);
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_link_create(store, "paris", &paris), 0);
	ck_assert_int_eq(store_link_create(store, "rome", &rome), 0);
	id[0] = add(store, paris, STORE_DEFERRED);
	id[1] = add(store, paris, STORE_READY);
	id[2] = add(store, rome, STORE_READY);
	id[3] = add(store, paris, STORE_HELD);
	id[4] = add(store, rome, STORE_HELD);
	id[5] = add(store, rome, STORE_DEFERRED);
	id[6] = add(store, paris, STORE_DEFERRED);
	id[7] = add(store, paris, STORE_QUARANTINED);
	id[8] = add(store, paris, STORE_READY);
	ck_assert_int_eq(store_commit(store), 0);

	walk(store, "link=paris",
	    (uint64_t[]){id[1], id[3], id[7], id[8], id[0], id[6]}, 6);
	walk(store, "link=rome", (uint64_t[]){id[2], id[4], id[5]}, 3);
	walk(store, "state=held", (uint64_t[]){id[3], id[4]}, 2);
	walk(store, "state=quarantined", (uint64_t[]){id[7]}, 1);
	walk(store, "state=deferred", (uint64_t[]){id[0], id[5], id[6]}, 3);
	walk(store, "state=ready", (uint64_t[]){id[1], id[2], id[8]}, 3);
	walk(store, "mts=C=DE;A=X;1", id, 9);
	walk(store, "mts=[C=DE;A=X;1]", id, 9);
	walk(store, "mts=[C=DE;A=X;2]", NULL, 0);
	walk(store, "larger=4", id, 9);
	walk(store, "larger=5", NULL, 0);
	snprintf(older, sizeof(older), "older=%lld", (long long)QUEUE_TIME);
	walk(store, older, NULL, 0);
	snprintf(older, sizeof(older), "older=%lld", (long long)QUEUE_TIME + 1);
	walk(store, older, id, 9);

	(void)ask(store, &seen, 10, "find", "link=rome");
	ck_assert_uint_eq(seen.rows, 1);
	ck_assert_uint_eq(seen.octets_len, 24);
	ck_assert_uint_eq((uint8_t)seen.octets[7], id[2]);
	ck_assert_uint_eq((uint8_t)seen.octets[15], id[4]);
	ck_assert_uint_eq((uint8_t)seen.octets[23], id[5]);
	store_close(store);
	queue_remove();
}
END_TEST

START_TEST(ids)
{
	static const char *const bad[] = {
	    "", "0", "-1", "x", "1x", " 1", "99999999999999999999"};
	uint64_t id;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    view_parse_id(slice_of_string(bad[i]), &id), ERR_VALUE);
	ck_assert_int_eq(view_parse_id(slice_of_string("1234567"), &id), 0);
	ck_assert_uint_eq(id, 1234567);
}
END_TEST

TEST_MAIN("view/view", TEST(offline), TEST(in_steps), TEST(brief),
    TEST(filters), TEST(ids))
