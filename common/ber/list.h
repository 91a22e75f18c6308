/* SPDX-License-Identifier: ISC */
/*
 * list.h - the members of a SEQUENCE OF or SET OF, as an array (X.690 8.10,
 * 8.12)
 *
 * They are counted first, so that the array is of the right size and an
 * endless list is refused before anything is made of it.
 */
#ifndef FOURPOST_BER_LIST_H
#define FOURPOST_BER_LIST_H

#include "ber/reader.h"

/* The type of the members. */
struct ber_list_kind {
	const char *member; /* "recipient": errors say which one; NULL: not */
	size_t size;	    /* octets of an item */
	size_t least, most; /* members */
	size_t spare;	    /* items beyond them, for the caller */

	/* get - one member, into an item that is zero; name is the list's.
	 * 0 or an error */
	int (*get)(const struct ber_reader *reader,
	    const struct ber_element *el, const char *name, struct arena *arena,
	    void *item);
};

/*
 * ber_get_list - read the items of a list into the arena
 *
 * NULL and 0 if it is empty, and may be.  ERR_SYNTAX (fewer than the least),
 * ERR_LIMIT, ERR_NOMEM, what ber_enter, ber_next
 * and get return; *items and *count are untouched then.
 */
int ber_get_list(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, const struct ber_list_kind *kind, struct arena *arena,
    void **items, size_t *count) WARN_UNUSED;

/*
 * ber_list_begin - make room for the items of a list, to be read in steps
 *
 * As ber_get_list; the items are zero, and members is where they are read.
 */
int
ber_list_begin(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, const struct ber_list_kind *kind, struct arena *arena,
    struct ber_reader *members, void **items, size_t *count) WARN_UNUSED;

/* ber_list_some - read the items from *next on, so many at most: 1, there are
 * more; 0, all are read; or an error */
int ber_list_some(struct ber_reader *members, const char *name,
    const struct ber_list_kind *kind, struct arena *arena, void *items,
    size_t *next, size_t most) WARN_UNUSED;

#endif
