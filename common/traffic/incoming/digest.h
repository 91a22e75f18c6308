/* SPDX-License-Identifier: ISC */
/*
 * digest.h - the key of a transfer, as its octets arrive
 *
 * A chain of XXH3-128 over blocks, so that what is needed to go on in another
 * process is a few hundred octets that depend on nothing but what arrived.
 * It tells equal transfers from others; it is no signature.
 */
#ifndef FOURPOST_TRAFFIC_DIGEST_H
#define FOURPOST_TRAFFIC_DIGEST_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define DIGEST_LEN   16
#define DIGEST_BLOCK 512

struct digest {
	uint8_t octets[DIGEST_LEN + DIGEST_BLOCK]; /* the chain, then a block */
	size_t len;				   /* of both, so far */
};

/* digest_init - of nothing */
void digest_init(struct digest *digest);

/* digest_update - more octets */
void digest_update(struct digest *digest, struct slice octets);

/* digest_final - the key of all of them; the digest is as it was */
void digest_final(const struct digest *digest, uint8_t key[DIGEST_LEN]);

/* digest_save - append what digest_restore needs */
int digest_save(const struct digest *digest, struct buffer *out) WARN_UNUSED;

/* digest_restore - go on from there.  ERR_CORRUPT */
int digest_restore(struct digest *digest, struct slice octets) WARN_UNUSED;

#endif
