/* SPDX-License-Identifier: ISC */
/*
 * proxy_header.h - read what a balancer says of the caller that it passes on
 *
 * The PROXY protocol of HAProxy, versions 1 (one line of text) and 2 (binary),
 * for connections over TCP.  Octets that follow the header belong to the
 * caller, so the header is read by exactly as many octets as it has.
 */
#ifndef FOURPOST_WORKER_PROXY_HEADER_H
#define FOURPOST_WORKER_PROXY_HEADER_H

#include <sys/socket.h>

#include "base/error.h"
#include "base/slice.h"

/* The longest header that is read; version 2 may say up to 65,535 octets of
 * further values, which nobody needs here. */
#define PROXY_HEADER_MAX 1024

/* The content of a header. */
enum proxy_call {
	PROXY_CALL, /* a caller, whose address it tells */
	PROXY_CHECK /* the balancer itself, to see whether we are there */
};

struct proxy_header {
	enum proxy_call call;
	struct sockaddr_storage from; /* of PROXY_CALL; IPv4 or IPv6 */
	socklen_t length;
};

/*
 * proxy_header_wants - tell how many further octets a header has at least
 *
 * octets: those read so far, from 0 on, never more than asked for.  0: the
 * header is whole.  ERR_SYNTAX: this is no header; ERR_LIMIT: it is longer than
 * PROXY_HEADER_MAX; both with a reason in diag.
 */
int proxy_header_wants(struct slice octets, struct diag *diag) WARN_UNUSED;

/*
 * proxy_header_parse - parse a header that is whole
 *
 * ERR_SYNTAX: it is malformed, or tells of no connection over TCP; the reason
 * is in diag.
 */
int proxy_header_parse(struct slice octets, struct proxy_header *header,
    struct diag *diag) WARN_UNUSED;

#endif
