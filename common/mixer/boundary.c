/* SPDX-License-Identifier: ISC */
/*
 * boundary.c - boundaries that no text can hold
 *
 * Contract in boundary.h.
 */
#include "mixer/boundary.h"

#include <stdio.h>

#include "tls/tls_digest.h"

/* boundary_make - make the boundary of a number */
int
boundary_make(const uint8_t secret[MAPPING_SECRET_LEN], unsigned number,
    char text[BOUNDARY_LEN + 1])
{
	uint8_t seed[MAPPING_SECRET_LEN + sizeof(number)];
	uint8_t digest[TLS_DIGEST_LEN];
	int error;

	memcpy(seed, secret, MAPPING_SECRET_LEN);
	memcpy(seed + MAPPING_SECRET_LEN, &number, sizeof(number));
	if ((error = tls_digest(slice_of(seed, sizeof(seed)), digest)) < 0)
		return error;
	snprintf(text, BOUNDARY_LEN + 1, "=_");
	for (unsigned i = 0; i < 16; i++)
		snprintf(text + 2 + 2 * i, 3, "%02x", digest[i]);
	return 0;
}
