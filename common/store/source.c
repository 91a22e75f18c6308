/* SPDX-License-Identifier: ISC */
/*
 * source.c - what each source has in the queue
 *
 * See source.h.  The counts lie in the database of the other counts, under
 * keys whose priority is KEY_SOURCE: one for each link and source with the
 * copies that are queued, and one for each source with its contents, whose
 * link is KEY_CONTENTS.  As with the other counts, those that changed are
 * written with the transaction, what is zero leaves, and nothing goes below
 * zero.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

/* The link of the count of a source's contents. */
#define KEY_CONTENTS UINT32_MAX

/* compare - order by link and source, as the keys on disk are */
static int
compare(const struct source_count *a, const struct source_count *b)
{
	if (a->link != b->link)
		return a->link < b->link ? -1 : 1;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return 0;
}

TREE_GENERATE(source_tree, source_count, tree, compare);

/* source_decode - read one count of a source */
static int
source_decode(struct slice key, struct slice value, struct source_count *count,
    struct diag *diag)
{
	struct source_value v = {0};
	struct ber_reader inner;
	int rc = record_open(value, "count of a source", &inner, diag);

	if (rc == 0)
		rc = record_number(
		    &inner, 0, "messages", RECORD_NUMBER_MAX, &v.messages);
	if (rc == 0)
		rc = record_number(
		    &inner, 1, "octets", RECORD_NUMBER_MAX, &v.octets);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 2, "own", RECORD_NUMBER_MAX, &v.own);
	if (rc != 0)
		return record_error(rc);
	count->link = (uint32_t)key_number(key, 0, 4);
	count->source = (uint32_t)key_number(key, 6, 4);
	count->now = v;
	return 0;
}

/* lessen - subtract, but not below zero */
static void
lessen(uint64_t *from, uint64_t by)
{
	*from -= by < *from ? by : *from;
}

/* set_source - give a count another value, and its source's sum with it */
static void
set_source(
    struct store *store, struct source_count *count, struct source_value value)
{
	struct source_value old = count->now;
	struct store_total *total;

	count->now = value;
	if (count->source > store->links.count)
		return;
	total = &store->links.entry[count->source].source;
	total->octets += value.own;
	lessen(&total->octets, old.own);
	if (count->link == KEY_CONTENTS)
		return;
	total->messages += value.messages;
	lessen(&total->messages, old.messages);
}

/* source_load_row - take over a count that was read */
int
source_load_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct source_count *count = calloc(1, sizeof(*count));
	struct source_value loaded;
	int rc;

	if (count == NULL)
		return ERR_NOMEM;
	rc = source_decode(key, value, count, diag);
	if (rc == 0 && count->source > store->links.count)
		rc = diag_set(diag, ERR_CORRUPT, "count: there is no source %u",
		    count->source);
	if (rc != 0) {
		free(count);
		return rc;
	}
	loaded = count->now;
	count->committed = loaded;
	count->now = (struct source_value){0};
	RB_INSERT(source_tree, &store->sources.tree, count);
	set_source(store, count, loaded);
	return 0;
}

/* source_drop - take a count out of memory */
static void
source_drop(struct store *store, struct source_count *count)
{
	RB_REMOVE(source_tree, &store->sources.tree, count);
	free(count);
}

/* sources_fini - give back the memory of all counts */
void
sources_fini(struct store *store)
{
	struct source_count *count;

	while ((count = RB_ROOT(&store->sources.tree)) != NULL)
		source_drop(store, count);
}

/* mark_source - note that a count changes in this transaction */
static void
mark_source(struct store *store, struct source_count *count)
{
	if (count->changed)
		return;
	count->changed = true;
	SLIST_INSERT_HEAD(&store->sources.changed, count, changed_next);
}

/* change - find or make a count, and mark it as changed; NULL: no memory */
static struct source_count *
change(struct store *store, uint32_t link, uint32_t source)
{
	struct source_count find = {.link = link, .source = source}, *count;

	count = RB_FIND(source_tree, &store->sources.tree, &find);
	if (count == NULL) {
		count = calloc(1, sizeof(*count));
		if (count == NULL)
			return NULL;
		count->link = link;
		count->source = source;
		RB_INSERT(source_tree, &store->sources.tree, count);
	}
	mark_source(store, count);
	return count;
}

/* move - add to a count, or take from it */
static int
move(struct store *store, uint32_t link, uint32_t source, enum source_way way,
    struct source_value by)
{
	struct source_count *count;
	struct source_value value;

