/* SPDX-License-Identifier: ISC */
/*
 * postfix.h - instances of Debian's Postfix on both ends of a gateway
 *
 * An instance has its configuration, queue, log and mailboxes in a directory of
 * its own below the test's; of a Postfix that is installed only the programs
 * are used, or those of build/postfix (make postfix).  It needs root, and ends
 * with the process that started it.
 *
 * Of its own domain kim, jo, ann and sales have mailboxes; "later" is put off
 * for as long as it is tried, and anybody else is unknown.
 */
#ifndef FOURPOST_TESTS_POSTFIX_H
#define FOURPOST_TESTS_POSTFIX_H

#include "tests/system/suite.h"

/* The user of its own, and his group: Debian has both, and the suite uses
 * neither. */
#define POSTFIX_USER "bin"

struct postfix {
	char name[16];
	char domain[64]; /* its own */
	char directory[SUITE_PATH];
	uint16_t port; /* of smtpd, on 127.0.0.1 */
	pid_t master;  /* 0: it does not run */
	int watch;     /* see postfix.c */
};

/* postfix_here - tell whether a Postfix can be run; if not, say why */
bool postfix_here(void);

/*
 * postfix_configure - make an instance; its port must be free
 *
 * transport is the text of its transport table, more further settings, the
 * lines of main.cf.
 */
void postfix_configure(struct postfix *postfix, const char *name,
    const char *domain, const char *transport, const char *more);

/* postfix_configure_debian - make an instance as Debian's package does, with
 * its main.cf and master.cf, whose services are chrooted; what it has no way
 * for stays in its queue */
void postfix_configure_debian(
    struct postfix *postfix, const char *name, const char *domain);

/* postfix_start, postfix_stop - start it, until it listens; stop it, until all
 * of its processes have ended */
void postfix_start(struct postfix *postfix);
void postfix_stop(struct postfix *postfix);

/* postfix_tool - run one of its commands, such as "postqueue -p": the exit
 * status; output to be freed */
int postfix_tool(const struct postfix *postfix, char **output,
    const char *command, ...) __attribute__((format(printf, 3, 4)));

/* postfix_spawn - start one of its programs, such as "smtp-sink", in the
 * background; what it prints goes to a file.  It ends with us */
pid_t postfix_spawn(const char *output, const char *command, ...)
    __attribute__((format(printf, 2, 3)));

/* postfix_await_port - wait until somebody listens on a port of 127.0.0.1 */
void postfix_await_port(uint16_t port);

/* postfix_send - send a message by SMTP; from and to are the arguments of MAIL
 * and RCPT with their parameters, ends of lines may be bare LF */
void postfix_send(const struct postfix *postfix, const char *from,
    const char *to, const char *message);

/* postfix_receive - wait for a message in a mailbox and take it out: its text,
 * to be freed */
char *postfix_receive(const struct postfix *postfix, const char *user);

#endif
