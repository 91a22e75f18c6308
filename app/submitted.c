/* SPDX-License-Identifier: ISC */
/*
 * submitted.c - what qmgr says to an object, and what its program is told
 */
#include "app/submitted.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

#define REFUSED_MAX 32767
#define TEXT_MAX    256

/* A recipient that qmgr has refused at once. */
struct submitted_refused {
	uint32_t index;
	int reason, diagnostic;
	char *text; /* owned */
};

/* submitted_fini - free what it has */
void
submitted_fini(struct submitted *submitted)
{
	for (size_t i = 0; i < submitted->refused_count; i++)
		free(submitted->refused[i].text);
	free(submitted->refused);
	submitted->refused = NULL;
	submitted->refused_count = 0;
}

/* add_refused - note recipients that were refused at once */
static void
add_refused(struct submitted *submitted, const struct ipc_submit_answer *answer)
{
	size_t count = submitted->refused_count + answer->recipient_count;
	struct submitted_refused *more;

	if (answer->recipient_count == 0 || count > REFUSED_MAX)
		return;
	more = reallocarray(submitted->refused, count, sizeof(*more));
	/* Without memory the answer names fewer: the message is submitted, and
	 * must not be submitted again. */
	if (more == NULL)
		return;
	submitted->refused = more;
	for (size_t i = 0; i < answer->recipient_count; i++) {
		const struct ipc_recipient_outcome *r = &answer->recipients[i];
		char text[TEXT_MAX];

		(void)escape_text(text, sizeof(text), r->text);
		more[submitted->refused_count++] =
		    (struct submitted_refused){.index = r->index,
			.reason = r->reason,
			.diagnostic = r->diagnostic,
			.text = strdup(text)};
	}
}

/* submitted_take - take a record of qmgr's that is about it */
void
submitted_take(struct submitted *submitted, const struct ipc_record *record)
{
	if (record->type == IPC_SUBMIT_ANSWER)
		add_refused(submitted, &record->submit_answer);
	submission_take(&submitted->at_qmgr, record);
}

/* list_refused - list the recipients that were refused at once */
static json_t *
list_refused(const struct submitted *submitted)
{
	json_t *list = json_array();

	for (size_t i = 0; i < submitted->refused_count; i++) {
		const struct submitted_refused *r = &submitted->refused[i];
		json_t *one = json_pack("{s:I, s:s, s:i, s:s}", "n",
		    (json_int_t)r->index + 1, "result", "failed", "reason",
		    r->reason, "text", r->text == NULL ? "" : r->text);

		if (one != NULL && r->diagnostic >= 0)
			(void)json_object_set_new(
			    one, "diagnostic", json_integer(r->diagnostic));
		(void)json_array_append_new(list, one);
	}
	return list;
}

/* submitted_answer - make the answer to the program */
json_t *
submitted_answer(const struct submitted *submitted)
{
	const struct submission *s = &submitted->at_qmgr;
	json_t *answer = json_pack(
	    "{s:I, s:s}", "id", (json_int_t)s->message, "mts_id", s->mts_id);

	if (answer == NULL)
		return NULL;
	if (submitted->key[0] != '\0')
		(void)json_object_set_new(
		    answer, "key", json_string(submitted->key));
	if (s->result == IPC_SUBMIT_DUPLICATE)
		(void)json_object_set_new(answer, "duplicate", json_true());
	if (submitted->refused_count > 0)
		(void)json_object_set_new(
		    answer, "recipients", list_refused(submitted));
	return answer;
}

/* submitted_refusal - say why qmgr has refused it */
const char *
submitted_refusal(const struct submitted *submitted, struct object_fault *fault)
{
	const struct submission *s = &submitted->at_qmgr;

	*fault = (struct object_fault){.error = ERR_REFUSED};
	(void)strlcpy(fault->text, s->text, sizeof(fault->text));
	if (!s->key_reused)
		return "refused";
	(void)strlcpy(fault->pointer, "/key", sizeof(fault->pointer));
	return "key-reused";
}
