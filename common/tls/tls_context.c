/* SPDX-License-Identifier: ISC */
/*
 * tls_context.c - what all TLS connections of a process have in common
 */
#include <stdlib.h>

#include "tls/tls_pem.h"
#include "tls/tls_private.h"

#define CHAIN_OCTETS_MAX (32 * 1024) /* that a peer may send us */
#define CHAIN_DEPTH_MAX	 8
#define CIPHERS_1_2	 "ECDHE+AESGCM:ECDHE+CHACHA20"

/* refuse - note what OpenSSL says of a part of the material */
static int
refuse(struct diag *diag, const char *what)
{
	char text[120];

	tls_reason(text, sizeof(text));
	return diag_set(diag, ERR_VALUE, "%s: %s", what, text);
}

/* use_pair - take the key, its certificate, and those that lead on from it */
static int
use_pair(SSL_CTX *ctx, const struct tls_material *material, struct diag *diag)
{
	STACK_OF(X509) *chain = tls_pem_certificates(material->certificate);
	EVP_PKEY *key = tls_pem_key(material->key);
	int error = 0;

	if (chain == NULL || key == NULL ||
	    SSL_CTX_use_certificate(ctx, sk_X509_value(chain, 0)) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1)
		error = refuse(diag, "the certificate and its key");
	/* Peers have the root only: what leads there must come with us. */
	for (int i = 1; error == 0 && i < sk_X509_num(chain); i++)
		if (SSL_CTX_add1_chain_cert(ctx, sk_X509_value(chain, i)) != 1)
			error = refuse(diag, "the certificate's chain");
	EVP_PKEY_free(key);
	sk_X509_pop_free(chain, X509_free);
	return error;
}

/* trust - trust the authorities */
static int
trust(X509_STORE *store, struct slice pem, struct diag *diag)
{
	STACK_OF(X509) *all = tls_pem_certificates(pem);
	int error = all == NULL ? refuse(diag, "the authorities") : 0;

	for (int i = 0; error == 0 && i < sk_X509_num(all); i++)
		if (X509_STORE_add_cert(store, sk_X509_value(all, i)) != 1)
			error = refuse(diag, "the authorities");
	sk_X509_pop_free(all, X509_free);
	return error;
}

/* distrust - refuse what the revocation lists name; from now on each authority
 * of a chain must have one */
static int
distrust(X509_STORE *store, struct slice pem, struct diag *diag)
{
	STACK_OF(X509_CRL) *all = tls_pem_revocations(pem);
	int error = all == NULL ? refuse(diag, "the revocation lists") : 0;

	for (int i = 0; error == 0 && i < sk_X509_CRL_num(all); i++)
		if (X509_STORE_add_crl(store, sk_X509_CRL_value(all, i)) != 1)
			error = refuse(diag, "the revocation lists");
	/* Without the second flag only the peer's own certificate would be
	 * looked for, and a revoked authority would go on signing. */
	if (error == 0)
		(void)X509_STORE_set_flags(
		    store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	sk_X509_CRL_pop_free(all, X509_CRL_free);
	return error;
}

/* set_protocol - set what is spoken: see the head of tls_context.h */
static int
set_protocol(SSL_CTX *ctx, enum tls_minimum minimum)
{
	/* Associations live for minutes, so resumption would save little and
	 * keep secrets; renegotiation and compression are known holes. */
	(void)SSL_CTX_set_options(ctx,
	    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
		SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* A read takes what is there, and not header and record apart. */
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_max_cert_list(ctx, CHAIN_OCTETS_MAX);
	SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH_MAX);
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, tls_stream_verify, NULL);
	SSL_CTX_set_info_callback(ctx, tls_stream_info);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
		SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
		SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) == 1 &&
		SSL_CTX_set_min_proto_version(ctx,
		    minimum == TLS_MINIMUM_1_3 ? TLS1_3_VERSION
					       : TLS1_2_VERSION) == 1
	    ? 0
	    : ERR_UNSUPPORTED;
}

/* tls_context_new - make a context of keys and certificates */
int
tls_context_new(enum tls_side side, const struct tls_material *material,
    struct tls_context **context, struct diag *diag)
{
	struct tls_context *made = NULL;
	X509_STORE *store;
	SSL_CTX *ctx;
	int error = 0;

	/* The system's openssl.cnf must not change what the manual promises,
	 * and cannot be read inside a chroot. */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return diag_set(diag, ERR_NOMEM, "OpenSSL cannot begin");
	ERR_clear_error();
	made = calloc(1, sizeof(*made));
	if (made == NULL ||
	    (ctx = made->ctx = SSL_CTX_new(TLS_method())) == NULL ||
	    (made->network = tls_network_method()) == NULL) {
		tls_context_free(made);
		return diag_set(diag, ERR_NOMEM, "no memory");
	}
	made->side = side;
	made->judges = material->authorities.len > 0;
	store = SSL_CTX_get_cert_store(ctx);
	if (set_protocol(ctx, material->minimum) != 0)
		error = refuse(diag, "OpenSSL");
	/* An SMTP server asks nobody who calls. */
	if (error == 0 && (side == TLS_CALLED || material->certificate.len > 0))
		error = use_pair(ctx, material, diag);
	if (error == 0 && material->authorities.len > 0)
		error = trust(store, material->authorities, diag);
	if (error == 0 && material->revocations.len > 0)
		error = distrust(store, material->revocations, diag);
	if (error == 0)
		*context = made;
	else
		tls_context_free(made);
	return error;
}

/* tls_context_free - free a context */
void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ctx);
	BIO_meth_free(context->network);
	free(context);
}
