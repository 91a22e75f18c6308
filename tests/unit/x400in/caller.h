/* SPDX-License-Identifier: ISC */
/*
 * caller.h - an MTA that calls x400in, in a thread of the test
 *
 * A test writes what it does as a function; what came of it is looked at
 * after caller_join.
 */
#ifndef FOURPOST_TESTS_X400IN_CALLER_H
#define FOURPOST_TESTS_X400IN_CALLER_H

#include <pthread.h>

#include "mhs/bind.h"
#include "mhs/mts.h"
#include "mhs/report.h"
#include "osi/association.h"
#include "tests/unit/x400out/stage.h"

struct caller {
	unsigned port;
	unsigned checkpoint, window; /* proposed */
	void (*run)(struct caller *);
	uint64_t large; /* octets of a large content */

	int fd;
	struct association a;
	pthread_t thread;
	bool running;
	int opened; /* what association_open returned */
	char name[64], password[64];
	int result;    /* of the last transfer */
	int exception; /* that it brought, or -1 */
	int results[8];
	unsigned transfers;
	uint64_t marks[2]; /* for what a test wants to know besides */
};

/* caller_open - connect and bind */
static inline int
caller_open(struct caller *caller)
{
	const struct association_io io = {association_poll, NULL};
	const struct mta_bind ours = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string("MTA-PARIS"),
	    .password = slice_of_string("geheim"),
	    .form = BIND_OCTET_STRING};
	struct association_parameters p = {
	    .checkpoint_size = caller->checkpoint,
	    .window = caller->window,
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .open_timeout = 60000,
	    .disconnect_timeout = 5000,
	    .transfer_timeout = 60000};
	struct mta_bind theirs = {0};
	struct slice result;
	struct diag diag = {0};
	struct buffer out;
	struct arena arena;

	caller->fd = stage_call(caller->port);
	association_references_make(&p.references, ours.name);
	arena_init(&arena, BIND_OCTETS_MAX);
	buffer_init(&out, BIND_OCTETS_MAX);
	ck_assert_int_eq(mta_bind_encode(&ours, BIND_BARE, &out), 0);
	ck_assert_int_eq(association_init(&caller->a, io), 0);
	caller->opened = association_open(
	    &caller->a, caller->fd, &p, buffer_slice(&out), &result);
	if (caller->opened == 0 &&
	    mta_bind_decode(result, &arena, &theirs, &diag) == 0) {
		snprintf(caller->name, sizeof(caller->name), "%.*s",
		    (int)theirs.name.len, (const char *)theirs.name.data);
		snprintf(caller->password, sizeof(caller->password), "%.*s",
		    (int)theirs.password.len,
		    (const char *)theirs.password.data);
	}
	buffer_fini(&out);
	arena_fini(&arena);
	return caller->opened;
}

/* caller_close - without another word */
static inline void
caller_close(struct caller *caller)
{
	association_fini(&caller->a);
	caller->a = (struct association){0};
	close(caller->fd);
}

/* caller_note - what came of a transfer; an exception is answered */
static inline int
caller_note(struct caller *caller, int result)
{
	caller->result = result;
	caller->results[caller->transfers++ % 8] = result;
	if (result == ERR_REFUSED) {
		caller->exception = caller->a.exception;
		(void)!association_send_discard(&caller->a);
	}
	return result;
}

/* caller_send - transfer these octets as the APDU, to the confirmation */
static inline int
caller_send(struct caller *caller, struct slice apdu)
{
	struct association *a = &caller->a;
	int error = association_send_start(a, apdu.len, clock_after(60000));

	if (error == 0)
		error = association_send_data(a, apdu);
	if (error == 0)
		error = association_send_end(a);
	if (error == 0)
		error = association_send_finish(a);
	return caller_note(caller, error);
}

/* caller_prefix - what stands before a content of that length */
static inline struct buffer
caller_prefix(enum p1_kind kind, struct slice envelope, uint64_t length)
{
	struct buffer out;

	buffer_init(&out, 4 * (size_t)P1_ENVELOPE_MAX);
	ck_assert_int_eq(
	    transfer_prefix(kind, envelope, length, TRANSFER_NO_EXTERNAL, &out),
	    0);
	return out;
}

/* caller_release - the orderly end */
static inline void
caller_release(struct caller *caller)
{
	caller->result = association_release(&caller->a);
	caller_close(caller);
}

/* caller_end - the orderly end, if it has not ended otherwise */
static inline void
caller_end(struct caller *caller)
{
	if (caller->a.phase == ASSOCIATION_OPEN)
		caller_release(caller);
	else
		caller_close(caller);
}

static inline void *
caller_thread(void *arg)
{
	struct caller *caller = arg;

	caller->run(caller);
	return NULL;
}

/* caller_start - do that, meanwhile */
static inline void
caller_start(struct caller *caller, void (*run)(struct caller *))
{
	caller->run = run;
	caller->running = true;
	caller->exception = -1;
	ck_assert_int_eq(
	    pthread_create(&caller->thread, NULL, caller_thread, caller), 0);
}

/* caller_join - until it is done */
static inline void
caller_join(struct caller *caller)
{
	if (caller->running)
		pthread_join(caller->thread, NULL);
	caller->running = false;
}

#endif
