/* SPDX-License-Identifier: ISC */
/*
 * conf_network.h - from where a peer may call
 *
 * Text: an IPv4 or IPv6 address, or ADDRESS/BITS.  Names are refused: they
 * would have to be resolved before we know who calls.
 */
#ifndef FOURPOST_CONF_CONF_NETWORK_H
#define FOURPOST_CONF_CONF_NETWORK_H

#include "base/buffer.h"
#include "conf/conf.h"

/* conf_network_parse - parse a text as a network.  ERR_SYNTAX, ERR_VALUE */
int conf_network_parse(const char *text, struct conf_network *network,
    struct diag *diag) WARN_UNUSED;

/* conf_network_format - append its canonical text */
int conf_network_format(
    const struct conf_network *network, struct buffer *out) WARN_UNUSED;

/*
 * conf_network_match - tell whether an address, numeric text without port and
 * brackets ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"), lies in one of
 * the networks.  An empty list matches everything; malformed text nothing.
 */
bool
conf_network_match(const struct conf_networks *networks, const char *address);

#endif
