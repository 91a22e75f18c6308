/* SPDX-License-Identifier: ISC */
/*
 * out_memory.c - what mixer-memory is asked for messages that go out
 *
 * It has 200 ms for all questions of a message; then identifiers stay cut, and
 * a report names what the message itself says.
 */
#include <stdio.h>

#include "base/clock.h"
#include "mixer/memory_note.h"
#include "mixer/out.h"

#define ANSWER_TIME 200 /* ms */

/* out_memory_begin - begin a message, for which there is as much time */
void
out_memory_begin(struct out *out)
{
	out->memory.left = ANSWER_TIME;
	out->memory.cut = NULL;
	out->memory.cut_count = 0;
}

/* out_memory_take - take the answer of mixer-memory */
void
out_memory_take(struct out *out, const struct ipc_memory_ask *answer)
{
	struct out_memory *memory = &out->memory;

	/* An answer that is late is none. */
	if (answer->ask != memory->asked || memory->arena == NULL)
		return;
	memory->answered = true;
	for (size_t i = 0; i < answer->text_count && i < memory->count; i++)
		if (arena_slice(memory->arena, answer->texts[i],
			&memory->values[i]) != 0)
			return;
	memory->known = answer->text_count > 0;
}

/* ask - ask for values of at most MEMORY_TEXTS_MAX keys, and wait; false:
 * nothing is known */
static bool
ask(struct out *out, struct arena *arena, const struct slice *keys,
    size_t count, struct slice *values)
{
	struct out_memory *memory = &out->memory;
	const struct ipc_record record = {.type = IPC_MEMORY_ASK,
	    .memory_ask = {
		.ask = memory->asked + 1, .texts = keys, .text_count = count}};
	uint64_t begun = clock_monotonic(), took;
	int error = 0;

	memset(values, 0, count * sizeof(*values));
	if (count == 0 || memory->left == 0)
		return false;
	memory->asked++;
	memory->arena = arena;
	memory->values = values;
	memory->count = count;
	memory->answered = memory->known = false;
	if (job_channel_give(&out->channel, &record) != 0)
		return false;
	while (!memory->answered && (error == 0 || error == ERR_CANCELLED))
		error =
		    job_channel_wait(&out->channel, NULL, begun + memory->left);
	took = clock_monotonic() - begun;
	memory->left -= took < memory->left ? took : memory->left;
	memory->arena = NULL;
	return memory->known;
}

/* find_cut - find what is known of an identifier of this message, or NULL */
static const struct mapping_cut *
find_cut(const struct out_memory *memory, struct slice local)
{
	for (size_t i = 0; i < memory->cut_count; i++)
		if (slice_equal(memory->cut[i].local, local))
			return &memory->cut[i];
	return NULL;
}

/* keep_cut - keep what is known of an identifier while the message is here */
static void
keep_cut(struct out *out, const struct mapping_cut *cut)
{
	struct out_memory *memory = &out->memory;
	struct mapping_cut *kept;

	if (memory->cut == NULL)
		memory->cut =
		    arena_array(&out->arena, OUT_CUT_MAX, sizeof(*memory->cut));
	if (memory->cut == NULL || memory->cut_count == OUT_CUT_MAX)
		return;
	kept = &memory->cut[memory->cut_count];
	if (arena_slice(&out->arena, cut->local, &kept->local) == 0 &&
	    arena_slice(&out->arena, cut->text, &kept->text) == 0)
		memory->cut_count++;
}

/* out_memory_recall - find what identifiers were cut from */
void
out_memory_recall(
    void *arg, struct arena *arena, struct mapping_cut *cut, size_t count)
{
	struct slice keys[MEMORY_TEXTS_MAX] = {{.len = 0}};
	struct slice values[MEMORY_TEXTS_MAX];
	struct mapping_cut *places[MEMORY_TEXTS_MAX];
	struct out *out = arg;
	size_t asked = 0;

	for (size_t i = 0; i < count; i++) {
		const struct mapping_cut *known =
		    find_cut(&out->memory, cut[i].local);
		const char *local = arena_string(arena, cut[i].local);

		if (known != NULL)
			cut[i].text = known->text;
		if (known != NULL || local == NULL ||
		    asked == MEMORY_TEXTS_MAX ||
		    out->memory.cut_count + asked == OUT_CUT_MAX)
			continue;
		places[asked] = &cut[i];
		keys[asked++] = memory_note_key(MEMORY_ID, "", local, arena);
	}
	(void)ask(out, arena, keys, asked, values);
	for (size_t i = 0; i < asked; i++) {
		places[i]->text = values[i];
		keep_cut(out, places[i]);
	}
}

/* ask_recipients - ask for ORCPT of the recipients of a report */
static void
ask_recipients(struct out *out, const struct report *report, const char *mts_id,
    struct slice *values)
{
	struct slice keys[MEMORY_TEXTS_MAX];
	char number[16];

	for (size_t at = 0; at < report->recipient_count;) {
		size_t count = 0;

		while (count < MEMORY_TEXTS_MAX &&
		    at + count < report->recipient_count) {
			(void)snprintf(number, sizeof(number), "%d",
			    report->recipients[at + count].number);
			keys[count++] = memory_note_key(
			    MEMORY_CAME, mts_id, number, &out->arena);
		}
		if (!ask(out, &out->arena, keys, count, values + at))
			return;
		at += count;
	}
}

/* out_memory_origin - find what the sender of a message said, on which a report
 * is written */
int
out_memory_origin(
    struct out *out, const struct report *report, struct report_origin *origin)
{
	struct slice key, value,
	    *values = arena_array(
		&out->arena, report->recipient_count, sizeof(*values));
	char mts_id[MTS_IDENTIFIER_TEXT];

	if (values == NULL)
		return ERR_NOMEM;
	memset(values, 0, report->recipient_count * sizeof(*values));
	*origin = (struct report_origin){.recipients = values};
	mts_identifier_format(&report->subject, mts_id);
	key = memory_note_key(MEMORY_CAME, mts_id, "", &out->arena);
	if (!ask(out, &out->arena, &key, 1, &value) || value.len == 0)
		return 0;
	origin->envid = slice_of(value.data + 1, value.len - 1);
	if (value.data[0] == 'F')
		origin->returned = REPORT_RETURN_FULL;
	else if (value.data[0] == 'H')
		origin->returned = REPORT_RETURN_HEADERS;
	ask_recipients(out, report, mts_id, values);
	return 0;
}
