/* SPDX-License-Identifier: ISC */
/*
 * recent.c - what the tracker looked up last
 */
#include "tracker/recent.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define ADDRESSES 2048
#define ITEMS	  4096

struct address {
	char text[RECENT_TEXT];
	size_t len; /* 0: the place is free */
	int64_t id;
};

struct recent {
	struct address addresses[ADDRESSES];
	struct recent_item items[ITEMS];
};

/* recent_new - begin with nothing */
struct recent *
recent_new(void)
{
	return calloc(1, sizeof(struct recent));
}

/* recent_free - free it */
void
recent_free(struct recent *recent)
{
	free(recent);
}

/* recent_forget - forget all */
void
recent_forget(struct recent *recent)
{
	if (recent == NULL)
		return;
	for (size_t i = 0; i < ADDRESSES; i++)
		recent->addresses[i].len = 0;
	for (size_t i = 0; i < ITEMS; i++)
		recent->items[i].len = 0;
}

/* place_of - compute the place of a text among so many; it has one alone */
static size_t
place_of(struct slice text, size_t count)
{
	return (size_t)(XXH3_64bits(text.data, text.len) % count);
}

/* is_kept - tell whether a text could be kept */
static bool
is_kept(const struct recent *recent, struct slice text)
{
	return recent != NULL && text.len > 0 && text.len <= RECENT_TEXT;
}

/* recent_address - find the number of an address */
bool
recent_address(const struct recent *recent, struct slice text, int64_t *id)
{
	const struct address *at;

	if (!is_kept(recent, text))
		return false;
	at = &recent->addresses[place_of(text, ADDRESSES)];
	if (at->len != text.len || memcmp(at->text, text.data, text.len) != 0)
		return false;
	*id = at->id;
	return true;
}

/* recent_keep_address - keep the number of an address */
void
recent_keep_address(struct recent *recent, struct slice text, int64_t id)
{
	struct address *at;

	if (!is_kept(recent, text))
		return;
	at = &recent->addresses[place_of(text, ADDRESSES)];
	memcpy(at->text, text.data, text.len);
	at->len = text.len;
	at->id = id;
}

/* recent_item - find an item */
struct recent_item *
recent_item(struct recent *recent, struct slice mts_id)
{
	struct recent_item *at;

	if (!is_kept(recent, mts_id))
		return NULL;
	at = &recent->items[place_of(mts_id, ITEMS)];
	return at->len == mts_id.len &&
		memcmp(at->mts_id, mts_id.data, mts_id.len) == 0
	    ? at
	    : NULL;
}

/* recent_keep_item - keep what is known of an item */
void
recent_keep_item(struct recent *recent, struct slice mts_id, int64_t id,
    int64_t last, bool arrived)
{
	struct recent_item *at;

	if (!is_kept(recent, mts_id))
		return;
	at = &recent->items[place_of(mts_id, ITEMS)];
	*at = (struct recent_item){
	    .len = mts_id.len, .id = id, .last = last, .arrived = arrived};
	memcpy(at->mts_id, mts_id.data, mts_id.len);
}

/* recent_has_copy - tell whether a queue id of an item is noted */
bool
recent_has_copy(struct recent_item *item, uint64_t message)
{
	if (item == NULL)
		return false;
	for (int i = 0; i < RECENT_COPIES; i++)
		if (item->copies[i] == message)
			return true;
	item->copies[item->next++ % RECENT_COPIES] = message;
	return false;
}
