/* SPDX-License-Identifier: ISC */
/*
 * taken.c - what the peers of an earlier qmgr's workers have taken
 */
#include "qmgr/links/identity.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/taken.h"
#include "store/store.h"

/* is_known - tell whether the message bears this name */
static bool
is_known(const struct qmgr *qmgr, const struct ipc_taken *taken)
{
	const struct batch_name *name = batch_name_get(qmgr, taken->message);

	return name != NULL && batch_name_equal(name, &taken->name);
}

/* taken_take - take what a worker of an earlier qmgr says was transferred */
int
taken_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_taken *taken = &record->taken;
	struct qmgr *qmgr = client->qmgr;
	struct store_message message;
	struct link *link;
	struct job *job;
	int rc;

	/* The name was settled in another way meanwhile, or belongs to a batch
	 * that is forgotten: this word says nothing about the message as it is
	 * now. */
	if (!is_known(qmgr, taken))
		return 0;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, taken->message, STORE_HEAD, &qmgr->arena, &message);
	/* The message has left already: the worker's word arrived twice, or the
	 * outcome had been committed by the qmgr that died. */
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc < 0)
		return diag_set(diag, rc, "%s", store_reason(qmgr->store));
	link = link_get(&qmgr->links, message.link);
	/* A worker may speak only for messages of its own link; its process
	 * could be in the hands of a stranger. */
	if (link != NULL && (rc = claims_message(client, link, diag)) < 0)
		return rc;
	job = link == NULL ? NULL : dispatch_claim(qmgr, link, &message);
	/* At work again: the peer is asked. */
	return job == NULL ? 0 : outcome_taken(client, job);
}
