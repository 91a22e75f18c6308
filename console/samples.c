/* SPDX-License-Identifier: ISC */
/*
 * samples.c - the numbers of each link, for metrics
 */
#include "console/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* The fields of rows, by their names. */
static const char *const names[SAMPLE_FIELDS] = {
    [SAMPLE_QUEUED] = "queued",
    [SAMPLE_OCTETS] = "octets",
    [SAMPLE_OLDEST] = "oldest",
    [SAMPLE_ACTIVE] = "active",
    [SAMPLE_ASSOCIATIONS] = "associations",
    [SAMPLE_ASSOCIATIONS_IN] = "associations_in",
    [SAMPLE_OPENED] = "opened",
    [SAMPLE_OPEN_FAILED] = "open_failed",
    [SAMPLE_CALLED] = "called",
    [SAMPLE_REJECTED] = "rejected",
    [SAMPLE_LAST_IN] = "last_in",
    [SAMPLE_LAST_OUT] = "last_out",
    [SAMPLE_LOOPS] = "loops",
    [SAMPLE_CONVERTED] = "converted",
    [SAMPLE_UNCONVERTED] = "unconverted",
    [SAMPLE_FAILURES] = "open_failures",
    [SAMPLE_NEXT_OPEN] = "next_open",
    [SAMPLE_MESSAGES_OUT] = "messages_out",
    [SAMPLE_MESSAGES_IN] = "messages_in",
    [SAMPLE_OCTETS_OUT] = "bytes_out",
    [SAMPLE_OCTETS_IN] = "bytes_in",
    [SAMPLE_REPORTS_OUT] = "reports_out",
    [SAMPLE_RECIPIENTS] = "recipients",
    [SAMPLE_RECIPIENTS_IN] = "recipients_in",
    [SAMPLE_RECIPIENTS_OUT] = "recipients_out",
    [SAMPLE_DEFERRED] = "deferred_delivery",
};

/* samples_reset - forget all, keep the memory */
void
samples_reset(struct samples *samples)
{
	samples->count = samples->found = 0;
	samples->known = 0;
}

/* samples_fini - give back the memory */
void
samples_fini(struct samples *samples)
{
	free(samples->items);
	*samples = (struct samples){0};
}

/* add - add a link */
static struct sample *
add(struct samples *samples, const char *name)
{
	struct sample *items = samples->items;
	size_t room = samples->room == 0 ? 64 : 2 * samples->room;

	if (samples->count == samples->room) {
		items = reallocarray(items, room, sizeof(*items));
		if (items == NULL)
			return NULL;
		samples->items = items;
		samples->room = room;
	}
	items += samples->count++;
	*items = (struct sample){0};
	(void)strlcpy(items->name, name, sizeof(items->name));
	return items;
}

/* find - find the sample of a link, or add it */
static struct sample *
find(struct samples *samples, const char *name)
{
	/* Rows of both kinds come in the order of the links' numbers, so that
	 * the next is the one behind the last. */
	for (size_t i = 0; i < samples->count; i++) {
		size_t at = (samples->found + 1 + i) % samples->count;

		if (strcmp(samples->items[at].name, name) == 0) {
			samples->found = at;
			return &samples->items[at];
		}
	}
	return add(samples, name);
}

/* get_text - get a text of a row, escaped; "" if there is none */
static void
get_text(const struct ipc_row *row, const char *name, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].type == IPC_FIELD_TEXT &&
		    slice_equal_string(row->fields[i].name, name))
			escape_text(text, size, row->fields[i].octets);
}

/* take_field - take a field of a row, if it is among those that are wanted */
static void
take_field(struct samples *samples, struct sample *sample,
    const struct ipc_field *field)
{
	if (field->type != IPC_FIELD_NUMBER && field->type != IPC_FIELD_TIME)
		return;
	for (unsigned i = 0; i < SAMPLE_FIELDS; i++)
		if (slice_equal_string(field->name, names[i])) {
			sample->values[i] = field->number;
			samples->known |= 1U << i;
			return;
		}
}

/* samples_take - take the numbers of a row */
int
samples_take(
    struct samples *samples, const struct ipc_row *row, const char *key)
{
	char name[SAMPLES_NAME_MAX];
	struct sample *sample;

	get_text(row, key, name, sizeof(name));
	sample = find(samples, name);
	if (sample == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < row->field_count; i++)
		take_field(samples, sample, &row->fields[i]);
	if (sample->state[0] == '\0')
		get_text(row, "state", sample->state, sizeof(sample->state));
	return 0;
}

/* samples_sum - add up a field of all links */
int64_t
samples_sum(const struct samples *samples, enum sample_field field)
{
	int64_t sum = 0;

	for (size_t i = 0; i < samples->count; i++)
		sum += samples->items[i].values[field];
	return sum;
}

/* samples_oldest - find the earliest time of a field */
int64_t
samples_oldest(const struct samples *samples, enum sample_field field)
{
	int64_t oldest = 0;

	for (size_t i = 0; i < samples->count; i++) {
		int64_t time = samples->items[i].values[field];

		if (time != 0 && (oldest == 0 || time < oldest))
			oldest = time;
	}
	return oldest;
}
