/* SPDX-License-Identifier: ISC */
/*
 * reign.h - a master as a whole, with dummies for its workers
 *
 * Each test has a directory, a configuration with two links and a postoffice,
 * and a master in a process of its own whose ticks are 50 ms long.  A program
 * ends with REIGN_MAIN, not TEST_MAIN: it is its own dummies.
 */
#ifndef FOURPOST_TESTS_MASTER_REIGN_H
#define FOURPOST_TESTS_MASTER_REIGN_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>

#include "tests/unit/test.h"
#include "tests/unit/master/dummy.h"

#include "base/log.h"
#include "master/service.h"

extern pid_t reign_master;
extern uint16_t reign_port;

/* reign_write - write a file in the test's directory */
void reign_write(const char *name, const char *text);

/* reign_configure - write the configuration, with more for mta, paris, the
 * end */
void reign_configure(const char *mta, const char *paris, const char *end);

/*
 * reign_free_port - reserve a port that nobody listens on
 *
 * The socket stays bound until the test ends; a listener that sets SO_REUSEADDR
 * may be bound beside it.
 */
uint16_t reign_free_port(void);

/* reign_start - start a master in a process of its own, its log in the file
 * "log" */
pid_t reign_start(void);

/* reign_has_line - tell whether a file of the directory has a line with this
 * text */
bool reign_has_line(const char *name, const char *text);

/* until - wait until a condition holds, at most a minute */
#define until(condition)                                             \
	do {                                                         \
		uint64_t until_end = clock_after(60000);             \
		while (!(condition)) {                               \
			ck_assert_msg(clock_monotonic() < until_end, \
			    "in vain: %s", #condition);              \
			usleep(5000);                                \
		}                                                    \
	} while (0)

/* reign_connect - connect to a socket of the run directory */
int reign_connect(const char *name);

/* reign_connect_from - connect to the TCP port from 127.0.0.host */
int reign_connect_from(unsigned host);

/* reign_connect_port - connect to the TCP port */
int reign_connect_port(void);

/* reign_serving_pid - read the pid that a dummy answers a connection with, or
 * 0 */
long reign_serving_pid(int fd);

/* What a request was answered with. */
struct reign_answer {
	int status;
	char text[512];
	char rows[8192]; /* "name pid state last_exit\n" each */
};

/* reign_ask - send a request to master, return its answer */
struct reign_answer reign_ask(const char *command, const char *argument);

/* reign_pid - get the pid of a worker by name, 0 if there is none */
long reign_pid(const char *name);

/* reign_state_is - tell whether a worker is in that state */
bool reign_state_is(const char *name, const char *state);

/* reign_is_gone - tell whether no process has that pid, or only a corpse */
bool reign_is_gone(long pid);

/* reign_setup - make directory, programs and configuration */
void reign_setup(void);

/* reign_setup_ready - make the same, and a master that is ready */
void reign_setup_ready(void);

/* reign_teardown - kill the master, remove the directory */
void reign_teardown(void);

/* reign_prepare - play a daemon if called by the name of one, else come back */
void reign_prepare(int argc, char **argv);

#define REIGN_MAIN(title, ...)              \
	TEST_RUN(title, __VA_ARGS__)        \
	/* main - a daemon, or the tests */ \
	int main(int argc, char **argv)     \
	{                                   \
		reign_prepare(argc, argv);  \
		return test_run();          \
	}

#endif
