/* SPDX-License-Identifier: ISC */
/*
 * tls_stream.c - one TLS connection over a non-blocking descriptor
 */
#include "tls/tls_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tls/tls_private.h"

#define RECORD_MAX    16384 /* plaintext of one record */
#define RECORD_EXTRA  512   /* what a record, or an alert, adds */
#define HANDSHAKE_MAX ((size_t)64 * 1024)

/* tls_stream_new - make a stream over a descriptor */
int
tls_stream_new(const struct tls_context *context,
    const struct tls_expectation *expectation, int fd,
    struct tls_stream **stream)
{
	struct tls_stream *made = calloc(1, sizeof(*made));
	BIO *network = BIO_new(context->network);

	if (made != NULL)
		buffer_init(&made->out, TLS_STREAM_BURST + HANDSHAKE_MAX);
	if (made == NULL || network == NULL ||
	    (made->ssl = SSL_new(context->ctx)) == NULL)
		goto fail;
	made->context = context;
	made->expectation = expectation;
	made->fd = fd;
	BIO_set_data(network, made);
	BIO_set_init(network, 1);
	SSL_set_bio(made->ssl, network, network);
	network = NULL;
	if (SSL_set_app_data(made->ssl, made) != 1)
		goto fail;
	if (context->side == TLS_CALLED)
		SSL_set_accept_state(made->ssl);
	else
		SSL_set_connect_state(made->ssl);
	if (expectation != NULL && expectation->name[0] != '\0' &&
	    SSL_set_tlsext_host_name(made->ssl, expectation->name) != 1)
		goto fail;
	*stream = made;
	return 0;
fail:
	ERR_clear_error();
	BIO_free(network);
	tls_stream_free(made);
	return ERR_NOMEM;
}

/* tls_stream_free - free a stream, without a word */
void
tls_stream_free(struct tls_stream *stream)
{
	if (stream == NULL)
		return;
	SSL_free(stream->ssl);
	buffer_fini(&stream->out);
	free(stream);
}

