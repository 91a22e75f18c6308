/* SPDX-License-Identifier: ISC */
/*
 * copy.h - a copy of the queue that a tool makes while it is in use
 *
 * The tool asks "copy" and gets a row, with the descriptor of the file: how
 * many pages of which size, and the first of them, which the next commit writes
 * over. It reads the pages itself, for which the loop never waits. A snapshot
 * keeps them until it says "copied", or goes. One that would have the queue or
 * its disk fill up is given up: then the tool gets a done that it has not asked
 * for.
 */
#ifndef FOURPOST_QMGR_COPY_H
#define FOURPOST_QMGR_COPY_H

#include "qmgr/engine/client.h"

/* copy_begin - answer a tool that wants to copy the queue */
void copy_begin(struct client *client);

/* copy_end - answer a tool that has copied it: was it still whole? what: where
 * the copy is, for the log */
void copy_end(struct client *client, struct slice what);

/* copy_check - give the copy up if the queue needs the room; after a commit */
void copy_check(struct qmgr *qmgr);

/* copy_gone - end the copy of a client that is gone, if it is making one */
void copy_gone(const struct client *client);

/* copy_tell - log that the queue had been a copy, if that is not told yet */
void copy_tell(struct qmgr *qmgr);

#endif
