/* SPDX-License-Identifier: ISC */
/*
 * recovery_fixture.c - a sender and a receiver whose associations come and go;
 * see recovery_fixture.h
 */
#include "tests/unit/osi/recovery_fixture.h"
#include "tests/unit/osi/mode_fixture.h"

unsigned recovery_tsdu_max;

static struct association_parameters
recovery_parameters(unsigned checkpoint, unsigned window)
{
	return (struct association_parameters){
	    .mode = mode_of_test,
	    .checkpoint_size = checkpoint,
	    .window = window,
	    .tsdu_max = recovery_tsdu_max,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .open_timeout = 60000,
	    .disconnect_timeout = 60000,
	    .transfer_timeout = 60000,
	};
}

static void
receiver_name(struct receiver *receiver, const struct association *a)
{
	ck_assert_uint_lt(receiver->names, NAMES_MAX);
	receiver->name[receiver->names].references = a->references;
	receiver->name[receiver->names++].activity = a->activity_received;
}

static bool
receiver_knows(const struct receiver *receiver, const struct association *a,
    const struct association_event *event)
{
	const struct transfer_name asked = {
	    .references = event->old_references != NULL ? *event->old_references
							: a->references,
	    .activity = event->old_activity};

	for (size_t i = 0; i < receiver->names; i++)
		if (transfer_name_equal(&receiver->name[i], &asked))
			return true;
	return false;
}

/* receiver_resume - answer an AR by what is known */
static int
receiver_resume(struct receiver *receiver, struct association *a,
    const struct association_event *event)
{
	uint32_t serial;
	int error;

	if (!receiver_knows(receiver, a, event))
		return association_resume_unknown(a);
	receiver_name(receiver, a);
	if (receiver->completed) {
		receiver->repeated++;
		return association_resume_completed(a);
	}
	receiver->resumed++;
	if (!receiver->stated) {
		receiver->len = 0;
		return association_resume_accept(a, NULL);
	}
	error = association_receive_state_get(
	    &receiver->state, &serial, &receiver->len);
	return error < 0 ? error
			 : association_resume_accept(a, &receiver->state);
}

/* receiver_checkpoint - keep the state; confirm, as late as told to */
static int
receiver_checkpoint(
    struct receiver *receiver, struct association *a, uint32_t serial)
{
	uint32_t kept;
	uint64_t offset;

	ck_assert_int_eq(association_receive_state(a, &receiver->state), 0);
	ck_assert_int_eq(
	    association_receive_state_get(&receiver->state, &kept, &offset), 0);
	ck_assert_uint_eq(kept, serial);
	ck_assert_uint_eq(offset, receiver->len);
	receiver->stated = true;
	if (receiver->lag > 0 && serial % (receiver->lag + 1) != 0)
		return 0;
	return association_confirm_checkpoint(a, serial);
}

/* receiver_take - take one event; 1 if the association is over */
static int
receiver_take(struct receiver *receiver, struct association *a,
    const struct association_event *event)
{
	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		ck_assert(!receiver->completed);
		receiver->names = 0;
		receiver->stated = false;
		receiver->len = 0;
		receiver_name(receiver, a);
		return 0;
	case ASSOCIATION_EVENT_DATA:
		ck_assert_uint_le(receiver->len + event->data.len, APDU_MAX);
		memcpy(receiver->octets + receiver->len, event->data.data,
		    event->data.len);
		receiver->len += event->data.len;
		return 0;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return receiver_checkpoint(receiver, a, event->serial);
	case ASSOCIATION_EVENT_TRANSFER_END:
		receiver->completed = true;
		receiver->delivered++;
		return association_confirm_transfer(a);
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		return receiver_resume(receiver, a, event);
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(a);
		return 1;
	case ASSOCIATION_EVENT_ABORT:
		return 1;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		return 0;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		receiver->names = 0;
		return 0;
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		break;
	}
	return ERR_STATE;
}

int
receiver_open(struct receiver *receiver, struct association *a, int fd)
{
	struct association_parameters parameters = recovery_parameters(1, 1);
	struct association_indication indication;
	bool known = false;
	int error;

	error = association_listen(a, fd, &parameters, &indication);
	if (error < 0)
		return error;
	for (size_t i = 0; i < receiver->sessions; i++)
		known = known ||
		    session_references_equal(
			&receiver->session[i], &indication.recover_references);
	if (indication.recover && (!known || receiver->forgets)) {
		(void)!association_refuse(a, ASSOCIATION_REFUSE_CANNOT_RECOVER,
		    ASSOCIATION_BIND_BUSY);
		return ERR_REFUSED;
	}
	ck_assert_uint_lt(receiver->sessions, NAMES_MAX);
	receiver->session[receiver->sessions++] = indication.references;
	if (indication.recover)
		return association_accept_recovery(
		    a, receiver->checkpoint, receiver->window);
	return association_accept(
	    a, LITERAL("\x05\x00"), receiver->checkpoint, receiver->window);
}

