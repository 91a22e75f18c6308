/* SPDX-License-Identifier: ISC */
/*
 * removal.h - notes that are not needed any more: of files of a postoffice that
 * are gone, of what a mail server does not send again
 *
 * Such a note keeps something from being taken twice.  If it is not removed it
 * does no harm.
 */
#ifndef FOURPOST_QMGR_RECEIVING_REMOVAL_H
#define FOURPOST_QMGR_RECEIVING_REMOVAL_H

#include "qmgr/engine/qmgr.h"
#include "store/intake.h"
#include "store/keyed.h"

/* removal_start - forget a file that is gone, in the next transaction.
 * ERR_NOMEM */
int removal_start(struct qmgr *qmgr, const struct store_file *file) WARN_UNUSED;

/* removal_start_keyed - forget what a gateway has noted under a key, likewise:
 * application, name and message are read */
int removal_start_keyed(
    struct qmgr *qmgr, const struct store_keyed *note) WARN_UNUSED;

#endif
