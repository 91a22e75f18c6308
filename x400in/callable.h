/* SPDX-License-Identifier: ISC */
/*
 * callable.h - the selectors by which this MTA is called
 *
 * qmgr tells them with the settings: for each layer the selectors of all
 * links, or none where a link has none.  A called selector that is no link's is
 * refused by its layer; which link it has to be is for the bind to find out.
 */
#ifndef FOURPOST_X400IN_CALLABLE_H
#define FOURPOST_X400IN_CALLABLE_H

#include "base/buffer.h"
#include "ipc/record.h"
#include "osi/association.h"

struct callable {
	struct buffer lists[3]; /* transport, session, presentation */
};

/* callable_init - begin with none: every selector is ours */
void callable_init(struct callable *callable);

void callable_fini(struct callable *callable);

/* callable_learn - take what qmgr says with the settings.  ERR_PROTOCOL,
 * ERR_NOMEM */
int callable_learn(
    struct callable *callable, const struct ipc_settings *settings) WARN_UNUSED;

/* callable_is_ours - tell whether we are reached by a called selector; arg is
 * the struct callable (association.h) */
bool
callable_is_ours(void *arg, enum association_layer layer, struct slice called);

#endif
