/* SPDX-License-Identifier: ISC */
/*
 * peer.c - the MTA that x400out calls, in a thread of the test; see peer.h
 */
#include "tests/unit/x400out/peer.h"

/* peer_on_envelope, peer_on_content - take what arrives */
static int
peer_on_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct peer *peer = arg;
	struct buffer *to = &peer->octets[peer->taken % PEER_TRANSFERS];

	peer->kinds[peer->taken % PEER_TRANSFERS] = envelope->kind;
	buffer_reset(to);
	return buffer_append(to, octets.data, octets.len);
}

static int
peer_on_content(void *arg, struct slice piece)
{
	struct peer *peer = arg;

	if (!peer->large)
		return buffer_append(
		    &peer->octets[peer->taken % PEER_TRANSFERS], piece.data,
		    piece.len);
	for (size_t i = 0; i < piece.len; i++)
		peer->large_wrong +=
		    piece.data[i] != stage_pattern(peer->large_octets + i);
	peer->large_octets += piece.len;
	return 0;
}

void
peer_pause(struct peer *peer)
{
	peer_note(peer, peer->waiting = true);
	peer_wait(peer, peer->go);
	peer_note(peer, peer->go = peer->waiting = false);
}

void
peer_go(struct peer *peer)
{
	peer_wait(peer, peer->waiting);
	peer_note(peer, peer->go = true);
}

/* peer_ended - note that the association is over */
static bool
peer_ended(struct peer *peer, struct association *a)
{
	peer_note(peer, {
		peer->aborted = true;
		peer->abort_reason = a->failure.reason;
	});
	return false;
}

/* peer_data - take octets of a transfer; false: the association has ended */
static bool
peer_data(struct peer *peer, struct association *a, enum action action,
    struct slice data, bool *paused)
{
	struct diag diag = {0};

	if (action == ABORT) {
		association_abort(a, peer->abort_with);
		return peer_ended(peer, a);
	}
	if (action == VANISH)
		return peer_ended(peer, a);
	if (action == STALL && !*paused) {
		*paused = true;
		peer_pause(peer);
	}
	return transfer_push(&peer->apdu.reader, data, &diag) == 0;
}

/* peer_end - take the end of a transfer */
static bool
peer_end(struct peer *peer, struct association *a, enum action action)
{
	struct diag diag = {0};

	if (transfer_finish(&peer->apdu.reader, &diag) != 0)
		return false;
	if (action == EXCEPT)
		return association_except(
			   a, ASSOCIATION_EXCEPTION_NON_SPECIFIC) == 0;
	if (action == JEOPARDIZE)
		return association_except(
			   a, ASSOCIATION_EXCEPTION_JEOPARDIZED) == 0;
	if (action == HOLD)
		peer_pause(peer);
	if (association_confirm_transfer(a) != 0)
		return peer_ended(peer, a);
	peer_note(peer, peer->taken++);
	return true;
}

/* peer_resumed - answer to a transfer that is resumed; false: the association
 * has ended */
static bool
peer_resumed(struct peer *peer, struct association *a, enum action action,
    const struct association_event *event)
{
	peer_note(peer, {
		peer->asked = event->old_activity;
		if (event->old_references != NULL)
			peer->asked_of = *event->old_references;
	});
	if (action == COMPLETED)
		return association_resume_completed(a) == 0;
	(void)!association_resume_unknown(a);
	return peer_ended(peer, a);
}

/* peer_event - handle one event; false: the association has ended */
static bool
peer_event(struct peer *peer, struct association *a, bool *paused)
{
	struct association_event event;
	enum action action = a->activity_received == 0
	    ? TAKE
	    : peer->actions[(a->activity_received - 1) % PEER_TRANSFERS];

	if (association_receive(a, &event, clock_after(STAGE_LIMIT * 4)) != 0)
		return peer_ended(peer, a);
	switch ((int)event.kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		transfer_reader_reset(&peer->apdu.reader);
		*paused = false;
		return true;
	case ASSOCIATION_EVENT_DATA:
		return peer_data(peer, a, action, event.data, paused);
	case ASSOCIATION_EVENT_CHECKPOINT:
		peer->checkpoints++;
		return association_confirm_checkpoint(a, event.serial) == 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		return peer_end(peer, a, action);
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		peer_note(peer, peer->discarded++);
		return true;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		action = peer->actions[(event.activity - 1) % PEER_TRANSFERS];
		return peer_resumed(peer, a, action, &event);
	case ASSOCIATION_EVENT_RELEASE:
		peer_note(peer, peer->released = true);
		(void)!association_confirm_release(a);
		return false;
	default:
		return peer_ended(peer, a);
	}
}

