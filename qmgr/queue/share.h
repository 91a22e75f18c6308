/* SPDX-License-Identifier: ISC */
/*
 * share.h - how much of the queue one source may have
 *
 * One source (a peer, a postoffice, the tools together) takes at most half of
 * anything that sources share; what that is, and what bounds each, stands in
 * store/source.h.  A source at its limit is refused for the time being, until
 * mail of its own has left; nobody else notices.  Where all that is too much
 * are contents of its own that were given up and wait to be reaped, a
 * submission waits for that (intake.h): a peer that was refused once is not
 * refused again for what it did not keep.  A content that is larger
 * than the limit itself can never fit, and is refused for good as soon as it
 * is seen to be so.
 */
#ifndef FOURPOST_QMGR_SHARE_H
#define FOURPOST_QMGR_SHARE_H

#include "qmgr/engine/qmgr.h"

enum share_answer {
	SHARE_FITS,
	SHARE_SOON,  /* when octets of this source have been reaped */
	SHARE_LATER, /* not before something of this source has left */
	SHARE_NEVER
};

/* The octets and records that a source wants to add. */
struct share_request {
	uint32_t source;  /* number of a link, or STORE_LINK_NONE */
	uint64_t octets;  /* more than it has now */
	uint64_t content; /* octets of the whole content, as far as known */
	bool waiting;	  /* a link that it is for is not up */
};

/* share_ask - decide whether a source may have more of the queue */
enum share_answer
share_ask(const struct qmgr *qmgr, const struct share_request *request);

/* Whose part of a link's share is full. */
enum share_full {
	SHARE_FULL_NOT,
	SHARE_FULL_LINK,
	SHARE_FULL_SOURCE
};

/*
 * share_ask_link - decide whether a source may have more octets of the share of
 * a link that is not up
 *
 * What another source has beyond its own part of that share, since it came
 * while the link was up or is deferred, does not count.
 */
enum share_full share_ask_link(
    const struct qmgr *qmgr, uint32_t source, uint32_t link, uint64_t octets);

/* share_text - write what a refused source is told */
void share_text(
    const struct qmgr *qmgr, enum share_answer answer, char *text, size_t size);

/*
 * share_over - note that a source was refused at its limit, and log it
 *
 * SHARE_FULL_SOURCE: at that of the whole queue, so that its oldest partial
 * content is to go (resume.h); SHARE_FULL_LINK: at its part of a link's.
 */
void share_over(struct qmgr *qmgr, uint32_t source, enum share_full full);

#endif
