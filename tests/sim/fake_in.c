/* SPDX-License-Identifier: ISC */
/*
 * fake_in.c - workers that receive: x400in, each with the peer that called it
 *
 * A peer sends the items that come from it, and asks for what was cut before it
 * sends it again.  When the queue manager is gone the worker claims its session
 * from the next one and gives it the transfer that was not answered once more.
 */
#include "tests/sim/fake_in.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/items.h"
#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"

#define PIECE 20000 /* octets in one record */

enum phase {
	PHASE_CONNECTING,
	PHASE_GREETING, /* the queue manager is to say hello, and settings */
	PHASE_BINDING,
	PHASE_CLAIMING, /* its session, from the next queue manager */
	PHASE_READY,
	PHASE_ASKING, /* what is known of a transfer that was cut */
	PHASE_GIVING, /* the body, in pieces */
	PHASE_WAITING /* for the answer */
};

struct in {
	struct fake fake;
	enum phase phase;
	unsigned link;
	unsigned connection;
	uint64_t session, activity, submit;
	uint8_t token[IPC_KEY_LEN * 4];
	size_t token_len;
	struct item *item; /* under way; or NULL */
	uint64_t old_session, old_activity;
	size_t given;  /* octets of the body */
	bool marks;    /* it has checkpoints */
	bool releases; /* when nothing is under way */
};

static const struct fake_role role;
static unsigned connections = 500000;

/* in_of - find the worker that a fake is */
static struct in *
in_of(struct fake *fake)
{
	return (struct in *)(void *)fake;
}

/* in_call - have a peer open an association */
void
in_call(unsigned link)
{
	struct in *in = in_of(fake_begin(&role, sizeof(struct in)));

	in->link = link;
	in->connection = ++connections;
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
		    in_of(fake)->link == link;
	}
	return count;
}

/* leave_item - leave the item that is under way: the peer does not know whether
 * it was taken */
static void
leave_item(struct in *in)
{
	if (in->item == NULL)
		return;
	in->item->state = ITEM_CUT;
	in->item->connection = in->connection;
	in->item->activity = in->activity;
	in->item = NULL;
}

/* lose - end since the association is lost */
static void
lose(struct in *in)
{
	leave_item(in);
	fake_event(&in->fake, IPC_LINK_LOST);
	fake_end(&in->fake);
}

/* bind - ask whether the peer is let in */
static void
bind_peer(struct in *in)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	const struct sim_link *link = &links[in->link];

	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(link->mta);
	record.bind_check.password = slice_of_string(link->password);
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references =
	    sim_references(link->mta, in->connection);
	in->phase = PHASE_BINDING;
	fake_send(&in->fake, &record);
}

/* claim - claim the session from the next queue manager */
static void
claim(struct in *in)
{
	struct ipc_record record = {.type = IPC_SESSION_CLAIM};

	record.session_claim.session = in->session;
	record.session_claim.token = slice_of(in->token, in->token_len);
	in->phase = PHASE_CLAIMING;
	fake_send(&in->fake, &record);
}

/* say_bound - say that the association is open */
static void
say_bound(struct in *in)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = IPC_LINK_BOUND;
	record.link_event.session = in->session;
	record.link_event.stage = slice_of_string("");
	record.link_event.address = slice_of_string("127.0.0.1");
	record.link_event.references =
	    sim_references(links[in->link].mta, in->connection);
	fake_send(&in->fake, &record);
}

/* next_item - find what the peer has to send next, or NULL */
static struct item *
next_item(unsigned link)
{
	for (unsigned n = 1; n <= items_count(); n++) {
		struct item *item = item_get(n);

		if (item->from == link &&
		    (item->state == ITEM_NEW || item->state == ITEM_CUT))
			return item;
	}
	return NULL;
}

