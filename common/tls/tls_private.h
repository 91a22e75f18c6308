/* SPDX-License-Identifier: ISC */
/*
 * tls_private.h - what the files of common/tls share
 *
 * Nothing outside of common/tls includes this.
 */
#ifndef FOURPOST_TLS_TLS_PRIVATE_H
#define FOURPOST_TLS_TLS_PRIVATE_H

#include "base/buffer.h"
#include "tls/openssl.h"
#include "tls/tls_context.h"
#include "tls/tls_stream.h"

struct tls_context {
	SSL_CTX *ctx;
	BIO_METHOD *network; /* tls_network.c */
	enum tls_side side;
	bool judges; /* there are authorities to judge chains by */
};

struct tls_stream {
	const struct tls_context *context;
	const struct tls_expectation *expectation; /* NULL: judged by others */
	SSL *ssl;
	struct buffer out; /* ciphertext that was not sent */
	int fd;
	int system_error; /* errno of the network; 0: none */
	bool eof;	  /* the peer closed the connection */
	bool open;	  /* the handshake is done */
	bool buffered;	  /* octets of the peer may be in here still */
	bool drained;	  /* the last read took all that the network had */
	bool ended;	  /* the peer closed, or something failed */
	bool unproved;	  /* the peer is not who it should be */
	struct tls_identity identity;
	char alert[80]; /* the peer's, in words; "": none */
	struct diag diag;
};

/* tls_network_method - make what lets OpenSSL read the descriptor of a stream,
 * and write into its buffer.  NULL: no memory */
BIO_METHOD *tls_network_method(void);

/* tls_network_send - send what waits: 0 all, ERR_AGAIN, ERR_IO */
int tls_network_send(struct tls_stream *stream) WARN_UNUSED;

/* tls_certificate_identify - fill in what a certificate says of a peer: all
 * but problem, version and cipher */
void tls_certificate_identify(X509 *x509, struct tls_identity *identity);

/* tls_reason - write what OpenSSL says went wrong last, in words, and forget
 * it */
void tls_reason(char *text, size_t size);

/* tls_stream_verify - judge the peer's certificate, as OpenSSL asks for it */
int tls_stream_verify(X509_STORE_CTX *chain, void *arg);

/* tls_stream_info - note the peer's alert, as OpenSSL tells of it */
void tls_stream_info(const SSL *ssl, int where, int value);

#endif
