/* SPDX-License-Identifier: ISC */
/*
 * tshark_fixture.c - let an independent decoder judge a conversation;
 * see tshark_fixture.h
 */
#include "tests/unit/osi/tshark_fixture.h"

#define RELAY_PORT 10102

static void
put32(FILE *file, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

/* recorder_packet - write one segment; from is 0 for the initiator */
static void
recorder_packet(struct recorder *recorder, int from, uint8_t flags,
    const uint8_t *data, size_t len)
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
		    (uint8_t)(recorder->sequence[from] >> (24 - 8 * i));
		header[28 + i] =
		    (uint8_t)(recorder->sequence[1 - from] >> (24 - 8 * i));
	}
	header[32] = 0x50;
	header[33] = flags;
	header[34] = 0xff;
	put32(recorder->pcap, 1);
	put32(recorder->pcap, recorder->clock++);
	put32(recorder->pcap, total);
	put32(recorder->pcap, total);
	fwrite(header, sizeof(header), 1, recorder->pcap);
	if (len > 0)
		fwrite(data, len, 1, recorder->pcap);
	recorder->sequence[from] += (uint32_t)len;
}

static void *
recorder_run(void *arg)
{
	struct recorder *recorder = arg;
	struct pollfd pollfd[2] = {
	    {.fd = recorder->fd[0], .events = POLLIN},
	    {.fd = recorder->fd[1], .events = POLLIN},
	};
	uint8_t octets[32768];

	while (pollfd[0].fd >= 0 || pollfd[1].fd >= 0) {
		if (poll(pollfd, 2, 60000) <= 0)
			break;
		for (int from = 0; from < 2; from++) {
			ssize_t got;

			if (pollfd[from].revents == 0)
				continue;
			got = read(recorder->fd[from], octets, sizeof(octets));
			if (got <= 0) {
				shutdown(recorder->fd[1 - from], SHUT_WR);
				pollfd[from].fd = -1;
				continue;
			}
			recorder_packet(
			    recorder, from, 0x18, octets, (size_t)got);
			for (ssize_t at = 0, put; at < got; at += put) {
				put = send(recorder->fd[1 - from], octets + at,
				    (size_t)(got - at), MSG_NOSIGNAL);
				if (put < 0)
					break;
			}
		}
	}
	return NULL;
}

void
recorder_start(struct recorder *recorder, struct pair *pair)
{
	int inner[2];

	memset(recorder, 0, sizeof(*recorder));
	snprintf(recorder->path, sizeof(recorder->path),
	    "/tmp/fourpost-%d.pcap", (int)getpid());
	ck_assert_ptr_nonnull(recorder->pcap = fopen(recorder->path, "w"));
	put32(recorder->pcap, 0xa1b2c3d4);
	put32(recorder->pcap, 2 | 4 << 16);
	put32(recorder->pcap, 0);
	put32(recorder->pcap, 0);
	put32(recorder->pcap, 65535);
	put32(recorder->pcap, 101); /* raw IP */
	/* The pair's own other end stays with the recorder. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, inner), 0);
	recorder->fd[0] = pair->fd[1];
	recorder->fd[1] = inner[0];
	pair->fd[1] = inner[1];
	recorder_packet(recorder, 0, 0x02, NULL, 0);
	recorder->sequence[0]++;
	recorder_packet(recorder, 1, 0x12, NULL, 0);
	recorder->sequence[1]++;
	ck_assert_int_eq(
	    pthread_create(&recorder->thread, NULL, recorder_run, recorder), 0);
}

void
recorder_join(struct recorder *recorder)
{
	pthread_join(recorder->thread, NULL);
	fclose(recorder->pcap);
	close(recorder->fd[0]);
	close(recorder->fd[1]);
}

int
recorder_count(
    const struct recorder *recorder, const char *filter, const char *fields)
{
	char command[1024], line[4096];
	int count = 0;
	FILE *tshark;

	snprintf(command, sizeof(command),
	    "tshark -r %s -d tcp.port==%d,tpkt -Y '%s' -T fields %s "
	    "2>/dev/null",
	    recorder->path, RELAY_PORT, filter, fields);
	ck_assert_ptr_nonnull(tshark = popen(command, "r"));
	while (fgets(line, sizeof(line), tshark) != NULL) {
		printf("tshark: %s", line);
		count++;
	}
	pclose(tshark);
	return count;
}
