/* SPDX-License-Identifier: ISC */
/*
 * source.c - what each source has in the queue
 *
 * See source.h; tally.h has what these counts share with those of places.
 * They lie in the same database, under keys whose priority is KEY_SOURCE: one
 * for each link and source with the copies that are queued, and one for each
 * source with its contents, whose link is KEY_CONTENTS.
 */
#include "store/record.h"
#include "store/state.h"

/* The link of the count of a source's contents. */
#define KEY_CONTENTS UINT32_MAX

/* key_of - make the key of what a source has for a link, or of its contents */
static struct tally_key
key_of(uint32_t link, uint32_t source)
{
	return (struct tally_key){
	    .link = link, .priority = KEY_SOURCE, .number = source};
}

/* sum_sources - keep the sums of a source */
static void
sum_sources(struct store *store, const struct tally_key *key,
    struct tally_value old, struct tally_value now)
{
	struct store_total *total;

	/* A source that is no link (nobody, or a damaged key) has no sums. */
	if (key->number > store->links.count)
		return;
	total = &store->links.entry[key->number].source;
	tally_move(&total->octets, old.own, now.own);
	if (key->link != KEY_CONTENTS)
		tally_move(&total->messages, old.messages, now.messages);
}

/* sources_init - prepare for the counts */
void
sources_init(struct store *store)
{
	tally_init(&store->sources, sum_sources);
}

/* source_load_row - take over a count that was read */
int
source_load_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct tally_value loaded;
	struct tally_key k;
	int rc =
	    tally_decode(key, value, "count of a source", &k, &loaded, diag);

	if (rc != 0)
		return rc;
	if (k.number > store->links.count)
		return diag_set(diag, ERR_CORRUPT,
		    "count: there is no source %u", k.number);
	/* A key of an unknown form would not be found again. */
	k.state = 0;
	return tally_load(store, &store->sources, &k, loaded);
}

/* count_source - add to a count, or take from it */
static int
count_source(struct store *store, uint32_t link, uint32_t source,
    enum source_way way, struct tally_value by)
{
	struct tally_key key = key_of(link, source);

	if (source > store->links.count)
		return 0;
	return way == SOURCE_ADD ? tally_add(store, &store->sources, &key, by)
				 : tally_take(store, &store->sources, &key, by);
}

/* source_record - count a record for its source, or no more */
int
source_record(struct store *store, const struct store_message *message,
    const struct record_body *body, enum source_way way)
{
	/* The record's cost is charged with its octets, or a flood of empty
	 * messages would be free. */
	uint64_t own = STORE_RECORD_COST + body->envelope + body->content;

	return count_source(store, message->link, store_source_of(message), way,
	    (struct tally_value){.messages = 1,
		.octets = STORE_RECORD_COST + message->envelope_length +
		    message->content_length,
		.own = own});
}

/* source_content - count contents and octets for a source, or no more */
int
source_content(struct store *store, uint32_t source, enum source_way way,
    uint64_t contents, uint64_t octets)
{
	return count_source(store, KEY_CONTENTS, source, way,
	    (struct tally_value){
		.messages = contents, .octets = octets, .own = octets});
}

/* source_compare - take a count on disk from the one in memory: whether they
 * agree */
int
source_compare(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct tally_value disk, ours = {0};
	const struct tally *found;
	struct tally_key k;
	int rc = tally_decode(key, value, "count of a source", &k, &disk, diag);

	if (rc != 0)
		return rc;
	k.state = 0;
	found = tally_find(&store->sources, &k);
	if (found != NULL)
		ours = found->now;
	if (found == NULL || memcmp(&ours, &disk, sizeof(disk)) != 0)
		return diag_set(diag, ERR_CORRUPT,
		    "source %u link %u: %llu messages of %llu octets, %llu on "
		    "disk; counted %llu of %llu, %llu",
		    k.number, k.link, (unsigned long long)disk.messages,
		    (unsigned long long)disk.octets,
		    (unsigned long long)disk.own,
		    (unsigned long long)ours.messages,
		    (unsigned long long)ours.octets,
		    (unsigned long long)ours.own);
	/* Counts left in memory afterwards are those that the disk lacks, see
	 * source_missing. */
	tally_forget(&store->sources, &k);
	return 0;
}

/* source_missing - find a count that the disk has not, after source_compare */
bool
source_missing(const struct store *store, uint32_t *source, uint32_t *link)
{
	const struct tally_key none = {.link = 0};
	const struct tally *at;

	for (at = tally_from(&store->sources, &none); at != NULL;
	     at = tally_next(at)) {
		if (tally_is_zero(&at->now))
			continue;
		*source = at->key.number;
		*link = at->key.link;
		return true;
	}
	return false;
}

/* store_source_total - get the records and octets of a source */
struct store_total
store_source_total(const struct store *store, uint32_t source)
{
	if (source > store->links.count)
		return (struct store_total){0};
	return store->links.entry[source].source;
}

/* store_source_at - get what a source has queued for a link */
struct store_total
store_source_at(const struct store *store, uint32_t source, uint32_t link)
{
	struct tally_key key = key_of(link, source);
	const struct tally *count = tally_find(&store->sources, &key);

	if (count == NULL)
		return (struct store_total){0};
	return (struct store_total){
	    .messages = count->now.messages, .octets = count->now.octets};
}

/* store_source_others - sum up what all other sources have for a link */
uint64_t
store_source_others(
    const struct store *store, uint32_t source, uint32_t link, uint64_t max)
{
	const struct tally_key first = key_of(link, 0);
	const struct tally *at;
	uint64_t sum = 0;

	/* Each source is counted at most with its share, so that one that has
	 * filled the link does not take the others' room. */
	for (at = tally_from(&store->sources, &first);
	     at != NULL && at->key.link == link; at = tally_next(at))
		if (at->key.number != source)
			sum += at->now.octets < max ? at->now.octets : max;
	return sum;
}
