/* SPDX-License-Identifier: ISC */
/*
 * tls_certificate.h - certificates and keys in PEM, read with OpenSSL
 *
 * Private keys are never asked a passphrase for: one that needs it cannot be
 * read.
 */
#ifndef FOURPOST_TLS_TLS_CERTIFICATE_H
#define FOURPOST_TLS_TLS_CERTIFICATE_H

#include "base/error.h"
#include "base/slice.h"

/* The facts of our certificate for an administrator. */
struct tls_certificate_facts {
	char subject[200];
	int64_t expires; /* s since 1970 */
};

/* The facts of revocation lists: of the one that expires first. */
struct tls_revocations_facts {
	int64_t issued;	 /* s since 1970 */
	int64_t expires; /* nextUpdate; INT64_MAX: none */
};

/*
 * tls_certificate_check - check a certificate and its key, and tell of it
 *
 * ERR_VALUE: not PEM, not readable, or the key is of another certificate;
 * diag says which.
 */
int tls_certificate_check(struct slice certificate, struct slice key,
    struct tls_certificate_facts *facts, struct diag *diag) WARN_UNUSED;

/* tls_authorities_check - check that PEM holds one certificate at least, and
 * nothing that cannot be read.  ERR_VALUE */
int tls_authorities_check(struct slice pem, struct diag *diag) WARN_UNUSED;

/* tls_revocations_check - check likewise for revocation lists, and tell of
 * them.  ERR_VALUE */
int tls_revocations_check(struct slice pem, struct tls_revocations_facts *facts,
    struct diag *diag) WARN_UNUSED;

#endif
