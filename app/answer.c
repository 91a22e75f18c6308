/* SPDX-License-Identifier: ISC */
/*
 * answer.c - what a program says became of the recipients of an object
 */
#include "app/answer.h"

#include <jansson.h>
#include <stdio.h>

#include "mhs/report.h"

#define CODE_MAX 32767 /* of reasons and diagnostics */
#define TEXT_MAX 1024  /* octets */
#define LIST	 "/recipients"

struct reading {
	const struct answer_for *on;
	struct arena *arena;
	struct object_fault *fault;
	char pointer[64]; /* of the value at hand */
};

/* refuse - note what is wrong with a member of the value at hand */
static int
refuse(const struct reading *r, const char *member, const char *reason)
{
	char pointer[128];

	(void)snprintf(pointer, sizeof(pointer), "%s%s%s", r->pointer,
	    member[0] == '\0' ? "" : "/", member);
	return object_fault_set(r->fault, ERR_VALUE, pointer, "%s", reason);
}

/* read_number - read a member that is an integer, if it is there */
static int
read_number(const struct reading *r, const json_t *object, const char *member,
    int64_t max, int64_t *number)
{
	const json_t *value = json_object_get(object, member);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return refuse(r, member, "it is no integer in its range");
	*number = json_integer_value(value);
	return 0;
}

/* read_text - read a member that is a text, if it is there, into the arena */
static int
read_text(const struct reading *r, const json_t *object, const char *member,
    struct slice *text)
{
	const json_t *value = json_object_get(object, member);

	if (value == NULL)
		return 0;
	if (!json_is_string(value) || json_string_length(value) > TEXT_MAX)
		return refuse(r, member, "it is no text of 1024 octets");
	return arena_slice(r->arena,
	    slice_of(json_string_value(value), json_string_length(value)),
	    text);
}

/* is_known - tell whether a member may stand there */
static bool
is_known(const char *const *known, const char *member)
{
	/* Members of such a name are the program's own. */
	if (strncmp(member, "x-", 2) == 0)
		return true;
	for (; *known != NULL; known++)
		if (strcmp(*known, member) == 0)
			return true;
	return false;
}

/* check_members - check that a value is an object without unknown members */
static int
check_members(const struct reading *r, json_t *object, const char *const *known)
{
	const char *member;
	json_t *value;

	if (!json_is_object(object))
		return refuse(r, "", "it is no object");
	json_object_foreach(object, member,
	    value) if (!is_known(known, member)) return refuse(r, member,
	    "no such member");
	return 0;
}

/* read_fate - read what a program says became of a recipient */
static int
read_fate(
    const struct reading *r, json_t *object, struct ipc_recipient_outcome *to)
{
	static const char *const known[] = {
	    "n", "result", "time", "reason", "diagnostic", "text", NULL};
	int64_t reason = REASON_UNABLE_TO_TRANSFER, diagnostic = -1, time = 0;
	const char *result;
	int error = check_members(r, object, known);

	if (error == 0)
		error = read_number(r, object, "reason", CODE_MAX, &reason);
	if (error == 0)
		error =
		    read_number(r, object, "diagnostic", CODE_MAX, &diagnostic);
	if (error == 0)
		error = read_number(r, object, "time", INT32_MAX * 8LL, &time);
	if (error == 0)
		error = read_text(r, object, "text", &to->text);
	if (error < 0)
		return error;
	result = json_string_value(json_object_get(object, "result"));
	if (result == NULL)
		return refuse(r, "result", "it is missing, or no text");
	if (strcmp(result, "delivered") == 0)
		to->fate = IPC_FATE_DELIVERED;
	else if (strcmp(result, "transferred") == 0)
		to->fate = IPC_FATE_TRANSFERRED;
	else if (strcmp(result, "failed") == 0)
		to->fate = IPC_FATE_FAILED;
	else if (strcmp(result, "transient") == 0)
		to->fate = IPC_FATE_LATER;
	else
		return refuse(r, "result",
		    "it is none of delivered, transferred, failed, transient");
	to->reason = (int32_t)reason;
	to->diagnostic = (int32_t)diagnostic;
	to->time = time;
	return 0;
}

/* spread - say of all recipients what one fate says */
static void
spread(struct ipc_outcome *outcome, const struct ipc_recipient_outcome *fate)
{
	static const enum ipc_result results[] = {
	    [IPC_FATE_FAILED] = IPC_REFUSED,
	    [IPC_FATE_TRANSFERRED] = IPC_TRANSFERRED,
	    [IPC_FATE_DELIVERED] = IPC_DELIVERED,
	    [IPC_FATE_LATER] = IPC_LATER,
	};

	outcome->result = results[fate->fate];
	outcome->reason = fate->reason;
	outcome->diagnostic = fate->diagnostic;
	outcome->text = fate->text;
	outcome->time = fate->time;
}

