/* SPDX-License-Identifier: ISC */
/*
 * copy.c - a copy of the queue that a tool makes while it is in use
 */
#include "qmgr/copy.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "ipc/exit_status.h"
#include "qmgr/engine/rights.h"
#include "store/snapshot.h"
#include "view/row.h"

#define WHERE_MAX 256

struct copy {
	struct client *client;
	struct store_snapshot snapshot;
};

/* answer - end an answer, or what was begun */
static void
answer(struct client *client, int status, const char *text)
{
	client_send(client,
	    &(struct ipc_record){.type = IPC_DONE,
		.done = {.status = status, .text = slice_of_string(text)}});
}

/* end_copy - let the store have its pages */
static void
end_copy(struct qmgr *qmgr)
{
	store_snapshot_end(qmgr->store, &qmgr->copy->snapshot);
	free(qmgr->copy);
	qmgr->copy = NULL;
}

/* send_snapshot - send what the copy is made of */
static int
send_snapshot(struct client *client, const struct store_snapshot *snapshot)
{
	struct ipc_record record = {.type = IPC_ROW};
	struct view_row row;

	view_row_init(&row, &client->qmgr->arena);
	view_number(&row, "page", snapshot->page);
	view_number(&row, "pages", snapshot->pages);
	view_number(&row, "messages", snapshot->messages);
	view_time(&row, "made", clock_wall());
	view_octets(&row, "meta",
	    slice_of(snapshot->meta, STORE_SNAPSHOT_META * snapshot->page));
	record.row = view_row_of(&row);
	return ipc_channel_send_fd(&client->channel, &record, snapshot->fd);
}

/* copy_begin - answer a tool that wants to copy the queue */
void
copy_begin(struct client *client)
{
	struct qmgr *qmgr = client->qmgr;
	struct copy *copy = calloc(1, sizeof(*copy));
	struct diag diag = {0};
	int rc;

	if (copy == NULL) {
		answer(client, EXIT_STATUS_REFUSED, "no memory");
		return;
	}
	rc = store_snapshot_begin(qmgr->store, &copy->snapshot, &diag);
	if (rc < 0) {
		free(copy);
		answer(client, EXIT_STATUS_REFUSED, diag_text(&diag));
		return;
	}
	copy->client = client;
	qmgr->copy = copy;
	rc = send_snapshot(client, &copy->snapshot);
	if (rc < 0) {
		end_copy(qmgr);
		answer(client, EXIT_STATUS_REFUSED, error_strerror(rc));
		return;
	}
	answer(client, EXIT_STATUS_DONE, "");
}

/* copy_end - answer a tool that has copied the queue */
void
copy_end(struct client *client, struct slice what)
{
	struct qmgr *qmgr = client->qmgr;
	char where[WHERE_MAX];

	/* Given up, which was said, or never begun. */
	if (qmgr->copy == NULL || qmgr->copy->client != client) {
		answer(client, EXIT_STATUS_REFUSED, "no copy is under way");
		return;
	}
	end_copy(qmgr);
	escape_text(where, sizeof(where), what);
	rights_changed(client, slice_of_string("copy"), where);
	answer(client, EXIT_STATUS_DONE, "");
}

/* copy_check - give the copy up if the queue needs the room */
void
copy_check(struct qmgr *qmgr)
{
	char name[CREDENTIALS_NAME_MAX];
	struct diag diag = {0};
	struct client *client;

	if (qmgr->copy == NULL || store_snapshot_check(qmgr->store, &diag) == 0)
		return;
	client = qmgr->copy->client;
	end_copy(qmgr);
	LOG_EVENT(EVENT_COPY_GIVEN_UP,
	    LOG_STRING("user", credentials_name(&client->caller, name)),
	    LOG_STRING("reason", diag_text(&diag)));
	answer(client, EXIT_STATUS_REFUSED, diag_text(&diag));
}

/* copy_gone - end the copy of a client that is gone */
void
copy_gone(const struct client *client)
{
	struct qmgr *qmgr = client->qmgr;

	if (qmgr->copy != NULL && qmgr->copy->client == client)
		end_copy(qmgr);
}

/* copy_tell - log that the queue had been a copy */
void
copy_tell(struct qmgr *qmgr)
{
	int64_t made = store_restored(qmgr->store);

	if (made == 0)
		return;
	LOG_EVENT(EVENT_QUEUE_RESTORED, LOG_INT("copied", made / 1000),
	    LOG_INT("messages", store_total(qmgr->store).messages));
	/* Told again by the next start, if this cannot be noted. */
	if (store_begin(qmgr->store) != 0)
		return;
	store_copy_told(qmgr->store);
	(void)!store_commit(qmgr->store);
}
