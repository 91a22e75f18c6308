/* SPDX-License-Identifier: ISC */
/*
 * fake_tool.c - tools: one that submits, one that requests
 */
#include "tests/sim/fake_tool.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/bodies.h"
#include "tests/sim/side.h"

#define PIECE 30000

struct tool {
	struct fake fake;
	struct item *item; /* that it submits; or NULL */
	char command[24], argument[24];
	bool asked;
};

static const struct fake_role role;

/* tool_of - find the tool that a fake is */
static struct tool *
tool_of(struct fake *fake)
{
	return (struct tool *)(void *)fake;
}

/* begin - begin a tool */
static struct tool *
begin(void)
{
	struct tool *tool = tool_of(fake_begin(&role, sizeof(struct tool)));

	snprintf(tool->fake.name, sizeof(tool->fake.name), "x4ctl");
	fake_act_between(&tool->fake, 0, 10);
	return tool;
}

/* tool_submit - submit an item, once */
void
tool_submit(struct item *item)
{
	begin()->item = item;
	item->state = ITEM_SENDING;
}

/* tool_request - have a request made, until it is answered */
void
tool_request(const char *command, const char *argument)
{
	struct tool *tool = begin();

	snprintf(tool->command, sizeof(tool->command), "%s", command);
	snprintf(tool->argument, sizeof(tool->argument), "%s", argument);
}

/* would_end_all - tell whether a request is that a clock is right which is
 * wrong by days: all that waits would be over, so nobody says that */
static bool
would_end_all(const char *command)
{
	return strcmp(command, "clock-ok") == 0 && sim_jumped_far();
}

/* tool_look - have a request made that only shows something */
void
tool_look(void)
{
	static const char *const commands[][2] = {{"list", ""}, {"links", ""},
	    {"summary", ""}, {"problems", ""}, {"routes", ""}, {"domain", ""},
	    {"route", "C=XB;A=TEST;S=X"}, {"clock-ok", ""}, {"show", "7"},
	    {"why", "7"}, {"reached", "a"}, {"ping", "b"}, {"ping", "c"},
	    {"no-such", ""}};
	size_t at = chance_number(sizeof(commands) / sizeof(commands[0]));

	if (would_end_all(commands[at][0]))
		return;
	tool_request(commands[at][0], commands[at][1]);
}

/* tools_busy - tell whether a tool has not had its answer */
bool
tools_busy(void)
{
	return fake_count(&role) > 0;
}

/* tools_cancel - end those that request something */
void
tools_cancel(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role &&
		    tool_of(fake)->item == NULL)
			fake_end(fake);
	}
}

/* submit - submit the item, all at once */
static void
submit(struct tool *tool)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	size_t envelope, n;
	struct slice body = item_body(tool->item, &envelope);

	record.submit_start.submit = 1;
	record.submit_start.kind = tool->item->kind;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.envelope_length = envelope;
	fake_send(&tool->fake, &record);
	for (size_t at = 0; at < body.len; at += n) {
		n = body.len - at < PIECE ? body.len - at : PIECE;
		record = (struct ipc_record){.type = IPC_SUBMIT_DATA};
		record.submit_data.submit = 1;
		record.submit_data.data =
		    slice_of((const uint8_t *)body.data + at, n);
		fake_send(&tool->fake, &record);
	}
	record = (struct ipc_record){.type = IPC_SUBMIT_END};
	record.submit_end.submit = 1;
	record.submit_end.content_length = tool->item->length;
	fake_send(&tool->fake, &record);
}

/* request - make the request */
static void
request(struct tool *tool)
{
	struct ipc_record record = {.type = IPC_REQUEST};
	struct slice argument = slice_of_string(tool->argument);

	record.request.command = slice_of_string(tool->command);
	record.request.arguments = &argument;
	record.request.argument_count = tool->argument[0] != '\0';
	fake_send(&tool->fake, &record);
}

/* tool_act - connect */
static void
tool_act(struct fake *fake)
{
	if (!fake_connect(fake, "control")) {
		fake_act_between(fake, 50, 500);
		return;
	}
	fake_hello(fake, IPC_ROLE_TOOL);
}

/* answered - note what became of the item */
static void
answered(struct tool *tool, const struct ipc_submit_answer *answer)
{
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		tool->item->state = ITEM_CONFIRMED;
		break;
	case IPC_SUBMIT_UNAVAILABLE:
	case IPC_SUBMIT_REFUSED:
		tool->item->state = ITEM_REFUSED;
		break;
	}
	trace_note("answered", tool->item->number, answer->result);
	fake_end(&tool->fake);
}

/* tool_take - take a record */
static void
tool_take(struct fake *fake, const struct ipc_record *record)
{
	struct tool *tool = tool_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		tool->asked = true;
		if (tool->item != NULL)
			submit(tool);
		/* The clock may have jumped since the tool was started. */
		else if (would_end_all(tool->command))
			fake_end(fake);
		else
			request(tool);
		break;
	case IPC_SUBMIT_PROGRESS:
	case IPC_ROW:
		break;
	case IPC_SUBMIT_ANSWER:
		answered(tool, &record->submit_answer);
		break;
	case IPC_DONE:
		trace_note("done", (uint64_t)record->done.status, 0);
		fake_end(fake);
		break;
	default:
		sim_fail("%s to a tool", ipc_type_name(record->type));
	}
}

/* tool_gone - give the item up, or request once more */
static void
tool_gone(struct fake *fake)
{
	struct tool *tool = tool_of(fake);

	if (tool->item != NULL && tool->asked) {
		tool->item->state = ITEM_UNKNOWN;
		fake_end(fake);
		return;
	}
	fake_act_between(fake, 50, 500);
}

static const struct fake_role role = {
    .name = "tool", .take = tool_take, .gone = tool_gone, .act = tool_act};
