/* SPDX-License-Identifier: ISC */
/*
 * intake.c - submissions and transfers into the queue: the records
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/engine/rights.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/identity.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/admit_large.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/intake_envelope.h"
#include "qmgr/receiving/intake_store.h"
#include "qmgr/receiving/keyed.h"
#include "qmgr/receiving/removal.h"
#include "store/store.h"

#define PROGRESS_OCTETS ((uint64_t)64 * 1024)

/* intake_new - make the submission of a transfer that is resumed, or NULL */
struct submit *
intake_new(struct client *client, uint64_t number)
{
	struct submit *submit;

	TAILQ_FOREACH(submit, &client->submits, entry)
		if (submit->number == number)
			return NULL;
	/* A client's submissions are bounded, since each holds an envelope. */
	if (client->submit_count >= SUBMITS_MAX)
		return NULL;
	submit = submit_new(client);
	if (submit != NULL) {
		submit->number = number;
		submit->arrival = clock_wall();
	}
	return submit;
}

/* file_of - describe a file as the store knows it; the name is borrowed */
static int
file_of(const struct client *client, const struct ipc_file *from,
    struct store_file *file, struct diag *diag)
{
	/* A worker of a postoffice may speak only of files of its own. */
	int rc = claims_link(client, from->postoffice, diag);

	if (rc < 0)
		return rc;
	if (client->link == NULL)
		return diag_set(diag, ERR_STATE, "no such postoffice");
	if (from->name.len == 0 || from->name.len > STORE_FILE_NAME_MAX)
		return diag_set(
		    diag, ERR_LIMIT, "file name of %zu octets", from->name.len);
	*file = (struct store_file){
	    .postoffice = client->link->number,
	    .name = from->name,
	    .inode = from->inode,
	    .ctime = from->ctime,
	    .size = from->size,
	};
	return 0;
}

/* is_resumed - tell whether a transfer is the one that a recovered session may
 * begin again */
static bool
is_resumed(const struct client *client, const struct ipc_submit_start *start)
{
	return client->anew_session != 0 &&
	    start->old_session == client->anew_session &&
	    start->old_activity == client->anew_activity;
}

/* from_session - find the link that a transfer came from, by the session of
 * its worker */
static int
from_session(struct client *client, const struct ipc_submit_start *start,
    uint32_t *link, struct diag *diag)
{
	struct store_session session;
	int rc = claims_session(client, start->session, diag);

	if (rc < 0)
		return rc;
	if (client->role != IPC_ROLE_X400IN && client->role != IPC_ROLE_X400OUT)
		return diag_set(diag, ERR_DENIED, "a transfer from %s",
		    ipc_role_name(client->role));
	if (client->link == NULL || client->session == 0 ||
	    start->session != client->session)
		return diag_set(diag, ERR_DENIED, "not its session");
	/* On a recovered session only what was cut may come again. */
	if (client->recovered && !is_resumed(client, start))
		return diag_set(
		    diag, ERR_DENIED, "a new transfer on a recovered session");
	/* By what it was resumed from it may be known as a duplicate. */
	if (start->old_session != 0 &&
	    store_session_get(
		client->qmgr->store, start->old_session, &session) == 0 &&
	    session.link != client->link->number)
		return diag_set(
		    diag, ERR_DENIED, "it resumes another's transfer");
	*link = client->link->number;
	return 0;
}

