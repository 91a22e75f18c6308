/* SPDX-License-Identifier: ISC */
/*
 * downgrade.h - envelopes and reports for an MTA of 1984 (X.419 annex B, RFC
 * 1328)
 *
 * P1 of 1984 is P1 of 1988 without what came later: extensions, other-actions
 * in the trace, extended content types and encoded information types, forms of
 * names (or_downgrade.h), and codes of reports.  A content whose type is an OID
 * is "external" there (X.411 figure 2, ContentType and Content): an EXTERNAL
 * that bears the OID and the octets.  It stays that on the way back, since
 * 1988 knows it too.  What the originator marks as
 * critical is never left out: such a message is not for this peer.
 *
 * What is left out for good are histories of lists and redirections, internal
 * trace, and other-actions, whatever their criticality: they are the MTS's own
 * notes, not the originator's.
 */
#ifndef FOURPOST_MHS_DOWNGRADE_H
#define FOURPOST_MHS_DOWNGRADE_H

#include "mhs/p1.h"
#include "mhs/report.h"

/*
 * downgrade_refuses - find what of an envelope, or of one of its recipients,
 * forbids to leave it out, or NULL
 *
 * A text for reports and logs, static.
 */
const char *downgrade_refuses(const struct p1_envelope *envelope);
const char *downgrade_refuses_recipient(const struct p1_recipient *recipient);

/*
 * downgrade_envelope - make an envelope one of 1984, in place
 *
 * The content type stays, but for an OID.  ERR_VALUE: a name cannot be
 * expressed.  ERR_NOMEM.
 */
int downgrade_envelope(struct p1_envelope *envelope,
    const struct global_domain *gateway, struct arena *arena) WARN_UNUSED;

/* downgrade_recipient - make a recipient one of 1984, as downgrade_envelope
 * does with each.  ERR_VALUE, ERR_NOMEM */
int downgrade_recipient(struct p1_recipient *recipient,
    const struct global_domain *gateway, struct arena *arena) WARN_UNUSED;

/* downgrade_report - make what a report says the same; a returned content that
 * is not P2 is left out.  ERR_VALUE, ERR_NOMEM */
int downgrade_report(struct report *report, const struct global_domain *gateway,
    struct arena *arena) WARN_UNUSED;

/* upgrade_envelope - make of the names in an envelope of 1984 what they were
 * before another gateway downgraded them.  ERR_NOMEM */
int upgrade_envelope(struct p1_envelope *envelope,
    const struct global_domain *gateway, struct arena *arena) WARN_UNUSED;

/* downgrade_eits - make encoded information types (the element [APPLICATION 5],
 * or empty) those of 1984: what has only an OID becomes "undefined" */
int downgrade_eits(struct slice *eits, struct arena *arena) WARN_UNUSED;

#endif
