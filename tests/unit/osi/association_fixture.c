/* SPDX-License-Identifier: ISC */
/*
 * association_fixture.c - an initiator and a responder, face to face;
 * see association_fixture.h
 */
#include "tests/unit/osi/association_fixture.h"
#include "tests/unit/osi/mode_fixture.h"

struct association_parameters
pair_parameters(void)
{
	return (struct association_parameters){
	    .mode = mode_of_test,
	    .calling_tsel = LITERAL("a88"),
	    .called_tsel = LITERAL("x400in88"),
	    .checkpoint_size = 30,
	    .window = 5,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .open_timeout = 60000,
	    .disconnect_timeout = 60000,
	    .transfer_timeout = 60000,
	    .references = {.calling = "vm",
		.calling_len = 2,
		.common = "261122172951Z",
		.common_len = 13},
	};
}

void
pair_init(struct pair *pair)
{
	const struct association_io io = {association_poll, NULL};

	memset(pair, 0, sizeof(*pair));
	pair->parameters = pair_parameters();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->fd), 0);
	ck_assert_int_eq(association_init(&pair->here, io), 0);
	ck_assert_int_eq(association_init(&pair->there, io), 0);
}

static void *
pair_thread(void *arg)
{
	struct pair *pair = arg;

	pair->run(pair);
	return NULL;
}

void
pair_start(struct pair *pair, void (*run)(struct pair *))
{
	pair->run = run;
	pair->running = true;
	ck_assert_int_eq(
	    pthread_create(&pair->thread, NULL, pair_thread, pair), 0);
}

void
pair_join(struct pair *pair)
{
	if (pair->running)
		pthread_join(pair->thread, NULL);
	pair->running = false;
}

void
pair_fini(struct pair *pair)
{
	pair_join(pair);
	association_fini(&pair->here);
	association_fini(&pair->there);
	close(pair->fd[0]);
	if (pair->fd[1] >= 0)
		close(pair->fd[1]);
}

int
pair_listen(struct pair *pair)
{
	struct association_parameters parameters = pair->parameters;
	int error;

	parameters.called_tsel = slice_of(NULL, 0);
	parameters.called_ssel = slice_of(NULL, 0);
	parameters.called_psel = slice_of(NULL, 0);
	parameters.dialogue = ASSOCIATION_MONOLOGUE;
	error = association_listen(
	    &pair->there, pair->fd[1], &parameters, &pair->indication);
	if (error == 0 && !pair->indication.recover) {
		pair->bind_len = pair->indication.bind_argument.len;
		memcpy(pair->bind, pair->indication.bind_argument.data,
		    pair->bind_len);
	}
	return error;
}

void
pair_receive(struct pair *pair)
{
	struct association_event event;

	for (;;) {
		pair->result = association_receive(
		    &pair->there, &event, clock_after(60000));
		if (pair->result < 0)
			return;
		switch ((int)event.kind) {
		case ASSOCIATION_EVENT_DATA:
			for (size_t i = 0; i < event.data.len; i++)
				pair->sum = pair->sum * 31 + event.data.data[i];
			pair->octets += event.data.len;
			pair->runs++;
			break;
		case ASSOCIATION_EVENT_CHECKPOINT:
			pair->checkpoints++;
			pair->result = association_confirm_checkpoint(
			    &pair->there, event.serial);
			break;
		case ASSOCIATION_EVENT_TRANSFER_END:
			pair->transfers++;
			pair->result =
			    association_confirm_transfer(&pair->there);
			break;
		case ASSOCIATION_EVENT_RELEASE:
			pair->result =
			    association_confirm_release(&pair->there);
			return;
		case ASSOCIATION_EVENT_ABORT:
			return;
		default:
			break;
		}
		if (pair->result < 0)
			return;
	}
}

void
pair_serve(struct pair *pair)
{
	pair->result = pair_listen(pair);
	if (pair->result < 0)
		return;
	pair->result =
	    association_accept(&pair->there, LITERAL(BIND_RESULT), 30, 5);
	if (pair->result < 0)
		return;
	pair_receive(pair);
}

int
pair_open(struct pair *pair)
{
	struct slice result;
	int error = association_open(&pair->here, pair->fd[0],
	    &pair->parameters, LITERAL(BIND_ARGUMENT), &result);

	if (error == 0)
		ck_assert(slice_equal(result, LITERAL(BIND_RESULT)));
	return error;
}

int
pair_send_octets(struct pair *pair, struct slice octets)
{
	struct association *a = &pair->here;
	int error = association_send_start(a, octets.len, CLOCK_NEVER);

	if (error == 0)
		error = association_send_data(a, octets);
	if (error == 0)
		error = association_send_end(a);
	return error != 0 ? error : association_send_finish(a);
}

int
pair_send(struct pair *pair, uint64_t len, uint64_t *sum)
{
	static uint8_t block[100000];
	int error;

	error = association_send_start(&pair->here, len, CLOCK_NEVER);
	for (uint64_t at = 0; error == 0 && at < len;) {
		size_t n = len - at < sizeof(block) ? (size_t)(len - at)
						    : sizeof(block);

		for (size_t i = 0; i < n; i++) {
			block[i] = (uint8_t)((at + i) * 7 >> 3);
			*sum = *sum * 31 + block[i];
		}
		error = association_send_data(&pair->here, slice_of(block, n));
		at += n;
	}
	if (error == 0)
		error = association_send_end(&pair->here);
	return error != 0 ? error : association_send_finish(&pair->here);
}