/* check_start - check that a client may submit this at all */
static int
check_start(struct client *client, const struct ipc_submit_start *start,
    uint32_t *from, struct diag *diag)
{
	if (submit_find(client, start->submit) != NULL)
		return diag_set(diag, ERR_EXISTS, "submission begun twice");
	if (client->submit_count >= SUBMITS_MAX)
		return diag_set(diag, ERR_LIMIT, "too many submissions");
	if (start->parts &&
	    (start->envelope_length != 0 || start->kind == MTS_REPORT ||
		start->origin != IPC_TRANSFER))
		return diag_set(diag, ERR_VALUE, "an envelope in parts");
	/* Bounded before a buffer of that size is made. */
	if ((start->envelope_length == 0 && !start->parts) ||
	    start->envelope_length > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_LIMIT, "envelope of %llu octets",
		    (unsigned long long)start->envelope_length);
	/* Only whoever reads directories has files; another role would name one
	 * that it never saw. */
	if (start->has_file && client->role != IPC_ROLE_MSMI_IN &&
	    client->role != IPC_ROLE_APP_IN)
		return diag_set(diag, ERR_DENIED, "a file from %s",
		    ipc_role_name(client->role));
	if (start->origin == IPC_TRANSFER)
		return from_session(client, start, from, diag);
	if (client->role == IPC_ROLE_X400IN || client->role == IPC_ROLE_X400OUT)
		return diag_set(diag, ERR_DENIED, "a submission from %s",
		    ipc_role_name(client->role));
	*from = client->link != NULL ? client->link->number : STORE_LINK_NONE;
	return 0;
}

/* submit_forget - forget a submission that its client has given up */
static void
submit_forget(struct submit *submit)
{
	submit_detach(submit);
	if (submit->staging) {
		submit->staging = false;
		TAILQ_REMOVE(&submit->qmgr->staging, submit, staging_entry);
	}
	intake_discard(submit);
}

/* intake_give_up - refuse a submission that is under way, for the time being */
void
intake_give_up(struct submit *submit, const char *why)
{
	const struct ipc_record record = {.type = IPC_SUBMIT_ANSWER,
	    .submit_answer = {.submit = submit->number,
		.result = IPC_SUBMIT_UNAVAILABLE,
		.text = slice_of_string(why)}};

	client_send(submit->client, &record);
	submit_forget(submit);
}

/* deny_submission - refuse what the groups of a tool's caller do not allow:
 * false, they do; *limited: as some originators alone */
static bool
deny_submission(
    struct client *client, const struct ipc_submit_start *start, bool *limited)
{
	char text[CONF_ACCESS_TEXT_MAX] =
	    "not allowed: reports are made by MTAs";
	struct ipc_record record = {.type = IPC_SUBMIT_ANSWER,
	    .submit_answer = {
		.submit = start->submit, .result = IPC_SUBMIT_REFUSED}};

	*limited = client->role == IPC_ROLE_TOOL &&
	    !conf_access_allows(
		client->qmgr->conf, &client->caller, CONF_ACCESS_SUBMIT);
	if (!*limited ||
	    (start->kind != MTS_REPORT && rights_submit(client, NULL, text)))
		return false;
	record.submit_answer.text = slice_of_string(text);
	client_send(client, &record);
	return true;
}

/* take_start - take SubmitStart */
static int
take_start(struct client *client, const struct ipc_submit_start *start,
    struct diag *diag)
{
	struct submit *submit;
	struct store_file file = {0};
	uint32_t from = STORE_LINK_NONE;
	bool limited = false;
	int rc = check_start(client, start, &from, diag);

