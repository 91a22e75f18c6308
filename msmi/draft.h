/* SPDX-License-Identifier: ISC */
/*
 * draft.h - a message on its way from a file to P1: envelope and heading
 *
 * Who, to whom, about what and of which parts; made into the envelope that
 * qmgr completes (X.411 12.2.1.1, as a submission) and an encoder of the
 * interpersonal message.
 */
#ifndef FOURPOST_MSMI_DRAFT_H
#define FOURPOST_MSMI_DRAFT_H

#include "conf/conf.h"
#include "mhs/ipm_encode.h"
#include "mhs/p1.h"

struct draft {
	struct or_address from;
	struct slice from_name; /* free form, or empty */
	struct or_address *to;
	struct slice *to_names; /* as many as to, or NULL */
	size_t to_count;
	struct slice subject;
	char priority;	/* '1' … '5', 'R', or 0 */
	bool reports;	/* ask for a report when it is not delivered */
	const char *id; /* user-relative-identifier, printable */
	const struct ipm_outgoing *parts;
	size_t part_count;
};

/*
 * draft_encode - envelope and encoder of a draft
 *
 * What the encoder borrows lies in the arena.  Errors of p1_encode and
 * ipm_encoder_init.
 */
int draft_encode(const struct draft *draft, const struct conf *conf,
    struct arena *arena, struct buffer *envelope, struct ipm_encoder *encoder,
    struct diag *diag) WARN_UNUSED;

#endif
