/* SPDX-License-Identifier: ISC */
/*
 * recording.c - what passes on a connection, as an independent decoder reads it
 */
#include "tests/system/recording.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

void
recording_start(struct recording *recording, const char *name, uint16_t port)
{
	char target[32], output[SUITE_PATH + 32];

	recording->target = port;
	snprintf(target, sizeof(target), "127.0.0.1:%u", port);
	snprintf(output, sizeof(output), "%s/%s", suite_directory(), name);
	snprintf(recording->pcap, sizeof(recording->pcap), "%s.pcap", output);
	recording->relay = suite_spawn(
	    output, "peers/record", "-w", recording->pcap, "-t", target, NULL);
	recording->port = suite_port_of(output);
}

void
recording_stop(struct recording *recording)
{
	ck_assert_int_eq(suite_reap(recording->relay), 0);
}

unsigned
recording_count(const struct recording *recording, const char *expression)
{
	char *output;
	unsigned n;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt -V 2>/dev/null | "
	    "grep -cE '%s'",
	    recording->pcap, recording->target, expression);
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return n;
}
