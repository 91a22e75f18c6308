/* SPDX-License-Identifier: ISC */
/*
 * trouble.h - events of what the store finds wrong in the queue
 */
#ifndef FOURPOST_QMGR_TROUBLE_H
#define FOURPOST_QMGR_TROUBLE_H

#include "store/store.h"

/* trouble_say - write the event of a trouble, as struct store_options wants it;
 * one that repeats is counted and said once an hour.  arg is not used */
void trouble_say(void *arg, enum store_trouble kind, const char *text);

/* trouble_last - get what was found wrong with the queue, the last of the worst
 * kind, and that kind; NULL: nothing was */
const char *trouble_last(const struct store *store, enum store_trouble *kind);

/*
 * trouble_watch_pages - end with an event where a page cannot be read at all
 *
 * LMDB maps the database: a page that the disk does not give, or that leads
 * LMDB beyond the map, ends the process by a signal.  The event says what
 * happened, and the exit status is that of a queue that cannot be used, so
 * that no message is blamed for it.
 */
void trouble_watch_pages(void);

#endif
