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
 * suite_begin and suite_end; false: there is none, which was said */
bool postfix_relay_begin(void);
void postfix_relay_end(void);

/* postfix_relay_run - measure at the sink, and print; each association is a
 * session */
void postfix_relay_run(const struct relay *relay);

#endif
