/* SPDX-License-Identifier: ISC */
/*
 * track_way.h - the whole way of a message, on one machine or across several
 */
#ifndef FOURPOST_TOOLS_TRACK_WAY_H
#define FOURPOST_TOOLS_TRACK_WAY_H

#include "tools/output.h"

#define TRACK_WAY_MAX 16 /* machines */

/*
 * track_way_print - print the way of a message: what it is, what happened in
 * the order of time, and where each recipient stands
 *
 * One row for each machine that it was on, at most TRACK_WAY_MAX of them.
 */
void
track_way_print(struct output *out, const struct ipc_row *rows, size_t count);

#endif
