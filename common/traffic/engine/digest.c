/* SPDX-License-Identifier: ISC */
/*
 * digest.c - compute the key of a transfer as its octets arrive
 */
#include "traffic/engine/digest.h"

#include <xxhash.h>

/* digest_init - begin a digest of no octets */
void
digest_init(struct digest *digest)
{
	/* The first block starts from zeros where later ones start from the
	 * hash so far, so that every block is treated alike. */
	memset(digest->octets, 0, DIGEST_LEN);
	digest->len = DIGEST_LEN;
}

/* digest_final - compute the key of all octets */
void
digest_final(const struct digest *digest, uint8_t key[DIGEST_LEN])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(
	    &canonical, XXH3_128bits(digest->octets, digest->len));
	memcpy(key, canonical.digest, DIGEST_LEN);
}

/* digest_update - add octets to a digest */
void
digest_update(struct digest *digest, struct slice octets)
{
	while (octets.len > 0) {
		size_t len = sizeof(digest->octets) - digest->len;

		if (len > octets.len)
			len = octets.len;
		memcpy(digest->octets + digest->len, octets.data, len);
		digest->len += len;
		octets = slice_of(octets.data + len, octets.len - len);
		/* Hashing block by block keeps the state to one block: it has
		 * to fit into a mark, which another process goes on from. */
		if (digest->len == sizeof(digest->octets)) {
			digest_final(digest, digest->octets);
			digest->len = DIGEST_LEN;
		}
	}
}

/* digest_save - append what digest_restore needs to a buffer */
int
digest_save(const struct digest *digest, struct buffer *out)
{
	return buffer_append(out, digest->octets, digest->len);
}

/* digest_restore - continue a digest that digest_save wrote */
int
digest_restore(struct digest *digest, struct slice octets)
{
	/* A full block is folded at once, so a saved state is never that
	 * long. */
	if (octets.len < DIGEST_LEN || octets.len >= sizeof(digest->octets))
		return ERR_CORRUPT;
	memcpy(digest->octets, octets.data, octets.len);
	digest->len = octets.len;
	return 0;
}
