/* SPDX-License-Identifier: ISC */
/*
 * reply.h - rows and ends of answers to tools
 */
#ifndef FOURPOST_TRACKER_REPLY_H
#define FOURPOST_TRACKER_REPLY_H

#include <sys/types.h>

#include "conf/conf.h"
#include "ipc/channel.h"
#include "tracker/row.h"

#define REPLY_MOST 64 /* recipients and events of an item in a row */

#define REPLY_TOO_LONG \
	"the search takes too long: say --since, or more of the address"

/* reply_row - send a row.  ERR_AGAIN: no more until the tool has read */
int reply_row(struct ipc_channel *channel, struct row *row) WARN_UNUSED;

/* reply_done - end an answer */
int reply_done(struct ipc_channel *channel, int status, const char *text,
    uint64_t cursor) WARN_UNUSED;

/* reply_admits - tell whether who connected may look at all, or say to him who
 * may; *caller is his user, of whom nothing was read.  name is that of the
 * socket, for the log */
bool reply_admits(const struct conf *conf, struct ipc_channel *channel,
    const char *name, uid_t *caller);

#endif
