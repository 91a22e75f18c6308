/* SPDX-License-Identifier: ISC */
/*
 * conf_append.h - arrays in an arena, longer by one item at a time
 */
#ifndef FOURPOST_CONF_CONF_APPEND_H
#define FOURPOST_CONF_CONF_APPEND_H

#include "base/arena.h"
#include "base/error.h"

/*
 * conf_append - put a copy of one more item behind the others
 *
 * items is the address of the array's pointer, whatever it points to; both
 * pointer and count are changed.  The array must have been made by this
 * function, or be of no items.  ERR_NOMEM, ERR_LIMIT as arena_error tells; diag
 * says so.
 */
int conf_append(struct arena *arena, void *items, size_t *count,
    const void *one, size_t size, struct diag *diag) WARN_UNUSED;

#endif