	if (rc == 0 && start->has_file)
		rc = file_of(client, &start->file, &file, diag);
	if (rc < 0)
		return rc;
	if (deny_submission(client, start, &limited))
		return 0;
	submit = submit_new(client);
	if (submit == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	submit->limited = limited;
	submit->number = start->submit;
	submit->kind = start->kind;
	submit->origin = start->origin;
	submit->from_link = from;
	submit->session = start->session;
	submit->activity = start->activity;
	submit->old_session = start->old_session;
	submit->old_activity = start->old_activity;
	submit->parts = start->parts;
	submit->envelope_length =
	    start->parts ? P1_ENVELOPE_MAX : start->envelope_length;
	submit->left_out = start->left_out;
	submit->elements_left_out = start->elements_left_out;
	submit->refuse_at_once = start->refuse_at_once;
	submit->arrival = clock_wall();
	submit->has_file = start->has_file;
	if (start->has_file) {
		memcpy(submit->file_name, file.name.data, file.name.len);
		/* The name lies in the submission, since the record's octets
		 * are gone after this call. */
		file.name = slice_of(submit->file_name, file.name.len);
		submit->file = file;
	}
	/* Said at once, before the client sends the envelope. */
	if (!intake_has_buffer(client, start->envelope_length))
		intake_give_up(submit, "too many envelopes at a time");
	return 0;
}

/* tell_progress - tell a client how much of the body is safe, or needs not
 * be */
static void
tell_progress(struct submit *submit)
{
	uint64_t covered = submit->received < submit->envelope_length
	    ? submit->received
	    : submit->envelope_length + submit->staged;
	bool too_long = submit->length != SUBMIT_LENGTH_FITS;
	struct ipc_record record = {.type = IPC_SUBMIT_PROGRESS};

	/* A progress that says nothing new is not sent; a worker waits for a
	 * larger one. */
	if (submit->client == NULL ||
	    (covered <= submit->progress && submit->marked <= submit->told &&
		!too_long))
		return;
	if (covered > submit->progress)
		submit->progress = covered;
	submit->told = submit->marked;
	record.submit_progress.submit = submit->number;
	record.submit_progress.offset = submit->progress;
	record.submit_progress.marked = submit->marked;
	record.submit_progress.too_long = too_long;
	client_send(submit->client, &record);
}

/* intake_staged - tell a client that content was committed */
void
intake_staged(struct submit *submit)
{
	tell_progress(submit);
}

/* wait_for_more - have content staged that waits for more */
static void
wait_for_more(struct submit *submit)
{
	if (submit->staging)
		return;
	submit->staging = true;
	submit->since = clock_monotonic();
	TAILQ_INSERT_TAIL(&submit->qmgr->staging, submit, staging_entry);
	/* Waiting for more makes one transaction of many pieces. */
}

/* is_progress_due - tell whether enough of an envelope came to say so */
static bool
is_progress_due(const struct submit *submit)
{
	return submit->received < submit->envelope_length &&
	    submit->received - submit->progress >= PROGRESS_OCTETS;
}

/* take_parts - take octets of an envelope whose length is not known */
static int
take_parts(struct client *client, struct submit *submit, struct slice piece,
    struct diag *diag)
{
	int rc = intake_parts(submit, piece, diag);

	if (rc < 0)
		return rc;
	/* As much as one of a known length would have been refused with. */
	if (!intake_has_buffer(client, submit->received))
		intake_give_up(submit, "too many envelopes at a time");
	else if (is_progress_due(submit))
		tell_progress(submit);
	return 0;
}

/* take_data - take SubmitData */
static int
take_data(struct client *client, const struct ipc_submit_data *data,
    struct diag *diag)
{
	struct submit *submit = submit_find(client, data->submit);
	struct slice piece = data->data;
	uint64_t missing;
	int rc = 0;

	/* The submission may have been answered while this came. */
	if (submit == NULL)
		return 0;
	if (submit->state == SUBMIT_ENDED)
		return diag_set(diag, ERR_PROTOCOL, "data after the end");
	if (submit->parts)
		return take_parts(client, submit, piece, diag);
	/* The envelope comes first and is counted apart from the content. */
	missing = submit->received < submit->envelope_length
	    ? submit->envelope_length - submit->received
	    : 0;
	if (missing > piece.len)
		missing = piece.len;
	submit->received += piece.len;
	if (missing > 0)
		rc = buffer_append(
		    &submit->envelope, piece.data, (size_t)missing);
	piece.data += missing;
	piece.len -= (size_t)missing;
	/* Beyond the mark from which it goes on more is staged already. */
	missing = submit->skip < piece.len ? submit->skip : piece.len;
	submit->skip -= missing;
	piece.data += missing;
	piece.len -= (size_t)missing;
	/* The client was told, but not yet when it gave this. */
	if (submit->length != SUBMIT_LENGTH_FITS)
		piece.len = 0;
	if (rc == 0 && piece.len > 0) {
		rc = buffer_append(&submit->content, piece.data, piece.len);
		wait_for_more(submit);
	}
	if (rc < 0)
		return diag_set(diag, rc, "more unanswered than allowed");
	if (is_progress_due(submit))
		tell_progress(submit);
	return 0;
}

/* take_size - take SubmitSize: want nothing of a content that can never fit */
static int
take_size(struct client *client, const struct ipc_submit_size *size,
    struct diag *diag)
{
	struct submit *submit = submit_find(client, size->submit);

