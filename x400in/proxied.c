/* SPDX-License-Identifier: ISC */
/*
 * proxied.c - learn from a balancer who calls
 */
#include "x400in/proxied.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_network.h"
#include "worker/proxy_header.h"

/* A balancer that connects and says nothing only looks whether we are there:
 * it gets the place of a caller for no longer. */
#define HEADER_TIMEOUT 1000 /* ms */

/* proxied_learn - parse the settings that qmgr sent */
int
proxied_learn(
    struct conf **conf, const struct ipc_settings *settings, struct diag *diag)
{
	struct conf *next;
	int error = conf_parse_text(
	    settings->text, "settings", CONF_HANDED, &next, diag);

	if (error != 0)
		return error;
	conf_free(*conf);
	*conf = next;
	return 0;
}

/* refuse - log a connection that brings no good header; always false */
static bool
refuse(const struct traffic *traffic, const char *reason)
{
	LOG_EVENT(EVENT_PROXY_REFUSED, LOG_STRING("address", traffic->address),
	    LOG_STRING("reason", reason));
	return false;
}

/* is_balancer - tell whether the other end may say who calls */
static bool
is_balancer(
    const struct conf_networks *networks, const struct sockaddr_storage *from)
{
	char host[NI_MAXHOST];

	/* An empty list would match everybody. */
	return networks->count > 0 &&
	    getnameinfo((const struct sockaddr *)from, sizeof(*from), host,
		sizeof(host), NULL, 0, NI_NUMERICHOST) == 0 &&
	    conf_network_match(networks, host);
}

/* read_some - read up to len octets as they come; their count, 0 at the end of
 * the connection, or an error */
static ssize_t
read_some(
    struct traffic *traffic, uint8_t *octets, size_t len, uint64_t deadline)
{
	struct pollfd fd = {.fd = traffic->fd, .events = POLLIN};
	ssize_t n;

	for (;;) {
		int ready = worker_wait(&traffic->worker, &fd, 1, deadline);

		if (ready < 0)
			return ready;
		n = recv(traffic->fd, octets, len, 0);
		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return ERR_CLOSED;
	}
}

/*
 * read_header - read a header, and no octet behind it
 *
 * 0; ERR_CLOSED, ERR_TIMEOUT, ERR_CANCELLED: nothing whole came; else what is
 * wrong, with its reason in diag.
 */
static int
read_header(struct traffic *traffic, uint8_t octets[PROXY_HEADER_MAX],
    size_t *len, struct diag *diag)
{
	uint64_t deadline = clock_after(HEADER_TIMEOUT);
	int wants;

	*len = 0;
	while ((wants = proxy_header_wants(slice_of(octets, *len), diag)) > 0) {
		ssize_t n =
		    read_some(traffic, octets + *len, (size_t)wants, deadline);

		if (n <= 0)
			return n == 0 ? ERR_CLOSED : (int)n;
		*len += (size_t)n;
	}
	return wants;
}

/* proxied_caller - read the header, and note the caller's address */
bool
proxied_caller(struct traffic *traffic, const struct conf_networks *networks,
    const struct sockaddr_storage *from)
{
	uint8_t octets[PROXY_HEADER_MAX];
	struct proxy_header header;
	struct diag diag = {0};
	size_t len;
	int error;

	if (!is_balancer(networks, from))
		return refuse(traffic, "not from a network of proxy-from");
	error = read_header(traffic, octets, &len, &diag);
	/* A connection without an octet is how balancers check a server. */
	if (error < 0 && diag.code == 0)
		return len == 0
		    ? false
		    : refuse(traffic, "the PROXY header ends early");
	if (error == 0)
		error =
		    proxy_header_parse(slice_of(octets, len), &header, &diag);
	if (error < 0)
		return refuse(traffic, diag_text(&diag));
	if (header.call == PROXY_CHECK)
		return false;
	connect_format((const struct sockaddr *)&header.from, header.length,
	    traffic->address);
	worker_caller(&traffic->worker, &header.from);
	return true;
}
