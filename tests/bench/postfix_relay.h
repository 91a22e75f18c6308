/* SPDX-License-Identifier: ISC */
/*
 * postfix_relay.h - how fast Postfix relays, to compare with
 *
 * smtp-source -> Postfix -> smtp-sink on loopback; Postfix has its defaults.
 */
#ifndef FOURPOST_TESTS_BENCH_POSTFIX_RELAY_H
#define FOURPOST_TESTS_BENCH_POSTFIX_RELAY_H

#include <stdbool.h>

#include "tests/bench/relay.h"

/* postfix_relay_begin, postfix_relay_end - start and stop it, within
 * suite_begin and suite_end, with flushes that take so many ms longer; false:
 * there is none, which was said */
bool postfix_relay_begin(unsigned flush_ms);
void postfix_relay_end(void);

/* postfix_relay_run - measure at the sink, and print; each association is a
 * session: messages a second */
double postfix_relay_run(const struct relay *relay);

/* postfix_relay_latency - measure how long single messages take, so many ms
 * apart, and print: the median, in ms */
double postfix_relay_latency(unsigned apart_ms);

#endif