/* start - announce the transfer of the item */
static void
start(struct in *in)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	size_t envelope;

	(void)item_body(in->item, &envelope);
	record.submit_start.submit = ++in->submit;
	record.submit_start.kind = in->item->kind;
	record.submit_start.origin = IPC_TRANSFER;
	record.submit_start.envelope_length = envelope;
	record.submit_start.session = in->session;
	record.submit_start.activity = in->activity;
	record.submit_start.old_session = in->old_session;
	record.submit_start.old_activity = in->old_activity;
	in->given = 0;
	in->marks = in->item->length > 30000 && chance_one_in(2);
	in->phase = PHASE_GIVING;
	fake_send(&in->fake, &record);
	fake_act_between(&in->fake, 0, 1);
}

/* ask - ask what is known of a transfer that was cut */
static void
ask(struct in *in)
{
	struct ipc_record record = {.type = IPC_RESUME_CHECK};
	const struct item *item = in->item;

	record.resume_check.submit = ++in->submit;
	record.resume_check.session = in->session;
	record.resume_check.activity = in->activity;
	record.resume_check.old.activity = item->activity;
	record.resume_check.old.references =
	    sim_references(links[in->link].mta, item->connection);
	in->phase = PHASE_ASKING;
	fake_send(&in->fake, &record);
}

/* begin_next - begin with the next item of the peer, or wait for one */
static void
begin_next(struct in *in)
{
	in->phase = PHASE_READY;
	in->old_session = in->old_activity = 0;
	in->item = in->releases ? NULL : next_item(in->link);
	if (in->item == NULL) {
		if (in->releases) {
			struct ipc_record record = {.type = IPC_SESSION_CLOSED};

			record.session_closed.session = in->session;
			record.session_closed.orderly = true;
			fake_send(&in->fake, &record);
			fake_event(&in->fake, IPC_LINK_RELEASED);
			fake_end(&in->fake);
			return;
		}
		fake_act_between(&in->fake, 100, 900);
		return;
	}
	in->activity++;
	if (in->item->state == ITEM_CUT &&
	    in->item->connection != in->connection) {
		in->item->state = ITEM_SENDING;
		ask(in);
		return;
	}
	in->item->state = ITEM_SENDING;
	start(in);
}

/* mark - note a checkpoint where the body stands */
static void
mark(struct in *in)
{
	struct ipc_record record = {.type = IPC_SUBMIT_MARK};

	record.submit_mark.submit = in->submit;
	record.submit_mark.offset = in->given;
	record.submit_mark.state = slice_of_string("mark");
	fake_send(&in->fake, &record);
}

/* give - give the next piece of the body, or its end */
static void
give(struct in *in)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA};
	size_t envelope, left;
	struct slice body = item_body(in->item, &envelope);

	left = body.len - in->given;
	if (left == 0) {
		record.type = IPC_SUBMIT_END;
		record.submit_end.submit = in->submit;
		record.submit_end.content_length = in->item->length;
		record.submit_end.key = item_key(in->item);
		in->phase = PHASE_WAITING;
		fake_send(&in->fake, &record);
		return;
	}
	if (left > PIECE)
		left = PIECE;
	record.submit_data.submit = in->submit;
	record.submit_data.data =
	    slice_of((const uint8_t *)body.data + in->given, left);
	in->given += left;
	fake_send(&in->fake, &record);
	if (in->marks && in->given > envelope && in->given < body.len)
		mark(in);
	fake_act_between(&in->fake, 0, 20);
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
	case PHASE_READY:
		begin_next(in);
		break;
	case PHASE_GIVING:
		give(in);
		break;
	case PHASE_GREETING:
	case PHASE_BINDING:
	case PHASE_CLAIMING:
	case PHASE_ASKING:
	case PHASE_WAITING:
		break;
	}
}

