/* SPDX-License-Identifier: ISC */
/*
 * tagging.c - how the extensions of what a link's peer gets are tagged
 */
#include "qmgr/sending/tagging.h"

#include "base/log.h"
#include "mhs/p1.h"
#include "qmgr/queue/strip.h"
#include "store/store.h"

/* tagging_next - change what is known of a peer by what became of a message */
bool
tagging_next(
    struct store_link *known, enum tagging_event event, uint64_t message)
{
	if (known->tagging == STORE_TAGGING_IMPLICIT ||
	    known->tagging == STORE_TAGGING_EXPLICIT)
		return false;
	if (event == TAGGING_TAKEN) {
		known->tagging = STORE_TAGGING_IMPLICIT;
		return true;
	}
	if (known->tagging == STORE_TAGGING_DOUBTED) {
		if (known->refused == message)
			return false;
		known->tagging = STORE_TAGGING_EXPLICIT;
		return true;
	}
	known->tagging = STORE_TAGGING_DOUBTED;
	known->refused = message;
	return true;
}

/* tagging_learns - tell whether a link's tagging follows what its peer does */
bool
tagging_learns(const struct link *link)
{
	/* A peer of 1984 gets no extensions. */
	return link->x400 != NULL && !link->policy.of_1984 &&
	    link->x400->extension_tagging == CONF_TAGGING_AUTO;
}

/* sends_extensions - tell whether the peer gets extensions with a message */
static bool
sends_extensions(struct qmgr *qmgr, const struct store_message *message)
{
	struct p1_envelope envelope;

	if (p1_decode(message->kind, message->envelope, &qmgr->arena, &envelope,
		NULL) != 0)
		return false;
	if (envelope.extensions.count > 0 ||
	    (envelope.internal_trace.count > 0 &&
		(message->strip & STRIP_INTERNAL_TRACE) == 0))
		return true;
	for (size_t i = 0; i < envelope.recipient_count; i++)
		if (envelope.recipients[i].extensions.count > 0)
			return true;
	return false;
}

/* tagging_learn - learn from what became of a message */
int
tagging_learn(struct qmgr *qmgr, const struct link *link, uint64_t id,
    enum tagging_event event)
{
	struct store_message message;
	struct store_link known;

	if (!tagging_learns(link) ||
	    store_link_get(qmgr->store, link->number, &known) < 0 ||
	    !tagging_next(&known, event, id))
		return 0;
	arena_reset(&qmgr->arena);
	if (store_message_get(
		qmgr->store, id, STORE_WHOLE, &qmgr->arena, &message) < 0 ||
	    message.explicit || !sends_extensions(qmgr, &message))
		return 0;
	return store_link_set_tagging(qmgr->store, &known);
}

/* tagging_learnt - follow what was learnt, and log it */
void
tagging_learnt(struct qmgr *qmgr, struct link *link)
{
	struct store_link known;

	if (link->policy.explicit_extensions || !tagging_learns(link) ||
	    store_link_get(qmgr->store, link->number, &known) < 0 ||
	    known.tagging != STORE_TAGGING_EXPLICIT)
		return;
	link->policy.explicit_extensions = true;
	LOG_EVENT(EVENT_TAGGING_CHANGED, LOG_STRING("link", link->name));
	link_touch(qmgr, link);
}
