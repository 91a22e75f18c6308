/* SPDX-License-Identifier: ISC */
/*
 * tls_digest.h - SHA-256 (FIPS 180-4) of octets in memory
 */
#ifndef FOURPOST_TLS_TLS_DIGEST_H
#define FOURPOST_TLS_TLS_DIGEST_H

#include "base/error.h"
#include "base/slice.h"

#define TLS_DIGEST_LEN 32

/* tls_digest - compute the digest of octets.  ERR_NOMEM */
int tls_digest(struct slice octets, uint8_t digest[TLS_DIGEST_LEN]) WARN_UNUSED;

#endif
