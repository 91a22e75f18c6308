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

#endif
