/* SPDX-License-Identifier: ISC */
/*
 * trace.h - trace information and internal trace (X.411 12.3.1, 12.2.1.1.1)
 *
 * Trace: an element for each domain that took the message over.  Internal
 * trace (standard extension 38): one for each MTA.  Both decode to the same
 * elements; mta is empty in the first.  An element that came is sent again
 * octet for octet (raw); one that we made has no raw and is encoded from its
 * fields.
 */
#ifndef FOURPOST_MHS_TRACE_H
#define FOURPOST_MHS_TRACE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "mhs/mts_identifier.h"

#define TRACE_MAX     512 /* elements, ub-transfers */
#define TRACE_TAG     BER_APP(9)
#define TRACE_NO_TIME INT64_MIN

enum trace_action {
	TRACE_RELAYED = 0,
	TRACE_REROUTED = 1
};

/* other-actions */
#define TRACE_REDIRECTED   BER_BIT(0)
#define TRACE_DL_OPERATION BER_BIT(1)

struct trace_element {
	struct global_domain domain;
	struct slice mta; /* internal trace alone */
	int64_t arrival;  /* seconds since 1970, or TRACE_NO_TIME */
	enum trace_action action;
	bool attempted;			       /* the next two are set */
	struct global_domain attempted_domain; /* or its country is empty and */
	struct slice attempted_mta;	       /* this is there */
	int64_t deferred;		       /* or TRACE_NO_TIME */
	struct slice converted_eits;	       /* the element, or empty */
	uint32_t other_actions;
	struct slice raw; /* the element as it came, or empty */
};

struct trace {
	struct trace_element *elements; /* oldest first; in the arena */
	size_t count;
	size_t capacity;
};

/* trace_decode - read the SEQUENCE OF in el, whatever its tag */
int trace_decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct trace *trace) WARN_UNUSED;
int trace_internal_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct trace *trace) WARN_UNUSED;

/* trace_join - append the elements of another, which may be moved.  ERR_LIMIT:
 * more than TRACE_MAX; ERR_NOMEM */
int trace_join(struct trace *trace, struct arena *arena,
    const struct trace *more) WARN_UNUSED;

/* trace_begun - find when the first MTA whose time can be read took it: seconds
 * since 1970, or TRACE_NO_TIME */
int64_t trace_begun(const struct trace *trace);

/* trace_encode - write a trace under this tag, TRACE_TAG as a rule; either
 * kind */
void trace_encode(
    struct ber_writer *writer, uint32_t tag, const struct trace *trace);

/*
 * trace_append - add an element at the end; its slices are borrowed
 *
 * ERR_LIMIT when there are TRACE_MAX.
 */
int trace_append(struct trace *trace, struct arena *arena,
    const struct trace_element *element) WARN_UNUSED;

/*
 * trace_loops - decide whether a message with this trace loops here (X.411
 * 14.3)
 *
 * It does if this domain (for internal trace: this MTA of this domain) is in
 * it and another follows, unless a DL expansion, a redirection or another route
 * was noted since that visit: then it comes back for a reason.  The time of
 * the last DL expansion in the history of the message is `expanded`, or
 * TRACE_NO_TIME; it counts as noted too, for MTAs that fill in the history
 * alone.  Whatever was noted, the visit after TRACE_VISITS others is a loop:
 * lists that name each other note each round.  mta is empty for the trace of
 * domains.
 */
#define TRACE_VISITS 5
bool trace_loops(const struct trace *trace, const struct global_domain *domain,
    struct slice mta, int64_t expanded);

#endif
