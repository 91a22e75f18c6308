/* SPDX-License-Identifier: ISC */
/*
 * wanted.h - what the program behind an app asks for
 *
 * An app is given no more jobs than its program has asked for, so that a
 * message waits for whoever asks first and not behind a program that is silent.
 * Each number that an app has told is answered once qmgr has given what it has.
 */
#ifndef FOURPOST_QMGR_SENDING_WANTED_H
#define FOURPOST_QMGR_SENDING_WANTED_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

/* wanted_take - take a Wanted or a JobClaim of an app.  ERR_STATE */
int wanted_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* wanted_answer - answer the apps of a link that have been given what there
 * is */
void wanted_answer(struct qmgr *qmgr, struct link *link);

#endif
