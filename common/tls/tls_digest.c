/* SPDX-License-Identifier: ISC */
/*
 * tls_digest.c - SHA-256 (FIPS 180-4) of octets in memory
 */
#include "tls/tls_digest.h"

#include "tls/openssl.h"

/* tls_digest - compute the digest of octets */
int
tls_digest(struct slice octets, uint8_t digest[TLS_DIGEST_LEN])
{
	unsigned len = TLS_DIGEST_LEN;

	return EVP_Digest(octets.data, octets.len, digest, &len, EVP_sha256(),
		   NULL) == 1
	    ? 0
	    : ERR_NOMEM;
}
