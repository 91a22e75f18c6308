/* SPDX-License-Identifier: ISC */
/*
 * receiver.c - what a peer sends over one association, in the worker that
 * receives it
 */
#include "tests/sim/receiver.h"

#include <stdio.h>
#include <string.h>

#include "base/event.h"
#include "tests/sim/bodies.h"
#include "tests/sim/links.h"
#include "tests/sim/routes.h"
#include "tests/sim/side.h"

#define PIECE 20000 /* octets in one record */

/* address_of - write from where a peer calls, or where it is called */
static struct slice
address_of(unsigned link)
{
	static char text[20];

	snprintf(text, sizeof(text), "127.0.0.%u", link + 1);
	return slice_of_string(text);
}

/* receiver_bind - ask whether the peer is let in */
void
receiver_bind(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	struct ipc_bind_check *check = &record.bind_check;
	const struct sim_link *link = &links[receiver->link];

	check->address = address_of(receiver->link);
	check->references =
	    sim_references(receiver->link, receiver->connection);
	check->two_way = receiver->two_way;
	if (receiver->connection < CONNECTIONS_OF_PEERS)
		check->link = slice_of_string(link->name);
	if (receiver->recovers != 0) {
		/* A peer that recovers says no password. */
		check->recover = true;
		check->recovered =
		    sim_references(receiver->link, receiver->recovers);
	} else {
		check->authenticated = true;
		check->name = slice_of_string(link->mta);
		check->password = slice_of_string(link->password);
	}
	fake_send(receiver->fake, &record);
}

/* receiver_bound - take the answer; false: it is not let in */
bool
receiver_bound(struct receiver *receiver, const struct ipc_bind_answer *answer)
{
	if (!answer->accepted)
		return false;
	receiver->session = answer->session;
	receiver->activity = 0;
	receiver->token_len = answer->token.len;
	if (answer->token.len > sizeof(receiver->token))
		sim_fail("a token of %zu octets", answer->token.len);
	if (answer->token.len > 0)
		memcpy(receiver->token, answer->token.data, answer->token.len);
	return true;
}

/* receiver_claim - say which session it is, to the next queue manager */
void
receiver_claim(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SESSION_CLAIM};

	record.session_claim.session = receiver->session;
	record.session_claim.token =
	    slice_of(receiver->token, receiver->token_len);
	fake_send(receiver->fake, &record);
}

/* give_notice - log an event, as a worker does */
static void
give_notice(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_NOTICE};
	struct slice values[] = {slice_of_string("link"), slice_of_string("?")};

	record.notice.number = (uint32_t)event_number(EVENT_TRANSFER_RESUMED);
	record.notice.values = values;
	record.notice.value_count = 2;
	fake_send(receiver->fake, &record);
}

/* receiver_open - say that the association is open */
void
receiver_open(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = IPC_LINK_BOUND;
	record.link_event.session = receiver->session;
	record.link_event.stage = slice_of_string("association");
	record.link_event.address = address_of(receiver->link);
	record.link_event.references =
	    sim_references(receiver->link, receiver->connection);
	record.link_event.two_way = receiver->two_way;
	record.link_event.recovered = receiver->recovers != 0;
	receiver->routes = routes_known(receiver->link) && !chance_one_in(8);
	record.link_event.routes = receiver->routes;
	fake_send(receiver->fake, &record);
	if (chance_one_in(8))
		give_notice(receiver);
}

/* next_item - find what the peer has to send next, or NULL */
static struct item *
next_item(const struct receiver *receiver)
{
	for (unsigned n = 1; n <= items_count(); n++) {
		struct item *item = item_get(n);

		if (item->from != receiver->link)
			continue;
		/* Nothing but what was cut goes over what was recovered. */
		if (item->state == ITEM_CUT &&
		    (receiver->recovers == 0 ||
			item->connection == receiver->recovers))
			return item;
		if (item->state == ITEM_NEW && receiver->recovers == 0)
			return item;
	}
	return NULL;
}

