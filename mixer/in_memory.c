/* SPDX-License-Identifier: ISC */
/*
 * in_memory.c - what mixer-memory is to remember of a message, and what it is
 * asked
 */
#include <stdio.h>

#include "base/clock.h"
#include "client/limits.h"
#include "mixer/in.h"
#include "mixer/memory_note.h"
#include "mixer/message_id.h"
#include "mixer/true_ids.h"

#define ANSWER_TIME 200 /* ms that mixer-memory has */

/* Octets of notes in one record to qmgr. */
#define RECORD_NOTES ((size_t)32 * 1024)

/* give_notes - give qmgr the notes that were gathered */
static int
give_notes(struct in *in)
{
	const struct ipc_record record = {.type = IPC_MEMORY_NOTE,
	    .memory_note = {.submit = in->submission.number,
		.notes = buffer_slice(&in->notes)}};
	int error = 0;

	if (buffer_length(&in->notes) > 0)
		error = in->submitter.give(in->submitter.arg, &record);
	buffer_reset(&in->notes);
	return error;
}

/* note - gather a note, and give those that fill a record */
static int
note(struct in *in, char kind, const char *rest, struct slice value)
{
	int error = memory_note_put(kind, rest, value, &in->notes);

	if (error == 0 && buffer_length(&in->notes) > RECORD_NOTES)
		error = give_notes(in);
	return error;
}

/* note_ids - note the identifiers that the heading has cut */
static int
note_ids(struct in *in)
{
	struct true_ids *ids = arena_alloc(&in->arena, sizeof(*ids));
	struct mime_header fields = {.count = 0};
	int error = 0;

	if (ids == NULL)
		return ERR_NOMEM;
	ids->count = 0;
	true_ids_fields(in->plan.heading, &in->arena, &fields);
	true_ids_read(&in->mixer.mapping, &fields, &in->arena, ids);
	for (size_t i = 0; error == 0 && i < ids->count; i++) {
		const struct true_id *id = &ids->list[i];
		const char *local = arena_string(&in->arena, id->cut.local);

		if (local == NULL)
			return ERR_NOMEM;
		if (message_id_is_cut(&id->cut))
			error = note(in, MEMORY_ID, local, id->text);
	}
	return error;
}

/* note_sender - note what the sender said of the whole message: RET, ENVID */
static int
note_sender(struct in *in)
{
	static const char letters[] = {[LMTP_RET_NONE] = '-',
	    [LMTP_RET_FULL] = 'F',
	    [LMTP_RET_HDRS] = 'H'};
	const struct lmtp_mail *mail = &in->server.mail;
	char value[1 + LMTP_ENVID_MAX];

	value[0] = letters[mail->ret];
	memcpy(value + 1, mail->envid, mail->envid_len);
	return note(in, MEMORY_CAME, "", slice_of(value, 1 + mail->envid_len));
}

/* in_memory_note - give qmgr what mixer-memory is to remember */
int
in_memory_note(struct in *in)
{
	int error = note_ids(in);
	char number[24];

	/* A message without a sender is not reported on. */
	if (error == 0 && in->server.mail.from[0] != '\0')
		error = note_sender(in);
	for (unsigned i = 0; error == 0 && i < in->pending_count; i++) {
		const struct in_recipient *r = &in->recipients[in->pending[i]];

		if (r->orcpt == NULL || r->indicators == 0)
			continue;
		(void)snprintf(number, sizeof(number), "%u", i + 1);
		error =
		    note(in, MEMORY_CAME, number, slice_of_string(r->orcpt));
	}
	return error == 0 ? give_notes(in) : error;
}

/* in_memory_take - take the answer of mixer-memory */
void
in_memory_take(struct in *in, const struct ipc_memory_ask *answer)
{
	struct slice *found;

	/* An answer that is late is none. */
	if (answer->ask != in->asked || in->told)
		return;
	in->told = true;
	found = arena_array(&in->arena, answer->text_count + 1, sizeof(*found));
	if (found == NULL)
		return;
	for (size_t i = 0; i < answer->text_count; i++)
		if (arena_slice(&in->arena, answer->texts[i], &found[i]) != 0)
			return;
	in->found = found;
	in->found_count = answer->text_count;
}

/* in_memory_ask - ask mixer-memory, and wait for its answer */
size_t
in_memory_ask(struct in *in, const struct slice *keys, size_t count)
{
	const struct ipc_record record = {.type = IPC_MEMORY_ASK,
	    .memory_ask = {
		.ask = ++in->asked, .texts = keys, .text_count = count}};
	uint64_t deadline = clock_after(ANSWER_TIME);

	in->told = false;
	in->found = NULL;
	in->found_count = 0;
	if (in->gone || count > MEMORY_TEXTS_MAX ||
	    worker_send(&in->mixer.worker, &in->mixer.qmgr, &record,
		clock_after(LIMITS_SEND)) == ERR_CLOSED)
		return 0;
	while (!in->told && in->receive(in, deadline) == 0)
		;
	return in->found_count;
}
