/* SPDX-License-Identifier: ISC */
/*
 * settle_judge.h - what becomes of each recipient of a message, by an outcome
 */
#ifndef FOURPOST_QMGR_SENDING_SETTLE_JUDGE_H
#define FOURPOST_QMGR_SENDING_SETTLE_JUDGE_H

#include "qmgr/queue/report.h"
#include "qmgr/sending/outcome_apply.h"

#define SETTLE_FATES (IPC_FATE_LATER + 1)

/* A message whose recipients are judged. */
struct settling {
	struct qmgr *qmgr;
	struct outcome *outcome;
	struct store_message message;
	struct p1_envelope envelope;
	struct p1_recipient *recipients; /* as they are stored */
	enum ipc_fate *fates;		 /* of those we are responsible for */
	struct verdict *verdicts;	 /* on those that a report may be of */
	size_t verdict_count;
	size_t judged; /* recipients so far */
	size_t counts[SETTLE_FATES];
	const char *why; /* some may have it later; NULL: nobody */
};

/* settle_room - make room for what becomes of each recipient of the envelope.
 * Errors of the arena */
int settle_room(struct settling *s, struct arena *arena) WARN_UNUSED;

/* settle_judge - note what becomes of the next recipients, so many at most;
 * false: of all */
bool settle_judge(struct settling *s, size_t most);

/* settle_is_ours - tell whether a recipient is one that this copy of the
 * message has to serve */
bool settle_is_ours(const struct settling *s, size_t index);

/* settle_common_fate - find the fate of the recipients that were not named */
enum ipc_fate settle_common_fate(const struct outcome *outcome);

/* settle_content - read the content, if a report is to return it: octets of the
 * message, or of the scratch buffer */
void settle_content(struct settling *s, struct slice *content);

/* settle_keep_text - say in the report on a message whose time is over why its
 * recipients could not have it, where a worker had said so */
void settle_keep_text(struct settling *s);

#endif
