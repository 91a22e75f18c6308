/* SPDX-License-Identifier: ISC */
/*
 * mixer_test.c - figures: how fast a gateway passes mail, beside what Postfix
 * relays on the same machine in the same minutes
 *
 * Sources and sinks are Postfix's own smtp-source and smtp-sink, x4source and
 * x4sink beyond X.400.  Each way is measured at its far end, by turns, as many
 * times as there are ways through Postfix.  These change places each time: ext4
 * without a journal looks at the inodes of all files deleted in the last
 * minutes before it makes one, so Postfix, which makes one a message, costs
 * more the later it comes, up to twice as much.  For the same reason all rounds
 * are added up, and no median is taken.  TMPDIR names a directory on another
 * disk.
 *
 * Postfix and the gateway meet on a local socket, as INSTALL says.  Postfix to
 * a sink of LMTP is the control of that: what Postfix does there without a
 * gateway.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>
#include <string.h>

#include "tests/bench/cpu.h"
#include "tests/bench/mail_latency.h"
#include "tests/bench/mail_sink.h"
#include "tests/fault/load.h"
#include "tests/system/postfix.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=BENCH"

enum way {
	WAY_POSTFIX,	/* source, Postfix, sink */
	WAY_IN,		/* source, LMTP, X.400 */
	WAY_OUT,	/* X.400, SMTP, sink */
	WAY_CONTROL,	/* source, Postfix, sink of LMTP */
	WAY_IN_POSTFIX, /* in and out with Postfix in between */
	WAY_OUT_POSTFIX,
	WAY_COUNT
};

static const char *const way_names[WAY_COUNT] = {"Postfix alone",
    "LMTP to X.400", "X.400 to SMTP", "Postfix to LMTP", "Postfix to X.400",
    "X.400 to Postfix"};

/* Those that make files in Postfix's queue. */
static const enum way through[] = {
    WAY_POSTFIX, WAY_CONTROL, WAY_IN_POSTFIX, WAY_OUT_POSTFIX};
#define THROUGH (sizeof(through) / sizeof(through[0]))

struct mail {
	unsigned sessions, octets, messages;
};

/* What one way took in all rounds. */
struct figure {
	double messages, seconds;
	double lowest, highest;	     /* messages a second of a round */
	double postfix, suite, ends; /* seconds of CPU; of source and sink */
};

static struct suite tested;
static struct postfix postfix;
static struct load_sink far;
static struct mail_sink sink, lmtp_sink;
static uint16_t lmtp, back;

/* configure - start a suite with two gateways, one of which goes to the sink
 * without Postfix */
static void
configure(void)
{
	char sections[4096], transport[1024];

	lmtp = suite_free_port();
	back = suite_free_port();
	mail_sink_start(&sink, MAIL_SINK_SMTP);
	mail_sink_start(&lmtp_sink, MAIL_SINK_LMTP);
	postfix.port = suite_free_port();
	load_sink(&far, "sink", 0, NULL);
	(void)snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" "
	    "incoming-associations = 1000 remote-password = \"s\" "
	    "address = {\"127.0.0.1:1\"} address-space = {\"C=XX;A=LOAD\"} "
	    "schedule = \"never\" }\n"
	    "link \"sink\" { remote-mta = \"sink\" remote-password = \"s\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = 10 threshold = 50 }\n"
	    "mixer \"direct\" { mail-domain = \"x400.example.net\" "
	    "gateway-address = \"" DOMAIN ";O=D\" "
	    "map = {\"yy.example = C=YY;A=SINK\", "
	    "\"back.example = " DOMAIN ";O=BACK\"} "
	    "address-space = {\"" DOMAIN ";O=D\", \"" DOMAIN
	    ";O=BACK\"} relay-from = {\"*\"} "
	    "listen-lmtp = {\"127.0.0.1:%u\", \"%s/lmtp\"} "
	    "lmtp-group = \"" POSTFIX_USER "\" "
	    "relay = {\"127.0.0.1:%u\"} connections = 10 }\n"
	    "mixer \"postfix\" { mail-domain = \"x401.example.net\" "
	    "gateway-address = \"" DOMAIN ";O=P\" "
	    "map = {\"back.example = " DOMAIN ";O=BACK\"} "
	    "listen-lmtp = {\"127.0.0.1:%u\"} "
	    "address-space = {\"" DOMAIN ";O=P\"} relay-from = {\"*\"} "
	    "relay = {\"127.0.0.1:%u\"} connections = 10 }\n",
	    far.port, lmtp, suite_directory(), sink.port, back, postfix.port);
	suite_configure(&tested, "bench", DOMAIN, "", sections);
	(void)snprintf(transport, sizeof(transport),
	    "yy.example lmtp:unix:%s/lmtp\n"
	    "back.example lmtp:inet:127.0.0.1:%u\n"
	    "sink.example lmtp:unix:%s\n"
	    "* smtp:[127.0.0.1]:%u\n",
	    suite_directory(), back, lmtp_sink.path, sink.port);
	postfix_configure(&postfix, "postfix", "right.example", transport, "");
}

