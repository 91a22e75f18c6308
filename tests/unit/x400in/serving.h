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

/* What qmgr was given of one transfer. */
struct taken {
	struct ipc_submit_start start;
	struct ipc_submit_end end;
	uint8_t key[IPC_KEY_LEN];
	struct buffer body;
};

extern struct taken taken, again;

/* serving_qmgr_comes - a qmgr takes the worker's connection and gives it
 * settings */
void serving_qmgr_comes(void);

/* serving_qmgr_goes - it is gone, with all that it was told */
void serving_qmgr_goes(void);

/* serving_begin - the worker runs and waits for callers */
void serving_begin(void);

/* serving_end - give everything back */
void serving_end(void);

/* serving_event - the next record is this link event */
void serving_event(enum ipc_link_state state);

/* serving_check - the next record asks who calls */
void serving_check(void);

/* serving_let_in - qmgr says yes, with these settings of the link */
void serving_let_in(const char *more);

/* serving_serve - a caller that does that, up to the association */
void serving_serve(void (*run)(struct caller *), const char *more);

/* serving_bound - the same, from the beginning */
void serving_bound(void (*run)(struct caller *), const char *more);

/* serving_qmgr_again - another qmgr, which is told of the association */
void serving_qmgr_again(void);

/* serving_progress - so much of it is committed */
void serving_progress(const struct taken *t, uint64_t offset);

/* serving_marked - the last record is a mark: it is committed at once, if asked
 * for */
bool serving_marked(const struct taken *t, bool commit);

/* serving_take - all of a transfer, up to its end */
void serving_take(struct taken *t);

/* serving_answer - qmgr's, to what was taken */
void serving_answer(const struct taken *t, enum ipc_submit_result result);

/* serving_is_message - that the message of the vectors was taken, octet for
 * octet */
void serving_is_message(const struct taken *t, uint64_t activity);

/* serving_released - the worker tells that it was released, and exits */
void serving_released(void);

/* serving_lost - the worker tells that the association is lost, and exits */
void serving_lost(void);

/* serving_second_is_taken - whole, after a first one that came to this
 * result */
void serving_second_is_taken(int first);

/* serving_apdu - the message of the vectors as one APDU */
struct buffer serving_apdu(void);

/* caller_message - the message of the vectors */
int caller_message(struct caller *c);

void caller_only_binds(struct caller *c);

void caller_two_messages(struct caller *c);

/* caller_large_message - as large as caller.large, of stage_pattern() */
int caller_large_message(struct caller *c);

void caller_one_large(struct caller *c);

void caller_large_then_small(struct caller *c);

/* caller_half_message - begin one of 40,000 octets, send half of it */
bool caller_half_message(struct caller *c);

#endif
