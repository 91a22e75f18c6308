/* SPDX-License-Identifier: ISC */
/*
 * note.h - how a transfer that an earlier process began goes on
 *
 * Each time the peer has confirmed some more of a transfer, qmgr is given a
 * note to keep with the message.  Whichever process is given the message next
 * has the note and resumes the transfer, instead of sending it from its start,
 * as long as the peer may be expected to have what it confirmed.
 *
 * A note is BER, of at most OUTGOING_NOTE_MAX octets:
 *
 *	version     [0] INTEGER,   -- 2
 *	time        [1] INTEGER,   -- wall clock, ms
 *	activity    [2] INTEGER,
 *	serial      [3] INTEGER,
 *	offset      [4] INTEGER,   -- octets of the APDU
 *	references  [5] SessionReferences,
 *	link        [6] UTF8String
 *
 * Version 1 was text, and begins with "1".  Such a note, from a queue of an
 * earlier release, is ignored: the message is sent from its start, or by the
 * name that qmgr knows of it.
 */
#ifndef FOURPOST_TRAFFIC_NOTE_H
#define FOURPOST_TRAFFIC_NOTE_H

#include "traffic/engine/traffic.h"

/* The contents of a note; link is borrowed. */
struct note {
	int64_t time;
	struct association_resumption from; /* without references */
	struct session_references references;
	struct slice link;
};

/* note_encode - append a note to a buffer.  ERR_LIMIT: it has no room */
int note_encode(const struct note *note, struct buffer *out) WARN_UNUSED;

/* note_decode - read a note; note->link borrows from octets.  ERR_CORRUPT: it
 * is none, or of another version */
int note_decode(struct slice octets, struct note *note) WARN_UNUSED;

/* note_progress - tell qmgr how far the first job's transfer has come, now
 * and then */
void note_progress(struct traffic *traffic);

/* note_resume - begin the first job's transfer where an earlier try of it
 * ended, as its note or qmgr's name of it says */
void note_resume(struct traffic *traffic);

#endif
