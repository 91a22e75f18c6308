/* SPDX-License-Identifier: ISC */
/*
 * mixer_test.c - figures: how fast a gateway passes mail, beside what Postfix
 * relays on the same machine in the same minutes
 *
 * Sources and sinks are Postfix's own smtp-source and smtp-sink, x4source and
 * x4sink beyond X.400.  Each way is measured at its far end, by turns, three
 * times; the median is shown.
 */
#include <sys/stat.h>

#include <signal.h>
#include <string.h>

#include "tests/bench/cpu.h"
#include "tests/bench/mail_latency.h"
#include "tests/bench/mail_sink.h"
#include "tests/fault/load.h"
#include "tests/system/postfix.h"
#include "tests/unit/test.h"

#define ROUNDS 3
#define DOMAIN "C=XX;A=TEST;P=BENCH"

enum way {
	WAY_POSTFIX,	/* source, Postfix, sink */
	WAY_IN,		/* source, LMTP, X.400 */
	WAY_OUT,	/* X.400, SMTP, sink */
	WAY_IN_POSTFIX, /* the same with Postfix in between */
	WAY_OUT_POSTFIX,
	WAY_COUNT
};

static const char *const way_names[WAY_COUNT] = {"Postfix alone",
    "LMTP to X.400", "X.400 to SMTP", "Postfix to X.400", "X.400 to Postfix"};

struct mail {
	unsigned sessions, octets, messages;
};

/* A figure of one way. */
struct figure {
	double rate;	       /* messages a second */
	double postfix, suite; /* us of CPU a message */
};

static struct suite tested;
static struct postfix postfix;
static struct load_sink far;
static struct mail_sink sink;
static uint16_t lmtp, back;

/* configure - start a suite with two gateways, one of which goes to the sink
 * without Postfix */
static void
configure(void)
{
	char sections[4096], transport[256];

	lmtp = suite_free_port();
	back = suite_free_port();
	mail_sink_start(&sink);
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
	    "listen-lmtp = {\"127.0.0.1:%u\"} relay = {\"127.0.0.1:%u\"} "
	    "connections = 10 }\n"
	    "mixer \"postfix\" { mail-domain = \"x401.example.net\" "
	    "gateway-address = \"" DOMAIN ";O=P\" "
	    "map = {\"back.example = " DOMAIN ";O=BACK\"} "
	    "listen-lmtp = {\"127.0.0.1:%u\"} "
	    "address-space = {\"" DOMAIN ";O=P\"} relay-from = {\"*\"} "
	    "relay = {\"127.0.0.1:%u\"} connections = 10 }\n",
	    far.port, lmtp, sink.port, back, postfix.port);
	suite_configure(&tested, "bench", DOMAIN, "", sections);
	(void)snprintf(transport, sizeof(transport),
	    "yy.example lmtp:inet:127.0.0.1:%u\n"
	    "back.example lmtp:inet:127.0.0.1:%u\n"
	    "* smtp:[127.0.0.1]:%u\n",
	    lmtp, back, sink.port);
	postfix_configure(&postfix, "postfix", "right.example", transport, "");
}

/* send - start the source of a way */
static pid_t
send_load(enum way way, const struct mail *mail)
{
	char output[SUITE_PATH + 64], address[32], sessions[16], octets[16],
	    count[16];

	(void)snprintf(output, sizeof(output), "%s/source", suite_directory());
	if (way == WAY_POSTFIX || way == WAY_IN || way == WAY_IN_POSTFIX)
		return postfix_spawn(output,
		    "smtp-source -d -s %u -m %u -l %u %s -f kim@left.example "
		    "-t jo@%s 127.0.0.1:%u",
		    mail->sessions, mail->messages, mail->octets,
		    way == WAY_IN ? "-L" : "",
		    way == WAY_POSTFIX ? "elsewhere.example" : "yy.example",
		    way == WAY_IN ? lmtp : postfix.port);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	(void)snprintf(sessions, sizeof(sessions), "%u", mail->sessions);
	(void)snprintf(octets, sizeof(octets), "%u", mail->octets);
	(void)snprintf(count, sizeof(count), "%u", mail->messages);
	return suite_spawn(output, "peers/x4source", "-p", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
	    way == WAY_OUT ? DOMAIN ";O=D;DDA:RFC-822=jo(a)elsewhere.example"
			   : DOMAIN ";O=P;DDA:RFC-822=jo(a)elsewhere.example",
	    "-A", sessions, "-m", count, "-s", octets, NULL);
}

/* measure - pass messages one way, and measure at its far end */
static struct figure
measure(enum way way, const struct mail *mail)
{
	pid_t master = suite_pid(&tested, "master");
	double suite = cpu_of(master), other = cpu_of(postfix.master);
	bool to_x400 = way == WAY_IN || way == WAY_IN_POSTFIX;
	uint64_t before =
	    to_x400 ? load_noted(far.lines) : mail_sink_count(&sink);
	double begun = suite_now();
	pid_t source = send_load(way, mail);

	ck_assert_int_eq(suite_wait_exit(source, 200), 0);
	if (to_x400)
		load_wait_noted(&far, before + mail->messages, 200);
	else
		mail_sink_await(&sink, before + mail->messages, 200);
	begun = suite_now() - begun;
	suite_wait_empty(&tested, 60);
	return (struct figure){mail->messages / begun,
	    (cpu_of(postfix.master) - other) / mail->messages * 1e6,
	    (cpu_of(master) - suite) / mail->messages * 1e6};
}

/* compare - order two figures */
static int
compare(const void *a, const void *b)
{
	const struct figure *one = a, *other = b;

	return (one->rate > other->rate) - (one->rate < other->rate);
}

/* measure_all - measure all ways by turns, and print what they do */
static void
measure_all(const struct mail *mail)
{
	struct figure figures[WAY_COUNT][ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned way = 0; way < WAY_COUNT; way++)
			figures[way][round] = measure(way, mail);
	for (unsigned way = 0; way < WAY_COUNT; way++)
		qsort(figures[way], ROUNDS, sizeof(struct figure), compare);
	for (unsigned way = 0; way < WAY_COUNT; way++) {
		const struct figure *f = &figures[way][ROUNDS / 2];

		printf("%2u sessions, %6u octets: %-16s %6.0f msg/s (%.0f to "
		       "%.0f), %.2f of Postfix; us of CPU a message: "
		       "Postfix %.0f, Fourpost %.0f\n",
		    mail->sessions, mail->octets, way_names[way], f->rate,
		    figures[way][0].rate, figures[way][ROUNDS - 1].rate,
		    f->rate / figures[WAY_POSTFIX][ROUNDS / 2].rate, f->postfix,
		    f->suite);
	}
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
	suite_end();
}
END_TEST

TEST_MAIN("bench/mixer", TEST_LONG(throughput, 900))
