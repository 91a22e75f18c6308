/* SPDX-License-Identifier: ISC */
/*
 * repair.h - mend a queue offline: --repair, --compact and --create of x4check
 *
 * A repair never changes the old database.  It makes a new one beside it, of
 * all that can be read: from the pages that are whole, and from those outside
 * of the tree to which a damaged page led.  Indexes, counts, references, next
 * numbers and stand-ins for links without a name are derived.  Moved out whole,
 * each with its reason, is what cannot be decoded, and messages whose body or
 * content is not complete.  A message found outside of the tree may have been
 * delivered already: it is held.  The new database takes the place of the old
 * one when it has been checked and is on the disk; where anything was lost the
 * old one is kept with what was moved out.
 *
 * A database with damaged pages cannot end the process, since LMDB does not
 * read it.  Needs room for a second database.
 */
#ifndef FOURPOST_CHECK_REPAIR_H
#define FOURPOST_CHECK_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "check/check.h"

struct store_repair_result {
	uint64_t messages;  /* in the new one */
	uint64_t held;	    /* of these, found outside of the tree */
	uint64_t moved_out; /* objects */
	uint64_t pages;	    /* damaged ones */
	bool lost;	    /* anything was moved out or cannot be read */
};

/*
 * store_repair - make the queue in a directory whole
 *
 * out is a directory that is empty, or made if anything is moved out.
 * Findings go to row.  ERR_BUSY (the queue is open), ERR_NOTFOUND (there is
 * none), ERR_CORRUPT (there is no database in the file), ERR_UNSUPPORTED (of
 * another version), ERR_FULL, ERR_IO, ERR_NOMEM: the old one is as it was.
 */
int store_repair(const char *directory, const char *out, store_check_row row,
    void *arg, struct store_repair_result *result,
    struct diag *diag) WARN_UNUSED;

/* store_compact - give the pages of a clean queue that hold nothing back to
 * the file system.  Errors as store_repair's */
int store_compact(const char *directory, struct diag *diag) WARN_UNUSED;

/* store_create - make an empty queue where there is no database, whatever the
 * identity file says.  ERR_EXISTS (there is one), ERR_BUSY, ERR_IO */
int store_create(
    const char *directory, const char *identity, struct diag *diag) WARN_UNUSED;

#endif
