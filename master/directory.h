/* SPDX-License-Identifier: ISC */
/*
 * directory.h - make directories as root without being led astray
 *
 * The rule for whatever master does as root: it follows no link that another
 * could have put there, it waits for no FIFO, and it neither changes nor
 * empties what it did not make.  So a path is walked from the root directory;
 * a link in it must be root's or our own, and as long as root walks, whoever
 * could put something else in the place of a part makes it unacceptable.
 */
#ifndef FOURPOST_MASTER_DIRECTORY_H
#define FOURPOST_MASTER_DIRECTORY_H

#include <sys/types.h>

#include "base/error.h"

/* Whose the directory is to be. */
struct directory_owner {
	uid_t user; /* (uid_t)-1: ours, whoever we are */
	gid_t group;
	uid_t former; /* it may be this user's now; (uid_t)-1: nobody */
	mode_t mode;
};

/*
 * directory_make - open a directory, made if need be, with what is above it
 *
 * Returns its descriptor.  ERR_DENIED: a part of the path, or the directory,
 * belongs to somebody else; ERR_EXISTS: it is no directory; ERR_IO.
 */
int directory_make(const char *path, const struct directory_owner *owner,
    struct diag *diag) WARN_UNUSED;

#endif
