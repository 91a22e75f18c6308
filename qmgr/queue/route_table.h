/* SPDX-License-Identifier: ISC */
/*
 * route_table.h - the index of address spaces, configured and learnt
 *
 * By the set of attributes that an address space names (there are few such
 * sets) and a hash of their values: a look-up costs a hash for each set,
 * however many address spaces there are.  Private to route.c.
 */
#ifndef FOURPOST_QMGR_ROUTE_TABLE_H
#define FOURPOST_QMGR_ROUTE_TABLE_H

#include "base/table.h"
#include "conf/conf_address.h"
#include "qmgr/queue/route.h"

struct route_entry {
	struct table_link in_set; /* by the attributes of the set */
	const struct conf_address
	    *space; /* of the configuration or the arena */
	struct link *link;
	enum route_kind kind;
	uint32_t cost;
	bool fails;
	uint32_t attributes; /* the set: bit n, attribute n */
};

/* All address spaces that name the same attributes. */
struct route_set {
	uint32_t attributes;
	struct table spaces;
};

struct route_table {
	struct route_entry *entries;
	size_t count;
	struct route_set *sets;
	size_t set_count;
	struct arena arena; /* of the learnt address spaces */
};

/* route_table_find - find all entries that cover an address, in no order */
size_t route_table_find(const struct route_table *table,
    const struct or_address *address,
    struct route_choice choices[ROUTE_CHOICES_MAX]);

/* route_spaces - find the configured address spaces of a link, or NULL */
const struct conf_addresses *route_spaces(const struct link *link);

#endif
