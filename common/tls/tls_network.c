/* SPDX-License-Identifier: ISC */
/*
 * tls_network.c - how OpenSSL reads and writes the descriptor of a stream
 *
 * Why not OpenSSL's own way to a socket: its write(2) raises SIGPIPE, it wants
 * a write repeated with the same octets, and each record would be a call of its
 * own.  So it reads the descriptor through here, and writes into a buffer that
 * is sent afterwards.
 */
#include <errno.h>
#include <sys/socket.h>

#include "tls/tls_private.h"

/* read_network - read for OpenSSL; after a read that took all there was, the
 * next one waits for poll(2) */
static int
read_network(BIO *bio, char *octets, int len)
{
	struct tls_stream *stream = BIO_get_data(bio);
	ssize_t got;

	BIO_clear_retry_flags(bio);
	if (len <= 0)
		return 0;
	if (stream->drained) {
		stream->drained = false;
		BIO_set_retry_read(bio);
		return -1;
	}
	do
		got = recv(stream->fd, octets, (size_t)len, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		stream->drained = got < len;
		return (int)got;
	}
	if (got == 0)
		stream->eof = true;
	else if (errno == EAGAIN || errno == EWOULDBLOCK)
		BIO_set_retry_read(bio);
	else
		stream->system_error = errno;
	return got == 0 ? 0 : -1;
}

/* write_network - take what OpenSSL writes */
static int
write_network(BIO *bio, const char *octets, int len)
{
	struct tls_stream *stream = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (len <= 0 || buffer_append(&stream->out, octets, (size_t)len) != 0)
		return -1;
	return len;
}

/* control_network - answer what OpenSSL asks of its network */
static long
control_network(BIO *bio, int what, long number, void *pointer)
{
	struct tls_stream *stream = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return stream->eof;
	default:
		return 0;
	}
}

/* tls_network_method - make what lets OpenSSL use the descriptor of a stream */
BIO_METHOD *
tls_network_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "network");

	if (method == NULL)
		return NULL;
	if (BIO_meth_set_read(method, read_network) == 1 &&
	    BIO_meth_set_write(method, write_network) == 1 &&
	    BIO_meth_set_ctrl(method, control_network) == 1)
		return method;
	BIO_meth_free(method);
	return NULL;
}

/* tls_network_send - send what waits: 0 all, ERR_AGAIN, ERR_IO */
int
tls_network_send(struct tls_stream *stream)
{
	while (buffer_length(&stream->out) > 0) {
		struct slice ready = buffer_slice(&stream->out);
		ssize_t put =
		    send(stream->fd, ready.data, ready.len, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return ERR_AGAIN;
		if (put < 0) {
			stream->system_error = errno;
			return ERR_IO;
		}
		buffer_consume(&stream->out, (size_t)put);
	}
	return 0;
}
