/* SPDX-License-Identifier: ISC */
/*
 * privilege.h - give up, for good, what a process does not need
 *
 * A daemon that root started drops to a user of its own; one that a person
 * started stays what it is and runs in that person's directories.  Descriptors
 * that need more are opened before.
 */
#ifndef FOURPOST_BASE_PRIVILEGE_H
#define FOURPOST_BASE_PRIVILEGE_H

#include <stdbool.h>

#include "base/error.h"

/* privilege_is_root - tell whether there is something to drop */
bool privilege_is_root(void);

/* The supplementary groups that a process keeps. */
enum privilege_groups {
	PRIVILEGE_USERS_GROUPS, /* the user's, with its own among them */
	PRIVILEGE_GROUP_ALONE	/* none but the group that it becomes */
};

/*
 * privilege_drop - become user, inside root, with no way back
 *
 * The group is group, or the user's own if NULL or "".  root is the new root
 * directory, NULL or "" for none; the working directory is then "/".
 * Afterwards it is verified that no id is root's and that none can be had
 * again.  Not started as root: nothing is done, success. A user that does not
 * exist: ERR_NOTFOUND.  One that is root: ERR_DENIED. What the system refuses:
 * ERR_IO.  After an error the process must end, for it may be half-way.
 */
int privilege_drop(const char *user, const char *group,
    enum privilege_groups groups, const char *root,
    struct diag *diag) WARN_UNUSED;

/*
 * privilege_lock - gain nothing by exec, and let no other process trace us
 *
 * PR_SET_NO_NEW_PRIVS and PR_SET_DUMPABLE 0, as whatever user.  The latter
 * hides /proc/self/fd, so the log is opened before; ERR_IO.
 */
int privilege_lock(struct diag *diag) WARN_UNUSED;

#endif
