/* SPDX-License-Identifier: ISC */
/*
 * doubtful.c - messages that a peer may have, and was not heard to have taken
 */
#include "qmgr/sending/doubtful.h"

#include "base/log.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/batch_name.h"
#include "store/store.h"

/* doubtful_is - tell whether the peer may have a message */
bool
doubtful_is(const struct qmgr *qmgr, uint64_t message)
{
	return batch_name_get(qmgr, message) != NULL;
}

/* writes_files - tell whether the worker of a link writes files, and notes
 * before it does: a postoffice's, or that of a program with a directory */
static bool
writes_files(const struct link *link)
{
	return link->kind == LINK_MSMAIL ||
	    (link->kind == LINK_APPLICATION && !link->policy.asked);
}

/* doubtful_has_file - tell whether there may be a file of a message */
bool
doubtful_has_file(struct qmgr *qmgr, const struct link *link, uint64_t message)
{
	struct store_delivery delivery;

	/* A note that cannot be read now is no proof that no file is there. */
	return writes_files(link) &&
	    store_delivery_get(qmgr->store, message, &qmgr->arena, &delivery) !=
	    ERR_NOTFOUND;
}

/* works - tell whether a link can be asked what it has */
static bool
works(const struct link *link)
{
	switch (link->state) {
	case LINK_IDLE:
	case LINK_CONNECTING:
	case LINK_UP:
	case LINK_RECOVERING:
		return true;
	case LINK_WAITING:
	case LINK_DISABLED:
	case LINK_CLOSED:
	case LINK_REMOTE:
	case LINK_STATES:
		break;
	}
	return link->bound > 0;
}

/* doubtful_asks_later - tell whether a message stays until its peer is asked */
bool
doubtful_asks_later(
    struct qmgr *qmgr, const struct link *link, uint64_t message)
{
	return works(link) &&
	    (doubtful_is(qmgr, message) ||
		doubtful_has_file(qmgr, link, message));
}

/* doubtful_given_up - log that nobody asks for a message any more */
void
doubtful_given_up(const struct qmgr *qmgr, uint64_t message,
    const struct link *link, const char *why)
{
	if (!doubtful_is(qmgr, message))
		return;
	LOG_EVENT(EVENT_GIVEN_UP_IN_DOUBT, LOG_INT("id", message),
	    LOG_STRING("link", link == NULL ? NULL : link->name),
	    LOG_STRING("reason", why));
}

/* doubtful_at_relay - log that a gateway's worker ended while it sent */
void
doubtful_at_relay(struct qmgr *qmgr, const struct link *link, uint64_t message,
    const char *why)
{
	struct store_message found;

	arena_reset(&qmgr->arena);
	/* The number stood where the worker could write. */
	if (store_message_get(
		qmgr->store, message, STORE_HEAD, &qmgr->arena, &found) < 0 ||
	    found.link != link->number || found.kind != MTS_MESSAGE)
		return;
	LOG_EVENT(EVENT_RELAY_DOUBTFUL, LOG_INT("id", message),
	    LOG_SLICE("mts_id", found.mts_id), LOG_STRING("link", link->name),
	    LOG_STRING("reason", why));
}
