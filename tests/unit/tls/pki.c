/* SPDX-License-Identifier: ISC */
/*
 * pki.c - authorities, certificates and revocation lists; see pki.h
 *
 * The pin is computed by other calls of OpenSSL than the library's, and its
 * base64 is OpenSSL's.
 */
#include "tests/unit/tls/pki.h"

#include <check.h>
#include <string.h>

#include "tls/openssl.h"

static long serials = 1000;

/* write_pem - take what was written to memory, as a string */
static void
write_pem(BIO *bio, char *text, size_t size)
{
	int len = BIO_read(bio, text, (int)size - 1);

	ck_assert_int_gt(len, 0);
	ck_assert_int_lt(len, (int)size - 1);
	text[len] = '\0';
	BIO_free(bio);
}

/* add_extension - add an extension by its text */
static void
add_extension(X509 *x509, int nid, const char *text)
{
	X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, nid, text);

	ck_assert_ptr_nonnull(one);
	ck_assert_int_eq(X509_add_ext(x509, one, -1), 1);
	X509_EXTENSION_free(one);
}

/* fill - fill in a certificate but for its signature */
static void
fill(X509 *x509, EVP_PKEY *key, const struct pki_wish *wish)
{
	bool usual = wish->from == 0 && wish->to == 0;
	X509_NAME *name = X509_get_subject_name(x509);
	char dns[300];

	ck_assert_int_eq(X509_set_version(x509, 2), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), serials++);
	X509_gmtime_adj(
	    X509_getm_notBefore(x509), usual ? -PKI_DAY : wish->from);
	X509_gmtime_adj(X509_getm_notAfter(x509),
	    usual ? 365 * PKI_DAY + PKI_DAY / 2 : wish->to);
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)wish->name, -1, -1, 0),
	    1);
	ck_assert_int_eq(X509_set_pubkey(x509, key), 1);
	ck_assert_int_eq(X509_set_issuer_name(x509,
			     wish->issuer == NULL
				 ? name
				 : X509_get_subject_name(wish->issuer->x509)),
	    1);
	add_extension(x509, NID_basic_constraints,
	    wish->authority ? "critical,CA:TRUE" : "CA:FALSE");
	if (wish->dns == NULL)
		return;
	snprintf(dns, sizeof(dns), "DNS:%s", wish->dns);
	add_extension(x509, NID_subject_alt_name, dns);
}

/* pki_make - make a key and its certificate, as wished */
void
pki_make(const struct pki_wish *wish, struct pki_entity *entity)
{
	const char *curve = wish->curve != NULL ? wish->curve : "P-256";
	EVP_PKEY *key =
	    strcmp(curve, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(curve);
	X509 *x509 = X509_new();
	BIO *bio;

	ck_assert_ptr_nonnull(key);
	ck_assert_ptr_nonnull(x509);
	fill(x509, key, wish);
	ck_assert_int_gt(
	    X509_sign(x509, wish->issuer == NULL ? key : wish->issuer->pkey,
		EVP_sha256()),
	    0);
	entity->x509 = x509;
	entity->pkey = key;
	bio = BIO_new(BIO_s_mem());
	ck_assert_int_eq(PEM_write_bio_X509(bio, x509), 1);
	write_pem(bio, entity->certificate, sizeof(entity->certificate));
	bio = BIO_new(BIO_s_mem());
	ck_assert_int_eq(
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	write_pem(bio, entity->key, sizeof(entity->key));
}

/* pki_free - free what pki_make made */
void
pki_free(struct pki_entity *entity)
{
	X509_free(entity->x509);
	EVP_PKEY_free(entity->pkey);
}

/* pki_revoke - write the revocation list of an authority */
void
pki_revoke(const struct pki_entity *authority, const struct pki_entity *revoked,
    char *text, size_t size)
{
	pki_revoke_for(authority, revoked, -60, PKI_DAY, text, size);
}

/* pki_revoke_for - write the revocation list of an authority for a time */
void
pki_revoke_for(const struct pki_entity *authority,
    const struct pki_entity *revoked, long from, long to, char *text,
    size_t size)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, from);
	ASN1_TIME *next = X509_gmtime_adj(NULL, to);
	BIO *bio = BIO_new(BIO_s_mem());

	ck_assert_int_eq(X509_CRL_set_version(crl, 1), 1);
	ck_assert_int_eq(X509_CRL_set_issuer_name(
			     crl, X509_get_subject_name(authority->x509)),
	    1);
	ck_assert_int_eq(X509_CRL_set1_lastUpdate(crl, now), 1);
	ck_assert_int_eq(X509_CRL_set1_nextUpdate(crl, next), 1);
	if (revoked != NULL) {
		X509_REVOKED *one = X509_REVOKED_new();

		ck_assert_int_eq(X509_REVOKED_set_serialNumber(
				     one, X509_get_serialNumber(revoked->x509)),
		    1);
		ck_assert_int_eq(X509_REVOKED_set_revocationDate(one, now), 1);
		ck_assert_int_eq(X509_CRL_add0_revoked(crl, one), 1);
	}
	ck_assert_int_gt(X509_CRL_sign(crl, authority->pkey, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_bio_X509_CRL(bio, crl), 1);
	write_pem(bio, text, size);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
}

/* pki_pin - write the pin of a key as the configuration has it */
void
pki_pin(const struct pki_entity *entity, char pin[PKI_PIN_MAX])
{
	unsigned char *der = NULL, digest[32], text[48];
	int len = i2d_PUBKEY(entity->pkey, &der);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(
	    EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)len, digest, NULL),
	    1);
	OPENSSL_free(der);
	ck_assert_int_eq(EVP_EncodeBlock(text, digest, sizeof(digest)), 44);
	snprintf(pin, PKI_PIN_MAX, "sha256/%s", (char *)text);
}
