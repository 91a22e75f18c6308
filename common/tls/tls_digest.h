/* SPDX-License-Identifier: ISC */
/*
 * tls_digest.h - SHA-256 (FIPS 180-4) of octets, whole or in pieces
 */
#ifndef FOURPOST_TLS_TLS_DIGEST_H
#define FOURPOST_TLS_TLS_DIGEST_H

#include "base/error.h"
#include "base/slice.h"

#define TLS_DIGEST_LEN 32

/* A digest of octets that come in pieces. */
struct tls_digest;

/* tls_digest_new - begin one, for as long as the process lives; NULL: no memory
 */
struct tls_digest *tls_digest_new(void);

/* tls_digest_reset - begin another.  ERR_NOMEM */
int tls_digest_reset(struct tls_digest *digest) WARN_UNUSED;

/* tls_digest_push - add octets.  ERR_NOMEM */
int tls_digest_push(struct tls_digest *digest, struct slice octets) WARN_UNUSED;

/* tls_digest_finish - get the digest; it is to be reset before it is used
 * again.  ERR_NOMEM */
int tls_digest_finish(
    struct tls_digest *digest, uint8_t octets[TLS_DIGEST_LEN]) WARN_UNUSED;

/* tls_digest - compute the digest of octets.  ERR_NOMEM */
int tls_digest(struct slice octets, uint8_t digest[TLS_DIGEST_LEN]) WARN_UNUSED;

#endif