/* take_bind - take the answer to the bind */
static void
take_bind(struct in *in, const struct ipc_bind_answer *answer)
{
	if (!answer->accepted) {
		fake_end(&in->fake);
		return;
	}
	in->session = answer->session;
	in->token_len = answer->token.len;
	if (answer->token.len > sizeof(in->token))
		sim_fail("a token of %zu octets", answer->token.len);
	memcpy(in->token, answer->token.data, answer->token.len);
	say_bound(in);
	begin_next(in);
}

/* claimed - go on with a session that the next queue manager knows */
static void
claimed(struct in *in)
{
	say_bound(in);
	if (in->item == NULL)
		begin_next(in);
	else if (in->marks || in->old_session != 0)
		/* The peer resumes it, from its mark. */
		lose(in);
	else
		start(in);
}

/* take_resume - go on with a transfer that was cut */
static void
take_resume(struct in *in, const struct ipc_resume_answer *answer)
{
	size_t envelope;

	if (answer->submit != in->submit || in->phase != PHASE_ASKING)
		return;
	in->old_session = answer->old_session;
	in->old_activity = in->item->activity;
	switch (answer->result) {
	case IPC_RESUME_COMPLETED:
		in->item->state = ITEM_CONFIRMED;
		trace_note("completed", in->item->number, 0);
		begin_next(in);
		break;
	case IPC_RESUME_PARTIAL:
		(void)item_body(in->item, &envelope);
		if (answer->envelope_length != envelope ||
		    answer->offset > envelope + in->item->length)
			sim_fail("item %u goes on elsewhere", in->item->number);
		in->given = (size_t)answer->offset;
		in->marks = true;
		in->phase = PHASE_GIVING;
		fake_act_between(&in->fake, 0, 1);
		break;
	case IPC_RESUME_UNKNOWN:
		start(in);
		break;
	case IPC_RESUME_REFUSED:
		sim_fail("a resumption is refused");
	}
}

/* take_answer - take the answer to a transfer */
static void
take_answer(struct in *in, const struct ipc_submit_answer *answer)
{
	if (in->item == NULL || answer->submit != in->submit)
		return;
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		in->item->state = ITEM_CONFIRMED;
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		/* The peer is told to come again. */
		leave_item(in);
		lose(in);
		return;
	case IPC_SUBMIT_REFUSED:
		sim_fail("item %u is refused: %.*s", in->item->number,
		    (int)answer->text.len, (const char *)answer->text.data);
	}
	trace_note("confirmed", in->item->number, answer->result);
	in->item = NULL;
	begin_next(in);
}

/* in_take - take a record */
static void
in_take(struct fake *fake, const struct ipc_record *record)
{
	struct in *in = in_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
	case IPC_SUBMIT_PROGRESS:
		break;
	case IPC_SETTINGS:
		if (in->session != 0)
			claim(in);
		else
			bind_peer(in);
		break;
	case IPC_BIND_ANSWER:
		take_bind(in, &record->bind_answer);
		break;
	case IPC_SESSION_CLAIM:
		claimed(in);
		break;
	case IPC_RESUME_ANSWER:
		take_resume(in, &record->resume_answer);
		break;
	case IPC_SUBMIT_ANSWER:
		take_answer(in, &record->submit_answer);
		break;
	case IPC_SESSION_DOUBT:
		fake_send(fake, record);
		break;
	case IPC_RETIRE:
		/* A responder can only abort. */
		lose(in);
		break;
	default:
		sim_fail("%s to x400in", ipc_type_name(record->type));
	}
}

/* in_gone - go on with the next queue manager, if it lets us */
static void
in_gone(struct fake *fake)
{
	struct in *in = in_of(fake);

	if (in->phase == PHASE_CLAIMING || in->phase == PHASE_BINDING ||
	    in->session == 0) {
		leave_item(in);
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
		else if (mishap == IN_CUT)
			lose(in_of(fake));
		else {
			leave_item(in_of(fake));
			fake_end(fake);
		}
		return;
	}
}

static const struct fake_role role = {
    .name = "in", .take = in_take, .gone = in_gone, .act = in_act};
