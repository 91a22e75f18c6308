/* SPDX-License-Identifier: ISC */
/*
 * mail_suite.h - a suite with a gateway between a program, the application
 * "edi" with users at edi.example, and a mail server (mail_peer.h)
 */
#ifndef FOURPOST_TESTS_MAIL_SUITE_H
#define FOURPOST_TESTS_MAIL_SUITE_H

#include "tests/system/mail_peer.h"
#include "tests/system/program.h"
#include "tests/system/suite.h"

#define MAIL_SUITE_DOMAIN "C=XX;A=TEST;P=MIX"
#define MAIL_SUITE_EDI	  MAIL_SUITE_DOMAIN ";O=EDI"
#define MAIL_SUITE_GW	  MAIL_SUITE_DOMAIN ";O=GW;DDA:RFC-822="

#define MAIL_SUITE_MTA "  postmaster = \"" MAIL_SUITE_EDI ";S=Postmaster\"\n"

struct mail_suite {
	struct suite suite;
	struct program edi;
	uint16_t lmtp;
	char sink[SUITE_PATH + 16]; /* the directory of the server */
	char sections[2048];	    /* of the configuration */
	unsigned taken;		    /* messages of the server that were read */
	pid_t server;
};

extern struct mail_suite mail_suite;

/* mail_suite_begin - start the suite, with further settings of the gateway, and
 * the server */
void mail_suite_begin(const char *test, const char *settings);

/* mail_suite_end - stop both */
void mail_suite_end(void);

/* mail_suite_has_next - tell whether the server has got the next message; arg
 * is not used */
bool mail_suite_has_next(void *arg);

/* mail_suite_next - wait for the next message that the server gets; to be
 * freed */
char *mail_suite_next(void);

/* mail_suite_commands - read the commands that the server was given; to be
 * freed */
char *mail_suite_commands(void);

/* mail_suite_has, mail_suite_has_not - check that a text has another in it, or
 * not */
void mail_suite_has(const char *text, const char *part);
void mail_suite_has_not(const char *text, const char *part);

#endif
