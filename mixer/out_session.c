/* SPDX-License-Identifier: ISC */
/*
 * out_session.c - the session with the SMTP server
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "mixer/out.h"

#define CONNECT_TIMEOUT 30000  /* ms */
#define HELLO_TIMEOUT	300000 /* RFC 5321 4.5.3.2.1 */
#define WRITE_TIMEOUT	180000 /* RFC 5321 4.5.3.2.5 */
#define PIECE		16384

/* wait_for - wait for a descriptor, while qmgr's records are taken */
static int
wait_for(void *arg, int fd, short events, uint64_t deadline)
{
	struct out *out = arg;
	struct pollfd other = {.fd = fd, .events = events};

	for (;;) {
		int error = job_channel_wait(&out->channel, &other, deadline);

		if (error != 0 || other.revents != 0)
			return error;
	}
}

/* lose - note that the session is over */
static int
lose(struct out *out, const char *why)
{
	if (!out->lost)
		(void)escape_printable(
		    out->why, sizeof(out->why), slice_of_string(why));
	out->lost = true;
	return ERR_CLOSED;
}

/* out_flush - write what the server is to get, while it is more than some */
int
out_flush(struct out *out, size_t some)
{
	uint64_t deadline = clock_after(WRITE_TIMEOUT);

	while (buffer_length(&out->client.out) > some) {
		struct slice rest = buffer_slice(&out->client.out);
		ssize_t len = write(out->fd, rest.data, rest.len);
		int error = 0;

		if (len > 0) {
			buffer_consume(&out->client.out, (size_t)len);
			deadline = clock_after(WRITE_TIMEOUT);
		} else if (len < 0 && errno != EAGAIN && errno != EINTR) {
			return lose(out, strerror(errno));
		} else {
			error = wait_for(out, out->fd, POLLOUT, deadline);
		}
		if (error != 0 && error != ERR_CANCELLED)
			return lose(out, error_strerror(error));
	}
	return 0;
}

/* read_some - read what the server has sent */
static int
read_some(struct out *out)
{
	uint8_t octets[PIECE];
	ssize_t len = read(out->fd, octets, sizeof(octets));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len < 0)
		return lose(out, strerror(errno));
	if (len == 0)
		return lose(out, "the server has closed the connection");
	return smtp_client_push(&out->client, slice_of(octets, (size_t)len)) ==
		0
	    ? 0
	    : lose(out, "more replies than there is room for");
}

/* out_next - wait for the next event of the session */
enum smtp_event
out_next(struct out *out, uint64_t timeout)
{
	uint64_t deadline =
	    timeout == UINT64_MAX ? CLOCK_NEVER : clock_after(timeout);
	enum smtp_event event = SMTP_NOTHING;

	while (!out->lost &&
	    (event = smtp_client_next(&out->client)) == SMTP_NOTHING) {
		struct pollfd other = {.fd = out->fd, .events = POLLIN};
		int error = out_flush(out, 0);

		if (error == 0)
			error =
			    job_channel_wait(&out->channel, &other, deadline);
		/* While nothing is under way, qmgr's records come first. */
		if (timeout == UINT64_MAX && other.revents == 0)
			return SMTP_NOTHING;
		if (error == 0 && other.revents != 0)
			error = read_some(out);
		if (error != 0 && error != ERR_CANCELLED)
			(void)lose(out, error_strerror(error));
	}
	if (out->lost)
		return SMTP_CLOSED;
	if (event == SMTP_BROKEN)
		(void)lose(out, "the server does not speak SMTP");
	else if (event == SMTP_REFUSED || event == SMTP_CLOSED)
		(void)lose(out, out->client.reply.text);
	return event;
}

/* say_hello - wait until the server takes messages */
static int
say_hello(struct out *out, struct diag *diag)
{
	smtp_client_init(
	    &out->client, out->mixer.conf->mta.name, SMTP_TLS_NONE);
	if (out_next(out, HELLO_TIMEOUT) == SMTP_READY)
		return 0;
	smtp_client_fini(&out->client);
	return diag_set(diag, ERR_REFUSED, "%s", out->why);
}

/* out_open - connect to the server */
int
out_open(struct out *out, struct diag *diag)
{
	const struct association_io io = {wait_for, out};
	int error = ERR_NOTFOUND;

	for (size_t i = 0; i < out->address_count && error != 0; i++) {
		struct diag one = {0};

		error = connect_tcp(&out->addresses[i], io,
		    clock_after(CONNECT_TIMEOUT), &out->fd, &one);
		if (error != 0)
			(void)diag_set(diag, error, "%s", diag_text(&one));
	}
	return error != 0 ? error : say_hello(out, diag);
}
