/* SPDX-License-Identifier: ISC */
/*
 * tpkt.c - the packets in which TPDUs travel on TCP
 *
 * RFC 1006 6.  The reserved octet is not looked at.
 */
#include "osi/tpkt.h"

#define TPKT_VERSION 3

/* tpkt_decode - read the packet at the front of octets */
int
tpkt_decode(
    struct slice octets, struct slice *tpdu, size_t *used, struct diag *diag)
{
	size_t len;

	if (octets.len >= 1 && octets.data[0] != TPKT_VERSION)
		return diag_set(diag, ERR_SYNTAX, "TPKT: version is %u, not %u",
		    octets.data[0], TPKT_VERSION);
	if (octets.len < TPKT_HEADER)
		return 0;
	len = (size_t)octets.data[2] << 8 | octets.data[3];
	if (len < TPKT_MIN)
		return diag_set(
		    diag, ERR_SYNTAX, "TPKT: length %zu is too short", len);
	if (octets.len < len)
		return 0;
	*tpdu = slice_of(octets.data + TPKT_HEADER, len - TPKT_HEADER);
	*used = len;
	return 1;
}

/* tpkt_encode - write the header of a packet around a TPDU of len octets */
void
tpkt_encode(uint8_t header[TPKT_HEADER], size_t len)
{
	len += TPKT_HEADER;
	header[0] = TPKT_VERSION;
	header[1] = 0;
	header[2] = (uint8_t)(len >> 8);
	header[3] = (uint8_t)len;
}
