/* SPDX-License-Identifier: ISC */
/*
 * track_join.h - what the tracker of this machine knows and what the others
 * have written into their database, as one answer
 *
 * The tracker knows this machine best: the database gets its records later, or
 * not at all while it refuses them, and has none from before it was set.  Rows
 * of this machine are the tracker's, those of the others the database's; where
 * there is neither, rows of this machine that the tracker has lost and the
 * database has.
 */
#ifndef FOURPOST_TOOLS_TRACK_JOIN_H
#define FOURPOST_TOOLS_TRACK_JOIN_H

#include "tools/client.h"
#include "tools/track_find.h"

/*
 * track_join - find messages, the newest first
 *
 * As many rows as find->most are wanted, and on_row may be given more; what it
 * returns but 0 ends the search.  find->note gets why not all could be asked.
 * ERR_REFUSED: diag says why.  Else as client_open and client_request.
 */
int track_join(const struct conf *conf, const char *tool,
    const struct track_find *find, client_row_fn *on_row, void *arg,
    struct diag *diag) WARN_UNUSED;

#endif
