/* SPDX-License-Identifier: ISC */
/*
 * intake_envelope.h - the envelope of a submission while it comes, in memory
 *
 * That of a large transfer comes in parts, and how long it is nobody knows
 * before its end: it counts as far as it has come.
 */
#ifndef FOURPOST_QMGR_INTAKE_ENVELOPE_H
#define FOURPOST_QMGR_INTAKE_ENVELOPE_H

#include "qmgr/receiving/submit.h"

/*
 * intake_has_buffer - tell whether a client, its source and all together have
 * no more envelopes in memory than they may have, with one of this length that
 * was just announced or has come
 */
bool intake_has_buffer(const struct client *client, uint64_t length);

/* intake_parts - take octets of an envelope that comes in parts.  ERR_LIMIT,
 * ERR_NOMEM */
int intake_parts(
    struct submit *submit, struct slice piece, struct diag *diag) WARN_UNUSED;

/* intake_parts_end - take the lengths of an envelope that has come in parts.
 * ERR_VALUE */
int intake_parts_end(struct submit *submit, const struct ipc_submit_size *size,
    struct diag *diag) WARN_UNUSED;

#endif
