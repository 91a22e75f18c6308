/* SPDX-License-Identifier: ISC */
/*
 * pki.h - authorities, certificates and revocation lists, made as a test wants
 * them
 */
#ifndef FOURPOST_TESTS_PKI_H
#define FOURPOST_TESTS_PKI_H

#include <stdbool.h>
#include <stddef.h>

#define PKI_DAY	    (24L * 3600)
#define PKI_PIN_MAX 64

struct pki_entity {
	void *x509, *pkey;		   /* OpenSSL's */
	char certificate[4096], key[4096]; /* in PEM */
};

/* What a certificate is to be like. */
struct pki_wish {
	const char *name;		 /* common name */
	const char *dns;		 /* NULL: no dNSName */
	const struct pki_entity *issuer; /* NULL: it signs itself */
	bool authority;
	const char *curve; /* "RSA": none; NULL: P-256 */
	long from, to;	   /* seconds from now; both 0: yesterday, in a year */
};

/* pki_make - make a key and its certificate, as wished */
void pki_make(const struct pki_wish *wish, struct pki_entity *entity);

/* pki_free - free what pki_make made */
void pki_free(struct pki_entity *entity);

/* pki_revoke - write the revocation list of an authority, with one certificate
 * in it, or none (NULL) */
void pki_revoke(const struct pki_entity *authority,
    const struct pki_entity *revoked, char *crl, size_t size);

/* pki_revoke_for - likewise, for a time, in seconds from now */
void pki_revoke_for(const struct pki_entity *authority,
    const struct pki_entity *revoked, long from, long to, char *crl,
    size_t size);

/* pki_pin - write the pin of a key as the configuration has it */
void pki_pin(const struct pki_entity *entity, char pin[PKI_PIN_MAX]);

#endif
