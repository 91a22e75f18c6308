/* SPDX-License-Identifier: ISC */
/*
 * pcap.h - write a TCP conversation as a capture file
 *
 * For record: the octets that crossed a relay become IPv4 and TCP packets
 * with made-up headers and right sequence numbers, so that an independent
 * decoder reassembles the streams.  Link type 101 (raw IP), microseconds.
 */
#ifndef FOURPOST_PEERS_PCAP_H
#define FOURPOST_PEERS_PCAP_H

#include <stdio.h>

#include "base/slice.h"

/* A conversation: the client's side is 0, the server's 1. */
struct pcap_stream {
	uint16_t port[2];
	uint32_t sequence[2];
};

enum pcap_flag {
	PCAP_FIN = 0x01,
	PCAP_SYN = 0x02,
	PCAP_RST = 0x04,
	PCAP_PUSH = 0x08,
	PCAP_ACK = 0x10
};

/* pcap_begin - write the file's header; 0, or -1 with errno */
int pcap_begin(FILE *file);

/* pcap_open_stream - write the three packets of a TCP connection's begin */
int pcap_open_stream(FILE *file, struct pcap_stream *stream,
    uint16_t client_port, uint16_t server_port);

/* pcap_data - write octets that side sent, as many packets as they need */
int pcap_data(
    FILE *file, struct pcap_stream *stream, unsigned side, struct slice octets);

/* pcap_close - write the FIN of side */
int pcap_close(FILE *file, struct pcap_stream *stream, unsigned side);

#endif
