/* SPDX-License-Identifier: ISC */
/*
 * removal.h - files of a postoffice that are gone, and need no note any more
 *
 * The note of a file that was taken keeps it from being taken twice.  If it is
 * not removed it does no harm.
 */
#ifndef FOURPOST_QMGR_RECEIVING_REMOVAL_H
#define FOURPOST_QMGR_RECEIVING_REMOVAL_H

#include "qmgr/engine/qmgr.h"
#include "store/intake.h"

/* removal_start - forget a file that is gone, in the next transaction.
 * ERR_NOMEM */
int removal_start(struct qmgr *qmgr, const struct store_file *file) WARN_UNUSED;

#endif
