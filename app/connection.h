/* SPDX-License-Identifier: ISC */
/*
 * connection.h - one connection of a program to the socket of its application
 *
 * socket.c is the life of the worker, program.c its socket, request.c reads a
 * line.  serving.c begins requests and answers them; ask_submit.c, ask_next.c,
 * ask_done.c and ask_look.c do what they ask for; connection.c waits and
 * writes, ask.c has the requests in their order.
 *
 * Requests are begun as they come and answered in that order.  A submission, an
 * answer or a check waits in its place for qmgr's word; an object is written
 * when its turn has come.  While one request sends octets, in either direction,
 * the others' records are taken all the same.
 *
 * What a program has claimed is this connection's: its end gives it back.
 */
#ifndef FOURPOST_APP_CONNECTION_H
#define FOURPOST_APP_CONNECTION_H

#include "app/handing.h"
#include "app/program.h"
#include "app/request.h"
#include "app/submitting.h"
#include "client/limits.h"

#define CONNECTION_ASKS_MAX LIMITS_SUBMISSIONS /* begun and not answered */
#define CONNECTION_STALL    300000 /* ms in which some octet must go on */

enum ask_state {
	ASK_WAITS,
	ASK_ANSWERED /* the answer waits for its turn */
};

/* A request that was begun. */
struct ask {
	struct request request;
	enum ask_state state;
	json_t *answer;	 /* owned */
	uint64_t until;	 /* next: monotonic ms */
	uint64_t number; /* next, status: of what was told to be wanted; 0: to
			  * be told.  check: of the check */
	struct handed *object; /* next: it is the next object for this one */
	uint64_t job;	       /* done, release: of which it awaits the end */
	bool claims;  /* done: it awaits a message that it had before */
	bool claimed; /* done: that has come */
	struct submitted submitted;
};

struct connection {
	struct app app;
	struct program program;
	struct handing hand;
	struct submitter submitter;
	struct submitting submitting; /* the object at hand */
	struct arena arena;	      /* of what is given out or answered */
	struct ask asks[CONNECTION_ASKS_MAX]; /* a ring */
	size_t first, count;
	uint64_t skip;		  /* octets that follow a refused object */
	bool ending;		  /* no further request is read */
	bool given_up;		  /* all that was claimed goes back */
	bool bound;		  /* qmgr knows that we take objects */
	uint64_t number, jobs;	  /* told to be wanted, the last time */
	uint64_t answered, ready; /* of them answered, and what waits then */
	uint64_t checks;
};

/* connection_init - begin to serve.  ERR_NOMEM; connection_fini frees */
int connection_init(struct connection *connection) WARN_UNUSED;
void connection_fini(struct connection *connection);

/* connection_serve - serve a program until either side ends */
void connection_serve(struct connection *connection);

/* connection_is_over - tell whether qmgr or the program is gone */
bool connection_is_over(const struct connection *connection);

/*
 * connection_wait - wait for qmgr and the program, take records and octets, and
 * write the answers whose turn it is
 *
 * 0, ERR_CLOSED, ERR_TIMEOUT, ERR_CANCELLED.
 */
int
connection_wait(struct connection *connection, uint64_t deadline) WARN_UNUSED;

/* connection_answer - write the answers whose turn it is */
void connection_answer(struct connection *connection);

/* connection_at - find the request of that place, from 0 */
struct ask *connection_at(struct connection *connection, size_t place);

/* connection_stalled - tell whether the program has done nothing for too long,
 * though something is begun; then it is lost, with an event */
bool connection_stalled(struct connection *connection);

/* connection_put - write octets to the program, waits until it reads.
 * ERR_CLOSED, ERR_NOMEM */
int
connection_put(struct connection *connection, struct slice octets) WARN_UNUSED;

/* ask_end - forget the first request, whose answer is written */
void ask_end(struct connection *connection);

/* ask_answer - keep the answer to a request, which is taken; NULL, the answer
 * has nothing but that all is well */
void ask_answer(struct ask *ask, json_t *answer);

/* ask_refuse - keep as the answer why a request is refused; error is a word for
 * programs */
void ask_refuse(
    struct ask *ask, const char *error, const struct object_fault *fault);

/* ask_refuse_for - likewise, with a text alone */
void ask_refuse_for(struct ask *ask, const char *error, const char *text);

/* ask_submit - submit the object of a request, read what follows it */
void ask_submit(struct connection *connection, struct ask *ask);

/* ask_submit_answered - keep qmgr's answer to a submission, if it is there */
void ask_submit_answered(struct connection *connection, struct ask *ask);

/* ask_next_choose - find objects for the requests that want one, answer those
 * whose time is over */
void ask_next_choose(struct connection *connection);

/* ask_next_want - tell qmgr how many objects are wanted */
void ask_next_want(struct connection *connection);

/* connection_bind - tell qmgr, once, that this connection takes objects */
void connection_bind(struct connection *connection);

/* ask_next_give - write the object of the first request, which has one */
void ask_next_give(struct connection *connection);

/* ask_next_deadline - find when the time of a request is over */
uint64_t ask_next_deadline(const struct connection *connection);

/* ask_done - take a program's answer for an object */
void ask_done(struct connection *connection, struct ask *ask);

/* ask_done_claimed - go on with an answer for a message that was claimed again,
 * or could not be */
void ask_done_claimed(
    struct connection *connection, const struct ipc_job_claim *claim);

/* ask_done_late - read the answers for messages that were claimed again */
void ask_done_late(struct connection *connection);

/* ask_release - put an object back */
void ask_release(struct connection *connection, struct ask *ask);

/* ask_give_back - give objects back: those that qmgr does not want given out
 * any more, those whose time is over, at the end all */
void ask_give_back(struct connection *connection);

/* ask_noted, ask_committed - go on with an object, as calls of handing.h */
void ask_noted(void *arg, struct handed *object);
void ask_committed(void *arg, struct handed *object);

/* ask_check, ask_status - begin to look for what a request asks */
void ask_check(struct connection *connection, struct ask *ask);
void ask_status(struct connection *connection, struct ask *ask);

/* ask_checked - keep the answer to a check */
void ask_checked(
    struct connection *connection, const struct ipc_route_answer *answer);

/* ask_status_answered - answer requests for the status that wait for qmgr */
void ask_status_answered(struct connection *connection);

#endif
