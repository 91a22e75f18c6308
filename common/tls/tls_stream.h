/* SPDX-License-Identifier: ISC */
/*
 * tls_stream.h - one TLS connection over a non-blocking descriptor
 *
 * Nothing here waits.  OpenSSL works on memory, and what it made is sent, and
 * what it needs is read, by calls of our own.  So the caller waits for reading
 * whenever it wants octets, and for writing whenever tls_stream_unwritten says
 * so, as without TLS; two things differ:
 *
 *	octets of the peer may be here when the descriptor is not readable:
 *	tls_stream_buffered tells, until a read returned ERR_AGAIN
 *
 *	what was taken for writing may not have left:
 *	tls_stream_unwritten tells
 *
 * Memory is bounded: TLS_STREAM_BURST octets that were not sent, one record
 * that was not read.
 *
 * Results, besides those named at a function:
 *	ERR_AGAIN	not now; wait, as above
 *	ERR_DENIED	the peer did not prove who it is
 *	ERR_PROTOCOL	it broke the protocol, or sent an alert
 *	ERR_CLOSED	it closed the connection in the middle
 *	ERR_IO		the system refused; errno tells
 * tls_stream_reason has all but the last in words.
 */
#ifndef FOURPOST_TLS_TLS_STREAM_H
#define FOURPOST_TLS_TLS_STREAM_H

#include "tls/tls_context.h"
#include "tls/tls_identity.h"

#define TLS_STREAM_BURST ((size_t)64 * 1024)

struct tls_stream;

/*
 * tls_stream_new - make a stream over a descriptor, which stays the caller's
 *
 * expectation is what the peer must prove in the handshake; NULL: any
 * certificate will do, and who asks tls_stream_identity judges it.  Both are
 * borrowed until tls_stream_free.  ERR_NOMEM.
 */
int tls_stream_new(const struct tls_context *context,
    const struct tls_expectation *expectation, int fd,
    struct tls_stream **stream) WARN_UNUSED;

/* tls_stream_free - free a stream, without a word; NULL is allowed */
void tls_stream_free(struct tls_stream *stream);

/* tls_stream_handshake - go on with the handshake: 0 when it is done */
int tls_stream_handshake(struct tls_stream *stream) WARN_UNUSED;

/* tls_stream_read - read octets, len at most: how many, 0 at the end */
int tls_stream_read(
    struct tls_stream *stream, uint8_t *octets, size_t len) WARN_UNUSED;

/* tls_stream_write - take octets and send what the network takes: how many were
 * taken; octets may be empty */
int
tls_stream_write(struct tls_stream *stream, struct slice octets) WARN_UNUSED;

/* tls_stream_unwritten - tell whether octets wait to be sent */
bool tls_stream_unwritten(const struct tls_stream *stream);

/* tls_stream_buffered - tell whether a read may give octets though the
 * descriptor is not readable */
bool tls_stream_buffered(const struct tls_stream *stream);

/* tls_stream_close - tell the peer that no more comes, if the network takes
 * that at once */
void tls_stream_close(struct tls_stream *stream);

/* tls_stream_identity - tell who the peer is, once the handshake is done */
const struct tls_identity *tls_stream_identity(const struct tls_stream *stream);

/* tls_stream_error - tell how the stream ended: an error as above, 0: not */
int tls_stream_error(const struct tls_stream *stream);

/* tls_stream_reason - say why the last call failed */
const char *tls_stream_reason(const struct tls_stream *stream);

#endif
