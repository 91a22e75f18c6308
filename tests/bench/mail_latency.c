/* SPDX-License-Identifier: ISC */
/*
 * mail_latency.c - how long single messages take through a mail server; see
 * mail_latency.h
 */
#include "tests/bench/mail_latency.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/mail_peer.h"

#define TIMED 200

/* compare_times - order two times */
static int
compare_times(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* time_one - send a message over an open session, and wait until the sink has
 * it: how long that took, in ms */
static double
time_one(
    const struct mail_sink *sink, FILE *peer, const char *to, unsigned number)
{
	const struct timespec pause = {.tv_nsec = 200000};
	uint64_t before = mail_sink_count(sink);
	double begun = suite_now();
	char line[256];

	mail_peer_say(peer, "MAIL FROM:<kim@left.example>", "250 ");
	(void)snprintf(line, sizeof(line), "RCPT TO:<%s>", to);
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	(void)snprintf(line, sizeof(line),
	    "Message-ID: <%u.%s>\r\nFrom: kim@left.example\r\nSubject: x\r\n"
	    "\r\nhello\r\n.",
	    number, to);
	mail_peer_say(peer, line, "250 ");
	while (mail_sink_count(sink) == before)
		(void)nanosleep(&pause, NULL);
	return (suite_now() - begun) * 1e3;
}

struct mail_latency
mail_latency(const struct mail_sink *sink, uint16_t port, const char *hello,
    const char *to, unsigned apart_ms)
{
	FILE *peer = mail_peer_call(port);
	double times[TIMED];

	mail_peer_say(peer, hello, "250 ");
	for (unsigned i = 0; i < TIMED; i++) {
		times[i] = time_one(sink, peer, to, i);
		(void)usleep(apart_ms * 1000);
	}
	(void)fclose(peer);
	qsort(times, TIMED, sizeof(double), compare_times);
	return (struct mail_latency){times[TIMED / 2], times[TIMED * 99 / 100]};
}
