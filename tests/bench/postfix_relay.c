/* SPDX-License-Identifier: ISC */
/*
 * postfix_relay.c - how fast Postfix relays, to compare with; see
 * postfix_relay.h
 */
#include "tests/bench/postfix_relay.h"

#include <stdlib.h>

#include "tests/bench/mail_latency.h"
#include "tests/system/postfix.h"
#include "tests/unit/test.h"

static struct postfix postfix;
static struct mail_sink sink;

bool
postfix_relay_begin(unsigned flush_ms)
{
	char transport[64], preload[SUITE_PATH + 32], ms[16];

	if (!postfix_here())
		return false;
	mail_sink_start(&sink, MAIL_SINK_SMTP);
	postfix.port = suite_free_port();
	(void)snprintf(
	    transport, sizeof(transport), "* smtp:[127.0.0.1]:%u\n", sink.port);
	postfix_configure(&postfix, "postfix", "right.example", transport, "");
	(void)snprintf(
	    preload, sizeof(preload), "%s/peers/slow_disk.so", suite_build());
	(void)snprintf(ms, sizeof(ms), "%u", flush_ms);
	if (flush_ms > 0) {
		setenv("LD_PRELOAD", preload, 1);
		setenv("SLOW_DISK_MS", ms, 1);
		unsetenv("SLOW_DISK_PROGRAM");
	}
	postfix_start(&postfix);
	unsetenv("LD_PRELOAD");
	return true;
}

void
postfix_relay_end(void)
{
	postfix_stop(&postfix);
	mail_sink_stop(&sink);
}

double
postfix_relay_run(const struct relay *relay)
{
	char output[SUITE_PATH + 16];
	uint64_t before = mail_sink_count(&sink);
	double begun = suite_now();
	pid_t source;

	(void)snprintf(output, sizeof(output), "%s/source", suite_directory());
	source = postfix_spawn(output,
	    "smtp-source -d -s %u -m %u -l %u -f kim@left.example "
	    "-t jo@elsewhere.example 127.0.0.1:%u",
	    relay->associations, relay->messages, relay->octets, postfix.port);
	ck_assert_int_eq(suite_wait_exit(source, 600), 0);
	mail_sink_await(&sink, before + relay->messages, 600);
	begun = suite_now() - begun;
	printf("%2u sessions of Postfix, %7u octets: %7.0f msg/s, %6.1f MB/s\n",
	    relay->associations, relay->octets, relay->messages / begun,
	    (double)relay->messages * relay->octets / begun / 1e6);
	return relay->messages / begun;
}

double
postfix_relay_latency(unsigned apart_ms)
{
	struct mail_latency latency = mail_latency(
	    &sink, postfix.port, "EHLO test", "jo@elsewhere.example", apart_ms);

	printf(
	    "Postfix: latency %.2f / %.2f ms\n", latency.median, latency.p99);
	return latency.median;
}
