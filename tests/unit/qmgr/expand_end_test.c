/* SPDX-License-Identifier: ISC */
/*
 * expand_end_test.c - expansions that cannot go on
 *
 * The list has three times as many members as a step takes, all behind one
 * link.
 */
#include <stdlib.h>

#include "qmgr/links/link.h"
#include "qmgr/sending/expand.h"
#include "tests/unit/qmgr/remote.h"

#define MEMBERS (3 * EXPAND_STEP)
#define LIST	"C=DE;A=VIAT;P=ACME;O=LISTS;S=Many"

static struct harness h;
static struct link *list;

/* begin - make a queue manager with the list */
static void
begin(void)
{
	static char conf[8192 + MEMBERS * 32];
	size_t len = (size_t)snprintf(conf, sizeof(conf),
	    "%slist \"many\" { address = \"" LIST "\" members = {",
	    harness_conf);

	for (unsigned i = 0; i < MEMBERS; i++)
		len += (size_t)snprintf(
		    conf + len, sizeof(conf) - len, "\"C=IT;A=X;S=M%u\",\n", i);
	(void)snprintf(conf + len, sizeof(conf) - len, "} }\n");
	harness_init_conf(&h, conf);
	list = harness_link(&h, "list/many");
}

/* submit - submit a message to the list; its queue id */
static uint64_t
submit(void)
{
	struct remote tool;
	uint64_t id;

	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	id = remote_submit_to(&h, &tool, LIST);
	remote_close(&tool);
	return id;
}

/* waiting - count what is queued for the list */
static uint64_t
waiting(void)
{
	return store_link_total(h.qmgr.store, list->number).messages;
}

/* copies - count the copies for members */
static uint64_t
copies(void)
{
	return store_link_total(h.qmgr.store, harness_link(&h, "rome")->number)
	    .messages;
}

/* add - put a message for the list into the queue, behind the back of all; its
 * id */
static uint64_t
add(struct slice envelope)
{
	struct store_message message = {.kind = MTS_MESSAGE,
	    .state = STORE_READY,
	    .priority = STORE_NORMAL,
	    .link = list->number,
	    .arrival = clock_wall(),
	    .expires = clock_wall() + 3600000,
	    .mts_id = slice_of_string("[C=DE;A=VIAT;1]"),
	    .envelope = envelope,
	    .content = slice_of_string("text"),
	    .content_length = 4};

	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	ck_assert_int_eq(store_message_add(h.qmgr.store, &message), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	link_touch(&h.qmgr, list);
	return message.id;
}

/* What cannot be decoded is set aside, and what comes behind it expanded. */
START_TEST(not_decoded)
{
	struct store_message message;
	struct p1_envelope e;
	uint64_t junk, nobody;
	const char *to = LIST;

	begin();
	junk = add(slice_of_string("no envelope"));
	harness_envelope(&h, &e, 1, &to);
	e.recipients[0].indicators = 0;
	nobody = add(harness_octets(&h, &e));
	(void)submit();
	harness_steps(&h, 20);
	ck_assert(harness_log_has(&h, "cannot be decoded for its list"));
	ck_assert_int_eq(store_message_get(h.qmgr.store, junk, STORE_HEAD,
			     &h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_QUARANTINED);
	ck_assert_int_eq(store_message_get(h.qmgr.store, nobody, STORE_HEAD,
			     &h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_QUARANTINED);
	ck_assert_uint_eq(waiting(), 2);
	ck_assert_uint_eq(copies(), 3);
	harness_fini(&h);
}
END_TEST

/* A message that is gone after a step is not expanded further. */
START_TEST(gone_between_steps)
{
	const char *to = LIST;
	struct p1_envelope e;
	uint64_t id;

	begin();
	harness_envelope(&h, &e, 1, &to);
	e.recipients[0].indicators |= P1_RESPONSIBILITY;
	id = add(harness_octets(&h, &e));
	for (int i = 0; i < 20 && copies() == 0; i++)
		harness_step(&h);
	ck_assert_uint_eq(copies(), 1);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	ck_assert_int_eq(store_message_delete(h.qmgr.store, id), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	harness_steps(&h, 20);
	ck_assert_uint_eq(copies(), 1);
	ck_assert_ptr_null(table_find(&h.qmgr.active, id));
	/* The next one is. */
	(void)submit();
	harness_steps(&h, 20);
	ck_assert_uint_eq(copies(), 4);
	harness_fini(&h);
}
END_TEST

/* fill - hold messages for rome until the queue is as full as intake makes it,
 * and delete them again; the ids are from first to last */
static void
fill(uint64_t *first, uint64_t *last)
{
	static char content[3000];
	struct store_message message = {.kind = MTS_MESSAGE,
	    .state = STORE_HELD,
	    .priority = STORE_NORMAL,
	    .link = harness_link(&h, "paris")->number,
	    .arrival = clock_wall(),
	    .expires = clock_wall() + 3600000,
	    .mts_id = slice_of_string("[C=DE;A=VIAT;1]"),
	    .envelope = slice_of_string("an envelope"),
	    .content = slice_of(content, sizeof(content)),
	    .content_length = sizeof(content),
	    .reason = slice_of_string("a test")};

	*first = 0;
	while (store_room(h.qmgr.store, STORE_INTAKE_UP, 0) == 0) {
		ck_assert_int_eq(store_begin(h.qmgr.store), 0);
		for (int i = 0; i < 200; i++) {
			ck_assert_int_eq(
			    store_message_add(h.qmgr.store, &message), 0);
			if (*first == 0)
				*first = message.id;
		}
		ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	}
	*last = message.id;
}

/* Where the queue is full the list waits, and goes on once there is room. */
START_TEST(no_room)
{
	uint64_t first, last;

	begin();
	list->state = LINK_DISABLED;
	(void)submit();
	harness_steps(&h, 4);
	fill(&first, &last);
	list->state = LINK_IDLE;
	link_touch(&h.qmgr, list);
	harness_steps(&h, 20);
	ck_assert_uint_eq(waiting(), 1);
	ck_assert_uint_eq(copies(), 0);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	for (uint64_t id = first; id <= last; id++)
		ck_assert_int_eq(store_message_delete(h.qmgr.store, id), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	/* Without its pause. */
	expand_free(h.qmgr.expander);
	h.qmgr.expander = expand_new();
	ck_assert_ptr_nonnull(h.qmgr.expander);
	link_touch(&h.qmgr, list);
	harness_steps(&h, 20);
	ck_assert_uint_eq(waiting(), 0);
	ck_assert_uint_eq(copies(), 3);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/expand_end", TEST(not_decoded); TEST(gone_between_steps);
	  TEST(no_room))
