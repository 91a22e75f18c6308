/* SPDX-License-Identifier: ISC */
/*
 * relay.h - one figure of how fast a suite relays
 *
 * x4source -> suite -> x4sink on loopback, durably.  All is measured at the far
 * end; the CPU of each process is what the kernel counted, the flushes are what
 * slow_disk.so counted.  Nothing is asserted but that every message arrived.
 */
#ifndef FOURPOST_TESTS_BENCH_RELAY_H
#define FOURPOST_TESTS_BENCH_RELAY_H

#define RELAY_THRESHOLD 50 /* as administrators have it */

/* What is measured. */
struct relay {
	unsigned associations; /* each way */
	unsigned octets;       /* of a message */
	unsigned messages;
	unsigned threshold;
	unsigned flush_ms; /* that a flush takes longer */
	unsigned rate;	   /* messages a second that are offered; 0: any */
};

/* What it came to. */
struct relay_result {
	double rate;	  /* messages a second */
	double median;	  /* ms to the far end */
	double flushes;	  /* a message */
	double commit_us; /* of CPU that the queue manager uses, a commit */
};

/* relay_run - measure from a fresh suite, within suite_begin and suite_end, and
 * print */
struct relay_result relay_run(const struct relay *relay);

/* relay_disk - measure how many times a second the disk makes 4 KB durable */
double relay_disk(void);

#endif
