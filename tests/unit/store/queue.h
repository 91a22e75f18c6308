/* SPDX-License-Identifier: ISC */
/*
 * queue.h - a queue in a temporary directory, for the tests of store/
 */
#ifndef FOURPOST_TESTS_STORE_QUEUE_H
#define FOURPOST_TESTS_STORE_QUEUE_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "store/store.h"
#include "tests/unit/test.h"

#define QUEUE_SIZE ((uint64_t)64 * 1024 * 1024)
#define QUEUE_HOUR 3600000
/* Some time in 2023, on the hour. */
#define QUEUE_TIME ((int64_t)1700000000000 / QUEUE_HOUR * QUEUE_HOUR)

extern char queue_directory[128];

/* queue_make - make a new directory, without a queue in it */
void queue_make(void);

/* queue_remove - remove the directory and all in it */
void queue_remove(void);

/* queue_try - open it with a size; what came of it */
int queue_try(uint64_t size, struct store **store, struct diag *diag);

/* queue_open_size - open it, which must be possible */
struct store *queue_open_size(uint64_t size);

/* queue_open - open it with the usual size */
struct store *queue_open(void);

/* queue_row - print a finding, so that a failing test tells */
void queue_row(void *arg, const char *object, const char *problem);

/* queue_assert_clean - close was before; what the check found */
struct store_check_result queue_assert_clean(void);

/* queue_sessions - count the sessions that are kept, open or not */
unsigned queue_sessions(const struct store *store);

/* queue_end - close, check, remove */
void queue_end(struct store *store);

#define QUEUE_OK(call)                                                      \
	do {                                                                \
		int queue_rc = (call);                                      \
		ck_assert_msg(queue_rc == 0, "%s: %d, %s", #call, queue_rc, \
		    error_strerror(queue_rc));                              \
	} while (0)

/* queue_link - get the number of a link, made in a transaction of its own */
uint32_t queue_link(struct store *store, const char *name);

/* queue_message - add a message for a link, with a small inline content */
struct store_message queue_message(uint32_t link);

/* queue_add - add a message in a transaction of its own; its id */
uint64_t queue_add(struct store *store, struct store_message *message);

/* queue_slice_equal - compare octets */
#define QUEUE_SLICE_EQ(a, b)                                                \
	do {                                                                \
		struct slice queue_a = (a), queue_b = (b);                  \
		ck_assert_uint_eq(queue_a.len, queue_b.len);                \
		ck_assert_msg(                                              \
		    slice_equal(queue_a, queue_b), "%s is not %s", #a, #b); \
	} while (0)

#endif
