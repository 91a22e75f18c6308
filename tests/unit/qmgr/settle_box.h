/* SPDX-License-Identifier: ISC */
/*
 * settle_box.h - a postoffice's worker in the hands of a test, which has the
 * job of a message and says what became of it
 *
 * The originator is behind a link that nobody serves, so that reports stay in
 * the queue.
 */
#ifndef FOURPOST_TESTS_QMGR_SETTLE_BOX_H
#define FOURPOST_TESTS_QMGR_SETTLE_BOX_H

#include "store/store.h"
#include "tests/unit/qmgr/link_bench.h"

#define BOX(n) "C=DE;A=VIAT;P=ACME;O=PO1;S=" n

struct box {
	struct bench b;
	struct remote worker;
	int listener;
	uint64_t id;
	struct ipc_record job;
};

/* box_init - make a queue manager, and listen as the postoffice's worker */
void box_init(struct box *x);

/* box_submit - submit a message, and become the worker that has its job */
void box_submit(struct box *x, const struct p1_envelope *envelope);

/* box_take_job - take the next job, which is of the message */
void box_take_job(struct box *x);

/* box_close - end all of it */
void box_close(struct box *x);

/* box_report - find the report that came behind this message; false: none */
bool box_report(struct box *x, uint64_t after, struct report *report);

#endif
