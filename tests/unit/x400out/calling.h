/* SPDX-License-Identifier: ISC */
/*
 * calling.h - x400out at work: the test is master, qmgr and the called MTA
 *
 * The real program runs.  A test says what the peer does, then plays qmgr.
 */
#ifndef FOURPOST_TESTS_X400OUT_CALLING_H
#define FOURPOST_TESTS_X400OUT_CALLING_H

#include "tests/unit/x400out/peer.h"

#define LARGE ((uint64_t)64 * 1024 * 1024)

extern struct stage stage;
extern struct peer peer;
extern struct apdu apdu; /* a message, of the vectors */

/* calling_start - start the worker, up to its hello */
void calling_start(void);

/* calling_begin - start the worker and give it settings; it calls */
void calling_begin(const char *more);

/* calling_pings - start peer and worker, and have the worker ping the peer */
void calling_pings(const char *more);

/* calling_event - receive this link event as the next record */
const struct ipc_link_event *calling_event(enum ipc_link_state state);

/* calling_answer_check - answer for qmgr in the bind */
void calling_answer_check(bool accepted);

/* calling_calls - start peer and worker, up to the call */
void calling_calls(const char *more);

/* calling_bound - start peer and worker, up to the association */
const struct ipc_link_event *calling_bound(const char *more);

/* calling_named_job - give it a message, under a name that qmgr has noted, and
 * what else there is to say of it; its number is also that of the message */
void calling_named_job(uint64_t number, uint64_t activity, struct ipc_job more);

/* calling_job - give it a message; its number is also that of the message */
void calling_job(uint64_t number);

/* calling_jobs - give it messages, up to this number */
void calling_jobs(uint64_t count);

/* calling_large_job - give it a message whose content is to be asked for */
void calling_large_job(uint64_t number, uint64_t length);

/* calling_answer_body - answer for qmgr the question for a content; it has
 * come */
void calling_answer_body(uint64_t number);

/* calling_commits - say that the outcome which came last is committed, if that
 * is asked */
void calling_commits(void);

/* calling_outcome - receive the outcome of this job as the next record, and
 * say that it is committed if that is asked */
const struct ipc_outcome *
calling_outcome(uint64_t number, enum ipc_result result);

/* calling_gone - wait for the end of worker and association, within ms */
void calling_gone(uint64_t ms);

/* calling_aborted - wait for the same, which must not be the orderly end */
void calling_aborted(uint64_t ms);

/* calling_released - wait for the same by the orderly end, which the worker
 * tells */
void calling_released(uint64_t ms);

/* calling_retire - tell it to come to that end */
void calling_retire(void);

/* calling_contains - tell whether a text that was received holds this */
bool calling_contains(struct slice text, const char *what);

/* calling_end - give everything back */
void calling_end(void);

#endif
