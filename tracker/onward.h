/* SPDX-License-Identifier: ISC */
/*
 * onward.h - pages to the process that writes them where many machines' are
 *
 * fourpost-tracking-database(8) connects as its role and is handed pages as
 * qmgr hands them to the tracker (track.h): a window of them ahead of its
 * acknowledgements, which it gives when they are there for good.  Then they are
 * deleted.  What was handed and not acknowledged is handed again to the next
 * connection.
 */
#ifndef FOURPOST_TRACKER_ONWARD_H
#define FOURPOST_TRACKER_ONWARD_H

#include "ipc/channel.h"
#include "tracker/intake.h"

#define ONWARD_TEXT_MAX 256

struct onward {
	struct ipc_channel channel; /* fd -1: nobody is connected */
	unsigned opened;	    /* intake.opened, when it connected */
	int64_t sent;		    /* all pages up to this id were */
	struct {
		uint64_t number;
		int64_t id;
	} ahead[TRACK_WINDOW]; /* that it has not acknowledged */
	unsigned first, count; /* of ahead, a ring */
	uint64_t gone_at;      /* monotonic ms: when it was connected last */
	/* why nothing gets there, or what else is wrong, as the process said
	 * last */
	char text[ONWARD_TEXT_MAX];
	int64_t since;		    /* wall clock ms */
	uint64_t trouble_at;	    /* monotonic ms: likewise */
	enum track_trouble trouble; /* what it is */
	bool said;		    /* it is in the log */
};

/* onward_init - begin with nobody connected */
void onward_init(struct onward *onward);

/* onward_begin - take over the channel of the process, which has said hello */
void onward_begin(struct onward *onward, const struct ipc_channel *channel,
    const struct intake *intake);

/* onward_end - drop the connection */
void onward_end(struct onward *onward);

/* onward_hand - hand it pages while it may have more */
void onward_hand(struct onward *onward, struct intake *intake);

/* onward_tell - log that nothing gets there, once that has lasted */
void onward_tell(struct onward *onward, struct intake *intake);

/* onward_serve - take what it has sent */
void onward_serve(struct onward *onward, struct intake *intake);

#endif
