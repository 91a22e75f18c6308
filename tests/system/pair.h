/* SPDX-License-Identifier: ISC */
/*
 * pair.h - two suites with a postoffice each, and a link between them
 *
 * A is MTA-A of C=DE;A=VIAT;P=ALPHA with postoffice po1 (ACME/PO1, mailbox
 * ALICE); B is MTA-B of C=FR;A=ATLAS;P=BETA with po2 (ACME/PO2, mailbox BOB).
 * Where a pair is recorded, A calls B through record, which writes what crosses
 * to pcap, and B calls A through another, back.
 */
#ifndef FOURPOST_TESTS_PAIR_H
#define FOURPOST_TESTS_PAIR_H

#include "tests/system/recording.h"

#define PAIR_ALICE     "C=DE;A=VIAT;P=ALPHA;O=PO1;S=Alice"
#define PAIR_BOB       "C=FR;A=ATLAS;P=BETA;O=PO2;S=Bob"
#define PAIR_NOBODY    "C=FR;A=ATLAS;P=BETA;O=PO2;S=Nobody"
#define PAIR_ALICE_BOX "CSI:ACME/PO1/ALICE"
#define PAIR_BOB_BOX   "CSI:ACME/PO2/BOB"

struct pair {
	struct suite a, b;
	pid_t relay; /* record, 0: none */
	uint16_t relay_port;
	/* set before, or nothing: further settings of the mta sections, and the
	 * ports on which they listen with TLS, and are called then */
	const char *a_mta, *b_mta;
	uint16_t a_tls, b_tls;
	const char *a_sections, *b_sections; /* likewise: more sections */
	char pcap[SUITE_PATH];
	struct recording back;
	char a_in[SUITE_PATH + 64], a_out[SUITE_PATH + 64],
	    a_bad[SUITE_PATH + 64];
	char b_in[SUITE_PATH + 64], b_out[SUITE_PATH + 64],
	    b_bad[SUITE_PATH + 64];
};

enum pair_way {
	PAIR_DIRECT,
	PAIR_RECORDED,
	PAIR_RELAYED /* by the test's own: relay_port is set before */
};

/* The mode of both links, with what else that needs; NULL: none is set. */
extern const char *pair_mode;

/* pair_start - configure and start both; link settings go into both links */
void pair_start(struct pair *pair, enum pair_way way, const char *link);

/* pair_start_as - start a pair as pair_start does, with settings of their
 * own for A's link and B's */
void pair_start_as(
    struct pair *pair, enum pair_way way, const char *a, const char *b);

/* pair_stop - stop both, and the relay */
void pair_stop(struct pair *pair);

/* pair_letter - drop a file into A's P1 */
void pair_letter(const struct pair *pair, const char *name, const char *to,
    char priority, const char *subject, const char *text,
    const void *attachment, size_t length);

/* pair_answer - drop a file into B's P1, from Bob to Alice */
void pair_answer(const struct pair *pair, const char *name, char priority,
    const char *subject, const void *attachment, size_t length);

/* pair_wait_files - wait until a directory has count files */
void pair_wait_files(const char *directory, size_t count, double seconds);

/* pair_wait_empty - wait until both queues are empty */
void pair_wait_empty(struct pair *pair, double seconds);

/* pair_check - let x4check find both queues clean; the suites must be down */
void pair_check(const struct pair *pair);

#endif
