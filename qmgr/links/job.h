/* SPDX-License-Identifier: ISC */
/*
 * job.h - a message that is active: with a worker, or claimed by qmgr itself
 *
 * An association owns those that its worker has not answered; a job that was
 * answered belongs to its outcome until that is committed.
 */
#ifndef FOURPOST_QMGR_LINKS_JOB_H
#define FOURPOST_QMGR_LINKS_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "store/message.h"

struct assoc;
struct link;
struct strip_plan;
struct fates;

struct job {
	TAILQ_ENTRY(job) entry; /* of the association */
	struct table_link active;
	uint64_t id;
	uint64_t message;
	struct link *link;
	struct assoc *assoc; /* NULL: not with a worker any more */
	enum mts_kind kind;
	enum store_priority priority;
	uint32_t from_link;
	uint32_t recipients; /* as the record has them; 0: not counted */
	uint64_t content_id; /* 0: the content is in the record */
	uint64_t envelope_length, content_length; /* as they are sent */
	struct strip_plan *plan; /* what of the envelope is sent; NULL: all */
	struct fates *fates;	 /* told before its outcome; NULL: none */
	uint64_t activity;	 /* its number on the association, or 0 */
	bool asked;		 /* it was handed out with a name that it had */
	int64_t orphan_of;	 /* the pid of a worker; see orphans.h */
	uint64_t orphan_until;	 /* monotonic ms */
	int64_t arrival;	 /* wall clock ms */
	int64_t dispatched;	 /* likewise */
	uint64_t handed;	 /* octets that the worker was given */
	uint64_t handed_at;	 /* monotonic ms: the last of them */
	struct slice names;	 /* for the log; they lie behind mts_id */
	char mts_id[];
};

/* job_of - find the job of a message among those that are active, or NULL */
static inline struct job *
job_of(const struct table *active, uint64_t message)
{
	return TABLE_ENTRY(table_find(active, message), struct job, active);
}

#endif
