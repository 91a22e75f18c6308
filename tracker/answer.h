/* SPDX-License-Identifier: ISC */
/*
 * answer.h - the tools' requests to the tracker, and its answers
 *
 *	find	id= from= to= since= until= link= state= content-id=
 *		a row for each item (row.h), the newest first; machine= is put
 *		into each as it is
 *	events	after=N
 *		what happened after event N, at most 200 rows
 *	end	the number of the last event
 *	stats	by=day|link|sender|recipient since= until= zone=
 *		rows of stats.h
 *	delays	rows of delays.h
 *
 * Times are ms since 1970.  An answer that has no room or takes too long ends
 * with a cursor, which is asked for again, as qmgr does it.
 */
#ifndef FOURPOST_TRACKER_ANSWER_H
#define FOURPOST_TRACKER_ANSWER_H

#include "ipc/channel.h"
#include "tracker/intake.h"

/* answer_request - answer a request on a channel.  ERR_LIMIT, ERR_NOMEM: the
 * connection is of no more use */
int answer_request(struct intake *intake, struct ipc_channel *channel,
    const struct ipc_request *request) WARN_UNUSED;

#endif