/* start - announce the transfer of the item */
static void
start(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	size_t envelope;

	(void)item_body(receiver->item, &envelope);
	record.submit_start.submit = ++receiver->submit;
	record.submit_start.kind = receiver->item->kind;
	record.submit_start.origin = IPC_TRANSFER;
	record.submit_start.envelope_length = envelope;
	record.submit_start.session = receiver->session;
	record.submit_start.activity = receiver->activity;
	record.submit_start.old_session = receiver->old_session;
	record.submit_start.old_activity = receiver->old_activity;
	receiver->given = 0;
	receiver->marks = receiver->item->length > 30000 && chance_one_in(2);
	receiver->phase = RECEIVER_GIVING;
	fake_send(receiver->fake, &record);
	if (chance_one_in(4)) {
		/* Some peers say how long it will be. */
		record = (struct ipc_record){.type = IPC_SUBMIT_SIZE};
		record.submit_size.submit = receiver->submit;
		record.submit_size.content_length = receiver->item->length;
		fake_send(receiver->fake, &record);
	}
	fake_act_between(receiver->fake, 0, 1);
}

/* ask - ask what is known of a transfer that was cut */
static void
ask(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_RESUME_CHECK};
	const struct item *item = receiver->item;

	record.resume_check.submit = ++receiver->submit;
	record.resume_check.session = receiver->session;
	record.resume_check.activity = receiver->activity;
	record.resume_check.old.activity = item->activity;
	record.resume_check.old.references =
	    sim_references(receiver->link, item->connection);
	receiver->phase = RECEIVER_ASKING;
	fake_send(receiver->fake, &record);
}

/* receiver_next - have the peer begin with its next item; false: it has none */
bool
receiver_next(struct receiver *receiver)
{
	struct item *item = next_item(receiver);
	bool was_cut;

	receiver->item = item;
	receiver->old_session = receiver->old_activity = 0;
	if (item == NULL)
		return false;
	receiver->activity++;
	was_cut =
	    item->state == ITEM_CUT && item->connection != receiver->connection;
	item->state = ITEM_SENDING;
	if (was_cut)
		ask(receiver);
	else
		start(receiver);
	return true;
}

/* receiver_again - give the item once more, to the next queue manager; false:
 * that cannot be */
bool
receiver_again(struct receiver *receiver)
{
	/* The peer would have to resume it, from its mark. */
	if (receiver->marks || receiver->old_session != 0)
		return false;
	start(receiver);
	return true;
}

/* mark - note a checkpoint where the body stands */
static void
mark(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SUBMIT_MARK};

	record.submit_mark.submit = receiver->submit;
	record.submit_mark.offset = receiver->given;
	record.submit_mark.state = slice_of_string("mark");
	fake_send(receiver->fake, &record);
}

/* end_body - say that all of the body was given */
static void
end_body(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SUBMIT_END};

	record.submit_end.submit = receiver->submit;
	record.submit_end.content_length = receiver->item->length;
	record.submit_end.key = item_key(receiver->item);
	receiver->phase = RECEIVER_WAITING;
	fake_send(receiver->fake, &record);
}

/* receiver_is_cut - draw whether the association is lost now */
bool
receiver_is_cut(const struct receiver *receiver)
{
	return receiver->item != NULL &&
	    chance_one_in(4 * peers[receiver->link].cuts);
}

/* receiver_act - give the next piece of the body, or its end */
void
receiver_act(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA};
	size_t envelope, left;
	struct slice body;

	if (receiver->item == NULL || receiver->phase != RECEIVER_GIVING)
		return;
	body = item_body(receiver->item, &envelope);
	left = body.len - receiver->given;
	if (left == 0) {
		end_body(receiver);
		return;
	}
	if (left > PIECE)
		left = PIECE;
	record.submit_data.submit = receiver->submit;
	record.submit_data.data =
	    slice_of((const uint8_t *)body.data + receiver->given, left);
	receiver->given += left;
	fake_send(receiver->fake, &record);
	if (receiver->marks && receiver->given > envelope &&
	    receiver->given < body.len)
		mark(receiver);
	fake_act_between(receiver->fake, 0, 20);
}

