/* SPDX-License-Identifier: ISC */
/*
 * names.h - addresses for which others stand: redirections, distribution lists
 *
 * Compiled from the configuration as the routes are; a look-up costs a hash,
 * however many there are, and nothing where there are none.
 */
#ifndef FOURPOST_QMGR_QUEUE_NAMES_H
#define FOURPOST_QMGR_QUEUE_NAMES_H

#include "base/table.h"
#include "mhs/or_address.h"
#include "qmgr/engine/qmgr.h"

struct name_entry {
	struct table_link link;
	const struct or_address *address;
	const struct or_address *to; /* who gets its messages; or NULL: */
	const struct list *list;     /* whose members get them */
};

/* names_compile - compile the table of the active configuration; NULL: no
 * memory */
struct names *names_compile(const struct qmgr *qmgr) WARN_UNUSED;

/* names_free - free the table; NULL is allowed */
void names_free(struct names *names);

/* names_find - find what stands for an address, or NULL */
const struct name_entry *
names_find(const struct names *names, const struct or_address *address);

#endif
