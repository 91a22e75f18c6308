/* SPDX-License-Identifier: ISC */
/*
 * submissions.h - what a program or mail server submits under keys, in its
 * worker
 *
 * A part of a worker: app-in, app or mixer-in.  A submission that was not
 * answered is made again under its key, by the same worker or the next; one
 * that was answered is sometimes made again all the same, or something else is
 * submitted under its key.  Each key is one message: every answer to it names
 * the same one.
 */
#ifndef FOURPOST_TESTS_SIM_SUBMISSIONS_H
#define FOURPOST_TESTS_SIM_SUBMISSIONS_H

#include "tests/sim/fake.h"
#include "tests/sim/items.h"

struct submissions {
	struct fake *fake;
	unsigned from; /* of the links */
	uint64_t submit;
	struct item *item; /* at work; or NULL */
	bool other;	   /* something else under its key */
	uint64_t check;	   /* of routes; the last that was made */
	bool checks;	   /* it is not answered */
};

/* submissions_left - tell whether an item of a link was not answered */
bool submissions_left(unsigned from);

/* submissions_next - submit the next item, or one again, all at once; false:
 * there is none, or it waits for an answer */
bool submissions_next(struct submissions *s);

/* submissions_take - take a record; false: it is not about what is submitted */
bool submissions_take(struct submissions *s, const struct ipc_record *record);

#endif
