/* SPDX-License-Identifier: ISC */
/*
 * pcap.c - write a TCP conversation as a capture file; see pcap.h
 */
#include "tests/peers/pcap.h"

#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define SEGMENT_MAX 16384
#define IP_HEADER   20
#define TCP_HEADER  20

/* put16, put32 - write big-endian numbers at a place */
static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* checksum - compute the Internet checksum (RFC 1071), going on from sum */
static uint32_t
checksum(uint32_t sum, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	if (len % 2 != 0)
		sum += (uint32_t)octets[len - 1] << 8;
	return sum;
}

/* checksum_end - fold and complement */
static uint32_t
checksum_end(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* packet - write one packet of side with these flags and octets */
static int
packet(FILE *file, struct pcap_stream *stream, unsigned side, unsigned flags,
    struct slice octets)
{
	uint8_t header[IP_HEADER + TCP_HEADER] = {0x45};
	uint8_t *tcp = header + IP_HEADER;
	uint32_t total = (uint32_t)(sizeof(header) + octets.len);
	uint32_t sum;
	struct timeval now;
	uint32_t record[4];

	put16(header + 2, total);
	header[8] = 64;
	header[9] = IPPROTO_TCP;
	put32(header + 12, INADDR_LOOPBACK);
	put32(header + 16, INADDR_LOOPBACK);
	put16(header + 10, checksum_end(checksum(0, header, IP_HEADER)));
	put16(tcp, stream->port[side]);
	put16(tcp + 2, stream->port[1 - side]);
	put32(tcp + 4, stream->sequence[side]);
	if (flags & PCAP_ACK)
		put32(tcp + 8, stream->sequence[1 - side]);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, 0xffff);
	sum = checksum(
	    IPPROTO_TCP + TCP_HEADER + (uint32_t)octets.len, header + 12, 8);
	sum = checksum(sum, tcp, TCP_HEADER);
	sum = checksum(sum, octets.data, octets.len);
	put16(tcp + 16, checksum_end(sum));
	stream->sequence[side] += (uint32_t)octets.len;
	if (flags & (PCAP_SYN | PCAP_FIN))
		stream->sequence[side]++;

	gettimeofday(&now, NULL);
	record[0] = (uint32_t)now.tv_sec;
	record[1] = (uint32_t)now.tv_usec;
	record[2] = record[3] = total;
	if (fwrite(record, sizeof(record), 1, file) != 1 ||
	    fwrite(header, sizeof(header), 1, file) != 1 ||
	    (octets.len > 0 && fwrite(octets.data, octets.len, 1, file) != 1))
		return -1;
	return 0;
}

/* pcap_begin - write the file's header */
int
pcap_begin(FILE *file)
{
	const uint32_t header[6] = {
	    0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 101 /* raw IP */};

	return fwrite(header, sizeof(header), 1, file) == 1 ? 0 : -1;
}

/* pcap_open_stream - write the three packets of a TCP connection's begin */
int
pcap_open_stream(FILE *file, struct pcap_stream *stream, uint16_t client_port,
    uint16_t server_port)
{
	const struct slice none = {0};

	*stream = (struct pcap_stream){
	    .port = {client_port, server_port}, .sequence = {1000, 5000}};
	if (packet(file, stream, 0, PCAP_SYN, none) != 0 ||
	    packet(file, stream, 1, PCAP_SYN | PCAP_ACK, none) != 0)
		return -1;
	return packet(file, stream, 0, PCAP_ACK, none);
}

/* pcap_data - write octets that side sent */
int
pcap_data(
    FILE *file, struct pcap_stream *stream, unsigned side, struct slice octets)
{
	while (octets.len > 0) {
		size_t len =
		    octets.len < SEGMENT_MAX ? octets.len : SEGMENT_MAX;

		if (packet(file, stream, side, PCAP_PUSH | PCAP_ACK,
			slice_of(octets.data, len)) != 0)
			return -1;
		octets = slice_of(octets.data + len, octets.len - len);
	}
	return 0;
}

/* pcap_close - write the FIN of side */
int
pcap_close(FILE *file, struct pcap_stream *stream, unsigned side)
{
	return packet(
	    file, stream, side, PCAP_FIN | PCAP_ACK, (struct slice){0});
}
