/* SPDX-License-Identifier: ISC */
/*
 * tpkt.h - the packets in which TPDUs travel on TCP (RFC 1006 6)
 *
 * Version, a reserved octet, and the length of the whole packet in two.
 */
#ifndef FOURPOST_OSI_TPKT_H
#define FOURPOST_OSI_TPKT_H

#include "base/error.h"
#include "base/slice.h"

#define TPKT_HEADER 4
#define TPKT_MIN    7 /* the header, and the shortest TPDU */
#define TPKT_MAX    65535

/*
 * tpkt_decode - read the packet at the front of octets
 *
 * Returns 1 with *tpdu (borrowed) and the packet's length in *used, 0 if it
 * is not whole yet, or ERR_SYNTAX, as soon as that can be told.
 */
int tpkt_decode(struct slice octets, struct slice *tpdu, size_t *used,
    struct diag *diag) WARN_UNUSED;

/* tpkt_encode - write the header of a packet around a TPDU of len octets,
 * which is at most TPKT_MAX - TPKT_HEADER */
void tpkt_encode(uint8_t header[TPKT_HEADER], size_t len);

#endif
