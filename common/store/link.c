/* SPDX-License-Identifier: ISC */
/*
 * link.c - the links' names as small numbers, and what outlives a restart
 *
 * See link.h.  Numbers are given in order and never taken back, so that the
 * table is an array.  A look-up by name is linear: it happens when a
 * configuration is read, not for a message.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

/* decode_traffic - decode what has passed over a link, if it is there */
static int
decode_traffic(struct ber_reader *inner, struct store_traffic *traffic)
{
	struct ber_element el;
	struct ber_reader values;
	uint64_t since;
	int rc = ber_optional(inner, BER_CTX(4), &el);

	if (rc != 1)
		return rc;
	rc = ber_enter(inner, &el, &values);
	if (rc == 0)
		rc = record_number(
		    &values, 0, "since", RECORD_NUMBER_MAX, &since);
	if (rc == 0)
		rc = record_number(&values, 1, "messages-out",
		    RECORD_NUMBER_MAX, &traffic->messages_out);
	if (rc == 0)
		rc = record_number(&values, 2, "octets-out", RECORD_NUMBER_MAX,
		    &traffic->octets_out);
	if (rc == 0)
		rc = record_number(&values, 3, "reports-out", RECORD_NUMBER_MAX,
		    &traffic->reports_out);
	if (rc == 0)
		rc = record_number(&values, 4, "messages-in", RECORD_NUMBER_MAX,
		    &traffic->messages_in);
	if (rc == 0)
		rc = record_number(&values, 5, "octets-in", RECORD_NUMBER_MAX,
		    &traffic->octets_in);
	if (rc == 0)
		rc = record_optional_number(&values, 6, "recipients-out",
		    RECORD_NUMBER_MAX, &traffic->recipients_out);
	if (rc == 0)
		rc = record_optional_number(&values, 7, "recipients-in",
		    RECORD_NUMBER_MAX, &traffic->recipients_in);
	if (rc == 0)
		traffic->since = (int64_t)since;
	return rc;
}

/* link_decode - decode the record of a link */
int
link_decode(struct slice key, struct slice value, struct store_link *link,
    struct diag *diag)
{
	struct store_link l = {.number = 0};
	struct ber_reader inner;
	struct slice name;
	uint64_t flags, tagging = STORE_TAGGING_UNKNOWN, refused = 0;
	int rc;

	/* Keys have one length; another is of no link. */
	if (key.len != 4)
		return diag_set(diag, ERR_CORRUPT, "link: bad key");
	l.number = (uint32_t)key_number(key, 0, 4);
	rc = record_open(value, "link", &inner, diag);
	if (rc == 0)
		rc = record_octets(
		    &inner, 0, "name", 1, STORE_LINK_NAME_MAX - 1, &name);
	if (rc == 0)
		rc = record_number(&inner, 1, "flags", UINT32_MAX, &flags);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 2, "tagging", STORE_TAGGING_EXPLICIT, &tagging);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 3, "refused", RECORD_NUMBER_MAX, &refused);
	if (rc == 0)
		rc = decode_traffic(&inner, &l.traffic);
	/* A zero octet in the name would make a shorter one, perhaps another
	 * link's. */
	if (rc == 0 && memchr(name.data, '\0', name.len) != NULL)
		rc = diag_set(diag, ERR_CORRUPT, "link: bad name");
	if (rc != 0)
		return record_error(rc);
	memcpy(l.name, name.data, name.len);
	l.flags = (uint32_t)flags;
	l.tagging = (enum store_tagging)tagging;
	l.refused = refused;
	*link = l;
	return 0;
}

/* reserve_link - allocate memory for one more link */
static int
reserve_link(struct links *links)
{
	uint32_t capacity = links->capacity == 0 ? 16 : links->capacity * 2;
	struct link_entry *entry;

	/* Entry 0 is no link, so that numbers are indices. */
	if (links->count + 1 < links->capacity)
		return 0;
	entry = reallocarray(links->entry, capacity, sizeof(*entry));
	if (entry == NULL)
		return ERR_NOMEM;
	/* Zeroed: the entry's counts are added to before anything sets them. */
	memset(entry + links->capacity, 0,
	    (capacity - links->capacity) * sizeof(*entry));
	links->entry = entry;
	links->capacity = capacity;
	return 0;
}

