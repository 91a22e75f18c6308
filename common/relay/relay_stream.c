/* SPDX-License-Identifier: ISC */
/*
 * relay_stream.c - octets to and from the SMTP server, within TLS or not
 */
#include "relay/relay_stream.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"

#define HANDSHAKE_TIMEOUT 60000	 /* ms */
#define WRITE_TIMEOUT	  180000 /* ms, RFC 5321 4.5.3.2.5 */
#define PIECE		  16384

/* relay_lose - note why the session is over */
int
relay_lose(struct relay *relay, const char *why)
{
	if (!relay->lost)
		(void)escape_printable(
		    relay->why, sizeof(relay->why), slice_of_string(why));
	relay->lost = true;
	return ERR_CLOSED;
}

/* lose_stream - note why TLS is over */
static int
lose_stream(struct relay *relay, int error)
{
	return relay_lose(relay,
	    error == ERR_IO ? strerror(errno)
			    : tls_stream_reason(relay->stream));
}

/* wait_for - wait for the connection */
static int
wait_for(struct relay *relay, short events, uint64_t deadline)
{
	int error = relay->io.wait(relay->io.arg, relay->fd, events, deadline);

	if (error == 0)
		return 0;
	return relay_lose(relay,
	    error == ERR_TIMEOUT ? "the server does not answer"
				 : error_strerror(error));
}

/* set_expectation - set what the server must prove: a pin alone is enough, so
 * that only a name that was given counts beside it */
static void
set_expectation(struct relay *relay)
{
	const struct conf_mixer *section = relay->section;

	relay->expectation = (struct tls_expectation){
	    .name = section->tls_name[0] != '\0' ? section->tls_name
		: section->tls_pins.count > 0	 ? ""
						 : relay->hosts[relay->at],
	    .pins = (const uint8_t(*)[TLS_PIN_LEN])section->tls_pins.items,
	    .pin_count = section->tls_pins.count};
}

/* relay_secure - do the TLS handshake */
int
relay_secure(struct relay *relay)
{
	uint64_t deadline = clock_after(HANDSHAKE_TIMEOUT);
	int error;

	set_expectation(relay);
	error = tls_stream_new(relay->tls,
	    relay->section->tls == SMTP_TLS_REQUIRE ? &relay->expectation
						    : NULL,
	    relay->fd, &relay->stream);
	if (error != 0)
		return relay_lose(relay, error_strerror(error));
	while ((error = tls_stream_handshake(relay->stream)) == ERR_AGAIN) {
		short events = POLLIN;

		if (tls_stream_unwritten(relay->stream))
			events |= POLLOUT;
		if (wait_for(relay, events, deadline) != 0)
			return ERR_CLOSED;
	}
	return error == 0 ? 0 : lose_stream(relay, error);
}

/* read_octets - read octets: how many, 0 at the end, ERR_AGAIN, ERR_CLOSED */
static int
read_octets(struct relay *relay, uint8_t *octets, size_t len)
{
	ssize_t got;

	if (relay->stream != NULL) {
		int some = tls_stream_read(relay->stream, octets, len);

		return some < 0 && some != ERR_AGAIN ? lose_stream(relay, some)
						     : some;
	}
	got = read(relay->fd, octets, len);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_AGAIN;
	return got < 0 ? relay_lose(relay, strerror(errno)) : (int)got;
}

/* relay_read - give the client what the server has sent */
int
relay_read(struct relay *relay)
{
	uint8_t octets[PIECE];
	int len = read_octets(relay, octets, sizeof(octets));

	if (len == ERR_AGAIN)
		return 0;
	if (len < 0)
		return len;
	if (len == 0)
		return relay_lose(
		    relay, "the server has closed the connection");
	return smtp_client_push(
		   &relay->client, slice_of(octets, (size_t)len)) == 0
	    ? 0
	    : relay_lose(relay, "more replies than there is room for");
}

/* write_octets - write octets: how many were taken, ERR_AGAIN, ERR_CLOSED */
static int
write_octets(struct relay *relay, struct slice octets)
{
	ssize_t put;

	if (relay->stream != NULL) {
		int some = tls_stream_write(relay->stream, octets);

		return some < 0 && some != ERR_AGAIN ? lose_stream(relay, some)
						     : some;
	}
	put = write(relay->fd, octets.data, octets.len);
	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_AGAIN;
	return put < 0 ? relay_lose(relay, strerror(errno)) : (int)put;
}

/* is_unwritten - tell whether more than some octets wait */
static bool
is_unwritten(const struct relay *relay, size_t some)
{
	return buffer_length(&relay->client.out) > some ||
	    (relay->stream != NULL && tls_stream_unwritten(relay->stream));
}

/* relay_flush - write what the server is to get, while it is more than some */
int
relay_flush(struct relay *relay, size_t some)
{
	uint64_t deadline = clock_after(WRITE_TIMEOUT);

	while (!relay->lost && is_unwritten(relay, some)) {
		int put = write_octets(relay, buffer_slice(&relay->client.out));

		if (put > 0) {
			buffer_consume(&relay->client.out, (size_t)put);
			deadline = clock_after(WRITE_TIMEOUT);
		} else if (put < 0 && put != ERR_AGAIN) {
			return put;
		} else if (wait_for(relay, POLLIN | POLLOUT, deadline) != 0 ||
		    /* A server whose replies are not read takes no more
		     * commands (RFC 2920 3.1). */
		    relay_read(relay) != 0) {
			return ERR_CLOSED;
		}
	}
	return relay->lost ? ERR_CLOSED : 0;
}

/* relay_await - wait until the server may have sent something */
int
relay_await(struct relay *relay, uint64_t deadline)
{
	if (relay->stream != NULL && tls_stream_buffered(relay->stream))
		return 0;
	return wait_for(relay, POLLIN, deadline);
}
