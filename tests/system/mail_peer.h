/* SPDX-License-Identifier: ISC */
/*
 * mail_peer.h - the other sides of a gateway: an SMTP server, and a client of
 * LMTP
 */
#ifndef FOURPOST_TESTS_SYSTEM_MAIL_PEER_H
#define FOURPOST_TESTS_SYSTEM_MAIL_PEER_H

#include <sys/types.h>

#include <stdint.h>
#include <stdio.h>

/*
 * mail_peer_serve - start an SMTP server in a process of its own
 *
 * It has PIPELINING, and DSN unless there is DIRECTORY/plain.  Commands are
 * lines of DIRECTORY/commands, messages are the files DIRECTORY/1, 2 ...
 * Recipients with "nobody" in them are refused, those with "later" too, for the
 * time being.
 */
pid_t mail_peer_serve(const char *directory, uint16_t port);

/* mail_peer_end - end it */
void mail_peer_end(pid_t pid);

/* mail_peer_connect - connect to a port of loopback: a descriptor */
int mail_peer_connect(uint16_t port);

/* mail_peer_call - connect to a port of loopback; the greeting is read */
FILE *mail_peer_call(uint16_t port);

/* mail_peer_say - send a line, and check that the reply begins so */
void mail_peer_say(FILE *peer, const char *line, const char *reply);

/* mail_peer_hear - check that a further reply begins so */
void mail_peer_hear(FILE *peer, const char *reply);

#endif