/* append_link - add a link that was read, or a stand-in for one that was not */
static int
append_link(struct store *store, const struct store_link *link)
{
	int rc = reserve_link(&store->links);

	if (rc != 0)
		return rc;
	store->links.entry[++store->links.count].link = *link;
	store->links.entry[store->links.count].committed = link->traffic;
	return 0;
}

/* links_fill - make stand-ins for links up to a number whose names are lost */
int
links_fill(struct store *store, uint32_t number)
{
	struct store_link lost = {.flags = 0};
	int rc = 0;

	while (rc == 0 && store->links.count < number) {
		snprintf(lost.name, sizeof(lost.name), LINK_LOST "%u",
		    store->links.count + 1);
		lost.number = store->links.count + 1;
		rc = append_link(store, &lost);
		if (rc == 0)
			db_trouble(&store->db, STORE_DERIVED,
			    "the name of link %u is lost: what is queued for "
			    "it takes another route",
			    lost.number);
	}
	return rc;
}

/* link_load - load the record of a link */
static int
link_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_link link;
	int rc = link_decode(key, value, &link, diag);

	/* Numbers only grow, and the array has no holes: a number lost is
	 * filled with a stand-in. */
	if (rc == 0 &&
	    (link.number <= store->links.count ||
		link.number > STORE_LINKS_MAX))
		rc = diag_set(diag, ERR_CORRUPT,
		    "link %u: numbers are not in a row", link.number);
	if (rc == 0)
		rc = links_fill(store, link.number - 1);
	return rc == 0 ? append_link(store, &link) : rc;
}

/* highest_row - note the highest link that a message names */
static int
highest_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_message m = {.id = 0};
	struct record_body body;

	if (key.len == 10 && key_number(key, 8, 2) == 0 &&
	    record_decode_message(value, &m, &body, diag) == 0 &&
	    m.link <= STORE_LINKS_MAX && m.link > store->links.named)
		store->links.named = m.link;
	diag_clear(diag);
	return 0;
}

/* links_load - load all links; where one is damaged, make stand-ins for all
 * that messages name */
int
links_load(struct store *store, struct diag *diag)
{
	uint64_t told = store->db.troubles[STORE_RECORD_DAMAGED];
	int rc = reserve_link(&store->links); /* [0], which is no link */

	if (rc == 0)
		rc = store_load_each(store, DB_LINKS, link_load, diag);
	/* Damage may have cost a link that messages name; without a stand-in
	 * they could not be moved. */
	if (rc != 0 || store->db.troubles[STORE_RECORD_DAMAGED] == told)
		return rc;
	rc = store_load(store, DB_MESSAGES, highest_row, diag);
	return rc == 0 ? links_fill(store, store->links.named) : rc;
}

/* links_fini - give back the memory */
void
links_fini(struct store *store)
{
	free(store->links.entry);
	store->links = (struct links){0};
}

/* store_link_find - find a link by name */
int
store_link_find(
    const struct store *store, const char *name, struct store_link *link)
{
	uint32_t i;

	for (i = 1; i <= store->links.count; i++) {
		if (strcmp(store->links.entry[i].link.name, name) != 0)
			continue;
		*link = store->links.entry[i].link;
		return 0;
	}
	return ERR_NOTFOUND;
}

/* store_link_get - get a link by number */
int
store_link_get(
    const struct store *store, uint32_t number, struct store_link *link)
{
	if (number > store->links.count)
		return ERR_NOTFOUND;
	*link = store->links.entry[number].link;
	return 0;
}

/* put_traffic - write what has passed over a link */
static void
put_traffic(struct ber_writer *w, const struct store_traffic *traffic)
{
	ber_begin(w, BER_CTX(4));
	record_put_number(w, 0, (uint64_t)traffic->since);
	record_put_number(w, 1, traffic->messages_out);
	record_put_number(w, 2, traffic->octets_out);
	record_put_number(w, 3, traffic->reports_out);
	record_put_number(w, 4, traffic->messages_in);
	record_put_number(w, 5, traffic->octets_in);
	record_put_number(w, 6, traffic->recipients_out);
	record_put_number(w, 7, traffic->recipients_in);
	ber_end_element(w);
}

