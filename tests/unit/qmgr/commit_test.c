/* SPDX-License-Identifier: ISC */
/*
 * turn_test.c - members of one transaction, and the culprit among them
 */
#include "qmgr/engine/commit.h"
#include "qmgr/engine/step.h"
#include "tests/unit/qmgr/harness.h"

/* A member that creates a link in the store, or fails. */
struct setter {
	struct commit_member member;
	char name[16];
	int fail;     /* an error to return */
	int applied;  /* how often */
	int finished; /* how often done was called */
	int result;
};

static int
apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct setter *s = (struct setter *)member;
	uint32_t number;

	s->applied++;
	if (s->fail < 0)
		return s->fail;
	return store_link_create(qmgr->store, s->name, &number);
}

static void
done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct setter *s = (struct setter *)member;

	(void)qmgr;
	s->finished++;
	s->result = result;
}

/* setter_add - add a member that creates a link of this name, or fails */
static void
setter_add(struct harness *h, struct setter *s, const char *name,
    enum commit_order order, int fail)
{
	*s = (struct setter){.fail = fail};
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->member.order = order;
	s->member.apply = apply;
	s->member.done = done;
	commit_add(&h->qmgr, &s->member);
}

/* was_created - tell whether the link of a member was committed */
static bool
was_created(struct harness *h, const char *name)
{
	struct store_link link;

	return store_link_find(h->qmgr.store, name, &link) == 0;
}

/* All that came in one commit is one commit. */
START_TEST(one_commit)
{
	struct harness h;
	struct setter s[10];
	uint64_t before;

	harness_init(&h);
	before = h.qmgr.commit.commits;
	for (int i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		setter_add(&h, &s[i], name, COMMIT_INTAKE, 0);
	}
	commit_run(&h.qmgr);
	ck_assert_uint_eq(h.qmgr.commit.commits, before + 1);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(s[i].applied, 1);
		ck_assert_int_eq(s[i].finished, 1);
		ck_assert_int_eq(s[i].result, 0);
		ck_assert(was_created(&h, s[i].name));
	}
	ck_assert(!commit_pending(&h.qmgr));
	harness_fini(&h);
}
END_TEST

/* A member that fails is told so; the others are committed, once. */
START_TEST(culprit_alone)
{
	struct harness h;
	struct setter s[5];
	int errors[] = {0, ERR_FULL, 0, ERR_LIMIT, 0};

	harness_init(&h);
	for (int i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		setter_add(&h, &s[i], name, COMMIT_INTAKE, errors[i]);
	}
	commit_run(&h.qmgr);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(s[i].finished, 1);
		ck_assert_int_eq(s[i].result, errors[i]);
		ck_assert_int_eq(was_created(&h, s[i].name), errors[i] == 0);
	}
	ck_assert_uint_eq(h.qmgr.commit.refused, 2);
	harness_fini(&h);
}
END_TEST

/* Many that fail: in the end each goes alone, and every good one is in. */
START_TEST(many_culprits)
{
	struct harness h;
	struct setter s[12];

	harness_init(&h);
	for (int i = 0; i < 12; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		setter_add(
		    &h, &s[i], name, COMMIT_INTAKE, i % 2 == 0 ? ERR_LIMIT : 0);
	}
	commit_run(&h.qmgr);
	for (int i = 0; i < 12; i++) {
		ck_assert_int_eq(s[i].finished, 1);
		ck_assert_int_eq(s[i].result, i % 2 == 0 ? ERR_LIMIT : 0);
		ck_assert_int_eq(was_created(&h, s[i].name), i % 2 != 0);
	}
	harness_fini(&h);
}
END_TEST

/* Order of application, recorded by the members themselves. */
static int sequence[COMMIT_ORDERS], at;

static int
apply_in_order(struct qmgr *qmgr, struct commit_member *member)
{
	(void)qmgr;
	sequence[at++] = (int)member->order;
	return 0;
}

/* Outcomes and dispatch come before intake, whatever arrived first. */
START_TEST(outcomes_first)
{
	struct harness h;
	struct setter s[COMMIT_ORDERS];
	enum commit_order orders[COMMIT_ORDERS] = {COMMIT_BACKGROUND,
	    COMMIT_INTAKE, COMMIT_CONTROL, COMMIT_OUTCOME, COMMIT_DISPATCH};

	harness_init(&h);
	for (int i = 0; i < COMMIT_ORDERS; i++) {
		setter_add(&h, &s[i], "x", orders[i], 0);
		s[i].member.apply = apply_in_order;
	}
	commit_run(&h.qmgr);
	for (int i = 0; i < COMMIT_ORDERS; i++)
		ck_assert_int_eq(sequence[i], i);
	harness_fini(&h);
}
END_TEST

/* apply_for_long - apply a member that takes more than half of a step */
static int
apply_for_long(struct qmgr *qmgr, struct commit_member *member)
{
	uint64_t end = clock_microseconds() + STEP_TIME * 2 / 3;

	while (clock_microseconds() < end)
		;
	return apply(qmgr, member);
}

/* What can wait has a step of a transaction, beside other work a part of it;
 * the rest goes into the next ones. */
START_TEST(background_in_steps)
{
	struct harness h;
	struct setter s[6], other[2];
	unsigned finished = 0, before;

	harness_init(&h);
	for (int i = 0; i < 6; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		setter_add(&h, &s[i], name, COMMIT_BACKGROUND, 0);
		s[i].member.apply = apply_for_long;
	}
	commit_run(&h.qmgr);
	for (int i = 0; i < 6; i++)
		finished += (unsigned)s[i].finished;
	ck_assert_uint_ge(finished, 1);
	ck_assert_uint_le(finished, 2);
	ck_assert(commit_pending(&h.qmgr));
	/* Others are first, and leave room for one. */
	for (int i = 0; i < 2; i++) {
		setter_add(&h, &other[i], i == 0 ? "a" : "b", COMMIT_INTAKE, 0);
		commit_run(&h.qmgr);
		ck_assert_int_eq(other[i].finished, 1);
	}
	before = finished;
	finished = 0;
	for (int i = 0; i < 6; i++)
		finished += (unsigned)s[i].finished;
	ck_assert_uint_ge(finished, before + 2);
	while (commit_pending(&h.qmgr))
		commit_run(&h.qmgr);
	for (int i = 0; i < 6; i++)
		ck_assert(was_created(&h, s[i].name));
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/turn", TEST(one_commit), TEST(culprit_alone),
    TEST(many_culprits), TEST(outcomes_first), TEST(background_in_steps))
