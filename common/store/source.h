/* SPDX-License-Identifier: ISC */
/*
 * source.h - what each source has in the queue
 *
 * A source is a link: a peer or a postoffice, by its number.  STORE_LINK_NONE
 * is the source of what tools submit.  Its holding is all that it put on the
 * disk and that is still there, whatever it is now:
 *
 *   records      of messages and probes that came from it, in any state, and
 *		  of the reports that they caused
 *   contents     that it began, whether partial, used, or waiting to be reaped
 *
 * A content is counted once, however many records share it.  A transfer that
 * was cut, begun again and given up counts until its octets are reaped, so
 * that nobody outruns the reaping.
 *
 * Beside it stands what a source has queued for one link, where each copy
 * counts with its whole content: that is compared with the link's share.
 *
 * Both are kept as counts, written with the transactions that change them, so
 * that start-up reads no message.  A queue of an older release has none: they
 * are made once, at the first start, and contents that were there before are
 * nobody's.
 *
 * WHAT ONE SOURCE CAN FILL, AND WHAT BOUNDS IT.  The rule: of anything that
 * sources share, one of them takes at most half.
 *
 *   the queue, its part for links that are down, the share of such a link
 *				STORE_SOURCE_SHARE; qmgr/share.c asks
 *   deferred messages		the same, and deferred-max bounds their time
 *   partial contents		the same; the oldest of that source goes first
 *   reports that it causes	the same, as they count for it
 *   intake notes		half of STORE_INTAKES_MAX for a postoffice
 *   remembered sessions	STORE_SESSIONS_LINK for a link
 *   names of batches		beyond KEPT_MAX of qmgr/batches.c the link
 *				that has the most loses its oldest
 *   memory of submissions	SUBMIT_BUFFER_MAX for a connection of qmgr,
 *				SUBMIT_BUFFER_SOURCE for a source
 *   delivery notes, ready and deferred index	one entry a message: bounded
 *				with the messages
 */
#ifndef FOURPOST_STORE_SOURCE_H
#define FOURPOST_STORE_SOURCE_H

#include "store/counts.h"
#include "store/message.h"

/* A source takes one part in so many of what it shares with others. */
#define STORE_SOURCE_SHARE 2

/* The source of a content that counts for no source. */
#define STORE_SOURCE_NOBODY UINT32_MAX

/* The cost of a record besides its envelope and inline content, about. */
#define STORE_RECORD_COST ((uint64_t)512)

/* store_source_of - tell for which source a message counts */
static inline uint32_t
store_source_of(const struct store_message *message)
{
	return message->source != 0 ? message->source : message->from_link;
}

/* store_source_total - get the records of a source, and the octets of these
 * and of its contents on the disk; O(1) */
struct store_total
store_source_total(const struct store *store, uint32_t source);

/* store_source_at - get what a source has queued for a link: copies, and their
 * octets with the whole content of each; O(log n) */
struct store_total
store_source_at(const struct store *store, uint32_t source, uint32_t link);

/*
 * store_source_others - sum up what all other sources have queued for a link
 *
 * Of each no more than max octets: what one of them has beyond its part is not
 * held against the others.  O(sources of the link).
 */
uint64_t store_source_others(
    const struct store *store, uint32_t source, uint32_t link, uint64_t max);

#endif
