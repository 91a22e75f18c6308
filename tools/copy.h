/* SPDX-License-Identifier: ISC */
/*
 * copy.h - copy the queue of a suite that runs
 */
#ifndef FOURPOST_TOOLS_COPY_H
#define FOURPOST_TOOLS_COPY_H

#include "tools/client.h"

/* The extent of a copy. */
struct copy_result {
	uint64_t messages, octets;
};

/*
 * copy_queue - copy the queue into a new directory, which is there when the
 * copy is whole; it is marked as a copy
 *
 * client is connected to qmgr.  ERR_EXISTS: the directory is there.  ERR_FULL:
 * its disk, or qmgr gave the copy up; and others, which diag explains.
 */
int copy_queue(struct client *client, const char *directory,
    struct copy_result *result, struct diag *diag) WARN_UNUSED;

#endif
