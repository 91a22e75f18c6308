/* SPDX-License-Identifier: ISC */
/*
 * serving.h - x400in at work: the test is master, qmgr and the calling MTA
 *
 * The real program runs.  A test says what the caller does, then plays qmgr.
 */
#ifndef FOURPOST_TESTS_X400IN_SERVING_H
#define FOURPOST_TESTS_X400IN_SERVING_H

#include "tests/unit/x400in/caller.h"

extern struct stage stage;
extern struct caller caller;
extern struct apdu apdu; /* a message, of the vectors */

/* The records that qmgr was given of one transfer. */
struct taken {
	struct ipc_submit_start start;
	struct ipc_submit_end end;
	uint8_t key[IPC_KEY_LEN];
	struct buffer body;
};

extern struct taken taken, again;

/* What is said of our selectors when qmgr comes; empty at first. */
extern struct ipc_settings serving_selectors;

/* serving_qmgr_comes - take the worker's connection as a new qmgr, give
 * settings */
void serving_qmgr_comes(void);

/* serving_reporter_comes - take the connection by which a worker that ends
 * tells a new qmgr what its peer has */
void serving_reporter_comes(void);

/* serving_qmgr_goes - close qmgr's connection and forget what it was told */
void serving_qmgr_goes(void);

/* serving_begin - start the worker, which then waits for callers */
void serving_begin(void);

/* serving_end - give everything back */
void serving_end(void);

/* serving_event - receive this link event as the next record */
void serving_event(enum ipc_link_state state);

/* serving_check - receive the question who calls as the next record */
void serving_check(void);

/* serving_let_in - answer yes for qmgr, with these settings of the link */
void serving_let_in(const char *more);

/* serving_serve - start a caller that does that, up to the association */
void serving_serve(void (*run)(struct caller *), const char *more);

/* serving_bound - start worker and caller, up to the association */
void serving_bound(void (*run)(struct caller *), const char *more);

/* serving_qmgr_again - let another qmgr come, which is told of the
 * association */
void serving_qmgr_again(void);

/* serving_progress - tell the worker that so much is committed */
void serving_progress(const struct taken *t, uint64_t offset);

/* serving_marked - commit the mark that came as the last record, if asked
 * for */
bool serving_marked(const struct taken *t, bool commit);

/* serving_take - receive all of a transfer, up to its end */
void serving_take(struct taken *t);

/* serving_answer - answer for qmgr what was taken */
void serving_answer(const struct taken *t, enum ipc_submit_result result);

/* serving_is_message - check that the message of the vectors was taken whole */
void serving_is_message(const struct taken *t, uint64_t activity);

/* serving_released - expect that the worker tells of the release, and exits */
void serving_released(void);

/* serving_lost - expect that the worker tells of the loss, and exits */
void serving_lost(void);

/* serving_second_is_taken - take a second one whole, after a first with this
 * result */
void serving_second_is_taken(int first);

/* serving_apdu - make one APDU of the message of the vectors */
struct buffer serving_apdu(void);

/* caller_message - send the message of the vectors */
int caller_message(struct caller *c);

void caller_only_binds(struct caller *c);

void caller_two_messages(struct caller *c);

/* caller_large_message - send one as large as caller.large, of
 * stage_pattern() */
int caller_large_message(struct caller *c);

void caller_one_large(struct caller *c);

void caller_large_then_small(struct caller *c);

/* caller_half_message - begin one of 40,000 octets, send half of it */
bool caller_half_message(struct caller *c);

#endif
