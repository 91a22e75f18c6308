/* SPDX-License-Identifier: ISC */
/*
 * route.c - which link a recipient is for
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/table.h"
#include "conf/conf_schedule.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/route.h"

/* Matches that are looked at for one address; a link more often than once
 * with the same address spaces is a configuration nobody has. */
#define MATCHES_MAX 128

struct route_entry {
	struct table_link in_set; /* by the attributes of the set */
	const struct or_address *space;
	struct link *link;
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
};

struct route_match {
	int closeness;
	int64_t active; /* see active_at */
	struct link *link;
};

#define ACTIVE_NOW   0
#define ACTIVE_PROBE 1 /* being tried after a failure */
#define ACTIVE_NEVER INT64_MAX

/* exact - tell whether an attribute of an address space names one value */
static bool
exact(struct slice value)
{
	return value.len > 0 && !(value.len == 1 && value.data[0] == '*');
}

/* attributes_of - find the set of attributes that an address space names */
static uint32_t
attributes_of(const struct or_address *space)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		if (exact(space->attribute[i]))
			set |= 1U << i;
	return set;
}

/* hash_of - hash these attributes of an address alone */
static uint64_t
hash_of(const struct or_address *address, uint32_t set)
{
	struct or_address part = {0};

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		if ((set & (1U << i)) == 0)
			continue;
		part.attribute[i] = address->attribute[i];
		part.forms[i] = address->forms[i];
	}
	return or_address_hash(&part);
}

/* add_spaces - add an entry for each address space of a link */
static void
add_spaces(struct route_table *table, struct link *link,
    const struct conf_addresses *spaces)
{
	for (size_t i = 0; i < spaces->count; i++) {
		const struct or_address *space = spaces->items[i].address;

		if (space == NULL)
			continue;
		table->entries[table->count++] = (struct route_entry){
		    .space = space,
		    .link = link,
		    .attributes = attributes_of(space),
		};
	}
}

/* spaces_of - find the address spaces of a link, or NULL */
static const struct conf_addresses *
spaces_of(const struct link *link)
{
	if (link->x400 != NULL)
		return &link->x400->address_space;
	return link->msmail != NULL ? &link->msmail->address_space : NULL;
}

/* set_of - find the set with these attributes, or make it */
static struct route_set *
set_of(struct route_table *table, uint32_t attributes)
{
	struct route_set *sets;

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

/* build - fill a table whose entries are allocated */
static int
build(struct route_table *table, const struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (spaces_of(link) != NULL)
			add_spaces(table, link, spaces_of(link));
	for (size_t i = 0; i < table->count; i++) {
		struct route_entry *entry = &table->entries[i];
		struct route_set *set = set_of(table, entry->attributes);

		if (set == NULL)
			return ERR_NOMEM;
		table_add(&set->spaces, &entry->in_set,
		    hash_of(entry->space, entry->attributes));
	}
	return 0;
}

/* route_compile - compile the index of the configured links */
struct route_table *
route_compile(const struct qmgr *qmgr)
{
	struct route_table *table = calloc(1, sizeof(*table));
	size_t total = 0;

	if (table == NULL)
		return NULL;
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (spaces_of(link) != NULL)
			total += spaces_of(link)->count;
	table->entries = calloc(total + 1, sizeof(*table->entries));
	if (table->entries == NULL || build(table, qmgr) < 0) {
		route_free(table);
		return NULL;
	}
	return table;
}

/* route_free - free the index; NULL is allowed */
void
route_free(struct route_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->set_count; i++)
		table_fini(&table->sets[i].spaces);
	free(table->sets);
	free(table->entries);
	free(table);
}

/* opens_at - compute when the schedule of a link begins, wall clock ms */
static int64_t
opens_at(const struct link *link)
{
	time_t next;

	return conf_schedule_next(
		   &link->policy.schedule, clock_wall() / 1000, &next)
	    ? (int64_t)next * 1000
	    : ACTIVE_NEVER;
}

/* active_at - compute when what is queued for a link would go, wall clock ms */
static int64_t
active_at(const struct link *link)
{
	switch (link->state) {
	case LINK_WAITING:
		return link->next_open > ACTIVE_PROBE ? link->next_open
						      : ACTIVE_PROBE;
	case LINK_CLOSED:
		return link->bound > 0 ? ACTIVE_NOW : opens_at(link);
	case LINK_REMOTE:
		return link->bound > 0 ? ACTIVE_NOW : ACTIVE_NEVER;
	case LINK_RECOVERING:
		return ACTIVE_PROBE;
	case LINK_IDLE:
	case LINK_CONNECTING:
	case LINK_UP:
	case LINK_DISABLED:
	case LINK_STATES:
		break;
	}
	return link->open_failures > 0 ? ACTIVE_PROBE : ACTIVE_NOW;
}

