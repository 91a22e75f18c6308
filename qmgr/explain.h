/* SPDX-License-Identifier: ISC */
/*
 * explain.h - what a ready message waits for, in one sentence
 */
#ifndef FOURPOST_QMGR_EXPLAIN_H
#define FOURPOST_QMGR_EXPLAIN_H

#include "qmgr/engine/qmgr.h"
#include "view/view.h"

/* explain - explain what the link of a message that is ready does about it */
void explain(const struct qmgr *qmgr, const struct store_message *message,
    char text[VIEW_TEXT_MAX]);

/* explain_brief - say the same in a few words, for a list */
void explain_brief(const struct qmgr *qmgr, const struct store_message *message,
    char text[VIEW_TEXT_MAX]);

#endif
