/* SPDX-License-Identifier: ISC */
/*
 * submissions.c - what a program or mail server submits under keys
 */
#include "tests/sim/submissions.h"

#include <string.h>

#include "base/clock.h"
#include "tests/sim/bodies.h"
#include "tests/sim/side.h"

#define PIECE  30000
#define MEMORY (INT64_C(6) * 24 * 3600 * 1000) /* ms: keys are known so long */

/* is_remembered - tell whether the key of an item must be known still */
static bool
is_remembered(const struct item *item)
{
	int64_t age = clock_wall() - item->submitted;

	/* The clock is set back, too, in this world. */
	return age < MEMORY && age > -MEMORY;
}

/* next_item - find what is to be submitted, or again, or NULL */
static struct item *
next_item(unsigned from)
{
	struct item *again = NULL;

	for (unsigned n = 1; n <= items_count(); n++) {
		struct item *item = item_get(n);

		if (item->from != from)
			continue;
		if (item->state == ITEM_NEW || item->state == ITEM_SENDING)
			return item;
		if (item->state == ITEM_CONFIRMED && is_remembered(item) &&
		    chance_one_in(20))
			again = item;
	}
	return again;
}

/* submissions_left - tell whether an item of a link was not answered */
bool
submissions_left(unsigned from)
{
	for (unsigned n = 1; n <= items_count(); n++)
		if (item_get(n)->from == from &&
		    item_get(n)->state < ITEM_CONFIRMED)
			return true;
	return false;
}

/* submit_item - submit the item at work under its key, all at once */
static void
submit_item(struct submissions *s)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};
	uint8_t digest[IPC_DIGEST_LEN] = {s->other};
	size_t envelope, n;
	struct slice body = item_body(s->item, &envelope);

	if (s->item->state == ITEM_NEW) {
		s->item->state = ITEM_SENDING;
		s->item->submitted = clock_wall();
	} else if (!is_remembered(s->item)) {
		s->item->may_double = true;
	}
	record.submit_start.submit = ++s->submit;
	record.submit_start.kind = s->item->kind;
	record.submit_start.origin = IPC_SUBMISSION;
	record.submit_start.envelope_length = envelope;
	fake_send(s->fake, &record);
	for (size_t at = 0; at < body.len; at += n) {
		n = body.len - at < PIECE ? body.len - at : PIECE;
		record = (struct ipc_record){.type = IPC_SUBMIT_DATA};
		record.submit_data.submit = s->submit;
		record.submit_data.data =
		    slice_of((const uint8_t *)body.data + at, n);
		fake_send(s->fake, &record);
	}
	record = (struct ipc_record){.type = IPC_SUBMIT_END};
	record.submit_end.submit = s->submit;
	record.submit_end.content_length = s->item->length;
	record.submit_end.submission_key = item_key(s->item);
	memcpy(digest + 1, &s->item->number, sizeof(unsigned));
	record.submit_end.digest = slice_of(digest, sizeof(digest));
	fake_send(s->fake, &record);
}

/* check_routes - ask what would become of a message to each of two addresses */
static void
check_routes(struct submissions *s)
{
	struct slice addresses[] = {
	    slice_of_string(links[chance_number(LINKS)].address),
	    slice_of_string("C=XZ;A=TEST;S=Nobody")};
	struct ipc_record record = {.type = IPC_ROUTE_CHECK,
	    .route_check = {.check = ++s->check,
		.size = chance_number(100000),
		.addresses = addresses,
		.address_count = 2}};

	s->checks = true;
	fake_send(s->fake, &record);
}

/* submissions_next - submit the next item, or one again */
bool
submissions_next(struct submissions *s)
{
	if (s->item != NULL || s->checks)
		return false;
	if (chance_one_in(20)) {
		check_routes(s);
		return true;
	}
	s->item = next_item(s->from);
	if (s->item == NULL)
		return false;
	s->other = s->item->state == ITEM_CONFIRMED && chance_one_in(3);
	submit_item(s);
	return true;
}

/* check_answer - check that a key is one message */
static void
check_answer(struct item *item, const struct ipc_submit_answer *answer)
{
	/* Of two at once the second may be answered first: it is known. */
	if (answer->result == IPC_SUBMIT_ACCEPTED && item->accepted++ > 0 &&
	    !item->may_double)
		sim_fail("DOUBLED: the key of item %u is a second message",
		    item->number);
	if (item->message != 0 && item->message != answer->message &&
	    !item->may_double)
		sim_fail("the key of item %u is message %llu, and was %llu",
		    item->number, (unsigned long long)answer->message,
		    (unsigned long long)item->message);
	item->message = answer->message;
	item->state = ITEM_CONFIRMED;
}

/* take_answer - note what is said of the item at work */
static void
take_answer(struct submissions *s, const struct ipc_submit_answer *answer)
{
	struct item *item = s->item;

	if (item == NULL || answer->submit != s->submit)
		return;
	trace_note("keyed", item->number, answer->result);
	s->item = NULL;
	switch (answer->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		if (s->other)
			sim_fail("something else is taken under the key of "
				 "item %u",
			    item->number);
		check_answer(item, answer);
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		fake_act_between(s->fake, 200, 2000);
		return;
	case IPC_SUBMIT_REFUSED:
		if (!s->other || !answer->key_reused)
			sim_fail("item %u is refused", item->number);
		break;
	}
	fake_act_between(s->fake, 0, 50);
}

/* take_routes - check what is said of two addresses, of which nobody serves the
 * second */
static void
take_routes(struct submissions *s, const struct ipc_route_answer *answer)
{
	if (!s->checks || answer->check != s->check || answer->way_count != 2 ||
	    answer->ways[1].result == IPC_WAY_SERVED)
		sim_fail("a wrong answer to a check of routes");
	s->checks = false;
	fake_act_between(s->fake, 0, 50);
}

/* submissions_take - take a record */
bool
submissions_take(struct submissions *s, const struct ipc_record *record)
{
	switch ((int)record->type) {
	case IPC_SUBMIT_PROGRESS:
		return true;
	case IPC_SUBMIT_ANSWER:
		take_answer(s, &record->submit_answer);
		return true;
	case IPC_ROUTE_ANSWER:
		take_routes(s, &record->route_answer);
		return true;
	default:
		return false;
	}
}
