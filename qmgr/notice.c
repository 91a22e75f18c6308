/* SPDX-License-Identifier: ISC */
/*
 * notice.c - events of workers, which are folded here for all of them
 */
#include "qmgr/notice.h"

#include <stdio.h>

#include "base/log.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"

#define NAME_MAX_LEN 32

struct notice {
	char names[IPC_NOTICE_FIELDS][NAME_MAX_LEN];
	char worker[CLIENT_NAME_MAX + 32];
	struct log_field fields[IPC_NOTICE_FIELDS + 2]; /* worker, the end */
	size_t count;
};

/* is_name - check that a worker's word is the name of a field */
static bool
is_name(struct slice word)
{
	if (word.len == 0 || word.len >= NAME_MAX_LEN)
		return false;
	/* Names become fields of a log that others parse, so nothing but words
	 * is let through. */
	for (size_t i = 0; i < word.len; i++)
		if ((word.data[i] < 'a' || word.data[i] > 'z') &&
		    word.data[i] != '_')
			return false;
	return true;
}

/* own_link - find the link that a worker serves, or NULL */
static const struct link *
own_link(const struct client *client)
{
	return client->assoc != NULL ? client->assoc->link : client->link;
}

/* add_field - append a name and its value to the line */
static int
add_field(struct notice *notice, const struct client *client, struct slice name,
    struct slice value, struct diag *diag)
{
	char *text = notice->names[notice->count];

	if (!is_name(name))
		return diag_set(diag, ERR_VALUE, "name in a notice");
	/* The link is ours to say: a worker could name one that it does not
	 * serve. */
	if (slice_equal_string(name, "link")) {
		if (own_link(client) == NULL)
			return 0;
		value = slice_of_string(own_link(client)->name);
	}
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	notice->fields[notice->count++] = LOG_SLICE(text, value);
	return 0;
}

/* add_worker - append which worker says so */
static void
add_worker(struct notice *notice, const struct client *client)
{
	(void)snprintf(notice->worker, sizeof(notice->worker), "%s%s%s#%u",
	    ipc_role_name(client->role), client->name[0] != '\0' ? "/" : "",
	    client->name, client->instance);
	notice->fields[notice->count++] = LOG_STRING("worker", notice->worker);
	notice->fields[notice->count] = LOG_END;
}

/* notice_take - log the event that a worker tells of */
int
notice_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_notice *from = &record->notice;
	struct notice notice = {.count = 0};
	enum event_name event;
	int error = 0;

	/* A worker may only report what peers can cause: any other event from
	 * it would be a lie in our name. */
	if (!event_find((int)from->number, &event) ||
	    (event_cause(event) != CAUSE_PEER &&
		event_cause(event) != CAUSE_STATE))
		return diag_set(diag, ERR_VALUE, "notice of event %u",
		    (unsigned)from->number);
	/* Names and values come in pairs. */
	if (from->value_count % 2 != 0 ||
	    from->value_count > (size_t)2 * IPC_NOTICE_FIELDS)
		return diag_set(
		    diag, ERR_LIMIT, "notice of %zu values", from->value_count);
	for (size_t i = 0; error == 0 && i < from->value_count; i += 2)
		error = add_field(&notice, client, from->values[i],
		    from->values[i + 1], diag);
	if (error != 0)
		return error;
	/* The worker is named from what the process knows of it, not from the
	 * notice. */
	add_worker(&notice, client);
	log_event(event, notice.fields);
	return 0;
}
