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

/* is_of_relay - tell whether a worker of a gateway speaks of a message that is
 * queued for its relay still: the outcome was not committed, and would have had
 * it leave */
static bool
is_of_relay(const struct client *client, const struct store_message *message)
{
	return client->link != NULL && message->link == client->link->number &&
	    message->kind != MTS_REPORT;
}

/* taken_take - take what a worker of an earlier qmgr says was transferred */
int
taken_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_taken *taken = &record->taken;
	struct qmgr *qmgr = client->qmgr;
	bool relay = client->started_as == IPC_ROLE_MIXER_OUT;
	struct store_message message;
	struct link *link;
	struct job *job;
	int rc;

	/* The name was settled in another way meanwhile, or belongs to a batch
	 * that is forgotten: this word says nothing about the message as it is
	 * now.  Messages for a relay bear no names. */
	if (!relay && !is_known(qmgr, taken))
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
	if (relay && !is_of_relay(client, &message))
		return 0;
	link = link_get(&qmgr->links, message.link);
	/* A worker may speak only for messages of its own link; its process
	 * could be in the hands of a stranger. */
	if (link != NULL && (rc = claims_message(client, link, diag)) < 0)
		return rc;
	job = link == NULL ? NULL : dispatch_claim(qmgr, link, &message);
	/* At work again: the peer is asked. */
	return job == NULL
	    ? 0
	    : outcome_taken(client, job,
		  relay && taken->delivered ? IPC_DELIVERED : IPC_TRANSFERRED);
}
