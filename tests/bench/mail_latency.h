/* SPDX-License-Identifier: ISC */
/*
 * mail_latency.h - how long single messages take through a mail server
 */
#ifndef FOURPOST_TESTS_BENCH_MAIL_LATENCY_H
#define FOURPOST_TESTS_BENCH_MAIL_LATENCY_H

#include <stdint.h>

#include "tests/bench/mail_sink.h"

struct mail_latency {
	double median, p99; /* ms */
};

/* mail_latency - send some messages over one session, one after the other, so
 * many ms apart, and measure how long each takes to the sink; hello is the
 * first command */
struct mail_latency mail_latency(const struct mail_sink *sink, uint16_t port,
    const char *hello, const char *to, unsigned apart_ms);

#endif
