/* SPDX-License-Identifier: ISC */
/*
 * problem.c - what is wrong, as a row
 */
#include "ipc/problem.h"

/* text_field - make a field of text */
static struct ipc_field
text_field(const char *name, const char *text)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string(text)};
}

/* problem_fields - make the fields of a row */
void
problem_fields(
    const struct problem *problem, struct ipc_field fields[PROBLEM_FIELDS])
{
	fields[0] = text_field("kind", "problem");
	fields[1] = text_field("id", problem->id);
	fields[2] = text_field("name", problem->name);
	fields[3] = (struct ipc_field){.name = slice_of_string("weight"),
	    .type = IPC_FIELD_NUMBER,
	    .number = problem->weight};
	fields[4] = (struct ipc_field){.name = slice_of_string("since"),
	    .type = IPC_FIELD_TIME,
	    .number = problem->since};
	fields[5] = text_field("text", problem->text);
	fields[6] = text_field("command", problem->command);
}

/* problem_heavier - tell whether a problem is shown before another */
bool
problem_heavier(enum problem_weight weight, int64_t since,
    enum problem_weight other_weight, int64_t other_since)
{
	if (weight != other_weight)
		return weight > other_weight;
	return since < other_since;
}
