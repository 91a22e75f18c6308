/* SPDX-License-Identifier: ISC */
/*
 * lists.c - distribution lists: their members, and who may write to them
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_address.h"
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/lists.h"

/* member_hash - hash the address of a member */
static uint64_t
member_hash(const struct or_address *address)
{
	/* A bit less: the number behind the last hash must still fit into the
	 * record. */
	return or_address_hash(address) >> 1;
}

/* by_hash - order members by hash, then by address */
static int
by_hash(const void *a, const void *b)
{
	const struct list_member *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	/* Equal hashes stand in a fixed order, so that a restart finds the
	 * members where the step before left them. */
	return or_address_compare(x->address, y->address);
}

/* drop_doubles - leave each member once */
static void
drop_doubles(struct list *list)
{
	size_t kept = 0;

	/* Sorted already, so doubles are neighbours. */
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
		    by_hash(&list->members[kept - 1], &list->members[i]) != 0)
			list->members[kept++] = list->members[i];
	list->count = kept;
}

/* compile_list - sort the members of one list */
static int
compile_list(
    const struct qmgr *qmgr, const struct conf_list *conf, struct list *list)
{
	char name[STORE_LINK_NAME_MAX];
	size_t count = conf->members.count;

	snprintf(name, sizeof(name), "list/%s", conf->name);
	list->conf = conf;
	list->link = link_find(&qmgr->links, name);
	list->members = calloc(count + 1, sizeof(*list->members));
	if (list->members == NULL)
		return ERR_NOMEM;
	list->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct or_address *address =
		    conf->members.items[i].address;

		list->members[i] = (struct list_member){
		    .hash = member_hash(address), .address = address};
	}
	qsort(list->members, count, sizeof(*list->members), by_hash);
	drop_doubles(list);
	return 0;
}

/* lists_compile - compile the lists of the active configuration */
struct list *
lists_compile(const struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	struct list *lists = calloc(conf->list_count + 1, sizeof(*lists));

	/* An element more, because an allocation of none may return NULL. */
	for (size_t i = 0; lists != NULL && i < conf->list_count; i++)
		if (compile_list(qmgr, &conf->lists[i], &lists[i]) < 0) {
			lists_free(lists, i);
			return NULL;
		}
	return lists;
}

/* lists_free - free so many lists */
void
lists_free(struct list *lists, size_t count)
{
	for (size_t i = 0; lists != NULL && i < count; i++)
		free(lists[i].members);
	free(lists);
}

/* list_from - find the first member that has not got a message yet */
size_t
list_from(const struct list *list, uint64_t expanded)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->members[middle].hash < expanded)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* list_until - find where a step of members ends */
size_t
list_until(
    const struct list *list, size_t from, size_t most, uint64_t *expanded)
{
	size_t end = list->count - from < most ? list->count : from + most;

	/* Members with one hash are taken together: the record notes only a
	 * hash, and could not say which of them had theirs. */
	while (end > from && end < list->count &&
	    list->members[end].hash == list->members[end - 1].hash)
		end++;
	if (end > from)
		/* The hash noted is one beyond the last hash done: a search for
		 * the first not below it goes on exactly there. */
		*expanded = list->members[end - 1].hash + 1;
	return end;
}

/* list_find - find the place of a member */
size_t
list_find(const struct list *list, const struct or_address *address)
{
	const uint64_t hash = member_hash(address);

	for (size_t i = list_from(list, hash);
	     i < list->count && list->members[i].hash == hash; i++)
		if (or_address_compare(list->members[i].address, address) == 0)
			return i;
	return list->count;
}

/* may_submit - tell whether somebody may write to a list */
static bool
may_submit(const struct conf_list *conf, const struct or_address *sender)
{
	/* The owner may always write, or a mistake in "submit" could lock
	 * everybody out. */
	return conf_addresses_cover(&conf->submit, sender) ||
	    (conf->owner.address != NULL &&
		or_address_compare(conf->owner.address, sender) == 0);
}

/* list_ask - decide whether a message may be expanded at a list */
int
list_ask(struct qmgr *qmgr, const struct list *list,
    const struct p1_envelope *envelope)
{
	const struct or_address *sender = &envelope->originator.address;
	struct dl_history history;
	/* A list already named in the history has expanded this message: going
	 * round once more would never end. */
	int rc = dl_history_has(
	    &envelope->extensions, &qmgr->arena, list->conf->address.address);

	if (rc != 0)
		return rc < 0 ? rc : LIST_RECURSION;
	if (extension_number_is(
		&envelope->extensions, EXTENSION_DL_EXPANSION_PROHIBITED, 1))
		return LIST_PROHIBITED;
	/* For a list that is a member of another, the sender is the list
	 * before: permission is given to lists, not to whoever writes to
	 * them. */
	rc = dl_history_last(&envelope->extensions, &qmgr->arena, &history);
	if (rc == ERR_NOMEM)
		return rc;
	if (rc == 0)
		sender = &history.list.address;
	return may_submit(list->conf, sender) ? LIST_OPEN : LIST_CLOSED;
}
