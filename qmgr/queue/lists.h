/* SPDX-License-Identifier: ISC */
/*
 * lists.h - distribution lists: their members, and who may write to them
 * (X.411 14.3.10)
 *
 * The members stand in the order of a hash of their addresses, each once.  An
 * expansion goes by that order and notes, in the commit that holds the copies,
 * up to which hash the members have theirs (store_message.expanded).  So it
 * goes on after a crash, and after a change of the list too: a member that was
 * there all the time gets the message once.  The hash is thereby on disk, and
 * must not change.
 */
#ifndef FOURPOST_QMGR_QUEUE_LISTS_H
#define FOURPOST_QMGR_QUEUE_LISTS_H

#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"

struct list_member {
	uint64_t hash; /* 0..2^63-1 */
	const struct or_address *address;
};

struct list {
	const struct conf_list *conf;
	struct link *link;
	struct list_member *members;
	size_t count;
};

/* lists_compile - compile the lists of the active configuration, as many as it
 * has; NULL: no memory */
struct list *lists_compile(const struct qmgr *qmgr) WARN_UNUSED;

/* lists_free - free so many lists */
void lists_free(struct list *lists, size_t count);

/* list_from - find the first member that has not got a message yet; the count
 * of members: there is none */
size_t list_from(const struct list *list, uint64_t expanded);

/*
 * list_until - find where a step of at most `most` members ends that begins at
 * member `from`; *expanded is what is noted then
 *
 * Members of one hash are never parted, so the step may be longer.
 */
size_t list_until(
    const struct list *list, size_t from, size_t most, uint64_t *expanded);

/* list_find - find the place of a member; the count of members: it is none */
size_t list_find(const struct list *list, const struct or_address *address);

enum list_answer {
	LIST_OPEN,
	LIST_RECURSION,	 /* it has been expanded for this message */
	LIST_PROHIBITED, /* the originator prohibits expansion */
	LIST_CLOSED	 /* who sends it may not write to the list */
};

/*
 * list_ask - decide whether a message may be expanded at a list
 *
 * Who sends it is the last list of its expansion history, or else its
 * originator.  An enum list_answer, or ERR_NOMEM.
 */
int list_ask(struct qmgr *qmgr, const struct list *list,
    const struct p1_envelope *envelope) WARN_UNUSED;

#endif
