/* SPDX-License-Identifier: ISC */
/*
 * rights.h - what a tool may ask for, by who started it
 *
 * conf_access.h has the rule.  Who is denied is told which group may, and each
 * denial is an event.
 */
#ifndef FOURPOST_QMGR_ENGINE_RIGHTS_H
#define FOURPOST_QMGR_ENGINE_RIGHTS_H

#include "base/log.h"
#include "conf/conf_access.h"
#include "qmgr/engine/client.h"

/* rights_allow - tell whether the caller of a tool may; if not, an event names
 * the command, and text says who may */
bool rights_allow(const struct client *client, enum conf_access access,
    struct slice command, char text[CONF_ACCESS_TEXT_MAX]);

/* rights_submit - tell likewise whether it may submit as an originator; NULL:
 * as any at all */
bool rights_submit(const struct client *client,
    const struct or_address *originator, char text[CONF_ACCESS_TEXT_MAX]);

/* rights_changed - log that the caller of a tool changed something */
void rights_changed(
    const struct client *client, struct slice command, const char *what);

#endif
