/* SPDX-License-Identifier: ISC */
/*
 * submit.c - a submission or transfer on its way into the queue: its memory
 */
#include "qmgr/receiving/submit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"

#define SPARE_MAX     64
#define ENVELOPE_KEEP ((size_t)64 * 1024)
#define CONTENT_MAX   ((size_t)2 * IPC_UNANSWERED_MAX)

/* renew_buffer - empty a buffer; give back what was large */
static void
renew_buffer(struct buffer *buffer, size_t max)
{
	/* Large envelopes are rare, and the memory of one would otherwise stay
	 * with a submission for good. */
	if (buffer->capacity > ENVELOPE_KEEP) {
		buffer_fini(buffer);
		buffer_init(buffer, max);
	}
	buffer_reset(buffer);
}

/* in_use - keep an association from being idle while something comes on it */
static void
in_use(const struct client *client)
{
	if (client->assoc != NULL)
		/* An association on which mail arrives is not idle. */
		client->assoc->idle_since = clock_monotonic();
}

/* submit_new - make a submission of a client, or NULL */
struct submit *
submit_new(struct client *client)
{
	struct qmgr *qmgr = client->qmgr;
	/* Kept from before: allocating a submission for each message costs more
	 * than keeping some. */
	struct submit *submit = TAILQ_FIRST(&qmgr->spare);

	if (submit != NULL) {
		TAILQ_REMOVE(&qmgr->spare, submit, entry);
		qmgr->spare_count--;
	} else {
		submit = calloc(1, sizeof(*submit));
		if (submit == NULL)
			return NULL;
		buffer_init(&submit->envelope, P1_ENVELOPE_MAX);
		buffer_init(&submit->content, CONTENT_MAX);
		buffer_init(&submit->mark_state, IPC_MARK_MAX);
		buffer_init(&submit->named.answer, IPC_RECORD_MAX);
		buffer_init(&submit->named.recipients, IPC_RECIPIENTS_LEN);
		buffer_init(&submit->named.had, IPC_RECIPIENTS_LEN);
		buffer_init(&submit->notes, SUBMIT_NOTES_MAX);
		placing_init(&submit->placing);
	}
	submit->qmgr = qmgr;
	submit->client = client;
	TAILQ_INSERT_TAIL(&client->submits, submit, entry);
	client->submit_count++;
	in_use(client);
	return submit;
}

/* submit_detach - let nobody wait for the answer of a submission any more */
void
submit_detach(struct submit *submit)
{
	if (submit->client == NULL)
		return;
	TAILQ_REMOVE(&submit->client->submits, submit, entry);
	submit->client->submit_count--;
	in_use(submit->client);
	submit->client = NULL;
}

/* submit_free - free a submission, emptied, for the next one */
void
submit_free(struct submit *submit)
{
	struct qmgr *qmgr = submit->qmgr;
	struct submit empty = {0};

	submit_detach(submit);
	if (submit->staging)
		TAILQ_REMOVE(&qmgr->staging, submit, staging_entry);
	if (submit->reaping)
		TAILQ_REMOVE(&qmgr->reaping, submit, reaping_entry);
	renew_buffer(&submit->envelope, P1_ENVELOPE_MAX);
	renew_buffer(&submit->content, CONTENT_MAX);
	buffer_reset(&submit->mark_state);
	placing_reset(&submit->placing);
	fates_fini(&submit->refused);
	fates_fini(&submit->named.first_refused);
	buffer_fini(&submit->named.answer);
	buffer_fini(&submit->named.recipients);
	buffer_fini(&submit->named.had);
	buffer_init(&empty.named.answer, IPC_RECORD_MAX);
	buffer_init(&empty.named.recipients, IPC_RECIPIENTS_LEN);
	buffer_init(&empty.named.had, IPC_RECIPIENTS_LEN);
	buffer_fini(&submit->notes);
	buffer_init(&empty.notes, SUBMIT_NOTES_MAX);
	empty.envelope = submit->envelope;
	empty.content = submit->content;
	empty.mark_state = submit->mark_state;
	empty.placing = submit->placing;
	*submit = empty;
	TAILQ_INSERT_HEAD(&qmgr->spare, submit, entry);
	if (++qmgr->spare_count <= SPARE_MAX)
		return;
	submit = TAILQ_LAST(&qmgr->spare, submit_list);
	TAILQ_REMOVE(&qmgr->spare, submit, entry);
	qmgr->spare_count--;
	buffer_fini(&submit->envelope);
	buffer_fini(&submit->content);
	buffer_fini(&submit->mark_state);
	placing_fini(&submit->placing);
	free(submit);
}

/* submit_free_spare - give back what is kept for the next ones */
void
submit_free_spare(struct qmgr *qmgr)
{
	struct submit *submit;

	while ((submit = TAILQ_FIRST(&qmgr->reaping)) != NULL)
		submit_free(submit);
	while ((submit = TAILQ_FIRST(&qmgr->spare)) != NULL) {
		TAILQ_REMOVE(&qmgr->spare, submit, entry);
		buffer_fini(&submit->envelope);
		buffer_fini(&submit->content);
		buffer_fini(&submit->mark_state);
		placing_fini(&submit->placing);
		free(submit);
	}
	qmgr->spare_count = 0;
}

/* submit_find - find the submission of a number, or NULL */
struct submit *
submit_find(const struct client *client, uint64_t number)
{
	struct submit *submit;

	TAILQ_FOREACH(submit, &client->submits, entry)
		if (submit->number == number)
			return submit;
	return NULL;
}

/* submit_note - take what mixer-memory is to remember with a submission */
int
submit_note(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_memory_note *note = &record->memory_note;
	struct submit *submit = submit_find(client, note->submit);

	if (submit == NULL)
		return 0;
	if (submit->state != SUBMIT_RECEIVING)
		return diag_set(diag, ERR_PROTOCOL, "a note after the end");
	/* A key beyond the bound is not remembered; mail goes on. */
	(void)!buffer_append(&submit->notes, note->notes.data, note->notes.len);
	return 0;
}
