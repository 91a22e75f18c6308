/* SPDX-License-Identifier: ISC */
/*
 * conformance_rows.h - the cases of conformance_test: what goes in, what comes
 * out
 */
#ifndef FOURPOST_TESTS_CONFORMANCE_ROWS_H
#define FOURPOST_TESTS_CONFORMANCE_ROWS_H

#include "mhs/p1.h"

#define MAX_SIZE   50000 /* of the link onward */
#define MAX_TAKEN  60000 /* of the link by which it comes */
#define RECIPIENTS 4
#define DR	   100 /* in a row: delivered */

#define CONFORMANCE_MAX 100 /* rows at most */

struct conformance_row {
	const char *name; /* local identifier */
	enum mts_kind kind;
	const char *to[RECIPIENTS];
	uint32_t indicators[RECIPIENTS]; /* besides responsibility */
	uint32_t others; /* recipients that another copy is responsible for */
	size_t content;
	void (*change)(struct p1_envelope *, struct arena *);
	bool relayed;
	int reports[RECIPIENTS]; /* of each: 0 none, DR, or 1 + diagnostic */
	const uint8_t *octets;	 /* of the content; NULL: zeros */
};

extern const struct conformance_row conformance_rows[];
extern const size_t conformance_count;

#endif