/* recipient_of - get whom the messages of a way are for */
static const char *
recipient_of(enum way way)
{
	switch (way) {
	case WAY_POSTFIX:
		return "jo@elsewhere.example";
	case WAY_CONTROL:
		return "jo@sink.example";
	case WAY_IN:
	case WAY_IN_POSTFIX:
		return "jo@yy.example";
	case WAY_OUT:
		return DOMAIN ";O=D;DDA:RFC-822=jo(a)elsewhere.example";
	case WAY_OUT_POSTFIX:
	case WAY_COUNT:
		break;
	}
	return DOMAIN ";O=P;DDA:RFC-822=jo(a)elsewhere.example";
}

/* send_load - start the source of a way */
static pid_t
send_load(enum way way, const struct mail *mail)
{
	char output[SUITE_PATH + 64], address[32], sessions[16], octets[16],
	    count[16];

	(void)snprintf(output, sizeof(output), "%s/source", suite_directory());
	if (way != WAY_OUT && way != WAY_OUT_POSTFIX)
		return postfix_spawn(output,
		    "smtp-source -d -s %u -m %u -l %u %s -f kim@left.example "
		    "-t %s 127.0.0.1:%u",
		    mail->sessions, mail->messages, mail->octets,
		    way == WAY_IN ? "-L" : "", recipient_of(way),
		    way == WAY_IN ? lmtp : postfix.port);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	(void)snprintf(sessions, sizeof(sessions), "%u", mail->sessions);
	(void)snprintf(octets, sizeof(octets), "%u", mail->octets);
	(void)snprintf(count, sizeof(count), "%u", mail->messages);
	return suite_spawn(output, "peers/x4source", "-p", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
	    recipient_of(way), "-A", sessions, "-m", count, "-s", octets, NULL);
}

/* await - pass messages one way, and wait until its far end has them all */
static void
await(enum way way, const struct mail *mail)
{
	const struct mail_sink *end = way == WAY_CONTROL ? &lmtp_sink : &sink;
	bool to_x400 = way == WAY_IN || way == WAY_IN_POSTFIX;
	uint64_t before =
	    to_x400 ? load_noted(far.lines) : mail_sink_count(end);
	pid_t source = send_load(way, mail);

	ck_assert_int_eq(suite_wait_exit(source, 200), 0);
	if (to_x400)
		load_wait_noted(&far, before + mail->messages, 200);
	else
		mail_sink_await(end, before + mail->messages, 200);
}

/* cpu_of_ends - get the seconds of CPU of the sinks, and of sources that have
 * ended */
static double
cpu_of_ends(void)
{
	struct rusage ended;

	ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &ended), 0);
	return cpu_of(far.pid) + cpu_of(sink.pid) + cpu_of(lmtp_sink.pid) +
	    (double)(ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) +
	    (double)(ended.ru_utime.tv_usec + ended.ru_stime.tv_usec) / 1e6;
}

