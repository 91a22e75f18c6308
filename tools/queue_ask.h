/* SPDX-License-Identifier: ISC */
/*
 * queue_ask.h - requests about the queue: to the suite, or to the queue itself
 */
#ifndef FOURPOST_TOOLS_QUEUE_ASK_H
#define FOURPOST_TOOLS_QUEUE_ASK_H

#include "tools/client.h"

/* The programs that can answer a request. */
enum queue_need {
	QUEUE_SHOWS,   /* the queue itself too, if the suite is down */
	QUEUE_CHANGES, /* the suite alone */
};

struct queue {
	const struct options *options; /* borrowed */
	const struct conf *conf;       /* borrowed; of options_reach */
	struct conf *checked;	       /* owned: read when the suite is down */
	struct client client;
	bool open;
	bool offline; /* the suite is known to be down */
};

/* queue_ask - ask, connecting first if need be; errors as client_open and
 * client_request.  With the suite down the configuration is read, and the tool
 * ends if it is wrong */
int queue_ask(struct queue *queue, enum queue_need need,
    const struct client_request *request, struct client_done *done,
    struct diag *diag) WARN_UNUSED;

/* queue_close - end the connection, if there is one, and free what was read */
void queue_close(struct queue *queue);

/* The messages that were found. */
struct queue_found {
	uint64_t *ids; /* owned, by queue_found_free */
	size_t count;
	uint64_t octets; /* of their contents */
};

/*
 * queue_find - add the ids of the messages that fit these filters
 *
 * Filters are those of "find" in view/view.h.  *done says how the last request
 * ended.
 */
int queue_find(struct queue *queue, enum queue_need need,
    const char *const *filters, size_t filter_count, struct queue_found *found,
    struct client_done *done, struct diag *diag) WARN_UNUSED;

/* queue_found_add - add one id.  ERR_NOMEM */
int queue_found_add(struct queue_found *found, uint64_t id) WARN_UNUSED;

/* queue_found_free - give back the ids */
void queue_found_free(struct queue_found *found);

/* queue_field - find the field of that name in a row, or NULL */
const struct ipc_field *
queue_field(const struct ipc_row *row, const char *name);

/* queue_number - get a number of a row, 0 if it is not there */
uint64_t queue_number(const struct ipc_row *row, const char *name);

#endif