/* link_write - put a link's record */
int
link_write(struct store *store, const struct store_link *link)
{
	struct db_key key = key_link(link->number);
	struct ber_writer w;
	int rc;

	buffer_reset(&store->record);
	record_begin(&w, &store->record);
	ber_put_string(&w, BER_CTX(0), link->name);
	record_put_number(&w, 1, link->flags);
	/* A number of refusals is of use only while the tagging is doubted. */
	if (link->tagging != STORE_TAGGING_UNKNOWN)
		record_put_number(&w, 2, link->tagging);
	if (link->tagging == STORE_TAGGING_DOUBTED)
		record_put_number(&w, 3, link->refused);
	/* An older release reads a link that nothing has passed over. */
	if (link->traffic.since != 0)
		put_traffic(&w, &link->traffic);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(&store->db, DB_LINKS, &key, buffer_slice(&store->record));
}

/* undo_create - undo the creation of the newest link */
static void
undo_create(struct store *store, void *object, uint64_t number)
{
	(void)object;
	memset(&store->links.entry[number], 0, sizeof(struct link_entry));
	store->links.count = (uint32_t)number - 1;
}

/* store_link_create - give a name its number, old or new */
int
store_link_create(struct store *store, const char *name, uint32_t *number)
{
	struct store_link link = {.flags = 0};
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* A link that was configured before keeps its number, and so its
	 * queue. */
	if (store_link_find(store, name, &link) == 0) {
		*number = link.number;
		return 0;
	}
	if (name[0] == '\0' || strlen(name) >= sizeof(link.name))
		return store_error(store, ERR_VALUE, "link name: bad length");
	/* Numbers are never given twice, so their bound is one of all time. */
	if (store->links.count == STORE_LINKS_MAX)
		return store_error(store, ERR_LIMIT, "too many links");
	/* Memory for the link and for its undo is taken before the write,
	 * behind which nothing may fail. */
	if (reserve_link(&store->links) != 0 ||
	    undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	link.number = store->links.count + 1;
	strlcpy(link.name, name, sizeof(link.name));
	rc = link_write(store, &link);
	if (rc != 0)
		return rc;
	store->links.entry[link.number].link = link;
	store->links.count++;
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_create, .number = link.number});
	*number = link.number;
	return 0;
}

/* undo_flags - put back the flags of a link, which are in the low half of
 * number */
static void
undo_flags(struct store *store, void *object, uint64_t number)
{
	(void)object;
	store->links.entry[number >> 32].link.flags = (uint32_t)number;
}

/* store_link_set_flags - replace them */
int
store_link_set_flags(struct store *store, uint32_t number, uint32_t flags)
{
	struct store_link link;
	uint64_t old;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (number == 0 || store_link_get(store, number, &link) != 0)
		return ERR_NOTFOUND;
	/* Flags are set from the configuration at each start: most of these
	 * calls change nothing. */
	if (link.flags == flags)
		return 0;
	old = (uint64_t)number << 32 | link.flags;
	link.flags = flags;
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	rc = link_write(store, &link);
	if (rc != 0)
		return rc;
	store->links.entry[number].link.flags = flags;
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_flags, .number = old});
	return 0;
}

/* undo_tagging - put back the tagging of a link, which is in the low half of
 * number; refused counts for nothing but a doubt, which has its own still */
static void
undo_tagging(struct store *store, void *object, uint64_t number)
{
	(void)object;
	store->links.entry[number >> 32].link.tagging =
	    (enum store_tagging)(uint32_t)number;
}

/* store_link_set_tagging - replace tagging and refused */
int
store_link_set_tagging(struct store *store, const struct store_link *link)
{
	struct store_link new;
	uint64_t old;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (link->number == 0 || store_link_get(store, link->number, &new) != 0)
		return ERR_NOTFOUND;
	old = (uint64_t) new.number << 32 | new.tagging;
	new.tagging = link->tagging;
	if (new.tagging == STORE_TAGGING_DOUBTED)
		new.refused = link->refused;
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	rc = link_write(store, &new);
	if (rc != 0)
		return rc;
	store->links.entry[new.number].link = new;
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_tagging, .number = old});
	return 0;
}

/* store_link_count - count the links: numbers go from 1 to this */
uint32_t
store_link_count(const struct store *store)
{
	return store->links.count;
}
