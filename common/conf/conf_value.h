/* SPDX-License-Identifier: ISC */
/*
 * conf_value.h - the value of one setting: set, written, compared
 *
 * values is the struct of the setting's section (conf.h).
 */
#ifndef FOURPOST_CONF_CONF_VALUE_H
#define FOURPOST_CONF_CONF_VALUE_H

#include "base/buffer.h"
#include "conf/conf_setting.h"

/*
 * conf_value_set - interpret text and store it; a list gets one item more
 *
 * text NULL makes a list empty.  Memory comes from the arena.  Files are not
 * looked at.  ERR_SYNTAX, ERR_VALUE, ERR_NOMEM.
 */
int conf_value_set(const struct conf_setting *setting, const char *text,
    struct arena *arena, void *values, struct diag *diag) WARN_UNUSED;

/* conf_value_count - count items of a list; 1 for anything else */
size_t conf_value_count(const struct conf_setting *setting, const void *values);

/* conf_value_text - append item n as conf_value_set would read it */
int conf_value_text(const struct conf_setting *setting, const void *values,
    size_t n, struct buffer *out) WARN_UNUSED;

/* conf_value_equal - compare two values: 1 if equal, else 0; ERR_NOMEM */
int conf_value_equal(const struct conf_setting *setting, const void *a,
    const void *b) WARN_UNUSED;

#endif