/* tls_stream_info - note the peer's alert, as OpenSSL tells of it */
void
tls_stream_info(const SSL *ssl, int where, int value)
{
	struct tls_stream *stream = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT ||
	    (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
		return;
	(void)snprintf(stream->alert, sizeof(stream->alert), "%s",
	    SSL_alert_desc_string_long(value));
}

/*
 * tls_stream_verify - judge the peer's certificate, as OpenSSL asks for it
 *
 * Whoever is called does not know yet who calls, so it notes what it finds and
 * goes on: the bind says which link it is.
 */
int
tls_stream_verify(X509_STORE_CTX *chain, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_stream *stream = SSL_get_app_data(ssl);
	struct tls_identity *identity = &stream->identity;
	const char *problem = "";

	(void)arg;
	tls_certificate_identify(X509_STORE_CTX_get0_cert(chain), identity);
	if (!stream->context->judges)
		problem = "there is no tls-ca-file to judge it by";
	else if (X509_verify_cert(chain) != 1)
		problem = X509_verify_cert_error_string(
		    X509_STORE_CTX_get_error(chain));
	(void)snprintf(
	    identity->problem, sizeof(identity->problem), "%s", problem);
	ERR_clear_error();
	X509_STORE_CTX_set_error(chain, X509_V_OK);
	if (stream->expectation == NULL ||
	    tls_identity_prove(identity, stream->expectation, &stream->diag) ==
		0)
		return 1;
	stream->unproved = true;
	X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

/* end - note why the stream is over */
static int
end(struct tls_stream *stream, int error, const char *reason)
{
	stream->ended = true;
	return diag_set(&stream->diag, error, "%s", reason);
}

/* explain - say what OpenSSL says is wrong, in words of an administrator */
static const char *
explain(char *text, size_t size)
{
	unsigned long code = ERR_peek_error();

	if (ERR_GET_LIB(code) == ERR_LIB_SSL)
		switch (ERR_GET_REASON(code)) {
		case SSL_R_WRONG_VERSION_NUMBER:
		case SSL_R_HTTP_REQUEST:
		case SSL_R_HTTPS_PROXY_REQUEST:
		case SSL_R_PACKET_LENGTH_TOO_LONG:
			ERR_clear_error();
			return "the peer does not speak TLS here";
		case SSL_R_UNSUPPORTED_PROTOCOL:
		case SSL_R_VERSION_TOO_LOW:
			ERR_clear_error();
			return "the peer offers no version of TLS that "
			       "tls-minimum allows";
		case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
			ERR_clear_error();
			return "the peer gave no certificate";
		}
	tls_reason(text, size);
	return text;
}

/* failed - note why a call of OpenSSL failed, and send our alert if the network
 * takes it */
static int
failed(struct tls_stream *stream)
{
	char text[120], whole[160];

	/* An error of the system is the cause, whatever OpenSSL adds. */
	if (stream->system_error != 0) {
		ERR_clear_error();
		errno = stream->system_error;
		stream->ended = true;
		return ERR_IO;
	}
	(void)!tls_network_send(stream);
	if (stream->unproved) {
		ERR_clear_error();
		stream->ended = true;
		return ERR_DENIED;
	}
	if (stream->alert[0] != '\0') {
		ERR_clear_error();
		(void)snprintf(whole, sizeof(whole),
		    "the peer refused, and says: %s", stream->alert);
		return end(stream, ERR_PROTOCOL, whole);
	}
	if (stream->eof) {
		ERR_clear_error();
		return end(stream, ERR_CLOSED,
		    stream->open ? "the peer closed the connection"
				 : "the peer closed the connection during the "
				   "handshake");
	}
	return end(stream, ERR_PROTOCOL, explain(text, sizeof(text)));
}

/* note_connection - note which version and cipher were agreed upon */
static void
note_connection(struct tls_stream *stream)
{
	struct tls_identity *identity = &stream->identity;

	(void)snprintf(identity->version, sizeof(identity->version), "%s",
	    SSL_get_version(stream->ssl));
	(void)snprintf(identity->cipher, sizeof(identity->cipher), "%s",
	    SSL_get_cipher_name(stream->ssl));
}

/* tls_stream_handshake - go on with the handshake: 0 when it is done */
int
tls_stream_handshake(struct tls_stream *stream)
{
	int done, error;

	if (stream->ended)
		return tls_stream_error(stream);
	ERR_clear_error();
	done = SSL_do_handshake(stream->ssl);
	if (done != 1 &&
	    SSL_get_error(stream->ssl, done) != SSL_ERROR_WANT_READ)
		return failed(stream);
	error = tls_network_send(stream);
	if (error == ERR_IO)
		return error;
	if (done != 1)
		return ERR_AGAIN;
	/* The peer's first octets may have come with its last word. */
	stream->open = stream->buffered = true;
	note_connection(stream);
	return 0;
}

/* tls_stream_read - read octets: how many, 0 at the end */
int
tls_stream_read(struct tls_stream *stream, uint8_t *octets, size_t len)
{
	int got;

	if (stream->ended)
		return tls_stream_error(stream);
	if (len > INT32_MAX)
		len = INT32_MAX;
	ERR_clear_error();
	got = SSL_read(stream->ssl, octets, (int)len);
	if (got > 0) {
		stream->buffered = true;
		return got;
	}
	switch (SSL_get_error(stream->ssl, got)) {
	case SSL_ERROR_WANT_READ:
		stream->buffered = false;
		return ERR_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		break;
	}
	/* Peers end without close_notify; the layers above know whether
	 * something was cut. */
	if (stream->eof && stream->alert[0] == '\0') {
		ERR_clear_error();
		return 0;
	}
	return failed(stream);
}

/* tls_stream_write - take octets and send what the network takes */
int
tls_stream_write(struct tls_stream *stream, struct slice octets)
{
	size_t taken = 0;
	int put, error;

	if (stream->ended)
		return tls_stream_error(stream);
	if ((error = tls_network_send(stream)) != 0)
		return error;
	ERR_clear_error();
	while (taken < octets.len && taken + RECORD_MAX <= TLS_STREAM_BURST) {
		size_t len = octets.len - taken;

		put = SSL_write(stream->ssl, octets.data + taken,
		    (int)(len < RECORD_MAX ? len : RECORD_MAX));
		if (put <= 0)
			return failed(stream);
		taken += (size_t)put;
	}
	error = tls_network_send(stream);
	return error == ERR_IO ? error : (int)taken;
}

/* tls_stream_unwritten - tell whether octets wait to be sent */
bool
tls_stream_unwritten(const struct tls_stream *stream)
{
	return !stream->ended && buffer_length(&stream->out) > 0;
}

/* tls_stream_buffered - tell whether a read may give octets */
bool
tls_stream_buffered(const struct tls_stream *stream)
{
	return stream->buffered;
}

/* tls_stream_close - tell the peer that no more comes */
void
tls_stream_close(struct tls_stream *stream)
{
	if (!stream->open || stream->ended || stream->system_error != 0)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(stream->ssl);
	ERR_clear_error();
	(void)!tls_network_send(stream);
}

/* tls_stream_identity - tell who the peer is */
const struct tls_identity *
tls_stream_identity(const struct tls_stream *stream)
{
	return &stream->identity;
}

/* tls_stream_error - tell how the stream ended */
int
tls_stream_error(const struct tls_stream *stream)
{
	if (stream->ended && stream->diag.code == 0)
		return ERR_CLOSED;
	return stream->diag.code;
}

/* tls_stream_reason - say why the last call failed */
const char *
tls_stream_reason(const struct tls_stream *stream)
{
	return diag_text(&stream->diag);
}
