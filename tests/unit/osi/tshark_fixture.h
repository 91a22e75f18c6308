/* SPDX-License-Identifier: ISC */
/*
 * tshark_fixture.h - let an independent decoder judge a conversation
 *
 * A relay stands between the two sides and writes what passes as TCP
 * segments into a pcap; tshark reads it.
 */
#ifndef FOURPOST_TESTS_TSHARK_FIXTURE_H
#define FOURPOST_TESTS_TSHARK_FIXTURE_H

#include <errno.h>

#include "tests/unit/osi/association_fixture.h"

#define RELAY_PORT 10102

struct relay {
	int fd[2]; /* towards the initiator, the responder */
	uint32_t sequence[2];
	uint32_t clock;
	FILE *pcap;
	char path[64];
	pthread_t thread;
};

static inline void
put32(FILE *file, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

/* relay_packet - one segment; from is 0 for the initiator */
static inline void
relay_packet(struct relay *relay, int from, uint8_t flags, const uint8_t *data,
    size_t len)
{
	uint8_t header[40] = {0x45};
	uint16_t port[2] = {40000, RELAY_PORT};
	uint32_t total = (uint32_t)(40 + len);

	header[2] = (uint8_t)(total >> 8);
	header[3] = (uint8_t)total;
	header[8] = 64;
	header[9] = 6;
	header[12] = header[16] = 10;
	header[15] = (uint8_t)(1 + from);
	header[19] = (uint8_t)(2 - from);
	header[20] = (uint8_t)(port[from] >> 8);
	header[21] = (uint8_t)port[from];
	header[22] = (uint8_t)(port[1 - from] >> 8);
	header[23] = (uint8_t)port[1 - from];
	for (int i = 0; i < 4; i++) {
		header[24 + i] =
		    (uint8_t)(relay->sequence[from] >> (24 - 8 * i));
		header[28 + i] =
		    (uint8_t)(relay->sequence[1 - from] >> (24 - 8 * i));
	}
	header[32] = 0x50;
	header[33] = flags;
	header[34] = 0xff;
	put32(relay->pcap, 1);
	put32(relay->pcap, relay->clock++);
	put32(relay->pcap, total);
	put32(relay->pcap, total);
	fwrite(header, sizeof(header), 1, relay->pcap);
	if (len > 0)
		fwrite(data, len, 1, relay->pcap);
	relay->sequence[from] += (uint32_t)len;
}

static inline void *
relay_run(void *arg)
{
	struct relay *relay = arg;
	struct pollfd pollfd[2] = {
	    {.fd = relay->fd[0], .events = POLLIN},
	    {.fd = relay->fd[1], .events = POLLIN},
	};
	uint8_t octets[32768];

	while (pollfd[0].fd >= 0 || pollfd[1].fd >= 0) {
		if (poll(pollfd, 2, 10000) <= 0)
			break;
		for (int from = 0; from < 2; from++) {
			ssize_t got;

			if (pollfd[from].revents == 0)
				continue;
			got = read(relay->fd[from], octets, sizeof(octets));
			if (got <= 0) {
				shutdown(relay->fd[1 - from], SHUT_WR);
				pollfd[from].fd = -1;
				continue;
			}
			relay_packet(relay, from, 0x18, octets, (size_t)got);
			for (ssize_t at = 0, put; at < got; at += put) {
				put = send(relay->fd[1 - from], octets + at,
				    (size_t)(got - at), MSG_NOSIGNAL);
				if (put < 0)
					break;
			}
		}
	}
	return NULL;
}

/* relay_start - stand between the two sides of a pair */
static inline void
relay_start(struct relay *relay, struct pair *pair)
{
	int inner[2];

	memset(relay, 0, sizeof(*relay));
	snprintf(relay->path, sizeof(relay->path), "/tmp/fourpost-%d.pcap",
	    (int)getpid());
	ck_assert_ptr_nonnull(relay->pcap = fopen(relay->path, "w"));
	put32(relay->pcap, 0xa1b2c3d4);
	put32(relay->pcap, 2 | 4 << 16);
	put32(relay->pcap, 0);
	put32(relay->pcap, 0);
	put32(relay->pcap, 65535);
	put32(relay->pcap, 101); /* raw IP */
	/* The pair's own other end stays with the relay. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, inner), 0);
	relay->fd[0] = pair->fd[1];
	relay->fd[1] = inner[0];
	pair->fd[1] = inner[1];
	relay_packet(relay, 0, 0x02, NULL, 0);
	relay->sequence[0]++;
	relay_packet(relay, 1, 0x12, NULL, 0);
	relay->sequence[1]++;
	ck_assert_int_eq(
	    pthread_create(&relay->thread, NULL, relay_run, relay), 0);
}

static inline void
relay_join(struct relay *relay)
{
	pthread_join(relay->thread, NULL);
	fclose(relay->pcap);
	close(relay->fd[0]);
	close(relay->fd[1]);
}

/* relay_count - how many lines tshark prints for a filter with these fields;
 * each is shown when there is a failure to look at */
static inline int
relay_count(const struct relay *relay, const char *filter, const char *fields)
{
	char command[1024], line[4096];
	int count = 0;
	FILE *tshark;

	snprintf(command, sizeof(command),
	    "tshark -r %s -d tcp.port==%d,tpkt -Y '%s' -T fields %s "
	    "2>/dev/null",
	    relay->path, RELAY_PORT, filter, fields);
	ck_assert_ptr_nonnull(tshark = popen(command, "r"));
	while (fgets(line, sizeof(line), tshark) != NULL) {
		printf("tshark: %s", line);
		count++;
	}
	pclose(tshark);
	return count;
}

#endif
