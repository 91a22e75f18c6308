/* SPDX-License-Identifier: ISC */
/*
 * connect.h - names to addresses, and a TCP connection with a deadline
 *
 * Resolving blocks for as long as the system's resolver does: do it before
 * confinement, which takes the resolver's files away, and keep the result.
 */
#ifndef FOURPOST_OSI_CONNECT_H
#define FOURPOST_OSI_CONNECT_H

#include <sys/socket.h>

#include "osi/association.h"

#define CONNECT_ADDRESSES_MAX 16
#define CONNECT_TEXT_MAX      96

struct connect_address {
	struct sockaddr_storage address;
	socklen_t length;
	char text[CONNECT_TEXT_MAX]; /* "127.0.0.1:102", "[::1]:102" */
};

/*
 * connect_resolve - append the addresses of host and port to list
 *
 * *count of CONNECT_ADDRESSES_MAX are taken already; more than fit are left
 * out.  ERR_NOTFOUND: the name has none, diag says why.
 */
int connect_resolve(const char *host, const char *port,
    struct connect_address *list, size_t *count, struct diag *diag) WARN_UNUSED;

/*
 * connect_tcp - connect within the deadline
 *
 * *fd is the caller's, non-blocking and close-on-exec.  ERR_IO and what the
 * network said, ERR_TIMEOUT, ERR_CANCELLED and others from io.wait.
 */
int connect_tcp(const struct connect_address *to, struct association_io io,
    uint64_t deadline, int *fd, struct diag *diag) WARN_UNUSED;

/* connect_format - write an address as text, into CONNECT_TEXT_MAX octets */
void connect_format(const struct sockaddr *address, socklen_t length,
    char text[CONNECT_TEXT_MAX]);

#endif
