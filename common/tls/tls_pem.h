/* SPDX-License-Identifier: ISC */
/*
 * tls_pem.h - what stands in PEM, as OpenSSL's own objects
 *
 * Each result is the caller's.  NULL: there is none, or something in it cannot
 * be read; OpenSSL's error queue, which must be empty before, says why.
 */
#ifndef FOURPOST_TLS_TLS_PEM_H
#define FOURPOST_TLS_TLS_PEM_H

#include "base/slice.h"
#include "tls/openssl.h"

/* tls_pem_certificates - read all certificates, one at least */
STACK_OF(X509) * tls_pem_certificates(struct slice pem);

/* tls_pem_revocations - read all revocation lists, one at least */
STACK_OF(X509_CRL) * tls_pem_revocations(struct slice pem);

/* tls_pem_key - read the private key, which has no passphrase */
EVP_PKEY *tls_pem_key(struct slice pem);

#endif
