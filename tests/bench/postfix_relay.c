/* SPDX-License-Identifier: ISC */
/*
 * postfix_relay.c - how fast Postfix relays, to compare with; see
 * postfix_relay.h
 */
#include "tests/bench/postfix_relay.h"

#include "tests/bench/mail_sink.h"
#include "tests/system/postfix.h"
#include "tests/unit/test.h"

static struct postfix postfix;
static struct mail_sink sink;

bool
postfix_relay_begin(void)
{
	char transport[64];

	if (!postfix_here())
		return false;
	mail_sink_start(&sink);
	postfix.port = suite_free_port();
	(void)snprintf(
	    transport, sizeof(transport), "* smtp:[127.0.0.1]:%u\n", sink.port);
	postfix_configure(&postfix, "postfix", "right.example", transport, "");
	postfix_start(&postfix);
	return true;
}

void
postfix_relay_end(void)
{
	postfix_stop(&postfix);
	mail_sink_stop(&sink);
}

void
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
}
