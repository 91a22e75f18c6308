/* SPDX-License-Identifier: ISC */
/*
 * lmtp_suite.h - a suite with a gateway that takes messages by LMTP, and an
 * application that gets them, for tests
 */
#ifndef FOURPOST_TESTS_LMTP_SUITE_H
#define FOURPOST_TESTS_LMTP_SUITE_H

#include <stdio.h>

#include "tests/system/program.h"
#include "tests/system/suite.h"

#define LMTP_SUITE_DOMAIN "C=XX;A=TEST;P=LMTP"

extern struct suite lmtp_suite;
extern struct program lmtp_program; /* of recipients at edi.example */
extern uint16_t lmtp_port;

/* lmtp_suite_prepare - make what the suite needs, and choose the port */
void lmtp_suite_prepare(const char *test);

/* lmtp_suite_configure - write its configuration, with further settings of mta
 * and gateway */
void lmtp_suite_configure(const char *mta, const char *settings);

/* lmtp_suite_begin - start one that listens on the port, with these */
void lmtp_suite_begin(const char *test, const char *mta, const char *settings);

/* lmtp_suite_end - stop it */
void lmtp_suite_end(void);

/* lmtp_suite_greet - connect, and say hello */
FILE *lmtp_suite_greet(void);

/* lmtp_suite_send - send a message of this subject, which is taken */
void lmtp_suite_send(FILE *peer, const char *subject);

/* lmtp_suite_await_event - wait until the log has an event of this number */
void lmtp_suite_await_event(unsigned number);

#endif
