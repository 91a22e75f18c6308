/* SPDX-License-Identifier: ISC */
/*
 * tls_identity.h - what a peer's certificate says of it, and whether that
 * proves who it is
 *
 * A peer is proved by the pin of its key, or by a chain of certificates that
 * ends in an authority of ours together with a name.  A pin stands for itself:
 * neither chain, name nor expiry count then (as RFC 7671 5.1 has it for
 * DANE-EE).  A name is a dNSName of the certificate, or its common name where
 * it has no dNSName; a certificate's "*." stands for one label (RFC 6125 6.4).
 */
#ifndef FOURPOST_TLS_TLS_IDENTITY_H
#define FOURPOST_TLS_TLS_IDENTITY_H

#include "base/error.h"
#include "base/slice.h"

#define TLS_PIN_LEN   32  /* SHA-256 of the SubjectPublicKeyInfo */
#define TLS_NAMES_MAX 16  /* of one certificate that are looked at */
#define TLS_NAME_MAX  253 /* octets */

struct tls_identity {
	bool known; /* false: no certificate was given */
	uint8_t pin[TLS_PIN_LEN];
	char problem[120]; /* what is wrong with the chain; "": nothing */
	char subject[200]; /* printable */
	int64_t expires;   /* s since 1970 */
	size_t name_count;
	char names[TLS_NAMES_MAX][TLS_NAME_MAX + 1];
	char version[16], cipher[64]; /* of the connection */
};

/* The proof that a peer owes; borrowed. */
struct tls_expectation {
	const char *name; /* "": none, then only a pin proves */
	const uint8_t (*pins)[TLS_PIN_LEN];
	size_t pin_count;
};

/*
 * tls_identity_prove - judge whether a peer is who it should be
 *
 * ERR_DENIED, and the reason in diag.
 */
int tls_identity_prove(const struct tls_identity *identity,
    const struct tls_expectation *expectation, struct diag *diag) WARN_UNUSED;

/* tls_name_matches - tell whether a certificate's name stands for this one */
bool tls_name_matches(const char *certified, const char *name);

#endif
