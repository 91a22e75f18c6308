/* SPDX-License-Identifier: ISC */
/*
 * told.h - what tracking tells of messages that are to enter the queue
 *
 * Made ready with the records that are placed, while the envelope is at hand,
 * and put when these are written.  A record for which there is no memory is
 * given up; the message goes on.
 */
#ifndef FOURPOST_QMGR_QUEUE_TOLD_H
#define FOURPOST_QMGR_QUEUE_TOLD_H

#include "mhs/p1.h"
#include "qmgr/engine/tracking.h"
#include "qmgr/queue/placing.h"

#define TOLD_TRACE_TEXT (GLOBAL_DOMAIN_TEXT + 1 + 64)

/* A message that was taken. */
struct told_arrival {
	const struct p1_envelope *envelope;
	const char *mts_id;
	const char *trace; /* of told_trace */
	const struct link *from;
	const char *by; /* who submitted it, where a tool did; else "" */
	uint64_t size;
	int64_t delay;	      /* ms; -1: not known */
	struct slice content; /* of a report, if it is at hand */
};

/* told_trace - write the last element of a trace as text: domain and MTA */
void told_trace(const struct p1_envelope *envelope, char text[TOLD_TRACE_TEXT]);

/* How much of a list of recipients is told; zero at first. */
struct told_list {
	size_t next;   /* recipient */
	uint64_t part; /* of the record */
	size_t at;     /* of told_copy: where the record begins */
};

/* told_arrive - have it told that a message was taken, without those of its
 * recipients that told_arrive_some tells */
void told_arrive(struct qmgr *qmgr, struct placing *placing,
    const struct told_arrival *arrival, struct told_list *list, size_t most);

/* told_arrive_some - have it told for whom a message that was taken is: the
 * next recipients, so many at most; false: all are told */
bool told_arrive_some(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *envelope, struct told_list *list, size_t most);

/* told_copy_some - have it told that the record which was placed last is for
 * these recipients of an envelope: the next of them, so many at most; false:
 * all are told */
bool told_copy_some(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *envelope, const uint32_t *indexes, size_t count,
    struct told_list *list, size_t most);

/* told_redirect - have it told who gets a message instead of whom */
void
told_redirect(struct qmgr *qmgr, struct placing *placing, const char *mts_id,
    const struct or_address *to, const struct or_address *instead);

/* told_report - have it told that a report was made here, on the message of
 * subject */
void told_report(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *report, const struct p1_envelope *subject);

/* told_is_one - tell whether a placing is a message that arrived and becomes
 * one record for all its recipients: its arrival tells of both, by told_one
 * once that is written, and not by told_before */
bool told_is_one(const struct placing *placing);
void told_one(struct qmgr *qmgr, const struct placing *placing);

/* told_before, told_after - tell what happened to a message before the records
 * of a placing that are being written, and what was decided beside them */
void told_before(struct qmgr *qmgr, const struct placing *placing);
void told_after(struct qmgr *qmgr, const struct placing *placing);

#endif
