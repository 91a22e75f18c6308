/* SPDX-License-Identifier: ISC */
/*
 * conf_endpoint.c - a host and a port as text
 */
#include "conf/conf_endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_quantity.h"

#define HOST_MAX  253 /* RFC 1035 */
#define LABEL_MAX 63

/* host_is_numeric - tell whether a host is an IPv4 or IPv6 address */
static bool
host_is_numeric(const char *host)
{
	uint8_t address[16];

	return inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1;
}

/* host_is_name - tell whether it can be a host name: labels of letters, digits,
 * "-" and "_" */
static bool
host_is_name(const char *host)
{
	size_t label = 0;

	for (const char *c = host; *c != '\0'; c++) {
		if (*c == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (isalnum((unsigned char)*c) || *c == '-' ||
		    *c == '_') {
			if (++label > LABEL_MAX)
				return false;
		} else {
			return false;
		}
	}
	return *host != '\0' && *host != '.';
}

/* split - split a text into host and port; *port is NULL where there is none */
static int
split(const char *text, const char **host, size_t *host_len, const char **port)
{
	const char *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return ERR_SYNTAX;
		*host = text + 1;
		*host_len = (size_t)(end - text) - 1;
		*port = end[1] == ':' ? end + 2 : NULL;
		return 0;
	}
	end = strchr(text, ':');
	/* Two colons without brackets: nobody can tell where the port
	 * begins. */
	if (end != NULL && strchr(end + 1, ':') != NULL)
		return ERR_SYNTAX; /* IPv6 without brackets */
	*host = text;
	*host_len = end != NULL ? (size_t)(end - text) : strlen(text);
	*port = end != NULL ? end + 1 : NULL;
	return 0;
}

/* conf_endpoint_is_path - tell whether it is a local socket */
bool
conf_endpoint_is_path(const struct conf_endpoint *endpoint)
{
	return endpoint->host[0] == '/';
}

/* conf_endpoint_is_loopback - tell whether only this host can connect to it */
bool
conf_endpoint_is_loopback(const struct conf_endpoint *endpoint)
{
	return strncmp(endpoint->host, "127.", 4) == 0 ||
	    strcmp(endpoint->host, "::1") == 0;
}

/* parse_path - take a path as it is */
static int
parse_path(const char *text, struct arena *arena,
    struct conf_endpoint *endpoint, struct diag *diag)
{
	const char *path = arena_string(arena, slice_of_string(text));

	if (path == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	*endpoint = (struct conf_endpoint){.host = path};
	return 0;
}

/* conf_endpoint_parse - parse a text as an endpoint, host in the arena */
int
conf_endpoint_parse(const char *text, enum conf_host_form form,
    struct arena *arena, struct conf_endpoint *endpoint, struct diag *diag)
{
	const char *start, *port_text;
	uint64_t port = CONF_ENDPOINT_PORT;
	bool bracketed = *text == '[';
	size_t len;
	char *host;

	if (form == CONF_HOST_LOCAL && *text == '/')
		return parse_path(text, arena, endpoint, diag);
	if (split(text, &start, &len, &port_text) < 0 || len == 0 ||
	    len > HOST_MAX) {
		return diag_set(diag, ERR_SYNTAX,
		    "\"%s\" is neither host:port nor [IPv6]:port", text);
	}
	host = arena_string(arena, slice_of(start, len));
	if (host == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	/* Only IPv6 needs brackets, and a name in them is a mistake. */
	if (bracketed ? strchr(host, ':') == NULL || !host_is_numeric(host)
		      : !host_is_name(host)) {
		return diag_set(
		    diag, ERR_SYNTAX, "\"%s\": no such host can be", text);
	}
	/* To listen is to name an address of this host: a name could mean
	 * several. */
	if (form != CONF_HOST_ANY && !host_is_numeric(host)) {
		return diag_set(diag, ERR_VALUE,
		    "\"%s\": must be an address, as 0.0.0.0 or [::]", text);
	}
	if (port_text != NULL &&
	    (conf_number_parse(port_text, &port) < 0 || port < 1 ||
		port > UINT16_MAX)) {
		return diag_set(
		    diag, ERR_VALUE, "\"%s\": port must be 1 to 65535", text);
	}
	endpoint->host = host;
	endpoint->port = (uint16_t)port;
	return 0;
}

/* conf_endpoint_format - append its canonical text, with the port */
int
conf_endpoint_format(const struct conf_endpoint *endpoint, struct buffer *out)
{
	char text[HOST_MAX + 16];
	bool brackets = strchr(endpoint->host, ':') != NULL;
	int len;

	if (conf_endpoint_is_path(endpoint))
		return buffer_append(
		    out, endpoint->host, strlen(endpoint->host));
	len = snprintf(text, sizeof(text), "%s%s%s:%u", brackets ? "[" : "",
	    endpoint->host, brackets ? "]" : "", endpoint->port);

	if (len < 0 || (size_t)len >= sizeof(text))
		return ERR_LIMIT;
	return buffer_append(out, text, (size_t)len);
}
