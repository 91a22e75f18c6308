/* SPDX-License-Identifier: ISC */
/*
 * tshark_fixture.h - let an independent decoder judge a conversation
 *
 * A recorder stands between the two sides and writes what passes as TCP
 * segments into a pcap; tshark reads it.
 */
#ifndef FOURPOST_TESTS_TSHARK_FIXTURE_H
#define FOURPOST_TESTS_TSHARK_FIXTURE_H

#include <errno.h>

#include "tests/unit/osi/association_fixture.h"

struct recorder {
	int fd[2]; /* towards the initiator, the responder */
	uint32_t sequence[2];
	uint32_t clock;
	FILE *pcap;
	char path[64];
	pthread_t thread;
};

/* recorder_start - record between the two sides of a pair */
void recorder_start(struct recorder *recorder, struct pair *pair);

void recorder_join(struct recorder *recorder);

/* recorder_count - count how many lines tshark prints for a filter with these
 * fields;
 * each is shown when there is a failure to look at */
int recorder_count(
    const struct recorder *recorder, const char *filter, const char *fields);

#endif