	if (source > store->links.count)
		return 0;
	count = change(store, link, source);
	if (count == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	value = count->now;
	if (way == SOURCE_ADD) {
		value.messages += by.messages;
		value.octets += by.octets;
		value.own += by.own;
	} else {
		lessen(&value.messages, by.messages);
		lessen(&value.octets, by.octets);
		lessen(&value.own, by.own);
	}
	set_source(store, count, value);
	return 0;
}

/* source_record - count a record for its source, or no more */
int
source_record(struct store *store, const struct store_message *message,
    const struct record_body *body, enum source_way way)
{
	uint64_t own = STORE_RECORD_COST + body->envelope + body->content;

	return move(store, message->link, store_source_of(message), way,
	    (struct source_value){.messages = 1,
		.octets = STORE_RECORD_COST + body->envelope +
		    message->content_length,
		.own = own});
}

/* source_content - count contents and octets for a source, or no more */
int
source_content(struct store *store, uint32_t source, enum source_way way,
    uint64_t contents, uint64_t octets)
{
	return move(store, KEY_CONTENTS, source, way,
	    (struct source_value){
		.messages = contents, .octets = octets, .own = octets});
}

/* is_zero - tell whether a count needs no record */
static bool
is_zero(const struct source_value *value)
{
	return value->messages == 0 && value->octets == 0 && value->own == 0;
}

/* source_write - put a count's record, or remove it */
static int
source_write(struct store *store, const struct source_count *count)
{
	struct db_key key =
	    key_count(count->link, KEY_SOURCE, 0, count->source);
	struct ber_writer w;
	int rc;

	if (is_zero(&count->now)) {
		rc = db_delete(&store->db, DB_COUNTS, &key);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	buffer_reset(&store->record);
	record_begin(&w, &store->record);
	record_put_number(&w, 0, count->now.messages);
	record_put_number(&w, 1, count->now.octets);
	record_put_number(&w, 2, count->now.own);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_COUNTS, &key, buffer_slice(&store->record));
}

/* sources_flush - write the counts that changed */
int
sources_flush(struct store *store)
{
	struct source_count *count;
	int rc;

	SLIST_FOREACH(count, &store->sources.changed, changed_next)
	{
		if (memcmp(&count->now, &count->committed,
			sizeof(count->now)) == 0)
			continue;
		rc = source_write(store, count);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* settle - forget that a count changed, and the count if it is zero */
static void
settle(struct store *store, struct source_count *count)
{
	SLIST_REMOVE_HEAD(&store->sources.changed, changed_next);
	count->changed = false;
	count->committed = count->now;
	if (is_zero(&count->now))
		source_drop(store, count);
}

/* sources_committed - take the counts as committed */
void
sources_committed(struct store *store)
{
	struct source_count *count;

	while ((count = SLIST_FIRST(&store->sources.changed)) != NULL)
		settle(store, count);
}

/* sources_undo - put the counts back to what was committed */
void
sources_undo(struct store *store)
{
	struct source_count *count;

	while ((count = SLIST_FIRST(&store->sources.changed)) != NULL) {
		set_source(store, count, count->committed);
		settle(store, count);
	}
}

/* sources_reset - forget all counts, which are on disk no more */
void
sources_reset(struct store *store)
{
	struct source_count *count;

	SLIST_INIT(&store->sources.changed);
	while ((count = RB_ROOT(&store->sources.tree)) != NULL) {
		set_source(store, count, (struct source_value){0});
		source_drop(store, count);
	}
}

/* sources_zero - take nothing as counted, in this transaction */
void
sources_zero(struct store *store)
{
	struct source_count *count;

	for (count = RB_MIN(source_tree, &store->sources.tree); count != NULL;
	     count = RB_NEXT(source_tree, &store->sources.tree, count)) {
		mark_source(store, count);
		set_source(store, count, (struct source_value){0});
	}
}

/* source_find - find a count, or NULL */
static const struct source_count *
source_find(const struct store *store, uint32_t link, uint32_t source)
{
	/* sys/tree.h takes no const tree: look up through a copied head. */
	struct source_tree tree = store->sources.tree;
	struct source_count find = {.link = link, .source = source};

	return RB_FIND(source_tree, &tree, &find);
}

/* source_compare - take a count on disk from the one in memory: whether they
 * agree */
int
source_compare(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct source_count disk = {.link = 0}, *ours;
	int rc = source_decode(key, value, &disk, diag);

	if (rc != 0)
		return rc;
	ours = RB_FIND(source_tree, &store->sources.tree, &disk);
	if (ours == NULL ||
	    memcmp(&ours->now, &disk.now, sizeof(disk.now)) != 0)
		return diag_set(diag, ERR_CORRUPT,
		    "source %u link %u: %llu messages of %llu octets, %llu on "
		    "disk; counted %llu of %llu, %llu",
		    disk.source, disk.link,
		    (unsigned long long)disk.now.messages,
		    (unsigned long long)disk.now.octets,
		    (unsigned long long)disk.now.own,
		    (unsigned long long)(ours ? ours->now.messages : 0),
		    (unsigned long long)(ours ? ours->now.octets : 0),
		    (unsigned long long)(ours ? ours->now.own : 0));
	source_drop(store, ours);
	return 0;
}

/* source_missing - find a count that the disk has not, after source_compare */
bool
source_missing(const struct store *store, uint32_t *source, uint32_t *link)
{
	struct source_tree tree = store->sources.tree;
	struct source_count *count;

	for (count = RB_MIN(source_tree, &tree); count != NULL;
	     count = RB_NEXT(source_tree, &tree, count)) {
		if (is_zero(&count->now))
			continue;
		*source = count->source;
		*link = count->link;
		return true;
	}
	return false;
}

/* store_source_total - get the records and octets of a source */
struct store_total
store_source_total(const struct store *store, uint32_t source)
{
	if (source > store->links.count)
		return (struct store_total){0, 0};
	return store->links.entry[source].source;
}

/* store_source_at - get what a source has queued for a link */
struct store_total
store_source_at(const struct store *store, uint32_t source, uint32_t link)
{
	const struct source_count *count = source_find(store, link, source);

	if (count == NULL)
		return (struct store_total){0, 0};
	return (struct store_total){
	    .messages = count->now.messages, .octets = count->now.octets};
}

/* store_source_others - sum up what all other sources have for a link */
uint64_t
store_source_others(
    const struct store *store, uint32_t source, uint32_t link, uint64_t max)
{
	/* sys/tree.h takes no const tree: look up through a copied head. */
	struct source_tree tree = store->sources.tree;
	struct source_count find = {.link = link}, *at;
	uint64_t sum = 0;

	for (at = RB_NFIND(source_tree, &tree, &find);
	     at != NULL && at->link == link;
	     at = RB_NEXT(source_tree, &tree, at))
		if (at->source != source)
			sum += at->now.octets < max ? at->now.octets : max;
	return sum;
}
