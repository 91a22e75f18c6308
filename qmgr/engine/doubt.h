/* SPDX-License-Identifier: ISC */
/*
 * doubt.h - when the wall clock is doubted, who is told, and how that ends
 *
 * timekeeper.h has the rule.
 */
#ifndef FOURPOST_QMGR_DOUBT_H
#define FOURPOST_QMGR_DOUBT_H

#include <stddef.h>

struct qmgr;

#define DOUBT_TEXT_MAX 192

/* doubt_start - judge the clock that we start at; before anything is looked at
 * by its age */
void doubt_start(struct qmgr *qmgr);

/* doubt_tick - judge the clock again; once a second, before all others */
void doubt_tick(struct qmgr *qmgr);

/* doubt_confirm - believe the clock, since an administrator says that it is
 * right */
void doubt_confirm(struct qmgr *qmgr);

/* doubt_text - say in a sentence what is doubted, and since when; "" if the
 * clock is believed */
const char *doubt_text(const struct qmgr *qmgr, char text[DOUBT_TEXT_MAX]);

#endif
