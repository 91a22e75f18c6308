/* SPDX-License-Identifier: ISC */
/*
 * backlog.h - many messages in the queue of a suite that is stopped
 *
 * Written into the store as qmgr does, but for their envelopes, which nobody
 * reads as long as they wait: a million in half a minute.
 */
#ifndef FOURPOST_TESTS_BACKLOG_H
#define FOURPOST_TESTS_BACKLOG_H

#include "tests/system/suite.h"

/* backlog_fill - put so many messages of 2 KB for a link into the queue, which
 * a first start has made */
void
backlog_fill(const struct suite *suite, const char *link, unsigned messages);

#endif
