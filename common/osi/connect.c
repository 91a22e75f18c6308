/* SPDX-License-Identifier: ISC */
/*
 * connect.c - names to addresses, and a TCP connection; see connect.h
 */
#include "osi/connect.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* connect_format - write an address as text */
void
connect_format(const struct sockaddr *address, socklen_t length,
    char text[CONNECT_TEXT_MAX])
{
	char host[64], port[8];

	if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		strlcpy(text, "unknown", CONNECT_TEXT_MAX);
		return;
	}
	/* Brackets keep the port apart from an IPv6 address. */
	snprintf(text, CONNECT_TEXT_MAX,
	    strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

/* connect_resolve - append the addresses of host and port to list */
int
connect_resolve(const char *host, const char *port,
    struct connect_address *list, size_t *count, struct diag *diag)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found;
	int result = getaddrinfo(host, port, &hints, &found);

	if (result != 0)
		return diag_set(
		    diag, ERR_NOTFOUND, "%s: %s", host, gai_strerror(result));
	/* The bound is of tries, not of addresses: each may cost its own time
	 * limit. */
	for (const struct addrinfo *a = found;
	     a != NULL && *count < CONNECT_ADDRESSES_MAX; a = a->ai_next) {
		struct connect_address *to = &list[*count];

		if (a->ai_addrlen > sizeof(to->address))
			continue;
		memcpy(&to->address, a->ai_addr, a->ai_addrlen);
		to->length = a->ai_addrlen;
		connect_format(a->ai_addr, a->ai_addrlen, to->text);
		++*count;
	}
	freeaddrinfo(found);
	return 0;
}

/* connect_outcome - return the result of a connect that was under way */
static int
connect_outcome(int fd)
{
	int error = 0;
	socklen_t length = sizeof(error);

	/* POLLOUT only says that the attempt has ended, not how. */
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		error = errno;
	return error;
}

/* connect_tcp - connect within the deadline */
int
connect_tcp(const struct connect_address *to, struct association_io io,
    uint64_t deadline, int *fd, struct diag *diag)
{
	int s = socket(to->address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result, error = 0;

	if (s == -1)
		return diag_set(diag, ERR_IO, "socket: %s", strerror(errno));
	if (connect(s, (const struct sockaddr *)&to->address, to->length) !=
	    0) {
		error = errno;
		if (error == EINPROGRESS) {
			result = io.wait(io.arg, s, POLLOUT, deadline);
			if (result != 0) {
				close(s);
				return diag_set(diag, result, "%s: %s",
				    to->text,
				    result == ERR_TIMEOUT
					? "no answer to TCP"
					: error_strerror(result));
			}
			error = connect_outcome(s);
		}
	}
	if (error != 0) {
		close(s);
		return diag_set(
		    diag, ERR_IO, "%s: %s", to->text, strerror(error));
	}
	*fd = s;
	return 0;
}
