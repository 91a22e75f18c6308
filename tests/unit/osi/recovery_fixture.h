/* SPDX-License-Identifier: ISC */
/*
 * recovery_fixture.h - a sender and a receiver whose associations come and go
 *
 * Both keep what the contract says that they must, and nothing else: each
 * attempt has associations of its own, on a relay that may be cut.
 */
#ifndef FOURPOST_TESTS_RECOVERY_FIXTURE_H
#define FOURPOST_TESTS_RECOVERY_FIXTURE_H

#include "osi/association.h"
#include "osi/association_recovery.h"
#include "tests/unit/osi/relay_fixture.h"
#include "tests/unit/test.h"

#undef LITERAL
#define LITERAL(text) slice_of((text), sizeof(text) - 1)
#define NAMES_MAX     16
#define APDU_MAX      ((size_t)1024 * 1024)

/* What a transfer is known by. */
struct name {
	struct association_references references;
	uint32_t activity;
};

/* The receiver's store, of one transfer. */
struct store {
	struct name name[NAMES_MAX];
	size_t names;
	struct association_references session[NAMES_MAX];
	size_t sessions;
	bool completed, stated;
	struct association_receive_state state;
	uint8_t *octets;
	size_t len;
	unsigned delivered, resumed, repeated;
	/* How it behaves. */
	unsigned checkpoint, window;
	unsigned lag; /* checkpoints that it confirms later than it could */
	bool forgets; /* recover: refused */
};

/* The sender's, of the same. */
struct source {
	const uint8_t *octets;
	size_t len;
	bool begun;
	struct association_references references;
	struct association_resumption resumption;
	unsigned checkpoint, window;
	unsigned restarts, resumes;
};

struct stage {
	struct relay relay;
	struct store *store;
	struct association there;
	pthread_t thread;
};

static unsigned recovery_tsdu_max; /* session segments, of both */

static inline struct association_parameters
recovery_parameters(unsigned checkpoint, unsigned window)
{
	return (struct association_parameters){
	    .checkpoint_size = checkpoint,
	    .window = window,
	    .tsdu_max = recovery_tsdu_max,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .open_timeout = 10000,
	    .disconnect_timeout = 10000,
	    .transfer_timeout = 10000,
	};
}

static inline void
store_name(struct store *store, const struct association *a)
{
	ck_assert_uint_lt(store->names, NAMES_MAX);
	store->name[store->names].references = a->references;
	store->name[store->names++].activity = a->activity_received;
}

static inline bool
store_knows(const struct store *store, const struct association *a,
    const struct association_event *event)
{
	const struct association_references *references =
	    event->old_references != NULL ? event->old_references
					  : &a->references;

	for (size_t i = 0; i < store->names; i++)
		if (store->name[i].activity == event->old_activity &&
		    association_references_equal(
			&store->name[i].references, references))
			return true;
	return false;
}

/* store_resume - answer an AR by what is known */
static inline int
store_resume(struct store *store, struct association *a,
    const struct association_event *event)
{
	uint32_t serial;
	int error;

	if (!store_knows(store, a, event))
		return association_resume_unknown(a);
	store_name(store, a);
	if (store->completed) {
		store->repeated++;
		return association_resume_completed(a);
	}
	store->resumed++;
	if (!store->stated) {
		store->len = 0;
		return association_resume_accept(a, NULL);
	}
	error =
	    association_receive_state_get(&store->state, &serial, &store->len);
	return error < 0 ? error : association_resume_accept(a, &store->state);
}

/* store_checkpoint - keep the state; confirm, as late as told to */
static inline int
store_checkpoint(struct store *store, struct association *a, uint32_t serial)
{
	uint32_t kept;
	uint64_t offset;

	ck_assert_int_eq(association_receive_state(a, &store->state), 0);
	ck_assert_int_eq(
	    association_receive_state_get(&store->state, &kept, &offset), 0);
	ck_assert_uint_eq(kept, serial);
	ck_assert_uint_eq(offset, store->len);
	store->stated = true;
	if (store->lag > 0 && serial % (store->lag + 1) != 0)
		return 0;
	return association_confirm_checkpoint(a, serial);
}

/* store_take - one event; 1: the association is over */
static inline int
store_take(struct store *store, struct association *a,
    const struct association_event *event)
{
	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		ck_assert(!store->completed);
		store->names = 0;
		store->stated = false;
		store->len = 0;
		store_name(store, a);
		return 0;
	case ASSOCIATION_EVENT_DATA:
		ck_assert_uint_le(store->len + event->data.len, APDU_MAX);
		memcpy(store->octets + store->len, event->data.data,
		    event->data.len);
		store->len += event->data.len;
		return 0;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return store_checkpoint(store, a, event->serial);
	case ASSOCIATION_EVENT_TRANSFER_END:
		store->completed = true;
		store->delivered++;
		return association_confirm_transfer(a);
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		return store_resume(store, a, event);
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(a);
		return 1;
	case ASSOCIATION_EVENT_ABORT:
		return 1;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		return 0;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		store->names = 0;
		return 0;
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		break;
	}
	return ERR_STATE;
}

static inline int
store_open(struct store *store, struct association *a, int fd)
{
	struct association_parameters parameters = recovery_parameters(1, 1);
	struct association_indication indication;
	bool known = false;
	int error;

	error = association_listen(a, fd, &parameters, &indication);
	if (error < 0)
		return error;
	for (size_t i = 0; i < store->sessions; i++)
		known = known ||
		    association_references_equal(
			&store->session[i], &indication.recover_references);
	if (indication.recover && (!known || store->forgets)) {
		(void)!association_refuse(a, ASSOCIATION_REFUSE_CANNOT_RECOVER,
		    ASSOCIATION_BIND_BUSY);
		return ERR_REFUSED;
	}
	ck_assert_uint_lt(store->sessions, NAMES_MAX);
	store->session[store->sessions++] = indication.references;
	if (indication.recover)
		return association_accept_recovery(
		    a, store->checkpoint, store->window);
	return association_accept(
	    a, LITERAL("\x05\x00"), store->checkpoint, store->window);
}

