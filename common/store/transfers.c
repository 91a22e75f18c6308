/* SPDX-License-Identifier: ISC */
/*
 * transfers.c - the table of remembered transfers by key
 *
 * Chained, with a power of two of buckets that grows with what is in it.  Keys
 * are hashes already; a seed of the process keeps a peer that could choose
 * them from filling one chain.
 */
#include <stdlib.h>

#include "store/session_state.h"

#define BUCKETS_MIN 1024

/* bucket_of - find where the chain of a key begins */
static size_t
bucket_of(const struct sessions *sessions, const struct store_key *key)
{
	uint64_t a, b;

	memcpy(&a, key->octets, sizeof(a));
	memcpy(&b, key->octets + sizeof(a), sizeof(b));
	a = (a ^ sessions->seed) * 0x9e3779b97f4a7c15ULL;
	b = (b ^ (sessions->seed >> 32)) * 0xc2b2ae3d27d4eb4fULL;
	return (
	    size_t)((a ^ (a >> 29) ^ b ^ (b >> 32)) & (sessions->buckets - 1));
}

/* transfers_reserve - make sure that there is a table that is large enough */
int
transfers_reserve(struct sessions *sessions)
{
	struct transfer **old = sessions->bucket, **bucket, *t;
	size_t buckets = sessions->buckets, i;

	if (buckets != 0 && sessions->transfers < buckets)
		return 0;
	bucket =
	    calloc(buckets == 0 ? BUCKETS_MIN : buckets * 2, sizeof(*bucket));
	/* longer chains are better than none */
	if (bucket == NULL)
		return buckets == 0 ? ERR_NOMEM : 0;
	if (buckets == 0)
		sessions->seed = (uint64_t)arc4random() << 32 | arc4random();
	sessions->bucket = bucket;
	sessions->buckets = buckets == 0 ? BUCKETS_MIN : buckets * 2;
	sessions->transfers = 0;
	for (i = 0; i < buckets; i++) {
		while ((t = old[i]) != NULL) {
			old[i] = t->next;
			transfers_link(sessions, t);
		}
	}
	free(old);
	return 0;
}

/* transfers_link - add one */
void
transfers_link(struct sessions *sessions, struct transfer *transfer)
{
	struct transfer **at =
	    &sessions->bucket[bucket_of(sessions, &transfer->key)];

	transfer->next = *at;
	*at = transfer;
	sessions->transfers++;
}

/* transfers_unlink - take one out */
void
transfers_unlink(struct sessions *sessions, struct transfer *transfer)
{
	struct transfer **at =
	    &sessions->bucket[bucket_of(sessions, &transfer->key)];

	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	sessions->transfers--;
}

/* transfers_find - find a transfer on this link with this key, or NULL */
struct transfer *
transfers_find(
    const struct sessions *sessions, uint32_t link, const struct store_key *key)
{
	struct transfer *t;

	if (sessions->buckets == 0)
		return NULL;
	t = sessions->bucket[bucket_of(sessions, key)];
	while (t != NULL &&
	    (t->session->link != link ||
		memcmp(t->key.octets, key->octets, sizeof(key->octets)) != 0))
		t = t->next;
	return t;
}

/* transfers_fini - give back the table, not what is in it */
void
transfers_fini(struct sessions *sessions)
{
	free(sessions->bucket);
	sessions->bucket = NULL;
	sessions->buckets = 0;
	sessions->transfers = 0;
}
