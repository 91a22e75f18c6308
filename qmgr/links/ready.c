/* SPDX-License-Identifier: ISC */
/*
 * ready.c - what is ready to go on a link, read ahead from the queue
 */
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "store/store.h"

/* refill - read ahead; 0 or an error, the end of the index is none */
static int
refill(struct qmgr *qmgr, struct link *link, enum store_priority priority)
{
	struct link_window *window = &link->window[priority];
	uint64_t id;
	int rc = 0;

	/* The store is asked for a window of ids at a time: a search for each
	 * message would cost more than its transfer needs. */
	window->at = window->count = 0;
	while (window->count < LINK_WINDOW) {
		rc = store_ready_next(
		    qmgr->store, link->number, priority, window->cursor, &id);
		if (rc < 0)
			break;
		window->cursor = id;
		/* An active message is with a worker, which puts it back
		 * itself. */
		if (table_find(&qmgr->active, id) == NULL)
			window->ids[window->count++] = id;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* take_of - take the next message of one priority */
static int
take_of(struct qmgr *qmgr, struct link *link, enum store_priority priority,
    uint64_t *id)
{
	struct link_window *window = &link->window[priority];
	int rc;

	for (;;) {
		if (window->at == window->count) {
			rc = refill(qmgr, link, priority);
			if (rc < 0)
				return rc;
			if (window->count == 0)
				return ERR_NOTFOUND;
		}
		*id = window->ids[window->at++];
		/* The message became active while its id lay in the window. */
		if (table_find(&qmgr->active, *id) == NULL)
			return 0;
	}
}

/* ready_take - take the next message to be sent */
int
ready_take(struct qmgr *qmgr, struct link *link, enum store_priority first,
    enum store_priority last, uint64_t *id)
{
	int rc = ERR_NOTFOUND;

	for (int p = (int)first; p <= (int)last && rc == ERR_NOTFOUND; p++) {
		if (store_link_state(qmgr->store, link->number, STORE_READY,
			(enum store_priority)p)
			.messages == 0)
			continue;
		rc = take_of(qmgr, link, (enum store_priority)p, id);
	}
	return rc;
}

/* ready_again - have a message found again that is ready, and no longer
 * active */
void
ready_again(struct link *link, enum store_priority priority, uint64_t id)
{
	struct link_window *window = &link->window[priority];

	/* The window has not reached this message yet and will find it. */
	if (id > window->cursor)
		return;
	/* The window is thrown away and read again from this message on, or
	 * from one before it that was read ahead and not taken yet: nobody else
	 * would ever find that one. */
	if (window->at < window->count && window->ids[window->at] < id)
		id = window->ids[window->at];
	window->at = window->count = 0;
	window->cursor = id - 1;
}

/* ready_reset - begin at the front again */
void
ready_reset(struct link *link)
{
	for (int p = 0; p < STORE_PRIORITIES; p++) {
		link->window[p].at = link->window[p].count = 0;
		link->window[p].cursor = 0;
	}
}

/* ready_waiting - count the messages that are ready and not active */
uint64_t
ready_waiting(const struct qmgr *qmgr, const struct link *link)
{
	uint64_t ready = 0;

	for (int p = 0; p < STORE_PRIORITIES; p++)
		ready += store_link_state(qmgr->store, link->number,
		    STORE_READY, (enum store_priority)p)
			     .messages;
	/* The store counts active messages as ready until their outcome is
	 * committed. */
	return ready > link->active ? ready - link->active : 0;
}

/* ready_urgent - tell whether an urgent message or a report is ready and not
 * active */
bool
ready_urgent(const struct qmgr *qmgr, const struct link *link)
{
	return store_link_state(
		   qmgr->store, link->number, STORE_READY, STORE_URGENT)
		   .messages > link->active_urgent;
}
