/* SPDX-License-Identifier: ISC */
/*
 * tls_certificate.c - certificates and keys in PEM, read with OpenSSL
 */
#include "tls/tls_certificate.h"

#include <stdio.h>
#include <time.h>

#include "base/escape.h"
#include "tls/tls_pem.h"
#include "tls/tls_private.h"

/* tls_reason - write what OpenSSL says went wrong last, in words */
void
tls_reason(char *text, size_t size)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	(void)snprintf(
	    text, size, "%s", reason != NULL ? reason : "no reason given");
	/* A reason left in the queue would be told for the next failure. */
	ERR_clear_error();
}

/* explain - note what OpenSSL says went wrong */
static int
explain(struct diag *diag, const char *what)
{
	char text[120];

	tls_reason(text, sizeof(text));
	return diag_set(diag, ERR_VALUE, "%s: %s", what, text);
}

/* to_seconds - convert a time of a certificate; one that cannot be read is
 * long past */
static int64_t
to_seconds(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

/* write_subject - write the subject of a certificate, printable */
static void
write_subject(X509 *x509, char *text, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *octets = NULL;
	long len = 0;

	text[0] = '\0';
	if (bio != NULL &&
	    X509_NAME_print_ex(
		bio, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253) >= 0)
		len = BIO_get_mem_data(bio, &octets);
	if (len > 0)
		escape_printable(text, size, slice_of(octets, (size_t)len));
	BIO_free(bio);
}

/* add_name - note one more name; one that is not a plain host name proves
 * nothing and is left out */
static void
add_name(struct tls_identity *identity, const ASN1_STRING *string)
{
	const unsigned char *octets = ASN1_STRING_get0_data(string);
	int len = ASN1_STRING_length(string);
	char *name;

	/* A name with a NUL or a blank within could look like another one to
	 * whoever compares or prints it. */
	if (identity->name_count == TLS_NAMES_MAX || len <= 0 ||
	    len > TLS_NAME_MAX)
		return;
	for (int i = 0; i < len; i++)
		if (octets[i] <= ' ' || octets[i] >= 0x7f)
			return;
	name = identity->names[identity->name_count++];
	memcpy(name, octets, (size_t)len);
	name[len] = '\0';
}

/* add_names - note the dNSNames; tell whether there are any */
static bool
add_names(X509 *x509, struct tls_identity *identity)
{
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	bool any = false;

	for (int i = 0; all != NULL && i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

		if (one->type != GEN_DNS)
			continue;
		any = true;
		add_name(identity, one->d.dNSName);
	}
	GENERAL_NAMES_free(all);
	return any;
}

/* add_common_name - note the common name of a certificate without dNSName */
static void
add_common_name(X509 *x509, struct tls_identity *identity)
{
	X509_NAME *subject = X509_get_subject_name(x509);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at >= 0)
		add_name(identity,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/* tls_certificate_identify - fill in what a certificate says of a peer */
void
tls_certificate_identify(X509 *x509, struct tls_identity *identity)
{
	unsigned char *key = NULL;
	unsigned len = 0;
	int key_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &key);

	/* The pin is of the key and not of the certificate, so that a renewed
	 * certificate with the same key is still known (RFC 7469, 2.4). */
	identity->known = key_len > 0 &&
	    EVP_Digest(key, (size_t)key_len, identity->pin, &len, EVP_sha256(),
		NULL) == 1 &&
	    len == TLS_PIN_LEN;
	OPENSSL_free(key);
	write_subject(x509, identity->subject, sizeof(identity->subject));
	identity->expires = to_seconds(X509_get0_notAfter(x509));
	identity->name_count = 0;
	/* With a dNSName present the common name proves nothing (RFC 6125,
	 * 6.4.4). */
	if (!add_names(x509, identity))
		add_common_name(x509, identity);
}

/* tls_certificate_check - check a certificate and its key, and tell of it */
int
tls_certificate_check(struct slice certificate, struct slice key,
    struct tls_certificate_facts *facts, struct diag *diag)
{
	struct tls_certificate_facts found;
	STACK_OF(X509) *chain = NULL;
	EVP_PKEY *private = NULL;
	int error = 0;

	ERR_clear_error();
	if ((chain = tls_pem_certificates(certificate)) == NULL) {
		error = explain(diag, "the certificate");
	} else if ((private = tls_pem_key(key)) == NULL) {
		error = explain(diag, "the key");
	} else if (X509_check_private_key(sk_X509_value(chain, 0), private) !=
	    1) {
		ERR_clear_error();
		error = diag_set(diag, ERR_VALUE,
		    "the key does not belong to the first certificate");
	} else {
		X509 *x509 = sk_X509_value(chain, 0);

		write_subject(x509, found.subject, sizeof(found.subject));
		found.expires = to_seconds(X509_get0_notAfter(x509));
		*facts = found;
	}
	sk_X509_pop_free(chain, X509_free);
	EVP_PKEY_free(private);
	return error;
}

/* tls_authorities_check - check that PEM holds one certificate at least */
int
tls_authorities_check(struct slice pem, struct diag *diag)
{
	STACK_OF(X509) * all;

	ERR_clear_error();
	if ((all = tls_pem_certificates(pem)) == NULL)
		return explain(diag, "the authorities");
	sk_X509_pop_free(all, X509_free);
	return 0;
}

/* tls_revocations_check - check likewise for revocation lists */
int
tls_revocations_check(
    struct slice pem, struct tls_revocations_facts *facts, struct diag *diag)
{
	struct tls_revocations_facts first = {.expires = INT64_MAX};
	STACK_OF(X509_CRL) * all;

	ERR_clear_error();
	if ((all = tls_pem_revocations(pem)) == NULL)
		return explain(diag, "the revocation lists");
	for (int i = 0; i < sk_X509_CRL_num(all); i++) {
		const X509_CRL *one = sk_X509_CRL_value(all, i);
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(one);

		/* The list that runs out first is the one to warn of: from then
		 * on no peer can be verified. */
		if (next == NULL || to_seconds(next) >= first.expires)
			continue;
		first.issued = to_seconds(X509_CRL_get0_lastUpdate(one));
		first.expires = to_seconds(next);
	}
	*facts = first;
	sk_X509_CRL_pop_free(all, X509_CRL_free);
	return 0;
}
