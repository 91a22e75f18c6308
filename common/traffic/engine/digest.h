/* SPDX-License-Identifier: ISC */
/*
 * digest.h - the key by which qmgr knows a transfer that comes twice
 *
 * A chain of XXH3-128 over blocks.  XXH3's own state would be simpler, but a
 * transfer may go on in another process, and that state depends on the
 * machine and the library's release.  The chain needs a few hundred octets
 * that depend on nothing but what arrived.
 *
 * The key tells equal transfers from others.  It is no signature: whoever may
 * submit could make two transfers with one key, and harms only himself.
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

/* digest_init - begin a digest of no octets */
void digest_init(struct digest *digest);

/* digest_update - add octets to a digest */
void digest_update(struct digest *digest, struct slice octets);

/* digest_final - compute the key of all octets; the digest can be added to */
void digest_final(const struct digest *digest, uint8_t key[DIGEST_LEN]);

/* digest_save - append what digest_restore needs to a buffer */
int digest_save(const struct digest *digest, struct buffer *out) WARN_UNUSED;

/* digest_restore - continue a digest that digest_save wrote.  ERR_CORRUPT */
int digest_restore(struct digest *digest, struct slice octets) WARN_UNUSED;

#endif
