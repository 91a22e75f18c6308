/* SPDX-License-Identifier: ISC */
/*
 * qmgr.c - the state of the queue manager, which all its rooms share
 */
#include "qmgr/engine/qmgr.h"

/* qmgr_item - note the message that is worked on, for the culprit count */
void
qmgr_item(struct qmgr *qmgr, uint64_t id)
{
	if (qmgr->worker != NULL)
		worker_item(qmgr->worker, id);
}
