/* SPDX-License-Identifier: ISC */
/*
 * recording.h - what passes on a connection, as an independent decoder reads it
 */
#ifndef FOURPOST_TESTS_SYSTEM_RECORDING_H
#define FOURPOST_TESTS_SYSTEM_RECORDING_H

#include "tests/system/suite.h"

struct recording {
	pid_t relay;
	uint16_t port;	 /* to be connected to */
	uint16_t target; /* as it stands in the capture */
	char pcap[SUITE_PATH + 48];
};

/* recording_start - record what passes between a port and who connects to it */
void
recording_start(struct recording *recording, const char *name, uint16_t port);

/* recording_stop - stop the relay, so that the capture is whole */
void recording_stop(struct recording *recording);

/* recording_count - count how many lines of the decoder's output match */
unsigned
recording_count(const struct recording *recording, const char *expression);

#endif
