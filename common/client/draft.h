/* SPDX-License-Identifier: ISC */
/*
 * draft.h - compose what is submitted: envelope and heading
 *
 * From whom, to whom, about what and of which parts; made into the envelope
 * that qmgr completes (X.411 12.2.1.1, as a submission) and an encoder of the
 * interpersonal message (X.420).  All that submit compose here, so a report
 * comes back the same whatever the message came from: with a content
 * identifier, the encoded information types, and the content if it is small.
 */
#ifndef FOURPOST_CLIENT_DRAFT_H
#define FOURPOST_CLIENT_DRAFT_H

#include "conf/conf.h"
#include "mhs/ipm_encode.h"
#include "mhs/p1.h"

/* The reports that the originator wants on a recipient. */
enum draft_report {
	DRAFT_NO_REPORT,
	DRAFT_NON_DELIVERY,
	DRAFT_DELIVERY /* and non-delivery */
};

struct draft_recipient {
	struct or_address address;
	struct slice name; /* free form, or empty */
	enum draft_report report;
	bool receipt; /* a receipt notification is requested */
};

struct draft {
	enum mts_kind kind; /* a message or a probe */
	struct or_address from;
	struct slice from_name; /* free form, or empty */
	struct draft_recipient *to;
	size_t to_count;
	/* who gets it where a recipient cannot; or empty */
	struct or_address alternate;
	struct slice subject;
	enum p1_priority priority;
	enum ipm_importance importance;
	int64_t deferred; /* seconds since 1970, or P1_NO_TIME */
	int64_t latest;	  /* delivery; likewise */
	const char *id;	  /* user-relative-identifier, printable */
	const struct ipm_outgoing *parts;
	size_t part_count;
	/* instead of heading and parts: a content as it is; of a probe without
	 * parts what it declares */
	bool raw;
	struct p1_content_type content_type;
	uint64_t content_length;
};

/* draft_init - begin a draft of this kind: no times, normal importance */
void draft_init(struct draft *draft, enum mts_kind kind);

/* draft_has_heading - tell whether a draft is an interpersonal message, which
 * the encoder of draft_encode is for */
bool draft_has_heading(const struct draft *draft);

/*
 * draft_encode - append the envelope of a draft, and make its encoder
 *
 * A probe with parts declares the length, the type and the encoded information
 * types of the message that they would make.
 *
 * encoder is left alone where draft_has_heading is false.  What it borrows
 * lies in the arena.  Errors of p1_encode and ipm_encoder_init.
 */
int draft_encode(const struct draft *draft, const struct conf *conf,
    struct arena *arena, struct buffer *envelope, struct ipm_encoder *encoder,
    struct diag *diag) WARN_UNUSED;

#endif
