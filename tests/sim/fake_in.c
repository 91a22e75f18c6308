/* SPDX-License-Identifier: ISC */
/*
 * fake_in.c - workers that receive: x400in, each with the peer that called it
 *
 * When the queue manager is gone the worker claims its session from the next
 * one and gives it the transfer that was not answered once more.
 */
#include "tests/sim/fake_in.h"

#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/receiver.h"
#include "tests/sim/routes.h"
#include "tests/sim/side.h"

enum phase {
	PHASE_CONNECTING,
	PHASE_GREETING, /* the queue manager is to say hello, and settings */
	PHASE_SHAKING,	/* before a TLS handshake */
	PHASE_BINDING,
	PHASE_CLAIMING, /* its session, from the next queue manager */
	PHASE_OPEN
};

struct in {
	struct fake fake;
	enum phase phase;
	struct receiver receiver;
	bool releases; /* when nothing is under way */
	bool deafens;  /* in the next transfer */
	bool deaf;     /* its peer is gone, and it has not noticed */
};

static const struct fake_role role;

/* in_of - find the worker that a fake is */
static struct in *
in_of(struct fake *fake)
{
	return (struct in *)(void *)fake;
}

/* in_call - have a peer open an association */
void
in_call(unsigned link, unsigned connection, unsigned recovers)
{
	struct in *in = in_of(fake_begin(&role, sizeof(struct in)));

	in->receiver = (struct receiver){.fake = &in->fake,
	    .link = link,
	    .connection = connection,
	    .recovers = recovers};
	master_started(&in->fake, IPC_ROLE_X400IN, "");
	fake_act_between(&in->fake, 1, 20);
}

/* in_callers - count the associations that a peer has open */
unsigned
in_callers(unsigned link)
{
	unsigned count = 0;

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		count += fake != NULL && fake->role == &role &&
		    in_of(fake)->receiver.link == link && !in_of(fake)->deaf;
	}
	return count;
}

/* lose - end since the association is lost */
static void
lose(struct in *in)
{
	receiver_cut(&in->receiver);
	fake_event(&in->fake, IPC_LINK_LOST);
	fake_end(&in->fake);
}

/* begin_next - begin with the next item of the peer, or wait for one */
static void
begin_next(struct in *in)
{
	in->phase = PHASE_OPEN;
	routes_perhaps(&in->fake, in->receiver.link);
	if (!in->releases && receiver_next(&in->receiver))
		return;
	/* Nothing but what was cut goes over what was recovered. */
	if (!in->releases && in->receiver.recovers == 0) {
		fake_act_between(&in->fake, 100, 900);
		return;
	}
	receiver_close(&in->receiver, true);
	fake_event(&in->fake, IPC_LINK_RELEASED);
	fake_end(&in->fake);
}

/* be_deaf - leave it to the worker to notice that its peer is gone */
static void
be_deaf(struct in *in)
{
	receiver_leave(&in->receiver);
	in->deaf = true;
	fake_act_between(&in->fake, 5000, 60000);
}

/* act_open - do what is due on an association that is open */
static void
act_open(struct in *in)
{
	if (in->deaf || receiver_is_cut(&in->receiver))
		lose(in);
	else if (in->receiver.item == NULL)
		begin_next(in);
	else if (in->deafens)
		be_deaf(in);
	else
		receiver_act(&in->receiver);
}

/* in_act - do what is due */
static void
in_act(struct fake *fake)
{
	struct in *in = in_of(fake);

	switch (in->phase) {
	case PHASE_CONNECTING:
		if (!fake_connect(fake, "qmgr")) {
			fake_act_between(fake, 20, 200);
			return;
		}
		in->phase = PHASE_GREETING;
		fake_hello(fake, IPC_ROLE_X400IN);
		break;
	case PHASE_OPEN:
		act_open(in);
		break;
	case PHASE_GREETING:
	case PHASE_SHAKING:
	case PHASE_BINDING:
	case PHASE_CLAIMING:
		break;
	}
}

