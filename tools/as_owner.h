/* SPDX-License-Identifier: ISC */
/*
 * as_owner.h - work in the queue as the user whose it is, and stay root
 *
 * The work is done in a child, which gives up root for good; the caller starts
 * master afterwards.
 */
#ifndef FOURPOST_TOOLS_AS_OWNER_H
#define FOURPOST_TOOLS_AS_OWNER_H

#include "base/error.h"

/* Where the queue is. */
struct as_owner_place {
	const char *state_directory;
	const char *queue;
	const char *identity; /* the file that proves that there is one */
};

/*
 * as_owner_run - have a child do some work, with the suite stopped
 *
 * An error without a diag has been said on standard error by the child.
 */
int as_owner_run(const char *state_directory,
    int (*work)(const struct as_owner_place *place, struct diag *diag),
    struct diag *diag) WARN_UNUSED;

#endif
