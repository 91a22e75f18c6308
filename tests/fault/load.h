/* SPDX-License-Identifier: ISC */
/*
 * load.h - peers round one suite: sources, sinks good and bad, their links
 *
 * Every sink has a link of its own, called NAME, with the address space
 * "C=YY;A=NAME".  The source's is called "source".  What arrived and what was
 * confirmed are compared by lines that the peers wrote, not by what the suite
 * says of itself.
 */
#ifndef FOURPOST_TESTS_LOAD_H
#define FOURPOST_TESTS_LOAD_H

#include "tests/system/suite.h"

#define LOAD_ARGUMENTS 160

struct load_sink {
	char name[32];
	char output[SUITE_PATH + 64]; /* what it prints: port, figures */
	char lines[SUITE_PATH + 64];  /* of the transfers it noted */
	uint16_t port;
	pid_t pid;
};

/* load_sink - start one that remembers, with further arguments (NULL ends);
 * port 0: a free one */
void load_sink(struct load_sink *sink, const char *name, uint16_t port, ...)
    __attribute__((sentinel));

/* load_forgetful_sink - start one that remembers no transfer, goes on with
 * none, and takes what comes again as new */
void load_forgetful_sink(struct load_sink *sink, const char *name);

/* load_sink_stop - end it; its figures are in output then */
void load_sink_stop(struct load_sink *sink);

/* load_figure - read a number from the figures that a peer printed at its
 * end */
uint64_t load_figure(const char *output, const char *name);

/* load_real - read a figure with a fraction, by " NAME=" */
double load_real(const char *output, const char *name);

/* load_link - append a link's section to text; settings go into it */
void load_link(char *text, size_t size, const char *name, uint16_t port,
    const char *settings);

/* load_link_at - write the section of a link as load_link does, to a peer at
 * "ADDRESS:PORT" */
void load_link_at(char *text, size_t size, const char *name,
    const char *address, const char *settings);

/* load_source_link - write the section of the link that sources come by */
void load_source_link(char *text, size_t size);

/*
 * load_source - start a source that sends to the link NAME
 *
 * *output takes the name of the file of what it prints, and lines, beside
 * it with ".lines", those of what was confirmed.  Further arguments (NULL
 * ends) come last.
 */
pid_t
load_source(const struct suite *suite, const char *name, uint64_t messages,
    char output[SUITE_PATH + 64], ...) __attribute__((sentinel));

/* load_send - send as load_start does, and wait until all were confirmed */
void load_send(const struct suite *suite, const char *name, uint64_t messages);

/* load_wait_source - wait until a source has ended with all that it sent
 * confirmed */
void load_wait_source(pid_t pid, double seconds);

/* load_wait_held - wait until a peer's gates have been silent so many times */
void load_wait_held(const char *output, uint64_t times, double seconds);

/* load_relay - start cut, which calls that port of loopback, with further
 * arguments (NULL ends); *port is where it listens */
pid_t
load_relay(const char *name, uint16_t target, char output[SUITE_PATH + 64],
    uint16_t *port, ...) __attribute__((sentinel));

/* load_relay_down, load_relay_up - make what goes through a relay fail as -k
 * told it, or pass again, when the function returns */
void load_relay_down(pid_t relay, const char *output);
void load_relay_up(pid_t relay, const char *output);

/* load_said - count how often a word stands in what a peer wrote to its
 * standard
 * error */
uint64_t load_said(const char *output, const char *word);

/* load_noted - count the lines of a file of a peer */
uint64_t load_noted(const char *lines);

/* load_wait_noted - wait until a sink has noted so many */
void load_wait_noted(
    const struct load_sink *sink, uint64_t messages, double seconds);

/* load_wait_behind - wait until a source, by its output, has so many more
 * confirmed than the sink has noted by now, and the sink has not caught up */
void load_wait_behind(const struct load_sink *sink, const char *output,
    uint64_t messages, double seconds);

/* load_same - fail unless what these sources saw confirmed (a pattern of
 * the shell) is what the sink noted, each exactly once */
void load_same(const struct load_sink *sink, const char *pattern);

/* load_same_lines - compare any two files of such lines, patterns of the
 * shell, the second as a receiver writes it */
void load_same_lines(const char *confirmed, const char *noted);

/* load_link_row - get a link's row of x4ctl status -j, to be freed */
json_t *load_link_row(const struct suite *suite, const char *name);

/* load_link_number - get one number of that row */
int64_t
load_link_number(const struct suite *suite, const char *name, const char *key);

/* load_wait_waiting - wait until a link waits to open again */
void
load_wait_waiting(const struct suite *suite, const char *name, double seconds);

/* load_finish - check that nothing is left in the queue, and the sink has
 * what its sources saw confirmed, each exactly once; end both; check the
 * store */
void
load_finish(const struct suite *suite, struct load_sink *sink, double seconds);

#endif