/* stage_serve - the receiver's thread */
static inline void *
stage_serve(void *arg)
{
	struct stage *stage = arg;
	struct association *a = &stage->there;
	struct association_event event;
	int result;

	result = store_open(stage->store, a, stage->relay.there[0]);
	while (result == 0) {
		result = association_receive(a, &event, clock_after(20000));
		if (result == 0)
			result = store_take(stage->store, a, &event);
	}
	shutdown(stage->relay.there[0], SHUT_RDWR);
	return NULL;
}

static inline void
stage_start(struct stage *stage, struct store *store, size_t from_here,
    size_t from_there)
{
	const struct association_io io = {association_poll, NULL};

	stage->store = store;
	relay_start(&stage->relay, from_here, from_there);
	ck_assert_int_eq(association_init(&stage->there, io), 0);
	ck_assert_int_eq(
	    pthread_create(&stage->thread, NULL, stage_serve, stage), 0);
}

static inline void
stage_end(struct stage *stage)
{
	shutdown(stage->relay.here[0], SHUT_RDWR);
	pthread_join(stage->thread, NULL);
	relay_end(&stage->relay);
	association_fini(&stage->there);
}

/* source_open - anew, or to recover what was begun */
static inline int
source_open(struct source *source, struct association *a, int fd)
{
	struct association_parameters parameters =
	    recovery_parameters(source->checkpoint, source->window);
	struct slice result;

	association_references_make(&parameters.references, LITERAL("test"));
	if (source->begun)
		parameters.recover = &source->references;
	return association_open(a, fd, &parameters,
	    source->begun ? slice_of(NULL, 0) : LITERAL("\x05\x00"), &result);
}

/* source_keep - what is known of the transfer after it broke off */
static inline void
source_keep(struct source *source, const struct association *a)
{
	ck_assert_uint_le(a->confirmed_offset, source->len);
	/* The new name holds only when the receiver has shown that it does. */
	if (source->begun && a->serial_confirmed <= source->resumption.serial)
		return;
	source->begun = true;
	source->references = a->references;
	source->resumption.references = &source->references;
	source->resumption.activity = a->activity_sent;
	source->resumption.serial = a->serial_confirmed;
	source->resumption.offset = a->confirmed_offset;
}

/* source_rest - the octets from offset on, in odd portions, and the end */
static inline int
source_rest(struct source *source, struct association *a, size_t at)
{
	int error = 0;

	for (size_t len = 1; error == 0 && at < source->len;
	     at += len, len = len * 3 % 3001 + 1) {
		if (len > source->len - at)
			len = source->len - at;
		error = association_send_data(
		    a, slice_of(source->octets + at, len));
	}
	if (error == 0)
		error = association_send_end(a);
	return error != 0 ? error : association_send_finish(a);
}

/* source_send - begin or go on, to the end; the association must be open */
static inline int
source_send(struct source *source, struct association *a)
{
	int error;

	if (source->begun) {
		source->resumes++;
		error = association_send_resume(
		    a, &source->resumption, source->len, CLOCK_NEVER);
	} else {
		error = association_send_start(a, source->len, CLOCK_NEVER);
	}
	if (error == 0)
		error = source_rest(source, a,
		    source->begun ? (size_t)source->resumption.offset : 0);
	if (error == 0)
		return 0;
	if (a->failure.layer == ASSOCIATION_LAYER_RTSE &&
	    a->failure.end == ASSOCIATION_ABORTED_BY_PEER &&
	    a->failure.reason == ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY) {
		source->begun = false;
		source->restarts++;
	} else {
		source_keep(source, a);
	}
	return error;
}

/* source_try - one association: 0 if all is done */
static inline int
source_try(struct source *source, struct store *store, size_t from_here,
    size_t from_there, size_t *carried)
{
	const struct association_io io = {association_poll, NULL};
	struct association a;
	struct stage stage;
	int error;

	stage_start(&stage, store, from_here, from_there);
	ck_assert_int_eq(association_init(&a, io), 0);
	error = source_open(source, &a, stage.relay.here[0]);
	if (error == 0) {
		error = source_send(source, &a);
		if (error == 0)
			(void)!association_release(&a);
	} else if (a.failure.cannot_recover) {
		source->begun = false;
		source->restarts++;
	}
	association_fini(&a);
	stage_end(&stage);
	if (carried != NULL)
		*carried = stage.relay.carried[0];
	return error;
}

static inline void
recovery_init(struct source *source, struct store *store, uint8_t *octets,
    size_t len, unsigned checkpoint, unsigned window)
{
	memset(source, 0, sizeof(*source));
	memset(store, 0, sizeof(*store));
	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)(i * 7 >> 3 ^ i);
	source->octets = octets;
	source->len = len;
	source->checkpoint = store->checkpoint = checkpoint;
	source->window = store->window = window;
	store->octets = malloc(APDU_MAX);
	ck_assert_ptr_nonnull(store->octets);
}

/* recovery_check - it is there once, octet for octet */
static inline void
recovery_check(struct source *source, struct store *store)
{
	ck_assert_uint_eq(store->delivered, 1);
	ck_assert_uint_eq(store->len, source->len);
	ck_assert_mem_eq(store->octets, source->octets, source->len);
	free(store->octets);
}

#endif
