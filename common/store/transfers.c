/* SPDX-License-Identifier: ISC */
/*
 * transfers.c - the table of remembered transfers by key
 *
 * Keys are hashes already; a seed of the process keeps a peer that could choose
 * them from filling one chain.
 */
#include <stdlib.h>

#include "store/session_state.h"

/* hash_of - hash a key */
static uint64_t
hash_of(const struct sessions *sessions, const struct store_key *key)
{
	uint64_t a, b;

	memcpy(&a, key->octets, sizeof(a));
	memcpy(&b, key->octets + sizeof(a), sizeof(b));
	a = (a ^ sessions->seed) * 0x9e3779b97f4a7c15ULL;
	/* The seed keeps somebody who knows this code from sending keys that
	 * all meet in one chain. */
	b = (b ^ (sessions->seed >> 32)) * 0xc2b2ae3d27d4eb4fULL;
	return a ^ (a >> 29) ^ b ^ (b >> 32);
}

/* transfers_link - add one */
void
transfers_link(struct sessions *sessions, struct transfer *transfer)
{
	/* Made when the first transfer is linked: most processes that open a
	 * queue never need it. */
	if (sessions->seed == 0)
		sessions->seed =
		    (uint64_t)arc4random() << 32 | arc4random() | 1;
	table_add(&sessions->transfers, &transfer->link,
	    hash_of(sessions, &transfer->key));
}

/* transfers_unlink - take one out */
void
transfers_unlink(struct sessions *sessions, struct transfer *transfer)
{
	table_remove(&sessions->transfers, &transfer->link);
}

/* transfers_find - find a transfer on this link with this key, or NULL */
struct transfer *
transfers_find(
    const struct sessions *sessions, uint32_t link, const struct store_key *key)
{
	struct table_link *at =
	    table_find(&sessions->transfers, hash_of(sessions, key));

	for (; at != NULL; at = table_more(at)) {
		struct transfer *t = TABLE_ENTRY(at, struct transfer, link);

		/* Keys are of the link: two peers may send the same octets. */
		if (t->session->link == link &&
		    memcmp(t->key.octets, key->octets, sizeof(key->octets)) ==
			0)
			return t;
	}
	return NULL;
}