/* find_matches - find all address spaces that cover the address */
static size_t
find_matches(const struct route_table *table, const struct or_address *address,
    struct route_match matches[MATCHES_MAX])
{
	uint32_t present = attributes_of(address);
	size_t count = 0;

	for (size_t i = 0; i < table->set_count; i++) {
		const struct route_set *set = &table->sets[i];
		struct table_link *at;

		if ((set->attributes & ~present) != 0)
			continue;
		for (at = table_find(
			 &set->spaces, hash_of(address, set->attributes));
		     at != NULL && count < MATCHES_MAX; at = table_more(at)) {
			const struct route_entry *entry =
			    TABLE_ENTRY(at, struct route_entry, in_set);
			int closeness;

			closeness = or_address_matches(entry->space, address);
			if (closeness < 0)
				continue;
			matches[count++] =
			    (struct route_match){.closeness = closeness,
				.active = active_at(entry->link),
				.link = entry->link};
		}
	}
	return count;
}

/* compare_numbers - compare two numbers: -1, 0 or 1 */
static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* by_rank - order matches: closest, soonest active, fewest tries, cheapest */
static int
by_rank(const void *a, const void *b)
{
	const struct route_match *x = a, *y = b;
	int rank = compare_numbers(y->closeness, x->closeness);

	if (rank == 0)
		rank = compare_numbers(x->active, y->active);
	if (rank == 0)
		rank = compare_numbers(
		    x->link->open_failures, y->link->open_failures);
	if (rank == 0)
		rank =
		    compare_numbers(x->link->policy.cost, y->link->policy.cost);
	if (rank == 0)
		rank = compare_numbers(x->link->number, y->link->number);
	return rank;
}

/* pick_match - choose among the first and those equal to it, by turns */
static struct link *
pick_match(const struct route_match *first, size_t count, unsigned share)
{
	size_t equal = 1;

	while (equal < count && first[equal].closeness == first->closeness &&
	    first[equal].link->policy.cost == first->link->policy.cost &&
	    first[equal].active == first->active)
		equal++;
	return first[share % equal].link;
}

/* Which links will do. */
enum fitness {
	FIT_IN_USE,
	FIT_ANY /* those that are disabled or out of retries too */
};

/* choose_matches - choose among those of the ranked matches that fit */
static struct link *
choose_matches(struct route_match *matches, size_t count, uint32_t from,
    unsigned share, enum fitness fitness)
{
	struct route_match fit[MATCHES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (matches[i].link->number != from &&
		    (fitness == FIT_ANY || !link_out(matches[i].link)))
			fit[n++] = matches[i];
	return n == 0 ? NULL : pick_match(fit, n, share);
}

/* route_find - find the link for an address */
enum route_verdict
route_find(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, unsigned share, struct link **link)
{
	struct route_match matches[MATCHES_MAX];
	size_t count = find_matches(qmgr->routes, address, matches);
	struct link *found;

	if (count == 0)
		return ROUTE_NONE;
	if (count > 1)
		qsort(matches, count, sizeof(matches[0]), by_rank);
	found = choose_matches(matches, count, from, share, FIT_IN_USE);
	if (found == NULL)
		found = choose_matches(matches, count, from, share, FIT_ANY);
	if (found == NULL)
		return ROUTE_BACK;
	*link = found;
	return ROUTE_FOUND;
}

/* is_preferred - tell whether a link is the better way to its address space */
static bool
is_preferred(const struct qmgr *qmgr, const struct link *link,
    const struct or_address *space)
{
	struct route_match matches[MATCHES_MAX];
	size_t count = find_matches(qmgr->routes, space, matches);
	int closest = or_address_matches(space, space);

	for (size_t i = 0; i < count; i++) {
		const struct link *other = matches[i].link;

		if (other != link && other->state != LINK_DISABLED &&
		    (matches[i].closeness < closest ||
			other->policy.cost >= link->policy.cost))
			return true;
	}
	return false;
}

/* route_prefers - tell whether a link is the better way to something */
bool
route_prefers(const struct qmgr *qmgr, const struct link *link)
{
	const struct conf_addresses *spaces = spaces_of(link);

	if (qmgr->routes == NULL || spaces == NULL)
		return false;
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].address != NULL &&
		    is_preferred(qmgr, link, spaces->items[i].address))
			return true;
	return false;
}
