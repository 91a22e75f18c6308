/* SPDX-License-Identifier: ISC */
/*
 * check.h - the offline check of a queue: every record, index, count, slice
 *
 * The oracle of every test that kills: it derives all that is redundant on
 * disk from the records and compares.  It changes nothing.  Memory grows with
 * links, contents and sessions, not with messages.
 *
 * A page that LMDB cannot make sense of ends the process (SIGBUS, SIGSEGV or
 * an abort of LMDB's): whoever must survive that checks in a child, as
 * x4check does.
 */
#ifndef FOURPOST_CHECK_CHECK_H
#define FOURPOST_CHECK_CHECK_H

#include <stdint.h>

#include "base/error.h"

enum store_verdict {
	STORE_CLEAN,
	STORE_NEEDS_REPAIR,
	STORE_UNUSABLE /* it cannot be opened, or is of another version */
};

/* A finding.  Both texts are printable and live during the call. */
typedef void (*store_check_row)(
    void *arg, const char *object, const char *problem);

struct store_check_result {
	enum store_verdict verdict;
	uint64_t messages, contents, sessions, links, findings;
	/* Findings that follow from other findings: of entries, counts
	 * and references that a damaged record would have explained. */
	uint64_t follow_ups;
};

/*
 * store_check - check the queue in a directory
 *
 * Findings go to row, at most 10,000 of them; all are counted.  0 whatever the
 * verdict; ERR_BUSY (it is open), ERR_NOTFOUND (there is none), ERR_NOMEM.
 */
int store_check(const char *directory, store_check_row row, void *arg,
    struct store_check_result *result, struct diag *diag) WARN_UNUSED;

/* store_verdict_name - get the name of a verdict: "clean", "needs repair",
 * "unusable" */
const char *store_verdict_name(enum store_verdict verdict);

#endif
