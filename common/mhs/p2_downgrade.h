/* SPDX-License-Identifier: ISC */
/*
 * p2_downgrade.h - an interpersonal message of 1988 (P22) as one of 1984 (P2)
 *
 * A content is read once, in pieces, and the answer is a plan (p2_plan.h) of
 * the new one.  So a file of a gigabyte within it costs no memory, and all
 * lengths are known before the first octet is sent.
 *
 *   heading		extensions are left out, names downgraded; one that
 *			cannot be is shown as text
 *   general text	IA5 text; what has no place in it is replaced
 *   file transfer	bilaterally-defined: the octets, without name and date
 *   message		the same within it, of its parameters the time alone
 *   other bodies	of 1984 as they are; of 1988 there is no plan
 *   notification	as it is, without extensions
 */
#ifndef FOURPOST_MHS_P2_DOWNGRADE_H
#define FOURPOST_MHS_P2_DOWNGRADE_H

#include "mhs/ipm_decode.h"
#include "mhs/mts_identifier.h"
#include "mhs/p2_plan.h"

struct p2_downgrade {
	struct p2_plan plan;
	bool converted;	 /* a body became another */
	bool lossy;	 /* and lost something */
	const char *why; /* static: there is no plan, because of this; NULL */

	const struct global_domain *gateway; /* borrowed */
	struct ber_stream stream;
	struct ipm_decoder body; /* of the extended body at hand */
	bool body_open;
	uint8_t place[BER_DEPTH_MAX];
	unsigned active;       /* depth + 1 of what is not descended into; 0 */
	uint64_t copy_from;    /* of the element that is copied */
	struct buffer capture; /* of the one that is read whole */
	bool in_text;	       /* the body at hand is text, in: */
	struct buffer text;
	uint32_t character; /* of it, that is not whole yet */
	unsigned missing;   /* octets of that */
	struct slice raw;   /* of the event at hand, and where it stands */
	uint64_t raw_offset;
	struct diag *diag;
};

/* p2_downgrade_init - expect one content; gateway is for names, and must
 * outlive the reading */
void
p2_downgrade_init(struct p2_downgrade *d, const struct global_domain *gateway);

/* p2_downgrade_fini - give the memory back */
void p2_downgrade_fini(struct p2_downgrade *d);

/*
 * p2_downgrade_push - read the next octets
 *
 * ERR_UNSUPPORTED: d->why says what cannot be said in P2.  ERR_SYNTAX,
 * ERR_LIMIT, ERR_VALUE: the content, with the place in diag.  ERR_NOMEM.
 */
int p2_downgrade_push(
    struct p2_downgrade *d, struct slice octets, struct diag *diag) WARN_UNUSED;

/* p2_downgrade_finish - check that the content is complete: the plan is */
int p2_downgrade_finish(struct p2_downgrade *d, struct diag *diag) WARN_UNUSED;

#endif
