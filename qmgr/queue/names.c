/* SPDX-License-Identifier: ISC */
/*
 * names.c - addresses for which others stand: redirections
 */
#include <stdlib.h>

#include "qmgr/queue/names.h"

/* A table of open addressing, at most half full. */
struct names {
	struct name_entry *slots;
	size_t size; /* a power of two, or 0 */
};

/* count_names - count what the configuration has */
static size_t
count_names(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->msmail_count; i++)
		count += conf->msmails[i].redirect.count;
	return count;
}

/* find_slot - find the slot of an address, or the free one where it would be */
static struct name_entry *
find_slot(
    const struct names *names, const struct or_address *address, uint64_t hash)
{
	size_t at = hash & (names->size - 1);

	while (names->slots[at].address != NULL &&
	    (names->slots[at].hash != hash ||
		or_address_compare(names->slots[at].address, address) != 0))
		at = (at + 1) & (names->size - 1);
	return &names->slots[at];
}

/* add_name - add an entry, unless there is one for its address */
static void
add_name(struct names *names, struct name_entry entry)
{
	struct name_entry *slot;

	entry.hash = or_address_hash(entry.address);
	slot = find_slot(names, entry.address, entry.hash);
	if (slot->address == NULL)
		*slot = entry;
}

/* names_compile - compile the table of the active configuration */
struct names *
names_compile(const struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	size_t count = count_names(conf);
	struct names *names = calloc(1, sizeof(*names));

	if (names == NULL || count == 0)
		return names;
	for (names->size = 2; names->size < 2 * count;)
		names->size *= 2;
	names->slots = calloc(names->size, sizeof(*names->slots));
	if (names->slots == NULL) {
		names_free(names);
		return NULL;
	}
	for (size_t i = 0; i < conf->msmail_count; i++) {
		const struct conf_redirects *all = &conf->msmails[i].redirect;

		for (size_t j = 0; j < all->count; j++)
			add_name(names,
			    (struct name_entry){.address = all->items[j].from,
				.to = all->items[j].to});
	}
	return names;
}

/* names_free - free the table */
void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	free(names->slots);
	free(names);
}

/* names_find - find what stands for an address, or NULL */
const struct name_entry *
names_find(const struct names *names, const struct or_address *address)
{
	const struct name_entry *slot;

	if (names == NULL || names->size == 0)
		return NULL;
	slot = find_slot(names, address, or_address_hash(address));
	return slot->address == NULL ? NULL : slot;
}
