/* SPDX-License-Identifier: ISC */
/*
 * dl_history.h - which lists a message was expanded at, and whom it was for
 * before it was redirected (X.411 8.3.1.1.1.7, 8.3.1.1.1.5)
 *
 * Both extensions are written by other domains.  Their values stay as they
 * came; here is read what a report, and the search for loops, need of them.
 *
 * A value that cannot be read costs itself alone: ERR_VALUE, as if it were
 * absent.  ERR_NOMEM is no such error.
 */
#ifndef FOURPOST_MHS_DL_HISTORY_H
#define FOURPOST_MHS_DL_HISTORY_H

#include "mhs/extension.h"
#include "mhs/or_address.h"

struct dl_history {
	struct or_name list; /* where an arena was given */
	int64_t time;	     /* of the expansion, or TRACE_NO_TIME */
	struct slice items; /* all DLExpansion elements, one behind the other */
};

/*
 * dl_history_last - read the last expansion of dl-expansion-history
 *
 * arena may be NULL: the name of the list is not read then.  ERR_VALUE: there
 * is none.
 */
int dl_history_last(const struct extension_list *extensions,
    struct arena *arena, struct dl_history *history) WARN_UNUSED;

/*
 * dl_history_of_report - make originator-and-DL-expansion-history (30)
 *
 * The value is the originator with the time of origin, then the expansions
 * as they came.
 */
int dl_history_of_report(const struct dl_history *history,
    const struct or_name *originator, int64_t origin, struct arena *arena,
    struct slice *value) WARN_UNUSED;

/*
 * dl_history_before - read who stands before a list in
 * originator-and-DL-expansion-history: the list whose member it is, or the
 * originator
 *
 * ERR_VALUE: the list is not there, or cannot be found.
 */
int
dl_history_before(const struct extension_list *extensions, struct arena *arena,
    const struct or_address *list, struct or_name *before) WARN_UNUSED;

/* dl_history_append - add an expansion of `list` at the end of
 * dl-expansion-history.  ERR_LIMIT: there are ub-dl-expansions */
int dl_history_append(struct extension_list *extensions, struct arena *arena,
    const struct or_name *list, int64_t time) WARN_UNUSED;

/*
 * dl_history_has - search an address in dl-expansion-history
 *
 * 1 if it is there, else 0; ERR_NOMEM.
 */
int dl_history_has(const struct extension_list *extensions, struct arena *arena,
    const struct or_address *address) WARN_UNUSED;

/* redirection_intended - read whom a recipient's message was originally for:
 * the first of its redirection-history.  ERR_VALUE: it was not redirected */
int redirection_intended(const struct extension_list *extensions,
    struct arena *arena, struct or_name *intended) WARN_UNUSED;

/* An entry of a history. */
struct dl_history_entry {
	struct or_name name;
	int64_t time; /* or TRACE_NO_TIME */
	int reason;   /* of a redirection, or -1 */
};

struct dl_history_walk {
	struct ber_reader items;
	int number;
	unsigned count;
};

/*
 * dl_history_walk_init - walk over dl-expansion-history or redirection-history
 *
 * dl_history_walk_next gives the entries, the oldest first: 1, or 0 at the
 * end; ERR_NOMEM.  Entries that cannot be read are passed over.  ERR_VALUE:
 * there is no such history.
 */
int dl_history_walk_init(struct dl_history_walk *walk,
    const struct extension_list *extensions, int number) WARN_UNUSED;
int dl_history_walk_next(struct dl_history_walk *walk, struct arena *arena,
    struct dl_history_entry *entry) WARN_UNUSED;

/* RedirectionReason (X.411 8.3.1.1.1.5) */
enum redirection_reason {
	REDIRECTION_BY_RECIPIENT = 0, /* recipient-assigned */
	REDIRECTION_BY_ORIGINATOR = 1,
	REDIRECTION_BY_DOMAIN = 2 /* recipient-MD-assigned */
};

/* redirection_append - add whom a message was for, and why it is for another
 * now, at the end of redirection-history.  ERR_LIMIT: there are
 * ub-redirections */
int redirection_append(struct extension_list *extensions, struct arena *arena,
    const struct or_name *intended, int64_t time,
    enum redirection_reason reason) WARN_UNUSED;

/* redirection_has - search an address in redirection-history: 1 if the message
 * was for it before, else 0; ERR_NOMEM */
int redirection_has(const struct extension_list *extensions,
    struct arena *arena, const struct or_address *address) WARN_UNUSED;

#endif
