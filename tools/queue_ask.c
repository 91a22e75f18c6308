/* SPDX-License-Identifier: ISC */
/*
 * queue_ask.c - requests about the queue: to the suite, or to the queue itself
 */
#include "tools/queue_ask.h"

#include <stdlib.h>

#include "tools/offline.h"

#define ID_OCTETS 8

/* queue_ask - ask, connecting first if need be */
int
queue_ask(struct queue *queue, enum queue_need need,
    const struct client_request *request, struct client_done *done,
    struct diag *diag)
{
	int error = 0;

	if (!queue->open && !queue->offline) {
		error = client_open(
		    &queue->client, queue->conf, CLIENT_QMGR, "x4queue", diag);
		queue->open = error == 0;
		/* Only what shows can be answered from the disk: changes need
		 * the process that owns the queue. */
		queue->offline = error == ERR_CLOSED && need == QUEUE_SHOWS;
		if (queue->offline)
			diag_clear(diag);
		else if (error != 0)
			return error;
	}
	if (queue->open)
		return client_request(&queue->client, request, done, diag);
	/* Read when the queue is, since a tool of the running suite may not be
	 * allowed to read the file. */
	if (queue->checked == NULL)
		queue->checked = options_conf(queue->options);
	return offline_request(queue->checked, request, done, diag);
}

/* queue_close - end the connection, if there is one, and free what was read */
void
queue_close(struct queue *queue)
{
	if (queue->open)
		client_close(&queue->client);
	queue->open = false;
	conf_free(queue->checked);
	queue->checked = NULL;
}

/* queue_field - find the field of that name in a row, or NULL */
const struct ipc_field *
queue_field(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}

/* queue_number - get a number of a row, 0 if it is not there */
uint64_t
queue_number(const struct ipc_row *row, const char *name)
{
	const struct ipc_field *field = queue_field(row, name);

	return field == NULL || field->number < 0 ? 0 : (uint64_t)field->number;
}

/* queue_found_add - add one id */
int
queue_found_add(struct queue_found *found, uint64_t id)
{
	/* Room is doubled whenever the count is a power of two. */
	if ((found->count & (found->count - 1)) == 0) {
		uint64_t *ids = reallocarray(found->ids,
		    found->count == 0 ? 1 : 2 * found->count, sizeof(*ids));

		if (ids == NULL)
			return ERR_NOMEM;
		found->ids = ids;
	}
	found->ids[found->count++] = id;
	return 0;
}

/* queue_found_free - give back the ids */
void
queue_found_free(struct queue_found *found)
{
	free(found->ids);
	*found = (struct queue_found){0};
}

/* take_found - take the ids of one row of "find" */
static int
take_found(void *arg, const struct ipc_row *row)
{
	struct queue_found *found = arg;
	const struct ipc_field *ids = queue_field(row, "ids");
	int error = 0;

	if (ids == NULL || ids->type != IPC_FIELD_OCTETS)
		return ERR_PROTOCOL;
	found->octets += queue_number(row, "octets");
	for (size_t at = 0; error == 0 && at + ID_OCTETS <= ids->octets.len;
	     at += ID_OCTETS) {
		uint64_t id = 0;

		for (size_t i = 0; i < ID_OCTETS; i++)
			id = id << 8 | ids->octets.data[at + i];
		error = queue_found_add(found, id);
	}
	return error;
}

/* queue_find - add the ids of the messages that fit these filters */
int
queue_find(struct queue *queue, enum queue_need need,
    const char *const *filters, size_t filter_count, struct queue_found *found,
    struct client_done *done, struct diag *diag)
{
	const struct client_request request = {.command = "find",
	    .arguments = filters,
	    .argument_count = filter_count,
	    .on_row = take_found,
	    .arg = found};

	return queue_ask(queue, need, &request, done, diag);
}
