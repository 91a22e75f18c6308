/* SPDX-License-Identifier: ISC */
/*
 * proxy_header.c - read what a balancer says of the caller that it passes on
 *
 * "The PROXY protocol, versions 1 & 2" of HAProxy, sections 2.1 and 2.2.
 */
#include "worker/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN_LEN 12  /* of both: enough to tell them apart */
#define LINE_MAX  107 /* of version 1, with CR and LF */
#define FIXED_LEN 16  /* of version 2: what precedes the addresses */

/* Version 2: the nibbles of the octets behind the signature. */
#define VERSION_2      0x20
#define COMMAND_LOCAL  0
#define COMMAND_PROXY  1
#define FAMILY_TCP4    0x11
#define FAMILY_TCP6    0x21
#define ADDRESSES_TCP4 12
#define ADDRESSES_TCP6 36

static const uint8_t signature[BEGIN_LEN] = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
static const char line_begin[] = "PROXY ";

/* is_line - tell whether octets begin as version 1 does, as far as there are
 * any */
static bool
is_line(struct slice octets)
{
	size_t len = sizeof(line_begin) - 1;

	return memcmp(octets.data, line_begin,
		   octets.len < len ? octets.len : len) == 0;
}

/* is_binary - tell likewise whether they begin as version 2 does */
static bool
is_binary(struct slice octets)
{
	return memcmp(octets.data, signature,
		   octets.len < BEGIN_LEN ? octets.len : BEGIN_LEN) == 0;
}

/* wants_line - tell what the line of version 1 still wants */
static int
wants_line(struct slice octets, struct diag *diag)
{
	if (octets.data[octets.len - 1] == '\n')
		return 0;
	/* Octet by octet: the first behind the line is the caller's. */
	return octets.len < LINE_MAX
	    ? 1
	    : diag_set(
		  diag, ERR_SYNTAX, "a line of more than %d octets", LINE_MAX);
}

/* proxy_header_wants - tell how many further octets a header has at least */
int
proxy_header_wants(struct slice octets, struct diag *diag)
{
	size_t whole;

	if (octets.len == 0)
		return BEGIN_LEN;
	/* Looked at from the first octet on: a caller that was not passed on
	 * waits for an answer behind a few. */
	if (!is_line(octets) && !is_binary(octets))
		return diag_set(diag, ERR_SYNTAX,
		    "the connection does not begin with a PROXY header");
	if (octets.len < BEGIN_LEN)
		return (int)(BEGIN_LEN - octets.len);
	if (is_line(octets))
		return wants_line(octets, diag);
	if (octets.len < FIXED_LEN)
		return (int)(FIXED_LEN - octets.len);
	whole = FIXED_LEN + ((size_t)octets.data[14] << 8 | octets.data[15]);
	if (whole > PROXY_HEADER_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "a header of %zu octets, more than %d", whole,
		    PROXY_HEADER_MAX);
	return (int)(whole - octets.len);
}

/* set_four - set an address of IPv4 */
static void
set_four(struct proxy_header *header, const void *address, unsigned port)
{
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	memcpy(&four.sin_addr, address, sizeof(four.sin_addr));
	memcpy(&header->from, &four, sizeof(four));
	header->length = sizeof(four);
}

/* set_six - set an address of IPv6 */
static void
set_six(struct proxy_header *header, const void *address, unsigned port)
{
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	memcpy(&six.sin6_addr, address, sizeof(six.sin6_addr));
	memcpy(&header->from, &six, sizeof(six));
	header->length = sizeof(six);
}

/* parse_port - parse a port in decimal; -1: it is none */
static int
parse_port(const char *text)
{
	char *end;
	long port;

	if (text == NULL || text[0] < '0' || text[0] > '9' ||
	    (text[0] == '0' && text[1] != '\0'))
		return -1;
	port = strtol(text, &end, 10);
	return *end == '\0' && port <= UINT16_MAX ? (int)port : -1;
}

/* parse_ends - parse the two addresses and ports of a line, and keep the
 * caller's */
static int
parse_ends(char *rest, int family, struct proxy_header *header)
{
	uint8_t from[16], to[16];
	const char *source = strsep(&rest, " ");
	const char *target = strsep(&rest, " ");
	int source_port = parse_port(strsep(&rest, " "));
	int target_port = parse_port(strsep(&rest, " "));

	if (rest != NULL || source_port < 0 || target_port < 0 ||
	    inet_pton(family, source, from) != 1 ||
	    inet_pton(family, target, to) != 1)
		return ERR_SYNTAX;
	if (family == AF_INET)
		set_four(header, from, (unsigned)source_port);
	else
		set_six(header, from, (unsigned)source_port);
	return 0;
}

/* parse_line - parse version 1 */
static int
parse_line(struct slice octets, struct proxy_header *header, struct diag *diag)
{
	char line[LINE_MAX], *rest = line;
	const char *protocol;
	int error = ERR_SYNTAX;

	if (octets.len < 2 || octets.len > sizeof(line) ||
	    octets.data[octets.len - 2] != '\r' ||
	    memchr(octets.data, '\0', octets.len) != NULL)
		return diag_set(diag, error, "the line does not end in CR LF");
	memcpy(line, octets.data, octets.len - 2);
	line[octets.len - 2] = '\0';
	rest += sizeof(line_begin) - 1;
	protocol = strsep(&rest, " ");
	/* Addresses behind UNKNOWN are not to be looked at. */
	if (strcmp(protocol, "UNKNOWN") == 0) {
		header->call = PROXY_CHECK;
		return 0;
	}
	if (rest != NULL && strcmp(protocol, "TCP4") == 0)
		error = parse_ends(rest, AF_INET, header);
	else if (rest != NULL && strcmp(protocol, "TCP6") == 0)
		error = parse_ends(rest, AF_INET6, header);
	return error == 0
	    ? 0
	    : diag_set(diag, error,
		  "the line is not TCP4 or TCP6, two addresses, two ports");
}

/* proxy_header_parse - parse a header that is whole */
int
proxy_header_parse(
    struct slice octets, struct proxy_header *header, struct diag *diag)
{
	const uint8_t *fixed = octets.data, *ends = octets.data + FIXED_LEN;
	size_t len;

	*header = (struct proxy_header){.call = PROXY_CALL};
	if (is_line(octets))
		return parse_line(octets, header, diag);
	len = octets.len - FIXED_LEN;
	if (fixed[12] == (VERSION_2 | COMMAND_LOCAL)) {
		header->call = PROXY_CHECK;
		return 0;
	}
	if (fixed[12] != (VERSION_2 | COMMAND_PROXY))
		return diag_set(diag, ERR_SYNTAX,
		    "version and command 0x%02x are not of version 2",
		    fixed[12]);
	/* Values that follow the addresses are optional, and none is used. */
	if (fixed[13] == FAMILY_TCP4 && len >= ADDRESSES_TCP4)
		set_four(header, ends, (unsigned)ends[8] << 8 | ends[9]);
	else if (fixed[13] == FAMILY_TCP6 && len >= ADDRESSES_TCP6)
		set_six(header, ends, (unsigned)ends[32] << 8 | ends[33]);
	else
		return diag_set(diag, ERR_SYNTAX,
		    "family 0x%02x with %zu octets is no connection over TCP",
		    fixed[13], len);
	return 0;
}