	if (submit == NULL)
		return 0;
	if (submit->state == SUBMIT_ENDED ||
	    submit->received > submit->envelope_length)
		return diag_set(diag, ERR_PROTOCOL, "a size after the content");
	if (size->envelope_length != 0)
		return intake_parts_end(submit, size, diag);
	if (intake_too_large(submit, size->content_length))
		tell_progress(submit);
	return 0;
}

/* take_end - take SubmitEnd: decide what becomes of it, in the next commit */
static int
take_end(
    struct client *client, const struct ipc_submit_end *end, struct diag *diag)
{
	struct submit *submit = submit_find(client, end->submit);
	int rc;

	if (submit == NULL)
		return 0;
	if (submit->state == SUBMIT_ENDED)
		return diag_set(diag, ERR_PROTOCOL, "ended twice");
	if (submit->parts ||
	    buffer_length(&submit->envelope) != submit->envelope_length ||
	    submit->received - submit->envelope_length != end->content_length)
		return diag_set(diag, ERR_VALUE, "lengths do not add up");
	/* Only a transfer may be too long for the link it came by. */
	if (end->too_long && submit->origin != IPC_TRANSFER)
		return diag_set(
		    diag, ERR_VALUE, "a content too long for no link");
	if (end->key.len != 0 && end->key.len != sizeof(submit->key.octets))
		return diag_set(
		    diag, ERR_VALUE, "key of %zu octets", end->key.len);
	rc = keyed_take(client, submit, end, diag);
	if (rc < 0)
		return rc;
	client->took = true;
	submit->state = SUBMIT_ENDED;
	/* Everything is here, so what it becomes is decided before the
	 * commit. */
	submit->content_length = end->content_length;
	if (end->too_long && submit->length == SUBMIT_LENGTH_FITS)
		submit->length = SUBMIT_LENGTH_OVER_LINK;
	submit->has_key = end->key.len != 0;
	if (submit->has_key)
		memcpy(submit->key.octets, end->key.data, end->key.len);
	if (submit->staging) {
		submit->staging = false;
		TAILQ_REMOVE(&client->qmgr->staging, submit, staging_entry);
	}
	if (submit->envelope_length > SUBMIT_BUFFER_SMALL) {
		admit_large(client->qmgr, submit);
		return 0;
	}
	admit(client->qmgr, submit);
	intake_queue(submit);
	return 0;
}

/* take_mark - take SubmitMark: the transfer can be resumed from here, once
 * committed */
static int
take_mark(struct client *client, const struct ipc_submit_mark *from,
    struct diag *diag)
{
	struct submit *submit = submit_find(client, from->submit);
	int rc;

