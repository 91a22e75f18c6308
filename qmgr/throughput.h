/* SPDX-License-Identifier: ISC */
/*
 * throughput.h - how many messages passed over a link within the last minute
 */
#ifndef FOURPOST_QMGR_THROUGHPUT_H
#define FOURPOST_QMGR_THROUGHPUT_H

#include "qmgr/links/link.h"

struct throughput {
	uint64_t out, in; /* messages */
};

/* throughput_tick - note what has passed so far; once a second */
void throughput_tick(struct qmgr *qmgr);

/* throughput_of - count what has passed over a link within the last minute, to
 * within five seconds */
struct throughput
throughput_of(const struct qmgr *qmgr, const struct link *link);

#endif
