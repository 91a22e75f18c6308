/* SPDX-License-Identifier: ISC */
/*
 * caller.c - an MTA that calls x400in, in a thread of the test; see caller.h
 */
#include "tests/unit/x400in/caller.h"

int
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

	if (caller->two_way)
		p.dialogue = ASSOCIATION_TWO_WAY;
	p.called_tsel = slice_of_string(caller->tsel ? caller->tsel : "");
	p.called_ssel = slice_of_string(caller->ssel ? caller->ssel : "");
	p.called_psel = slice_of_string(caller->psel ? caller->psel : "");
	caller->fd = stage_call(caller->port);
	session_references_make(&p.references, ours.name);
	arena_init(&arena, BIND_OCTETS_MAX);
	buffer_init(&out, BIND_OCTETS_MAX);
	ck_assert_int_eq(mta_bind_encode(&ours, BIND_BARE, &out), 0);
	if (caller->security_context) {
		static const uint8_t context[] = {0xa2, 0x02, 0x31, 0x00};

		ck_assert_int_eq(
		    buffer_append(&out, context, sizeof(context)), 0);
		ck_assert_uint_lt(out.data[1], 0x7b);
		out.data[1] += sizeof(context);
	}
	ck_assert_int_eq(association_init(&caller->a, io), 0);
	caller->opened = association_open(
	    &caller->a, caller->fd, &p, buffer_slice(&out), &result);
	caller->failure = caller->a.failure;
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

void
caller_close(struct caller *caller)
{
	association_fini(&caller->a);
	caller->a = (struct association){0};
	close(caller->fd);
}

int
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

int
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

struct buffer
caller_prefix(enum mts_kind kind, struct slice envelope, uint64_t length)
{
	struct buffer out;

	buffer_init(&out, 4 * (size_t)P1_ENVELOPE_MAX);
	ck_assert_int_eq(
	    transfer_prefix(kind, envelope, length, TRANSFER_NO_EXTERNAL, &out),
	    0);
	return out;
}

void
caller_release(struct caller *caller)
{
	caller->result = association_release(&caller->a);
	caller_close(caller);
}

void
caller_end(struct caller *caller)
{
	if (caller->a.phase == ASSOCIATION_OPEN)
		caller_release(caller);
	else
		caller_close(caller);
}

static void *
caller_thread(void *arg)
{
	struct caller *caller = arg;

	caller->run(caller);
	return NULL;
}

void
caller_start(struct caller *caller, void (*run)(struct caller *))
{
	caller->run = run;
	caller->running = true;
	caller->exception = -1;
	ck_assert_int_eq(
	    pthread_create(&caller->thread, NULL, caller_thread, caller), 0);
}

void
caller_join(struct caller *caller)
{
	if (caller->running)
		pthread_join(caller->thread, NULL);
	caller->running = false;
}