	if (submit == NULL)
		return 0;
	/* A mark beyond what was given could not be continued, and one within
	 * the envelope need not be. */
	if (submit->state == SUBMIT_ENDED || submit->origin != IPC_TRANSFER ||
	    from->offset > submit->received ||
	    from->offset <= submit->envelope_length || from->state.len == 0 ||
	    from->state.len + submit->envelope_length > IPC_MARK_MAX)
		return diag_set(diag, ERR_VALUE, "a mark where none can be");
	buffer_reset(&submit->mark_state);
	rc = buffer_append(
	    &submit->mark_state, from->state.data, from->state.len);
	if (rc < 0)
		return diag_set(diag, rc, "mark: %s", error_strerror(rc));
	client->took = true;
	submit->mark = from->offset;
	if (submit->staging) {
		submit->staging = false;
		TAILQ_REMOVE(&client->qmgr->staging, submit, staging_entry);
	}
	intake_queue(submit);
	return 0;
}

/* intake_park - leave what is marked of a transfer in the store */
void
intake_park(struct submit *submit)
{
	/* The transaction of the submission is under way: its member must stay
	 * where it is. */
	if (submit->member.applied) {
		submit_detach(submit);
		submit->state = SUBMIT_PARKED;
		return;
	}
	commit_remove(submit->qmgr, &submit->member);
	submit_free(submit);
}

/* The ways in which a submission ends that is not complete. */
enum leave {
	LEAVE_FORGOTTEN,
	LEAVE_RESUMABLE /* as far as it is marked */
};

/* submit_leave - give up a submission that is not complete */
static void
submit_leave(struct submit *submit, enum leave leave)
{
	if (leave == LEAVE_RESUMABLE && submit->marked != 0)
		/* Nothing of it was ever promised, so it can be dropped at
		 * once. */
		intake_park(submit);
	else
		submit_forget(submit);
}

/* file_removed - take FileRemoved */
static int
file_removed(struct client *client, const struct ipc_file_removed *removed,
    struct diag *diag)
{
	struct store_file file;
	int rc = file_of(client, &removed->file, &file, diag);

	return rc < 0 ? rc : removal_start(client->qmgr, &file);
}

/* intake_take - take a record of a client */
int
intake_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct submit *submit;

	switch ((int)record->type) {
	case IPC_SUBMIT_START:
		return take_start(client, &record->submit_start, diag);
	case IPC_SUBMIT_DATA:
		return take_data(client, &record->submit_data, diag);
	case IPC_SUBMIT_SIZE:
		return take_size(client, &record->submit_size, diag);
	case IPC_SUBMIT_END:
		return take_end(client, &record->submit_end, diag);
	case IPC_SUBMIT_CANCEL:
		submit = submit_find(client, record->submit_cancel.submit);
		if (submit != NULL && submit->state == SUBMIT_RECEIVING)
			submit_leave(submit,
			    record->submit_cancel.keep ? LEAVE_RESUMABLE
						       : LEAVE_FORGOTTEN);
		return 0;
	case IPC_SUBMIT_MARK:
		return take_mark(client, &record->submit_mark, diag);
	case IPC_FILE_REMOVED:
		return file_removed(client, &record->file_removed, diag);
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}

/* intake_client_gone - forget what a client has not ended and not marked */
void
intake_client_gone(struct client *client)
{
	struct submit *submit;

	while ((submit = TAILQ_FIRST(&client->submits)) != NULL) {
		/* Ended means that the answer is on its way: it is in a
		 * transaction and will be committed without the client. */
		if (submit->state == SUBMIT_ENDED)
			submit_detach(submit);
		else
			submit_leave(submit, LEAVE_RESUMABLE);
	}
}

/* intake_stage_due - have content that waited long enough staged */
bool
intake_stage_due(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	struct submit *submit, *next;

	for (submit = TAILQ_FIRST(&qmgr->staging); submit != NULL;
	     submit = next) {
		next = TAILQ_NEXT(submit, staging_entry);
		/* More wait: their pieces are taken together unless they have
		 * waited long enough. */
		if (buffer_length(&submit->content) < SUBMIT_STAGE_OCTETS &&
		    now - submit->since < SUBMIT_STAGE_TIME)
			continue;
		submit->staging = false;
		TAILQ_REMOVE(&qmgr->staging, submit, staging_entry);
		intake_queue(submit);
	}
	return !TAILQ_EMPTY(&qmgr->staging);
}

/* intake_reap_due - try the submissions again that waited for octets to be
 * reaped */
void
intake_reap_due(struct qmgr *qmgr)
{
	struct submit *submit;

	while ((submit = TAILQ_FIRST(&qmgr->reaping)) != NULL)
		/* A source's room is asked for again once some of its octets
		 * are gone. */
		intake_queue(submit);
}
