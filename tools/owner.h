/* SPDX-License-Identifier: ISC */
/*
 * owner.h - work in a queue as the user whose it is, not as root
 *
 * The directory of the queue belongs to the user of qmgr, which could have put
 * links and FIFOs there that root must not be led by; and what is made there
 * must be that user's.
 */
#ifndef FOURPOST_TOOLS_OWNER_H
#define FOURPOST_TOOLS_OWNER_H

#include "base/error.h"

/*
 * owner_become - give up root, for good, for the owner of a directory, or of
 * what is above it if it is not there; not started by root: nothing is done
 *
 * ERR_NOTFOUND: the owner is no user of this system.
 */
int owner_become(const char *directory, struct diag *diag) WARN_UNUSED;

/*
 * owner_make - make a directory for the owner of a queue's, where that user
 * may make none; *fd is open on it
 *
 * Not started by root, or for a queue that is root's: nothing is done, *fd is
 * -1.  ERR_EXISTS (there is something), ERR_IO.
 */
int owner_make(const char *queue, const char *path, int *fd,
    struct diag *diag) WARN_UNUSED;

#endif
