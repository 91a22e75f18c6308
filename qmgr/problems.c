/* SPDX-License-Identifier: ISC */
/*
 * problems.c - tell what is wrong: rows for tools, the heaviest to master
 */
#include "qmgr/problems.h"

#include <string.h>

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/problem.h"

/* The heaviest problem of those looked at so far. */
struct heaviest {
	struct problem_told told;
	uint32_t count; /* of all */
};

/* note_since - note since when a problem is there, or that it is not */
static void
note_since(int64_t *since, bool there)
{
	if (!there)
		*since = 0;
	else if (*since == 0)
		*since = clock_wall();
}

/* weigh - keep a problem if it is the heaviest so far */
static void
weigh(struct heaviest *heaviest, const struct problem_told *told)
{
	if (heaviest->count++ > 0 &&
	    !problem_heavier(told->problem.weight, told->problem.since,
		heaviest->told.problem.weight, heaviest->told.problem.since))
		return;
	heaviest->told = *told;
	/* The texts lie in the copy now. */
	heaviest->told.problem.text = heaviest->told.text;
	heaviest->told.problem.command = heaviest->told.command;
}

/* look_at_all - note since when each problem is there, and find the heaviest */
static void
look_at_all(struct qmgr *qmgr, struct heaviest *heaviest)
{
	struct problem_told told;
	bool there;

	for (int i = 0; i < COMMON_PROBLEMS; i++) {
		there = problem_common(qmgr, (enum common_problem)i, &told);
		note_since(&qmgr->problem_since[i], there);
		if (there)
			weigh(heaviest, &told);
	}
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->kind == LINK_GONE)
			continue;
		for (int i = 0; i < LINK_PROBLEMS; i++) {
			there = problem_of_link(
			    qmgr, link, (enum link_problem)i, &told);
			note_since(&link->problem_since[i], there);
			if (there)
				weigh(heaviest, &told);
		}
	}
}

/* problems_tick - note since when each problem is there, and tell master the
 * heaviest */
void
problems_tick(struct qmgr *qmgr)
{
	struct heaviest heaviest = {.count = 0};
	const struct problem *problem = &heaviest.told.problem;
	struct ipc_record record = {.type = IPC_PROBLEM};

	look_at_all(qmgr, &heaviest);
	/* master shows the text as it is, so that it is told only when another
	 * is true. */
	if (qmgr->master == NULL ||
	    (heaviest.count == qmgr->told_problems &&
		strcmp(heaviest.told.text, qmgr->told_problem) == 0))
		return;
	(void)strlcpy(
	    qmgr->told_problem, heaviest.told.text, sizeof(qmgr->told_problem));
	qmgr->told_problems = heaviest.count;
	record.problem =
	    (struct ipc_problem){.weight = (uint32_t)problem->weight,
		.since = problem->since,
		.text = slice_of_string(heaviest.told.text),
		.command = slice_of_string(heaviest.told.command),
		.count = heaviest.count};
	client_send(qmgr->master, &record);
}

/* Where the rows go. */
struct listing {
	int (*emit)(void *arg, const struct ipc_row *row);
	void *arg;
};

/* send_problem - send a row; ERR_AGAIN: there is no room now */
static int
send_problem(const struct listing *listing, const struct problem *problem)
{
	struct ipc_field fields[PROBLEM_FIELDS];
	const struct ipc_row row = {
	    .fields = fields, .field_count = PROBLEM_FIELDS};

	problem_fields(problem, fields);
	return listing->emit(listing->arg, &row);
}

/* send_link - send the problems of a link; ERR_AGAIN as send_problem */
static int
send_link(const struct listing *listing, const struct qmgr *qmgr,
    const struct link *link)
{
	struct problem_told told;
	int rc = 0;

	for (int i = 0; i < LINK_PROBLEMS && rc == 0; i++)
		if (problem_of_link(qmgr, link, (enum link_problem)i, &told))
			rc = send_problem(listing, &told.problem);
	return rc;
}

/* problems_list - make a row for each problem */
uint64_t
problems_list(struct qmgr *qmgr, uint64_t cursor,
    int (*emit)(void *arg, const struct ipc_row *row), void *arg)
{
	const struct listing listing = {emit, arg};
	struct problem_told told;
	uint64_t last = cursor;

	/* Common problems are on the first page alone, and a tool that has
	 * just asked has room for them. */
	for (int i = 0; i < COMMON_PROBLEMS && cursor == 0; i++)
		if (problem_common(qmgr, (enum common_problem)i, &told))
			(void)!send_problem(&listing, &told.problem);
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->number <= cursor || link->kind == LINK_GONE)
			continue;
		/* The cursor names the last link whose rows have all been sent,
		 * so that none is shown in halves. */
		if (send_link(&listing, qmgr, link) == ERR_AGAIN)
			return last;
		last = link->number;
	}
	return 0;
}
