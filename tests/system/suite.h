/* SPDX-License-Identifier: ISC */
/*
 * suite.h - run whole suites in a test: configure, start, ask, kill, stop
 *
 * A test has one temporary directory (suite_begin, suite_end) and in it any
 * number of suites, each with its configuration, state, run directory and
 * log.  All is started as a user would: x4ctl start.  A failed call fails the
 * test with the tool's own words.
 */
#ifndef FOURPOST_TESTS_SUITE_H
#define FOURPOST_TESTS_SUITE_H

#include <sys/types.h>

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/sanitize.h"

#define SUITE_PATH 256

/* How many times longer than on an idle machine anything may take. */
#define SUITE_PATIENCE 3

/* A bound of memory in octets; a sanitizer keeps what was freed. */
#define SUITE_MEMORY(megabytes) \
	((uint64_t)(megabytes)*1024 * 1024 * (SANITIZE_ADDRESS ? 12 : 1))

/* Started by root, a suite runs as these, which every Debian has. */
#define SUITE_USER	   "daemon"
#define SUITE_NETWORK_USER "nobody"

struct suite {
	char name[16];
	char directory[SUITE_PATH]; /* of its own, under the test's */
	char conf[SUITE_PATH + 32];
	char host[16]; /* where it listens; empty: 127.0.0.1 */
	uint16_t port;
};

/* suite_begin - make the test's temporary directory; suite_end removes it
 * unless the test failed or FOURPOST_KEEP is set */
void suite_begin(const char *test);
void suite_end(void);
const char *suite_directory(void);

/* suite_build - get the build directory */
const char *suite_build(void);

/* suite_long - tell whether the long form of a test was asked for */
bool suite_long(void);

/* suite_free_port - reserve a port of loopback until the test ends; nobody but
 * a program that sets SO_REUSEADDR can listen there */
uint16_t suite_free_port(void);

/*
 * suite_configure - make a suite's directories and its configuration
 *
 * domain is "C=XX;A=TEST;P=NAME"; sections is the text of links and
 * postoffices that comes after the mta section, mta further settings of that.
 */
void suite_configure(struct suite *suite, const char *name, const char *domain,
    const char *mta, const char *sections);

/* suite_path - get the path of a file in a suite's directory; one of four
 * buffers in turn */
const char *suite_path(const struct suite *suite, const char *name);

/* suite_give - give a path to the user of the processes that face the
 * outside */
void suite_give(const char *path);

/* suite_start, suite_stop - run x4ctl start and stop, which must succeed */
void suite_start(const struct suite *suite);
void suite_stop(const struct suite *suite);

/*
 * suite_tool - run a tool with -c and these arguments (NULL ends)
 *
 * Returns its exit status; *output, if not NULL, is what it wrote to standard
 * output, to be freed.
 */
int suite_tool(const struct suite *suite, char **output, const char *tool, ...)
    __attribute__((sentinel));

/* suite_rows - return the JSON objects that a tool printed with -j, as an
 * array; the tool must succeed; json_decref when done */
json_t *suite_rows(const struct suite *suite, const char *tool, ...)
    __attribute__((sentinel));

/* suite_pid - find the pid of a worker by its name as x4ctl status has it; 0
 * if there is none */
pid_t suite_pid(const struct suite *suite, const char *worker);

/* suite_worker - find the pid of one worker of a service, whatever its
 * number: there must be one */
pid_t suite_worker(const struct suite *suite, const char *service);

/* suite_queued - count the messages in the queue, by x4queue summary */
int64_t suite_queued(const struct suite *suite);

/* suite_wait_empty - wait until nothing is in the queue */
void suite_wait_empty(const struct suite *suite, double seconds);

/* suite_now - get seconds by a clock that nobody sets */
double suite_now(void);

/* suite_rss_anon - get the octets of RssAnon of a process, 0 when it is gone */
uint64_t suite_rss_anon(pid_t pid);

/*
 * suite_wait - poll until condition is true
 *
 * Fails the test with what (and the logs' tails) when time is up: seconds on an
 * idle machine, and SUITE_PATIENCE times as long on any.
 */
void suite_wait(
    const char *what, double seconds, bool (*condition)(void *), void *arg);

/* suite_spawn - start a program of the build in the background */
pid_t suite_spawn(const char *output, const char *program, ...)
    __attribute__((sentinel));

/* suite_reap - end a spawned program by SIGTERM, return its exit status */
int suite_reap(pid_t pid);

/* suite_wait_exit - wait for a spawned program to end by itself: its status */
int suite_wait_exit(pid_t pid, double seconds);

/* suite_first_line - wait for the first line of a file, into line */
void suite_first_line(const char *path, char *line, size_t size);

/* suite_port_of - get the port that a peer printed as its first line */
uint16_t suite_port_of(const char *output);

/* suite_read - read a whole file, NUL-terminated, to be freed; NULL if not
 * there */
char *suite_read(const char *path, size_t *length);

/* suite_read_proc - read a file of /proc, whose size is not known beforehand */
char *suite_read_proc(const char *path);

/* suite_write - write a whole file, under a temporary name, renamed when
 * complete */
void suite_write(const char *path, const void *data, size_t length);

/* suite_count_files - count the regular files of a directory */
size_t suite_count_files(const char *directory);

/* suite_shell - run a shell command; its exit status; output to be freed */
int suite_shell(char **output, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
