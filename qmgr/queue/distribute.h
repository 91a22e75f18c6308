/* SPDX-License-Identifier: ISC */
/*
 * distribute.h - one record for each route of a message
 *
 * Decides on each recipient that an envelope is responsible for: the link it
 * is for, or why it cannot be served; then places a copy for each link, with
 * responsibility for its own recipients.
 */
#ifndef FOURPOST_QMGR_DISTRIBUTE_H
#define FOURPOST_QMGR_DISTRIBUTE_H

#include "mhs/cause.h"
#include "mhs/p1.h"
#include "qmgr/queue/placing.h"
#include "qmgr/queue/report.h"
#include "qmgr/queue/told.h"

/* The next step of placing. */
enum distribute_step {
	DISTRIBUTE_NEXT,   /* to find the next link */
	DISTRIBUTE_ENCODE, /* the recipients of its copy */
	DISTRIBUTE_TELL	   /* tracking of them */
};

struct distribution {
	/* set by the caller */
	struct p1_envelope *envelope;
	struct placing *placing;
	const char *mts_id;
	uint32_t from_link;  /* of the records */
	uint32_t route_from; /* not there again; or ROUTE_ANYWHERE */
	uint32_t source;     /* for which they count; 0: from_link */
	int64_t arrival;     /* wall clock ms */
	uint64_t content_length;
	bool alone;   /* each copy names its own recipients alone */
	bool arrives; /* its recipients were told with its arrival */
	const struct named *named; /* of all of them, where it arrives */
	/* found */
	struct link **links;	  /* of each recipient, or NULL */
	struct verdict *verdicts; /* on those that cannot be served */
	size_t verdict_count;
	uint32_t *indexes;
	bool *redirected;
	size_t decided;	     /* recipients that were decided on */
	size_t placed;	     /* recipients before which all are placed */
	bool shares_content; /* whether a record was placed */
	bool for_waiting;    /* a link that one is for is not up */
	bool unconverted;    /* a recipient would need a conversion */
	/* the copy that is placed */
	enum distribute_step step;
	struct p1_envelope sent; /* its envelope */
	struct p1_encoding encoding;
	struct link *link;
	size_t count; /* of its recipients, in indexes */
	size_t at;    /* where its octets begin */
	struct told_list told;
	const struct link *full; /* one of those, beyond its share; or NULL */
	bool full_share; /* it is this source that is beyond its part of it */
};

/* distribute_init - make room for the decisions, in qmgr's arena.  ERR_LIMIT,
 * ERR_NOMEM */
int distribute_init(struct qmgr *qmgr, struct distribution *d) WARN_UNUSED;

/* distribute_refuse - decide that no recipient can be served, and why */
void
distribute_refuse(struct distribution *d, enum cause cause, const char *text);

/* distribute_decide - decide on every recipient that the envelope is
 * responsible for; one that is redirected is replaced in it.  ERR_NOMEM */
int distribute_decide(struct qmgr *qmgr, struct distribution *d) WARN_UNUSED;

/* distribute_decide_some - decide on the next recipients, so many at most: 1,
 * there are more; 0, all are decided.  ERR_NOMEM */
int distribute_decide_some(
    struct qmgr *qmgr, struct distribution *d, size_t most) WARN_UNUSED;

/* distribute_place_some - take the next step of placing a record for each link,
 * with so many recipients at most: 1; 0, all are placed.  ERR_NOMEM,
 * ERR_LIMIT */
int distribute_place_some(
    struct qmgr *qmgr, struct distribution *d, size_t most) WARN_UNUSED;

/* distribute_place - place a record for each link.  ERR_NOMEM, ERR_LIMIT */
int distribute_place(struct qmgr *qmgr, struct distribution *d) WARN_UNUSED;

/* distribute_report - place the record of a report, which has no recipients */
int distribute_report(
    struct qmgr *qmgr, struct distribution *d, struct link *link) WARN_UNUSED;

#endif
