/* SPDX-License-Identifier: ISC */
/*
 * association_tls.c - octets in and out through TLS
 *
 * Below association_io.c, which reads and writes here where TLS is spoken; the
 * handshake is association_secure.c's.
 */
#include <errno.h>

#include "osi/association_internal.h"

/* association_tls_lost - end by what the stream says is wrong with it */
int
association_tls_lost(struct association *a)
{
	struct tls_stream *tls = a->internal->net.tls;
	int error = tls_stream_error(tls);

	/* A certificate that is not the peer's is a refusal of ours; everything
	 * else cut the connection. */
	return association_over(a,
	    ASSOCIATION_ENDING(error == ERR_DENIED ? ERR_REFUSED : error,
		error == ERR_DENIED ? ASSOCIATION_REFUSED_BY_US
				    : ASSOCIATION_LOST,
		ASSOCIATION_LAYER_TLS, -1),
	    "tls: %s", tls_stream_reason(tls));
}

/* as_system - return the result of a stream as recv(2) and send(2) would */
static ssize_t
as_system(int result)
{
	if (result >= 0)
		return result;
	if (result == ERR_AGAIN)
		errno = EAGAIN;
	else if (result != ERR_IO)
		errno = EPROTO;
	return -1;
}

/* association_tls_read - read octets; EPROTO: association_tls_lost says why
 * not */
ssize_t
association_tls_read(struct association *a, uint8_t *at, size_t room)
{
	return as_system(tls_stream_read(a->internal->net.tls, at, room));
}

/* association_tls_write - write octets, or, with none, what waits */
ssize_t
association_tls_write(struct association *a, struct slice octets)
{
	return as_system(tls_stream_write(a->internal->net.tls, octets));
}

/* association_tls_buffered - tell whether a read may give octets though the
 * descriptor is not readable */
bool
association_tls_buffered(const struct association *a)
{
	const struct tls_stream *tls = a->internal->net.tls;

	return tls != NULL && tls_stream_buffered(tls);
}

/* association_tls_identity - tell who the peer is by its certificate */
const struct tls_identity *
association_tls_identity(const struct association *a)
{
	if (a->internal == NULL || !a->internal->net.tls_done)
		return NULL;
	return tls_stream_identity(a->internal->net.tls);
}
