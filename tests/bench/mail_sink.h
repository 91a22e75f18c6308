/* SPDX-License-Identifier: ISC */
/*
 * mail_sink.h - the far end of figures of mail: Postfix's smtp-sink
 */
#ifndef FOURPOST_TESTS_BENCH_MAIL_SINK_H
#define FOURPOST_TESTS_BENCH_MAIL_SINK_H

#include <sys/types.h>

#include <stdint.h>

#include "tests/system/suite.h"

enum mail_sink_protocol {
	MAIL_SINK_SMTP,
	MAIL_SINK_LMTP /* on a local socket */
};

struct mail_sink {
	pid_t pid;
	uint16_t port;		      /* of SMTP */
	char path[SUITE_PATH + 16];   /* of LMTP */
	char output[SUITE_PATH + 16]; /* its counters */
};

/* mail_sink_start, mail_sink_stop - start one on a port or path that is free,
 * and stop it */
void mail_sink_start(struct mail_sink *sink, enum mail_sink_protocol protocol);
void mail_sink_stop(struct mail_sink *sink);

/* mail_sink_count - get how many messages it has taken */
uint64_t mail_sink_count(const struct mail_sink *sink);

/* mail_sink_await - wait until it has taken so many */
void mail_sink_await(
    const struct mail_sink *sink, uint64_t messages, double seconds);

#endif
