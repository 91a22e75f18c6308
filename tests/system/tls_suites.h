/* SPDX-License-Identifier: ISC */
/*
 * tls_suites.h - two suites whose link requires TLS
 *
 * A pair (pair.h) with an authority, and a certificate for each side: a.test
 * and b.test.  Files are in the test's directory: ca.pem, NAME.pem, NAME.key.
 */
#ifndef FOURPOST_TESTS_TLS_SUITES_H
#define FOURPOST_TESTS_TLS_SUITES_H

#include "tests/system/pair.h"
#include "tests/unit/tls/pki.h"

struct tls_suites {
	struct pair pair;
	struct pki_entity authority, a, b;
	char a_mta[1024], b_mta[1024]; /* settings */
	char a_link[512], b_link[512];
};

/* tls_suites_prepare - make authority, certificates and settings, and a port;
 * pair_start_as with them is the test's own */
void tls_suites_prepare(struct tls_suites *suites);

/* tls_suites_start - start both, with further settings of their links */
void tls_suites_start(
    struct tls_suites *suites, enum pair_way way, const char *link);

/* tls_suites_stop - stop both, check the queues, free all */
void tls_suites_stop(struct tls_suites *suites);

/* tls_suites_file - write a file NAME.EXTENSION into the test's directory, a
 * key for its owner alone */
void tls_suites_file(const char *name, const char *extension, const char *text);

/* tls_suites_put - write certificate and key of an entity, under a name */
void tls_suites_put(const char *name, const struct pki_entity *entity);

/* tls_suites_logged - count the lines of a suite's log that a basic regular
 * expression matches */
unsigned long tls_suites_logged(const struct suite *suite, const char *what);

/* tls_suites_wait_logged - wait until a line of the log matches: workers say to
 * qmgr what it writes, and a peer may know earlier */
void tls_suites_wait_logged(const struct suite *suite, const char *what);

#endif
