/* SPDX-License-Identifier: ISC */
/*
 * route_table.c - the index of address spaces, configured and learnt
 */
#include <stdlib.h>

#include "qmgr/links/link.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/route_table.h"
#include "qmgr/routing/rib.h"

/* Octets of the learnt address spaces, parsed. */
#define SPACES_MAX ((size_t)64 * 1024 * 1024)

/* exact - tell whether an attribute of an address space names one value */
static bool
exact(struct slice value)
{
	/* A lone asterisk matches any value, so it cannot be looked up by
	 * hash. */
	return value.len > 0 && !(value.len == 1 && value.data[0] == '*');
}

/* attributes_of - find the set of attributes that an address space names */
static uint32_t
attributes_of(const struct or_address *space)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		/* At most 32 attributes: the set is a bit mask. */
		if (exact(space->attribute[i]))
			set |= 1U << i;
	return set;
}

/* hash_of - hash these attributes of an address alone */
static uint64_t
hash_of(const struct or_address *address, uint32_t set)
{
	/* Equal attributes alone hash equally: the rest of the address must not
	 * enter. */
	struct or_address part = {0};

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		if ((set & (1U << i)) == 0)
			continue;
		part.attribute[i] = address->attribute[i];
		part.forms[i] = address->forms[i];
	}
	return or_address_hash(&part);
}

/* route_spaces - find the address spaces of a link, or NULL */
const struct conf_addresses *
route_spaces(const struct link *link)
{
	if (link->x400 != NULL)
		return &link->x400->address_space;
	if (link->application != NULL)
		return &link->application->address_space;
	if (link->mixer != NULL)
		return &link->mixer->address_space;
	return link->msmail != NULL ? &link->msmail->address_space : NULL;
}

/* add_entry - add an entry; there is room for it */
static void
add_entry(struct route_table *table, const struct route_entry *entry)
{
	struct route_entry *to = &table->entries[table->count++];

	*to = *entry;
	/* The entry is found under the set of attributes that it names; see
	 * route_table_find. */
	to->attributes = attributes_of(entry->space->address);
}

/* add_spaces - add an entry for each address space of a list of a link's */
static void
add_spaces(struct route_table *table, struct link *link,
    const struct conf_addresses *spaces, enum route_kind kind)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].address != NULL)
			add_entry(table,
			    &(struct route_entry){.space = &spaces->items[i],
				.link = link,
				.kind = kind,
				.cost = link->policy.cost});
}

/* add_learnt - add an entry for a learnt route */
static int
add_learnt(
    struct route_table *table, struct link *link, const struct rib_route *route)
{
	/* In the table's arena, because the routes of the RIB may change while
	 * this table is in use. */
	struct conf_address *space = arena_alloc(&table->arena, sizeof(*space));
	int rc;

	if (space == NULL)
		return arena_error(&table->arena);
	rc = conf_address_parse(
	    route->space, CONF_ADDRESS_SPACE, &table->arena, space, NULL);
	/* Nothing is learnt that cannot be parsed. */
	if (rc < 0)
		return rc == ERR_NOMEM ? rc : 0;
	add_entry(table,
	    &(struct route_entry){.space = space,
		.link = link,
		.kind = ROUTE_LEARNT,
		.cost = route->cost,
		.fails = route->state == RIB_FAILS});
	return 0;
}

/* add_all_learnt - add an entry for each learnt route */
static int
add_all_learnt(struct route_table *table, const struct qmgr *qmgr)
{
	const struct rib_route *route;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (route = rib_route(qmgr->rib, i)) != NULL;
	     i++) {
		struct link *link = link_get(&qmgr->links, route->link);

		if (route->learnt && link != NULL)
			rc = add_learnt(table, link, route);
	}
	return rc;
}

/* set_of - find the set with these attributes, or make it */
static struct route_set *
set_of(struct route_table *table, uint32_t attributes)
{
	struct route_set *sets;

	/* Few different sets occur in practice (country, domain, organization),
	 * so a list is searched. */
	for (size_t i = 0; i < table->set_count; i++)
		if (table->sets[i].attributes == attributes)
			return &table->sets[i];
	sets = reallocarray(
	    table->sets, table->set_count + 1, sizeof(*table->sets));
	if (sets == NULL)
		return NULL;
	table->sets = sets;
	sets[table->set_count] = (struct route_set){.attributes = attributes};
	return &sets[table->set_count++];
}

