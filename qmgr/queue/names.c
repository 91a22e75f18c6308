/* SPDX-License-Identifier: ISC */
/*
 * names.c - addresses for which others stand: redirections, distribution lists
 */
#include <stdlib.h>

#include "qmgr/queue/lists.h"
#include "qmgr/queue/names.h"

struct names {
	struct table table; /* by address */
	struct name_entry *entries;
	size_t count;
	struct list *lists;
	size_t list_count;
};

/* count_names - count what the configuration has */
static size_t
count_names(const struct conf *conf)
{
	size_t count = conf->list_count;

	for (size_t i = 0; i < conf->msmail_count; i++)
		count += conf->msmails[i].redirect.count;
	return count;
}

/* add_name - add an entry, unless there is one for its address */
static void
add_name(struct names *names, struct name_entry entry)
{
	/* The first entry wins, as the order of the file says. */
	if (names_find(names, entry.address) != NULL)
		return;
	names->entries[names->count] = entry;
	table_add(&names->table, &names->entries[names->count++].link,
	    or_address_hash(entry.address));
}

/* add_names - fill the table; a list stands before a redirection of its
 * address */
static void
add_names(struct names *names, const struct conf *conf)
{
	/* Lists first, because add_name keeps what came first. */
	for (size_t i = 0; i < names->list_count; i++)
		if (names->lists[i].conf->address.address != NULL)
			add_name(names,
			    (struct name_entry){
				.address =
				    names->lists[i].conf->address.address,
				.list = &names->lists[i]});
	for (size_t i = 0; i < conf->msmail_count; i++) {
		const struct conf_redirects *all = &conf->msmails[i].redirect;

		for (size_t j = 0; j < all->count; j++)
			add_name(names,
			    (struct name_entry){.address = all->items[j].from,
				.to = all->items[j].to});
	}
}

/* names_compile - compile the table of the active configuration */
struct names *
names_compile(const struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	size_t count = count_names(conf);
	struct names *names = calloc(1, sizeof(*names));

	/* No table at all where nothing is configured: names_find is asked for
	 * every recipient. */
	if (names == NULL || count == 0)
		return names;
	names->entries = calloc(count, sizeof(*names->entries));
	names->lists = lists_compile(qmgr);
	if (names->entries == NULL || names->lists == NULL) {
		names_free(names);
		return NULL;
	}
	names->list_count = conf->list_count;
	add_names(names, conf);
	return names;
}

/* names_free - free the table */
void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	table_fini(&names->table);
	lists_free(names->lists, names->list_count);
	free(names->entries);
	free(names);
}

/* names_find - find what stands for an address, or NULL */
const struct name_entry *
names_find(const struct names *names, const struct or_address *address)
{
	struct table_link *at;

	if (names == NULL || names->count == 0)
		return NULL;
	/* Different addresses may share a hash, so each candidate is
	 * compared. */
	for (at = table_find(&names->table, or_address_hash(address));
	     at != NULL; at = table_more(at)) {
		const struct name_entry *entry =
		    TABLE_ENTRY(at, struct name_entry, link);

		if (or_address_compare(entry->address, address) == 0)
			return entry;
	}
	return NULL;
}
