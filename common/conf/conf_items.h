/* SPDX-License-Identifier: ISC */
/*
 * conf_items.h - the items of a list: added, counted, written
 *
 * The list is the field of the setting's type (conf_setting.h).
 */
#ifndef FOURPOST_CONF_CONF_ITEMS_H
#define FOURPOST_CONF_CONF_ITEMS_H

#include "base/buffer.h"
#include "conf/conf_setting.h"

/* conf_items_add - interpret a text as one item more.  ERR_SYNTAX, ERR_VALUE,
 * ERR_LIMIT, ERR_NOMEM */
int conf_items_add(const struct conf_setting *setting, const char *text,
    struct arena *arena, void *to, struct diag *diag) WARN_UNUSED;

/* conf_items_clear - make a list empty */
void conf_items_clear(const struct conf_setting *setting, void *to);

/* conf_items_count - count the items of a list */
size_t conf_items_count(const struct conf_setting *setting, const void *from);

/* conf_items_text - append item n as conf_items_add would read it */
int conf_items_text(const struct conf_setting *setting, const void *from,
    size_t n, struct buffer *out) WARN_UNUSED;

#endif
