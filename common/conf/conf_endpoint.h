/* SPDX-License-Identifier: ISC */
/*
 * conf_endpoint.h - a host and a port as text
 *
 * "host:port", "192.0.2.1:port", "[2001:db8::1]:port"; without a port it is
 * 102, that of RFC 1006.  Where local sockets can be meant, too, "/path".
 */
#ifndef FOURPOST_CONF_CONF_ENDPOINT_H
#define FOURPOST_CONF_CONF_ENDPOINT_H

#include "base/buffer.h"
#include "conf/conf.h"

#define CONF_ENDPOINT_PORT 102

enum conf_host_form {
	CONF_HOST_ANY,	   /* a name or an address */
	CONF_HOST_NUMERIC, /* an address: nothing has to be resolved */
	CONF_HOST_LOCAL,   /* likewise, or the path of a local socket */
};

/* conf_endpoint_parse - parse a text as an endpoint, host in the arena.
 * ERR_SYNTAX, ERR_VALUE, ERR_NOMEM */
int conf_endpoint_parse(const char *text, enum conf_host_form form,
    struct arena *arena, struct conf_endpoint *endpoint,
    struct diag *diag) WARN_UNUSED;

/* conf_endpoint_is_path - tell whether it is a local socket, whose path is the
 * host; the port is 0 */
bool conf_endpoint_is_path(const struct conf_endpoint *endpoint);

/* conf_endpoint_is_loopback - tell whether only this host can connect to it */
bool conf_endpoint_is_loopback(const struct conf_endpoint *endpoint);

/* conf_endpoint_format - append its canonical text, with the port */
int conf_endpoint_format(
    const struct conf_endpoint *endpoint, struct buffer *out) WARN_UNUSED;

#endif
