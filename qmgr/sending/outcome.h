/* SPDX-License-Identifier: ISC */
/*
 * outcome.h - what became of a job
 *
 *	transferred	the message leaves the queue: whoever has it reports
 *	delivered	it leaves in the commit that stores the report it owes
 *	later		its recipients may have it later: it is deferred, and
 *			no try counts.  A worker may say each of these, and that
 *			it failed, of single recipients (settle.h)
 *	held		a person is to look at it, as a worker wants
 *	unstarted	it is ready again
 *	transient	it is deferred; after transfer-retries as refused
 *	interrupted	the association ended in it: counted against
 *			transfer-retries when others pass before its next try,
 *			else against open-retries (suspect.h)
 *	refused		a report, or held, as the link is configured
 *	expired		a report
 *	returned	a report
 *	unroutable	a report
 *	crashed		a process ended on it, which speaks against it: at the
 *			third such end it is quarantined
 *
 * Instead of a report an alternate recipient may get the message (alternate.h).
 *
 * An outcome that cannot be committed (the queue is full beyond its reserve)
 * is tried again every second; its message stays active until then.
 */
#ifndef FOURPOST_QMGR_OUTCOME_H
#define FOURPOST_QMGR_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/record.h"
#include "mhs/cause.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/sending/dispatch.h"

#define OUTCOME_CRASHES_MAX 3

struct assoc;

/* outcome_take - take the outcome of a job */
int outcome_take(struct assoc *assoc, const struct ipc_outcome *outcome,
    struct diag *diag) WARN_UNUSED;

/* outcome_taken - have a message that is claimed leave the queue: it had been
 * transferred, or delivered, says a peer, which waits until that is committed.
 * ERR_NOMEM: the message is released */
int outcome_taken(
    struct client *client, struct job *job, enum ipc_result how) WARN_UNUSED;

/* outcome_note - keep a note that msmi-out wants kept before it goes on */
int outcome_note(
    struct client *client, struct job *job, struct slice note) WARN_UNUSED;

/* outcome_expired - return a message that is claimed, and has waited too
 * long */
void outcome_expired(struct qmgr *qmgr, struct job *job);

/* outcome_returned - return a message that is claimed to its originator,
 * because an administrator says so: by, of client_who */
void outcome_returned(struct qmgr *qmgr, struct job *job, const char *by);

/* outcome_unroutable - give up a message that is claimed, and has no route any
 * more */
void outcome_unroutable(struct qmgr *qmgr, struct job *job, const char *why);

/* outcome_exhausted - give up a message that is claimed, as refused: others
 * have passed after each of its tries.  reason: of the last one */
void outcome_exhausted(struct qmgr *qmgr, struct job *job, const char *reason);

/* outcome_unusable - set a record aside that cannot be read */
void outcome_unusable(struct qmgr *qmgr, struct job *job, const char *why);

/* outcome_damaged - set aside a message whose record, index entry or content
 * is damaged, and which nobody has claimed */
void outcome_damaged(struct qmgr *qmgr, uint64_t message, const char *why);

/* outcome_crashed - count a process that ended on a message */
void outcome_crashed(
    struct qmgr *qmgr, uint64_t message, const char *worker, const char *text);

/* outcome_retry - try the outcomes again that could not be committed */
void outcome_retry(struct qmgr *qmgr);

#endif
