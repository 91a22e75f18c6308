/* SPDX-License-Identifier: ISC */
/*
 * tls_pem.c - what stands in PEM, as OpenSSL's own objects
 */
#include "tls/tls_pem.h"

/* no_passphrase - answer OpenSSL, which would ask the terminal otherwise */
static int
no_passphrase(char *to, int size, int writing, void *arg)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

/* open_pem - make PEM readable for OpenSSL */
static BIO *
open_pem(struct slice pem)
{
	return pem.len > INT32_MAX ? NULL
				   : BIO_new_mem_buf(pem.data, (int)pem.len);
}

/* at_end - tell whether reading stopped because there is no more, and forget
 * that */
static bool
at_end(void)
{
	unsigned long code = ERR_peek_last_error();

	if (ERR_GET_LIB(code) != ERR_LIB_PEM ||
	    ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		return false;
	ERR_clear_error();
	return true;
}

/* tls_pem_certificates - read all certificates, one at least */
STACK_OF(X509) * tls_pem_certificates(struct slice pem)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *bio = open_pem(pem);
	X509 *one;

	while (all != NULL && bio != NULL &&
	    (one = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL)
		if (sk_X509_push(all, one) <= 0) {
			X509_free(one);
			break;
		}
	BIO_free(bio);
	/* The end is an error only where nothing came before it. */
	if (all != NULL && sk_X509_num(all) > 0 && at_end())
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* tls_pem_revocations - read all revocation lists, one at least */
STACK_OF(X509_CRL) * tls_pem_revocations(struct slice pem)
{
	STACK_OF(X509_CRL) *all = sk_X509_CRL_new_null();
	BIO *bio = open_pem(pem);
	X509_CRL *one;

	while (all != NULL && bio != NULL &&
	    (one = PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, NULL)) !=
		NULL)
		if (sk_X509_CRL_push(all, one) <= 0) {
			X509_CRL_free(one);
			break;
		}
	BIO_free(bio);
	if (all != NULL && sk_X509_CRL_num(all) > 0 && at_end())
		return all;
	sk_X509_CRL_pop_free(all, X509_CRL_free);
	return NULL;
}

/* tls_pem_key - read the private key, which has no passphrase */
EVP_PKEY *
tls_pem_key(struct slice pem)
{
	BIO *bio = open_pem(pem);
	EVP_PKEY *key = bio == NULL
	    ? NULL
	    : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

	BIO_free(bio);
	return key;
}
