/* SPDX-License-Identifier: ISC */
/*
 * draft.h - compose what is submitted: envelope and heading
 *
 * From whom, to whom, about what and of which parts; made into the envelope
 * that qmgr completes (X.411 12.2.1.1, as a submission) and an encoder of the
 * interpersonal message (X.420).  A report comes back with a content
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

#define DRAFT_IDENTIFIER_MAX 16 /* X.411 ub-content-id-length */

struct draft {
	struct or_address from;
	struct slice from_name; /* free form, or empty */
	struct draft_recipient *to;
	size_t to_count;
	struct slice subject;
	enum p1_priority priority;
	enum ipm_importance importance;
	const char *id; /* user-relative-identifier, printable */
	const struct ipm_outgoing *parts;
	size_t part_count;
};

/* draft_init - begin a draft: normal priority and importance */
void draft_init(struct draft *draft);

/*
 * draft_encode - append the envelope of a draft, and make its encoder
 *
 * What the encoder borrows lies in the arena.  Errors of p1_encode and
 * ipm_encoder_init.
 */
int draft_encode(const struct draft *draft, const struct conf *conf,
    struct arena *arena, struct buffer *envelope, struct ipm_encoder *encoder,
    struct diag *diag) WARN_UNUSED;

/*
 * draft_identifier - make a content identifier of the beginning of a subject,
 * as far as it is printable: its length
 *
 * The identifier comes back in reports, also where the content does not.
 */
size_t
draft_identifier(struct slice subject, uint8_t text[DRAFT_IDENTIFIER_MAX]);

#endif
