/* SPDX-License-Identifier: ISC */
/*
 * dl_history.h - which lists a message was expanded at, and whom it was for
 * before it was redirected (X.411 8.3.1.1.1.7, 8.3.1.1.1.8)
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

/* redirection_intended - read whom a recipient's message was originally for:
 * the first of its redirection-history.  ERR_VALUE: it was not redirected */
int redirection_intended(const struct extension_list *extensions,
    struct arena *arena, struct or_name *intended) WARN_UNUSED;

#endif