/* read_recipient - read one element of recipients; named notes who was */
static int
read_recipient(struct reading *r, json_t *object, uint8_t *named,
    struct ipc_recipient_outcome *to)
{
	int64_t n = 0;
	int error = read_fate(r, object, to);

	if (error == 0)
		error = read_number(r, object, "n", INT32_MAX, &n);
	if (error < 0)
		return error;
	if (n < 1 || (uint64_t)n > r->on->count ||
	    r->on->responsible[n - 1] == 0)
		return refuse(r, "n", "it is no recipient to answer for");
	if (named[n - 1] != 0)
		return refuse(r, "n", "the recipient is named twice");
	named[n - 1] = 1;
	to->index = (uint32_t)(n - 1);
	return 0;
}

/* check_all_named - check that everybody to answer for was named */
static int
check_all_named(struct reading *r, const uint8_t *named)
{
	char reason[64];

	for (size_t i = 0; i < r->on->count; i++) {
		if (r->on->responsible[i] == 0 || named[i] != 0)
			continue;
		(void)snprintf(
		    reason, sizeof(reason), "recipient %zu is missing", i + 1);
		(void)strlcpy(r->pointer, LIST, sizeof(r->pointer));
		return refuse(r, "", reason);
	}
	return 0;
}

/* read_recipients - read the list of recipients */
static int
read_recipients(struct reading *r, json_t *list, struct answer *answer)
{
	uint8_t *named = arena_array(r->arena, r->on->count + 1, 1);
	size_t count = json_array_size(list);
	int error = 0;

	(void)strlcpy(r->pointer, LIST, sizeof(r->pointer));
	if (!json_is_array(list) || count > r->on->count)
		return refuse(r, "", "it is no list of these recipients");
	answer->recipients =
	    arena_array(r->arena, count + 1, sizeof(*answer->recipients));
	if (named == NULL || answer->recipients == NULL)
		return arena_error(r->arena);
	for (size_t i = 0; i < count && error == 0; i++) {
		(void)snprintf(r->pointer, sizeof(r->pointer), LIST "/%zu", i);
		error = read_recipient(r, json_array_get(list, i), named,
		    &answer->recipients[answer->count++]);
	}
	if (error == 0)
		error = check_all_named(r, named);
	/* With every recipient named, the result of the whole counts for
	 * none. */
	answer->outcome.result = IPC_DELIVERED;
	return error;
}

/* read_whole - read the one member that an answer has */
static int
read_whole(struct reading *r, json_t *whole, struct answer *answer)
{
	static const char *const known[] = {"recipients", "all", NULL};
	json_t *all = json_object_get(whole, "all");
	json_t *list = json_object_get(whole, "recipients");
	struct ipc_recipient_outcome fate = {0};
	int error = check_members(r, whole, known);

	if (error < 0)
		return error;
	if ((all == NULL) == (list == NULL))
		return refuse(r, "", "it needs either recipients or all");
	if (list != NULL)
		return read_recipients(r, list, answer);
	(void)strlcpy(r->pointer, "/all", sizeof(r->pointer));
	if (json_object_get(all, "n") != NULL)
		return refuse(r, "n", "all has no number");
	error = read_fate(r, all, &fate);
	if (error == 0)
		spread(&answer->outcome, &fate);
	return error;
}

/* answer_take - read an answer */
int
answer_take(json_t *whole, const struct answer_for *on, struct arena *arena,
    struct answer *answer, struct object_fault *fault)
{
	struct reading r = {.on = on, .arena = arena, .fault = fault};

	*answer = (struct answer){.outcome = {.diagnostic = -1}};
	return read_whole(&r, whole, answer);
}

/* answer_read - read the text of an answer */
int
answer_read(struct slice text, const struct answer_for *on, struct arena *arena,
    struct answer *answer, struct object_fault *fault)
{
	json_error_t wrong;
	json_t *whole = json_loadb(
	    (const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &wrong);
	int error;

	if (whole == NULL) {
		fault->line = wrong.line > 0 ? (unsigned)wrong.line : 0;
		return object_fault_set(
		    fault, ERR_SYNTAX, "", "%s", wrong.text);
	}
	error = answer_take(whole, on, arena, answer, fault);
	json_decref(whole);
	return error;
}