/* measure - pass messages one way, and add up what that takes */
static void
measure(enum way way, const struct mail *mail, struct figure *figure)
{
	pid_t master = suite_pid(&tested, "master");
	double suite = cpu_of(master), other = cpu_of(postfix.master);
	double ends = cpu_of_ends(), begun = suite_now(), rate;

	await(way, mail);
	begun = suite_now() - begun;
	figure->ends += cpu_of_ends() - ends;
	suite_wait_empty(&tested, 60);
	figure->postfix += cpu_of(postfix.master) - other;
	figure->suite += cpu_of(master) - suite;
	figure->seconds += begun;
	figure->messages += mail->messages;
	rate = mail->messages / begun;
	if (figure->highest < rate)
		figure->highest = rate;
	if (figure->lowest == 0 || figure->lowest > rate)
		figure->lowest = rate;
}

/* print - print what one way took beside Postfix alone */
static void
print(enum way way, const struct mail *mail, const struct figure *f,
    const struct figure *alone)
{
	double rate = f->messages / f->seconds, us = 1e6 / f->messages;

	printf("%2u sessions, %6u octets: %-16s %6.0f msg/s (%.0f to %.0f), "
	       "%.2f of Postfix; us of CPU a message: Postfix %.0f, Fourpost "
	       "%.0f, source and sink %.0f\n",
	    mail->sessions, mail->octets, way_names[way], rate, f->lowest,
	    f->highest, rate * alone->seconds / alone->messages,
	    f->postfix * us, f->suite * us, f->ends * us);
}

/* measure_all - measure all ways by turns, and print what they do */
static void
measure_all(const struct mail *mail)
{
	struct figure figures[WAY_COUNT] = {{0}};

	for (size_t round = 0; round < THROUGH; round++) {
		measure(WAY_IN, mail, &figures[WAY_IN]);
		measure(WAY_OUT, mail, &figures[WAY_OUT]);
		for (size_t i = 0; i < THROUGH; i++) {
			enum way way = through[(i + round) % THROUGH];

			measure(way, mail, &figures[way]);
		}
	}
	for (unsigned way = 0; way < WAY_COUNT; way++)
		print(way, mail, &figures[way], &figures[WAY_POSTFIX]);
	(void)fflush(stdout);
}

/* measure_latency - send one message after the other, and print how long they
 * take to the sink */
static void
measure_latency(
    const char *name, uint16_t port, const char *hello, const char *to)
{
	struct mail_latency latency = mail_latency(&sink, port, hello, to, 0);

	printf("one at a time: %-32s median %.2f ms, p99 %.2f ms\n", name,
	    latency.median, latency.p99);
	(void)fflush(stdout);
}

/* print_memory - print what the workers of the gateway hold */
static void
print_memory(void)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL), *row;
	uint64_t in = 0, out = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		uint64_t *most = NULL,
			 rss = suite_rss_anon((pid_t)json_integer_value(
			     json_object_get(row, "pid")));

		if (name != NULL && strncmp(name, "mixer-in/", 9) == 0)
			most = &in;
		else if (name != NULL && strncmp(name, "mixer-out/", 10) == 0)
			most = &out;
		if (most != NULL && rss > *most)
			*most = rss;
	}
	json_decref(rows);
	printf("RssAnon at most: mixer-in %.1f MB, mixer-out %.1f MB\n",
	    (double)in / 1e6, (double)out / 1e6);
}

START_TEST(throughput)
{
	static const struct mail mails[] = {
	    {1, 2048, 1000}, {10, 2048, 3000}, {10, 100 * 1024, 1000}};

	if (!postfix_here())
		return;
	suite_begin("bench-mixer");
	configure();
	suite_start(&tested);
	postfix_start(&postfix);
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++)
		measure_all(&mails[i]);
	measure_latency(
	    "Postfix alone", postfix.port, "EHLO test", "jo@elsewhere.example");
	measure_latency(
	    "LMTP, X.400, SMTP", back, "LHLO test", "jo@back.example");
	measure_latency("Postfix, LMTP, X.400, SMTP", postfix.port, "EHLO test",
	    "jo@back.example");
	print_memory();
	postfix_stop(&postfix);
	suite_stop(&tested);
	load_sink_stop(&far);
	mail_sink_stop(&sink);
	mail_sink_stop(&lmtp_sink);
	suite_end();
}
END_TEST

TEST_MAIN("bench/mixer", TEST_LONG(throughput, 900))
