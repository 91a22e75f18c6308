/* SPDX-License-Identifier: ISC */
/*
 * problem.h - which problems there are, and what is said of each
 */
#ifndef FOURPOST_QMGR_PROBLEM_H
#define FOURPOST_QMGR_PROBLEM_H

#include "ipc/problem.h"
#include "qmgr/links/link.h"

/* A problem with its own texts. */
struct problem_told {
	struct problem problem; /* borrows from the texts and the link */
	char text[PROBLEM_TEXT_MAX], command[PROBLEM_COMMAND_MAX];
};

/* problem_common - describe a problem that is of no link: whether there is
 * one */
bool problem_common(const struct qmgr *qmgr, enum common_problem kind,
    struct problem_told *told);

/* problem_of_link - describe a problem of a link: whether there is one */
bool problem_of_link(const struct qmgr *qmgr, const struct link *link,
    enum link_problem kind, struct problem_told *told);

#endif
