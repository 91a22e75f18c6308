/* SPDX-License-Identifier: ISC */
/*
 * tls_digest.c - SHA-256 (FIPS 180-4) of octets, whole or in pieces
 */
#include "tls/tls_digest.h"

#include "tls/openssl.h"

/* sha256 - get the algorithm, which OpenSSL would search for at each use */
static const EVP_MD *
sha256(void)
{
	static EVP_MD *found;

	if (found == NULL)
		found = EVP_MD_fetch(NULL, "SHA256", NULL);
	return found != NULL ? found : EVP_sha256();
}

/* tls_digest - compute the digest of octets */
int
tls_digest(struct slice octets, uint8_t digest[TLS_DIGEST_LEN])
{
	unsigned len = TLS_DIGEST_LEN;

	return EVP_Digest(
		   octets.data, octets.len, digest, &len, sha256(), NULL) == 1
	    ? 0
	    : ERR_NOMEM;
}

/* tls_digest_new - begin a digest of octets that come in pieces */
struct tls_digest *
tls_digest_new(void)
{
	return (struct tls_digest *)EVP_MD_CTX_new();
}

/* tls_digest_reset - begin another */
int
tls_digest_reset(struct tls_digest *digest)
{
	return EVP_DigestInit_ex((EVP_MD_CTX *)digest, sha256(), NULL) == 1
	    ? 0
	    : ERR_NOMEM;
}

/* tls_digest_push - add octets */
int
tls_digest_push(struct tls_digest *digest, struct slice octets)
{
	return EVP_DigestUpdate(
		   (EVP_MD_CTX *)digest, octets.data, octets.len) == 1
	    ? 0
	    : ERR_NOMEM;
}

/* tls_digest_finish - get the digest */
int
tls_digest_finish(struct tls_digest *digest, uint8_t octets[TLS_DIGEST_LEN])
{
	unsigned len = TLS_DIGEST_LEN;

	return EVP_DigestFinal_ex((EVP_MD_CTX *)digest, octets, &len) == 1
	    ? 0
	    : ERR_NOMEM;
}
