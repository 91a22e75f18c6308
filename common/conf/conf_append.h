/* SPDX-License-Identifier: ISC */
/*
 * conf_append.h - arrays in an arena, longer by one item at a time
 */
#ifndef FOURPOST_CONF_CONF_APPEND_H
#define FOURPOST_CONF_CONF_APPEND_H

#include "base/arena.h"
#include "base/error.h"

/*
 * conf_append - return an array with a copy of one more item behind count
 *
 * NULL: no memory, as arena_error tells; diag says so.  The array must have
 * been made by this function, or be of no items.
 */
void *conf_append(struct arena *arena, void *items, size_t count,
    const void *one, size_t size, struct diag *diag) WARN_UNUSED;

#endif
