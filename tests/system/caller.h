/* SPDX-License-Identifier: ISC */
/*
 * caller.h - a program at the socket of an application, for tests
 *
 * It speaks as the page fourpost-app(8) says: lines, and octets behind them.
 * Nothing of ours is in it but the library that reads JSON.
 */
#ifndef FOURPOST_TESTS_CALLER_H
#define FOURPOST_TESTS_CALLER_H

#include "tests/system/suite.h"

#define CALLER_DOMAIN "C=XX;A=TEST;P=APP"
#define CALLER_EDI    CALLER_DOMAIN ";O=EDI"
#define CALLER_DONE \
	"{\"op\":\"done\",\"id\":%lld,\"all\":{\"result\":\"delivered\"}}"

struct caller {
	int fd;
	FILE *file; /* what is read; owns the descriptor */
};

/* caller_path - compose the path of a socket in a suite's run directory */
const char *caller_path(const struct suite *suite, const char *socket);

/* caller_open - connect and read the greeting */
void caller_open(
    struct caller *caller, const struct suite *suite, const char *socket);

/* caller_try - connect and read the greeting: false if either is not possible;
 * errno says why */
bool caller_try(struct caller *caller, const char *path);

/* caller_close - close the connection */
void caller_close(struct caller *caller);

/* caller_send - send octets; false: the other side has closed */
bool caller_send(const struct caller *caller, const void *octets, size_t len);

/* caller_say - send a line */
void caller_say(const struct caller *caller, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* caller_hear - read the answer that comes next, to be freed; NULL: the
 * connection has ended */
json_t *caller_hear(struct caller *caller);

/* caller_octets - read octets that follow an answer */
void caller_octets(struct caller *caller, void *octets, size_t len);

/* caller_ask - send a line and read an answer that says that all is well; to be
 * freed */
json_t *caller_ask(struct caller *caller, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* caller_refused - send a line whose answer is this error, at this field (NULL:
 * any) */
void caller_refused(struct caller *caller, const char *error, const char *field,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* caller_next - claim the next object, wait for it; its content is read and
 * passed over: its id */
int64_t caller_next(struct caller *caller, json_t **object);

/* caller_begin - start a suite whose application "edi" has a socket of that
 * name, for CALLER_EDI; more: further settings of it */
void caller_begin(struct suite *suite, const char *test, const char *more);

/* caller_end - stop the suite, of which nothing is left in the queue */
void caller_end(const struct suite *suite);

/* caller_integer - get a member that is an integer */
int64_t caller_integer(const json_t *object, const char *member);

/* caller_submit - submit a message to itself under a key: its id */
int64_t caller_submit(struct caller *caller, const char *key);

/* caller_done - answer for an object, which must be taken */
void caller_done(struct caller *caller, int64_t id);

/* caller_nothing - ask for an object, and there must be none */
void caller_nothing(struct caller *caller);

/* caller_over - check that the connection has ended */
void caller_over(struct caller *caller);

#endif
