/* SPDX-License-Identifier: ISC */
/*
 * asked.h - what a request of a tool asks for
 */
#ifndef FOURPOST_TRACKER_ASKED_H
#define FOURPOST_TRACKER_ASKED_H

#include "ipc/record.h"
#include "tracker/search.h"
#include "tracker/stats.h"

/* The arguments, as answer.h has them; slices borrow from the request. */
struct asked {
	struct search search;
	struct stats stats;
	int64_t after;
	struct slice machine; /* the name of this one, for its rows */
	struct slice others;  /* likewise: rows of other machines alone */
	char problem[160];    /* with the arguments; empty: none */
};

/* asked_parse - parse the arguments of a request; false: problem says which is
 * of no use */
bool
asked_parse(struct asked *asked, const struct ipc_request *request) WARN_UNUSED;

#endif