/* add_all - add all entries, for which there is room */
static int
add_all(struct route_table *table, const struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (route_spaces(link) != NULL)
			add_spaces(
			    table, link, route_spaces(link), ROUTE_CONFIGURED);
		/* A space that may be learnt from a peer is a hope as long as
		 * it has not told: see is_usable. */
		if (link->x400 != NULL)
			add_spaces(
			    table, link, &link->x400->learn, ROUTE_HOPED);
	}
	return add_all_learnt(table, qmgr);
}

/* build - fill a table whose entries are allocated */
static int
build(struct route_table *table, const struct qmgr *qmgr)
{
	int rc = add_all(table, qmgr);

	if (rc < 0)
		return rc;
	/* Only now do the entries stay where they are; the index points at
	 * them. */
	for (size_t i = 0; i < table->count; i++) {
		struct route_entry *entry = &table->entries[i];
		struct route_set *set = set_of(table, entry->attributes);

		if (set == NULL)
			return ERR_NOMEM;
		table_add(&set->spaces, &entry->in_set,
		    hash_of(entry->space->address, entry->attributes));
	}
	return 0;
}

/* count_entries - count the entries of a table of all links and routes */
static size_t
count_entries(const struct qmgr *qmgr)
{
	size_t total = 0;

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (route_spaces(link) != NULL)
			total += route_spaces(link)->count;
		if (link->x400 != NULL)
			total += link->x400->learn.count;
	}
	for (size_t i = 0; rib_route(qmgr->rib, i) != NULL; i++)
		total++;
	return total;
}

/* route_compile - compile the index of all links and routes */
struct route_table *
route_compile(const struct qmgr *qmgr)
{
	struct route_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	arena_init(&table->arena, SPACES_MAX);
	/* The exact number is allocated at once, since moved entries would
	 * break the index. */
	table->entries =
	    calloc(count_entries(qmgr) + 1, sizeof(*table->entries));
	if (table->entries == NULL || build(table, qmgr) < 0) {
		route_free(table);
		return NULL;
	}
	return table;
}

/* route_free - free the index; NULL is allowed */
void
/* A table that was built in part is freed here too, so nothing relies on its
 * being whole. */
route_free(struct route_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->set_count; i++)
		table_fini(&table->sets[i].spaces);
	free(table->sets);
	free(table->entries);
	arena_fini(&table->arena);
	free(table);
}

/* add_match - add an entry that covers an address, unless it only seems to */
static size_t
add_match(const struct route_entry *entry, const struct or_address *address,
    struct route_choice *choice)
{
	int closeness = or_address_matches(entry->space->address, address);

	/* A hash may match by chance, and wildcards are compared only here. */
	if (closeness < 0)
		return 0;
	*choice = (struct route_choice){.link = entry->link,
	    .kind = entry->kind,
	    .space = entry->space->text,
	    .closeness = closeness,
	    .cost = entry->cost,
	    .fails = entry->fails};
	return 1;
}

/* route_table_find - find all entries that cover an address */
size_t
route_table_find(const struct route_table *table,
    const struct or_address *address,
    struct route_choice choices[ROUTE_CHOICES_MAX])
{
	uint32_t present = attributes_of(address);
	size_t count = 0;

	for (size_t i = 0; i < table->set_count; i++) {
		const struct route_set *set = &table->sets[i];
		struct table_link *at;

		/* An attribute that the address does not have cannot match;
		 * most sets are skipped by this one test. */
		if ((set->attributes & ~present) != 0)
			continue;
		/* A single lookup for each set instead of one comparison for
		 * each space: 100,000 learnt spaces cost as much as ten. */
		for (at = table_find(
			 &set->spaces, hash_of(address, set->attributes));
		     at != NULL && count < ROUTE_CHOICES_MAX;
		     at = table_more(at))
			count += add_match(
			    TABLE_ENTRY(at, struct route_entry, in_set),
			    address, &choices[count]);
	}
	return count;
}
