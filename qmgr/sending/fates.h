/* SPDX-License-Identifier: ISC */
/*
 * fates.h - what became of the recipients of a job that a worker named
 *
 * They come in one record or in several (ipc.asn, Outcome), in any order.
 * Texts come from a peer or a program, and go into reports and the log: they
 * are escaped once, here.
 */
#ifndef FOURPOST_QMGR_SENDING_FATES_H
#define FOURPOST_QMGR_SENDING_FATES_H

#include "base/error.h"
#include "ipc/record.h"

#define FATES_MAX      32767 /* recipients of one job */
#define FATES_TEXT_MAX 128

struct fate {
	uint32_t index; /* in the envelope, from 0 */
	enum ipc_fate fate;
	int reason, diagnostic; /* failed */
	int64_t time;		/* delivered: s since 1970; 0: now */
	char text[FATES_TEXT_MAX];
};

/* All zero: nobody was named. */
struct fates {
	struct fate *items;
	size_t count, capacity;
};

/* fates_fini - give the memory back, and name nobody */
void fates_fini(struct fates *fates);

/* fates_add - add recipients of a record.  ERR_LIMIT (too many), ERR_NOMEM */
int fates_add(struct fates *fates, const struct ipc_recipient_outcome *from,
    size_t count) WARN_UNUSED;

/* fates_settle - put them in order, once all are there.  ERR_VALUE: one is
 * named twice */
int fates_settle(struct fates *fates) WARN_UNUSED;

/* fates_find - find the fate of a recipient, or NULL: it was not named */
const struct fate *fates_find(const struct fates *fates, uint32_t index);

/* fates_have_other - tell whether the fate of any is another than failure */
bool fates_have_other(const struct fates *fates);

#endif