/* receiver_leave - leave the item that is under way */
void
receiver_leave(struct receiver *receiver)
{
	if (receiver->item == NULL)
		return;
	receiver->item->state = ITEM_CUT;
	receiver->item->connection = receiver->connection;
	receiver->item->activity = receiver->activity;
	receiver->item->two_way = receiver->two_way;
	receiver->item = NULL;
}

/* over - note that the peer is done with the item */
static enum receiver_step
over(struct receiver *receiver, const char *how)
{
	trace_note(how, receiver->item->number, 0);
	receiver->item->state = ITEM_CONFIRMED;
	receiver->item = NULL;
	return RECEIVER_OVER;
}

/* take_resume - go on with a transfer that was cut */
static enum receiver_step
take_resume(struct receiver *receiver, const struct ipc_resume_answer *answer)
{
	size_t envelope;

	if (receiver->item == NULL || answer->submit != receiver->submit ||
	    receiver->phase != RECEIVER_ASKING)
		return RECEIVER_GOES_ON;
	receiver->old_session = answer->old_session;
	receiver->old_activity = receiver->item->activity;
	switch (answer->result) {
	case IPC_RESUME_COMPLETED:
		return over(receiver, "completed");
	case IPC_RESUME_PARTIAL:
		(void)item_body(receiver->item, &envelope);
		if (answer->envelope_length != envelope ||
		    answer->offset > envelope + receiver->item->length)
			sim_fail("item %u goes on elsewhere",
			    receiver->item->number);
		receiver->given = (size_t)answer->offset;
		receiver->marks = true;
		receiver->phase = RECEIVER_GIVING;
		fake_act_between(receiver->fake, 0, 1);
		break;
	case IPC_RESUME_UNKNOWN:
		start(receiver);
		break;
	case IPC_RESUME_REFUSED:
		sim_fail("a resumption is refused");
	}
	return RECEIVER_GOES_ON;
}

/* take_answer - take the answer to a transfer */
static enum receiver_step
take_answer(struct receiver *receiver, const struct ipc_submit_answer *answer)
{
	if (receiver->item == NULL || answer->submit != receiver->submit)
		return RECEIVER_GOES_ON;
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		receiver_leave(receiver);
		return RECEIVER_LOST;
	case IPC_SUBMIT_REFUSED:
		sim_fail("item %u is refused: %.*s", receiver->item->number,
		    (int)answer->text.len, (const char *)answer->text.data);
	}
	return over(receiver, "confirmed");
}

/* receiver_take - take an answer on a transfer */
enum receiver_step
receiver_take(struct receiver *receiver, const struct ipc_record *record)
{
	switch ((int)record->type) {
	case IPC_RESUME_ANSWER:
		return take_resume(receiver, &record->resume_answer);
	case IPC_SUBMIT_ANSWER:
		return take_answer(receiver, &record->submit_answer);
	case IPC_SUBMIT_PROGRESS:
		break;
	case IPC_ROUTES:
		routes_take(receiver->fake, receiver->link, receiver->routes,
		    &record->routes);
		break;
	default:
		sim_fail("%s to who receives", ipc_type_name(record->type));
	}
	return RECEIVER_GOES_ON;
}

/* receiver_cut - leave the item since the association is lost */
void
receiver_cut(struct receiver *receiver)
{
	struct ipc_record record = {.type = IPC_SUBMIT_CANCEL};

	if (receiver->item != NULL && chance_one_in(2)) {
		record.submit_cancel.submit = receiver->submit;
		record.submit_cancel.keep = true;
		fake_send(receiver->fake, &record);
	}
	receiver_leave(receiver);
}

/* receiver_close - end the session, in good order or not */
void
receiver_close(struct receiver *receiver, bool orderly)
{
	struct ipc_record record = {.type = IPC_SESSION_CLOSED};

	record.session_closed.session = receiver->session;
	record.session_closed.orderly = orderly;
	fake_send(receiver->fake, &record);
}
