/* SPDX-License-Identifier: ISC */
/*
 * reply.h - rows and ends of answers to tools
 */
#ifndef FOURPOST_TRACKER_REPLY_H
#define FOURPOST_TRACKER_REPLY_H

#include "base/credentials.h"
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

/* reply_denied - say to somebody who may not ask who may; nothing that he says
 * is read.  name is that of the socket, for the log */
void reply_denied(const struct conf *conf, struct ipc_channel *channel,
    const struct credentials *caller, const char *name);

#endif