/* attempt_serve - run the receiver's thread */
static void *
attempt_serve(void *arg)
{
	struct attempt *attempt = arg;
	struct association *a = &attempt->there;
	struct association_event event;
	int result;

	result = receiver_open(attempt->receiver, a, attempt->relay.there[0]);
	while (result == 0) {
		result = association_receive(a, &event, clock_after(60000));
		if (result == 0)
			result = receiver_take(attempt->receiver, a, &event);
	}
	shutdown(attempt->relay.there[0], SHUT_RDWR);
	return NULL;
}

void
attempt_start(struct attempt *attempt, struct receiver *receiver,
    size_t from_here, size_t from_there)
{
	const struct association_io io = {association_poll, NULL};

	attempt->receiver = receiver;
	relay_start(&attempt->relay, from_here, from_there);
	ck_assert_int_eq(association_init(&attempt->there, io), 0);
	ck_assert_int_eq(
	    pthread_create(&attempt->thread, NULL, attempt_serve, attempt), 0);
}

void
attempt_end(struct attempt *attempt)
{
	shutdown(attempt->relay.here[0], SHUT_RDWR);
	pthread_join(attempt->thread, NULL);
	relay_end(&attempt->relay);
	association_fini(&attempt->there);
}

int
sender_open(struct sender *sender, struct association *a, int fd)
{
	struct association_parameters parameters =
	    recovery_parameters(sender->checkpoint, sender->window);
	struct slice result;

	session_references_make(&parameters.references, LITERAL("test"));
	if (sender->begun)
		parameters.recover = &sender->references;
	return association_open(a, fd, &parameters,
	    sender->begun ? slice_of(NULL, 0) : LITERAL("\x05\x00"), &result);
}

/* sender_keep - keep what is known of the transfer after it broke off */
static void
sender_keep(struct sender *sender, const struct association *a)
{
	ck_assert_uint_le(a->confirmed_offset, sender->len);
	/* The new name holds only when the receiver has shown that it does. */
	if (sender->begun && a->serial_confirmed <= sender->resumption.serial)
		return;
	sender->begun = true;
	sender->references = a->references;
	sender->resumption.references = &sender->references;
	sender->resumption.activity = a->activity_sent;
	sender->resumption.serial = a->serial_confirmed;
	sender->resumption.offset = a->confirmed_offset;
}

int
sender_rest(struct sender *sender, struct association *a, size_t at)
{
	int error = 0;

	for (size_t len = 1; error == 0 && at < sender->len;
	     at += len, len = len * 3 % 3001 + 1) {
		if (len > sender->len - at)
			len = sender->len - at;
		error = association_send_data(
		    a, slice_of(sender->octets + at, len));
	}
	if (error == 0)
		error = association_send_end(a);
	return error != 0 ? error : association_send_finish(a);
}

/* sender_send - begin or go on, to the end; the association must be open */
static int
sender_send(struct sender *sender, struct association *a)
{
	int error;

	if (sender->begun) {
		sender->resumes++;
		error = association_send_resume(
		    a, &sender->resumption, sender->len, CLOCK_NEVER);
	} else {
		error = association_send_start(a, sender->len, CLOCK_NEVER);
	}
	if (error == 0)
		error = sender_rest(sender, a,
		    sender->begun ? (size_t)sender->resumption.offset : 0);
	if (error == 0)
		return 0;
	if (a->failure.layer == ASSOCIATION_LAYER_RTSE &&
	    a->failure.end == ASSOCIATION_ABORTED_BY_PEER &&
	    a->failure.reason == ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY) {
		sender->begun = false;
		sender->restarts++;
	} else {
		sender_keep(sender, a);
	}
	return error;
}

int
sender_try(struct sender *sender, struct receiver *receiver, size_t from_here,
    size_t from_there, size_t *carried)
{
	const struct association_io io = {association_poll, NULL};
	struct association a;
	struct attempt attempt;
	int error;

	attempt_start(&attempt, receiver, from_here, from_there);
	ck_assert_int_eq(association_init(&a, io), 0);
	error = sender_open(sender, &a, attempt.relay.here[0]);
	if (error == 0) {
		error = sender_send(sender, &a);
		if (error == 0)
			(void)!association_release(&a);
	} else if (a.failure.cannot_recover) {
		sender->begun = false;
		sender->restarts++;
	}
	association_fini(&a);
	attempt_end(&attempt);
	if (carried != NULL)
		*carried = attempt.relay.carried[0];
	return error;
}

void
recovery_init(struct sender *sender, struct receiver *receiver, uint8_t *octets,
    size_t len, unsigned checkpoint, unsigned window)
{
	memset(sender, 0, sizeof(*sender));
	memset(receiver, 0, sizeof(*receiver));
	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)(i * 7 >> 3 ^ i);
	sender->octets = octets;
	sender->len = len;
	sender->checkpoint = receiver->checkpoint = checkpoint;
	sender->window = receiver->window = window;
	receiver->octets = malloc(APDU_MAX);
	ck_assert_ptr_nonnull(receiver->octets);
}

void
recovery_check(struct sender *sender, struct receiver *receiver)
{
	ck_assert_uint_eq(receiver->delivered, 1);
	ck_assert_uint_eq(receiver->len, sender->len);
	ck_assert_mem_eq(receiver->octets, sender->octets, sender->len);
	free(receiver->octets);
}