/* take_bind - take the answer to the bind */
static void
take_bind(struct in *in, const struct ipc_bind_answer *answer)
{
	if (!receiver_bound(&in->receiver, answer)) {
		fake_end(&in->fake);
		return;
	}
	receiver_open(&in->receiver);
	begin_next(in);
}

/* claimed - go on with a session that the next queue manager knows */
static void
claimed(struct in *in)
{
	in->phase = PHASE_OPEN;
	receiver_open(&in->receiver);
	if (in->receiver.item == NULL)
		begin_next(in);
	else if (!receiver_again(&in->receiver))
		lose(in);
}

/* bind_peer - ask whether the peer is let in */
static void
bind_peer(struct in *in)
{
	in->phase = PHASE_BINDING;
	receiver_bind(&in->receiver);
}

/* take_settings - ask for the peer, or claim its session */
static void
take_settings(struct in *in)
{
	struct ipc_record record = {.type = IPC_HANDSHAKE};

	if (in->receiver.session != 0) {
		in->phase = PHASE_CLAIMING;
		receiver_claim(&in->receiver);
		return;
	}
	/* A handshake of TLS is asked for first. */
	if (chance_one_in(4)) {
		record.handshake.address = slice_of_string("127.0.0.1");
		in->phase = PHASE_SHAKING;
		fake_send(&in->fake, &record);
		return;
	}
	bind_peer(in);
}

/* in_take - take a record */
static void
in_take(struct fake *fake, const struct ipc_record *record)
{
	struct in *in = in_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		break;
	case IPC_SETTINGS:
		take_settings(in);
		break;
	case IPC_HANDSHAKE:
		if (record->handshake.allowed)
			bind_peer(in);
		else
			fake_end(fake);
		break;
	case IPC_BIND_ANSWER:
		take_bind(in, &record->bind_answer);
		break;
	case IPC_SESSION_CLAIM:
		claimed(in);
		break;
	case IPC_SESSION_DOUBT:
		/* Octets of the peer may still have been on their way. */
		if (in->deaf && !chance_one_in(3)) {
			receiver_close(&in->receiver, false);
			lose(in);
		} else
			fake_send(fake, record);
		break;
	case IPC_RETIRE:
		/* A responder can only abort. */
		lose(in);
		break;
	default:
		switch (receiver_take(&in->receiver, record)) {
		case RECEIVER_GOES_ON:
			break;
		case RECEIVER_OVER:
			begin_next(in);
			break;
		case RECEIVER_LOST:
			lose(in);
		}
	}
}

/* in_gone - go on with the next queue manager, if it lets us */
static void
in_gone(struct fake *fake)
{
	struct in *in = in_of(fake);

	if (in->deaf || in->phase == PHASE_CLAIMING ||
	    in->phase == PHASE_BINDING || in->receiver.session == 0) {
		receiver_leave(&in->receiver);
		fake_end(fake);
		return;
	}
	fake->act_at = SIM_NEVER;
	in->phase = PHASE_CONNECTING;
	fake_act_between(fake, 1, 50);
}

/* in_mishap - have an association of a peer end, chosen by chance */
void
in_mishap(enum in_mishap mishap)
{
	unsigned from = (unsigned)chance_number(FAKES_MAX);

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at((from + i) % FAKES_MAX);

		if (fake == NULL || fake->role != &role)
			continue;
		trace_note("mishap in", fake->index, mishap);
		if (mishap == IN_RELEASED)
			in_of(fake)->releases = true;
		else if (mishap == IN_DEAF)
			in_of(fake)->deafens = true;
		else if (mishap == IN_CUT)
			lose(in_of(fake));
		else {
			receiver_leave(&in_of(fake)->receiver);
			fake_end(fake);
		}
		return;
	}
}

static const struct fake_role role = {
    .name = "in", .take = in_take, .gone = in_gone, .act = in_act};