bool
peer_answer(struct peer *peer, struct association *a, struct slice argument)
{
	const struct mta_bind ours = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string("MTA-PARIS"),
	    .password = slice_of_string("geheim"),
	    .form = BIND_OCTET_STRING};
	struct mta_bind theirs = {0};
	struct diag diag = {0};
	struct buffer out;
	struct arena arena;
	bool open = false;

	arena_init(&arena, BIND_OCTETS_MAX);
	buffer_init(&out, BIND_OCTETS_MAX);
	if (mta_bind_decode(argument, &arena, &theirs, &diag) == 0) {
		snprintf(peer->name, sizeof(peer->name), "%.*s",
		    (int)theirs.name.len, (const char *)theirs.name.data);
		snprintf(peer->password, sizeof(peer->password), "%.*s",
		    (int)theirs.password.len,
		    (const char *)theirs.password.data);
	}
	if (peer->bind_error >= 0)
		(void)!association_refuse(a, ASSOCIATION_REFUSE_BIND,
		    (enum association_bind_error)peer->bind_error);
	else
		open = mta_bind_encode(&ours, BIND_BARE, &out) == 0 &&
		    association_accept(
			a, buffer_slice(&out), peer->checkpoint, 5) == 0;
	buffer_fini(&out);
	arena_fini(&arena);
	return open;
}

/* peer_thread - serve one connection */
static void *
peer_thread(void *arg)
{
	const struct association_io io = {association_poll, NULL};
	const struct association_parameters parameters = {.window = 5,
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .open_timeout = 60000,
	    .disconnect_timeout = 5000,
	    .transfer_timeout = 60000};
	struct peer *peer = arg;
	struct association a = {0};
	struct association_indication indication;
	bool paused = false;
	int fd = accept(peer->listener, NULL, NULL);

	if (fd < 0)
		return NULL;
	if (peer->mute)
		peer_pause(peer);
	else if (association_init(&a, io) == 0 &&
	    association_listen(&a, fd, &parameters, &indication) == 0 &&
	    peer_answer(peer, &a, indication.bind_argument)) {
		peer_note(peer, peer->bound++);
		while (peer_event(peer, &a, &paused))
			;
	}
	association_fini(&a);
	close(fd);
	return NULL;
}

void
peer_init(struct peer *peer)
{
	const struct transfer_handler handler = {
	    peer_on_envelope, peer_on_content, peer, NULL, NULL};

	memset(peer, 0, sizeof(*peer));
	peer->bind_error = -1;
	peer->checkpoint = 30;
	peer->listener = stage_tcp(&peer->port);
	pthread_mutex_init(&peer->lock, NULL);
	pthread_cond_init(&peer->changed, NULL);
	transfer_reader_init(&peer->apdu.reader, &handler, UINT64_MAX);
	for (int i = 0; i < PEER_TRANSFERS; i++)
		buffer_init(&peer->octets[i], PEER_KEEP);
}

void
peer_start(struct peer *peer)
{
	peer->running = true;
	ck_assert_int_eq(
	    pthread_create(&peer->thread, NULL, peer_thread, peer), 0);
}

void
peer_join(struct peer *peer)
{
	if (peer->running)
		pthread_join(peer->thread, NULL);
	peer->running = false;
}

void
peer_fini(struct peer *peer)
{
	peer_join(peer);
	close(peer->listener);
	transfer_reader_fini(&peer->apdu.reader);
	for (int i = 0; i < PEER_TRANSFERS; i++)
		buffer_fini(&peer->octets[i]);
}
