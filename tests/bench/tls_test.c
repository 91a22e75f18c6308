/* SPDX-License-Identifier: ISC */
/*
 * tls_test.c - figures: the same mail between two suites, with TLS and without
 *
 * x4source -> suite A -> suite B -> x4sink.  The link from A to B is the one
 * that is compared.  Runs of both kinds alternate, each from fresh suites.
 * CPU is that of everything together, source and sink too: this process is the
 * one to which suites are left when x4ctl has started them, so the kernel adds
 * theirs to what its children used.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>

#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"

#define ROUNDS 3

/* What is sent. */
struct load {
	unsigned associations, octets, messages;
};

/* The figures of a run. */
struct result {
	double rate;   /* messages a second, at the far end */
	double cpu_us; /* a message */
};

/* cpu_us - reap what ended, and tell how much CPU all that ended has used */
static double
cpu_us(void)
{
	struct rusage usage;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* figure - get a figure that a peer printed */
static double
figure(const char *figures, const char *name)
{
	const char *at = strstr(figures, name);

	ck_assert_ptr_nonnull(at);
	return strtod(at + strlen(name), NULL);
}

/* configure - configure both suites, and start them */
static void
configure(
    struct tls_suites *s, const struct load *load, bool tls, uint16_t sink_port)
{
	char sections[2048];

	s->pair.a.port = suite_free_port();
	s->pair.b.port = suite_free_port();
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\" "
	    "schedule = \"never\" incoming-associations = 100 }\n"
	    "link \"b\" { remote-mta = \"MTA-b\" remote-password = "
	    "\"secret-b\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = %u threshold = 1 %s }\n",
	    tls ? s->pair.b_tls : s->pair.b.port, load->associations,
	    tls ? s->a_link : "");
	suite_configure(&s->pair.a, "a", "C=XX;A=TEST;P=A", s->a_mta, sections);
	snprintf(sections, sizeof(sections),
	    "link \"a\" { remote-mta = \"MTA-a\" remote-password = "
	    "\"secret-a\" "
	    "schedule = \"never\" incoming-associations = 100 %s }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = %u threshold = 1 }\n",
	    tls ? s->b_link : "", sink_port, load->associations);
	suite_configure(&s->pair.b, "b", "C=XX;A=TEST;P=B", s->b_mta, sections);
	suite_start(&s->pair.b);
	suite_start(&s->pair.a);
}

/* run - send it all, from fresh suites */
static struct result
run(const struct load *load, bool tls)
{
	static struct tls_suites s;
	char sink_out[SUITE_PATH + 8], source_out[SUITE_PATH + 8];
	char address[32], count[16], size[16], total[16], *figures;
	struct result result;
	double before = cpu_us();
	pid_t sink, source;

	suite_begin("bench-tls");
	s = (struct tls_suites){0};
	tls_suites_prepare(&s);
	snprintf(sink_out, sizeof(sink_out), "%s/sink", suite_directory());
	snprintf(
	    source_out, sizeof(source_out), "%s/source", suite_directory());
	sink = suite_spawn(
	    sink_out, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	configure(&s, load, tls, suite_port_of(sink_out));
	snprintf(address, sizeof(address), "127.0.0.1:%u", s.pair.a.port);
	snprintf(count, sizeof(count), "%u", load->associations);
	snprintf(size, sizeof(size), "%u", load->octets);
	snprintf(total, sizeof(total), "%u", load->messages);
	source = suite_spawn(source_out, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
	    "C=YY;A=SINK;S=Sink", "-A", count, "-m", total, "-s", size, NULL);
	ck_assert_int_eq(suite_wait_exit(source, 300), 0);
	suite_wait_empty(&s.pair.a, 300);
	suite_wait_empty(&s.pair.b, 300);
	tls_suites_stop(&s);
	ck_assert_int_eq(suite_reap(sink), 0);
	figures = suite_read(sink_out, NULL);
	ck_assert_uint_eq(
	    (unsigned)figure(figures, "messages="), load->messages);
	result.rate = load->messages / figure(figures, "seconds=");
	free(figures);
	suite_end();
	result.cpu_us = (cpu_us() - before) / load->messages;
	return result;
}

/* by_rate - compare two results, for qsort */
static int
by_rate(const void *a, const void *b)
{
	double one = ((const struct result *)a)->rate;
	double other = ((const struct result *)b)->rate;

	return (one > other) - (one < other);
}

/* print - print the result with the middle rate */
static double
print(const char *kind, struct result results[ROUNDS])
{
	const struct result *middle = &results[ROUNDS / 2];

	qsort(results, ROUNDS, sizeof(results[0]), by_rate);
	printf("    %-12s %7.0f messages a second %8.0f us CPU/message, all "
	       "processes\n",
	    kind, middle->rate, middle->cpu_us);
	return middle->rate;
}

START_TEST(side_by_side)
{
	static const struct load loads[] = {
	    {1, 2048, 2000}, {10, 2048, 10000}, {4, 1024 * 1024, 100}};

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct result clear[ROUNDS], tls[ROUNDS];
		double rates[2];

		for (int r = 0; r < ROUNDS; r++) {
			clear[r] = run(&loads[i], false);
			tls[r] = run(&loads[i], true);
		}
		printf("%u associations, %u octets:\n", loads[i].associations,
		    loads[i].octets);
		rates[0] = print("without TLS", clear);
		rates[1] = print("with TLS", tls);
		printf("    with TLS %.2f of the rate without\n",
		    rates[1] / rates[0]);
		fflush(stdout);
	}
}
END_TEST

TEST_MAIN("bench/tls", TEST_LONG(side_by_side, 1800))
