/* SPDX-License-Identifier: ISC */
/*
 * difference.c - what differs between the configuration in force and the file
 *
 * Compared as a reload does it, by master, because the tool's user may not be
 * able to read what the file names.
 */
#include "master/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_compare.h"
#include "conf/conf_value.h"

#define ROWS_MAX  500
#define VALUE_MAX ((size_t)1024 * 1024) /* of one item */
#define SHOWN_MAX 200			/* octets of it */

/* An answer under way. */
struct answer {
	struct control_client *client;
	const struct conf *running, *file;
	unsigned rows; /* those that were not sent too */
};

/* The items of a list, as text. */
struct items {
	char **text; /* owned, each and all */
	size_t count;
};

/* send_row - send a row, unless there were many */
static void
send_row(struct answer *answer, enum conf_section section, const char *name,
    const char *setting, const char *running, const char *file)
{
	const char *names[] = {"section", "name", "setting", "running", "file"};
	const char *values[] = {
	    conf_settings(section)->name, name, setting, running, file};
	struct ipc_field fields[5];
	const struct ipc_record record = {.type = IPC_ROW, .row = {fields, 5}};

	if (answer->rows++ >= ROWS_MAX ||
	    !loop_channel_is_open(&answer->client->channel))
		return;
	for (size_t i = 0; i < 5; i++)
		fields[i] =
		    (struct ipc_field){.name = slice_of_string(names[i]),
			.type = IPC_FIELD_TEXT,
			.octets =
			    slice_of(values[i], strnlen(values[i], SHOWN_MAX))};
	if (loop_channel_send(&answer->client->channel, &record) != 0)
		loop_channel_fini(&answer->client->channel);
}

/* by_text - order items */
static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* items_fini - free items */
static void
items_fini(struct items *items)
{
	for (size_t i = 0; i < items->count; i++)
		free(items->text[i]);
	free(items->text);
}

/* items_init - get the items of a setting in order; a value is one.  ERR_NOMEM
 */
static int
items_init(
    struct items *items, const struct conf_setting *setting, const void *values)
{
	size_t count = conf_value_count(setting, values);
	int error = 0;

	items->count = 0;
	items->text = calloc(count + 1, sizeof(*items->text));
	for (size_t i = 0; i < count && items->text != NULL && error == 0;
	     i++) {
		struct buffer text;
		struct slice value;

		buffer_init(&text, VALUE_MAX);
		error = conf_value_text(setting, values, i, &text);
		value = buffer_slice(&text);
		if (error == 0)
			items->text[i] = value.len == 0
			    ? strdup("")
			    : strndup((const char *)value.data, value.len);
		buffer_fini(&text);
		if (items->text[i] == NULL)
			error = ERR_NOMEM;
		else
			items->count++;
	}
	if (items->text == NULL)
		return ERR_NOMEM;
	if (error == 0)
		qsort(items->text, items->count, sizeof(*items->text), by_text);
	return error;
}

/* send_items - send a row for each item that one alone has */
static void
send_items(struct answer *answer, enum conf_section section, const char *name,
    const char *setting, const struct items *running, const struct items *file)
{
	size_t i = 0, j = 0;

	while (i < running->count || j < file->count) {
		int order = i == running->count ? 1
		    : j == file->count
		    ? -1
		    : strcmp(running->text[i], file->text[j]);

		if (order < 0)
			send_row(answer, section, name, setting,
			    running->text[i++], "");
		else if (order > 0)
			send_row(answer, section, name, setting, "",
			    file->text[j++]);
		else {
			i++;
			j++;
		}
	}
}

/* send_setting - send what a setting is, and would be */
static void
send_setting(struct answer *answer, enum conf_section section, const char *name,
    const struct conf_setting *setting)
{
	struct items running = {NULL, 0}, file = {NULL, 0};

	/* A viewer of the configuration need not know passwords. */
	if (setting->type == CONF_TYPE_PASSWORD) {
		send_row(answer, section, name, setting->name, "(a password)",
		    "(another password)");
		return;
	}
	if (items_init(&running, setting,
		conf_section_values(answer->running, section, name)) != 0 ||
	    items_init(&file, setting,
		conf_section_values(answer->file, section, name)) != 0)
		send_row(answer, section, name, setting->name, "(no memory)",
		    "(no memory)");
	else if (conf_setting_is_list(setting))
		send_items(
		    answer, section, name, setting->name, &running, &file);
	else
		send_row(answer, section, name, setting->name, running.text[0],
		    file.text[0]);
	items_fini(&running);
	items_fini(&file);
}

/* send_difference - send one difference, as conf_compare finds it */
static void
send_difference(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	struct answer *answer = context;

	if (setting != NULL)
		send_setting(answer, section, name, setting);
	else
		send_row(answer, section, name, "",
		    change == CONF_REMOVED ? "there" : "",
		    change == CONF_REMOVED ? "" : "there");
}

/* difference_answer - send a row for each setting that a reload would change */
int
difference_answer(
    struct control_client *client, unsigned *unsent, struct diag *diag)
{
	struct answer answer = {
	    .client = client, .running = client->master->conf};
	struct conf *file = NULL;
	int error = conf_parse_file(client->master->conf_path, &file, diag);

	if (error != 0)
		return error;
	answer.file = file;
	error = conf_compare(answer.running, file, send_difference, &answer);
	conf_free(file);
	if (error < 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	*unsent = answer.rows > ROWS_MAX ? answer.rows - ROWS_MAX : 0;
	return 0;
}
