/* SPDX-License-Identifier: ISC */
/*
 * conf_network.c - from where a peer may call
 */
#include "conf/conf_network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_quantity.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* address_parse - parse a numeric text, IPv4 as mapped; *bits is its width */
static int
address_parse(const char *text, uint8_t address[16], unsigned *bits)
{
	/* IPv4 is kept as mapped, so that one comparison does for both. */
	if (inet_pton(AF_INET, text, address + 12) == 1) {
		memcpy(address, mapped, sizeof(mapped));
		*bits = 32;
		return 0;
	}
	if (inet_pton(AF_INET6, text, address) == 1) {
		*bits = 128;
		return 0;
	}
	return ERR_SYNTAX;
}

/* clear_beyond - set the bits after the first `bits` to 0 */
static void
clear_beyond(uint8_t address[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		if (bits <= 8 * i)
			address[i] = 0;
		else if (bits < 8 * i + 8)
			address[i] &= (uint8_t)(0xffu << (8 * i + 8 - bits));
	}
}

/* conf_network_parse - parse a text as a network */
int
conf_network_parse(
    const char *text, struct conf_network *network, struct diag *diag)
{
	struct conf_network result = {0};
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint64_t bits;
	unsigned width;

	if (len < sizeof(host)) {
		memcpy(host, text, len);
		host[len] = '\0';
	}
	if (len >= sizeof(host) ||
	    address_parse(host, result.address, &width) < 0) {
		return diag_set(diag, ERR_SYNTAX,
		    "\"%s\" is not an address, nor address/bits", text);
	}
	bits = width;
	if (slash != NULL &&
	    (conf_number_parse(slash + 1, &bits) < 0 || bits > width)) {
		return diag_set(diag, ERR_VALUE, "\"%s\": bits must be 0 to %u",
		    text, width);
	}
	result.bits = (uint8_t)(bits + 128 - width);
	/* Bits beyond the mask are mistakes of no consequence. */
	clear_beyond(result.address, result.bits);
	*network = result;
	return 0;
}

/* conf_network_format - append its canonical text */
int
conf_network_format(const struct conf_network *network, struct buffer *out)
{
	char text[INET6_ADDRSTRLEN + 8];
	bool v4 = network->bits >= 96 &&
	    memcmp(network->address, mapped, sizeof(mapped)) == 0;
	unsigned width = v4 ? 32 : 128;
	unsigned bits = network->bits - (128 - width);
	size_t len;

	if (inet_ntop(v4 ? AF_INET : AF_INET6, network->address + (v4 ? 12 : 0),
		text, INET6_ADDRSTRLEN) == NULL)
		return ERR_VALUE;
	len = strlen(text);
	if (bits < width) {
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "/%u", bits);
	}
	return buffer_append(out, text, len);
}

/* conf_network_match - tell whether an address lies in one of the networks */
bool
conf_network_match(const struct conf_networks *networks, const char *address)
{
	uint8_t octets[16], masked[16];
	unsigned width;

	/* No list means that any address may call. */
	if (networks->count == 0)
		return true;
	/* An address that is none is nobody's. */
	if (address_parse(address, octets, &width) < 0)
		return false;
	for (size_t i = 0; i < networks->count; i++) {
		const struct conf_network *network = &networks->items[i];

		memcpy(masked, octets, sizeof(masked));
		clear_beyond(masked, network->bits);
		if (memcmp(masked, network->address, sizeof(masked)) == 0)
			return true;
	}
	return false;
}
