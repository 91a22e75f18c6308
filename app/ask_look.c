/* SPDX-License-Identifier: ISC */
/*
 * ask_look.c - what a program asks and that changes nothing: addresses, status
 */
#include "app/connection.h"
#include "base/clock.h"

#define ADDRESS_MAX 1024 /* octets */
#define LIST	    "/addresses"

/* read_addresses - read the addresses of a check */
static int
read_addresses(const json_t *list, struct slice *addresses, size_t *count,
    struct object_fault *fault)
{
	char pointer[64];

	*count = json_array_size(list);
	if (*count == 0 || *count > IPC_CHECK_MAX)
		return object_fault_set(fault, ERR_VALUE, LIST,
		    "it is no list of 1 to %d texts", IPC_CHECK_MAX);
	for (size_t i = 0; i < *count; i++) {
		const json_t *one = json_array_get(list, i);

		(void)snprintf(pointer, sizeof(pointer), LIST "/%zu", i);
		if (!json_is_string(one) ||
		    json_string_length(one) > ADDRESS_MAX)
			return object_fault_set(fault, ERR_VALUE, pointer,
			    "it is no text of %d octets", ADDRESS_MAX);
		addresses[i] =
		    slice_of(json_string_value(one), json_string_length(one));
	}
	return 0;
}

/* read_check - read the members of a check */
static int
read_check(const json_t *rest, struct ipc_route_check *check,
    struct slice *addresses, struct object_fault *fault)
{
	const json_t *originator = json_object_get(rest, "originator");
	const json_t *size = json_object_get(rest, "size");

	if (originator != NULL &&
	    (!json_is_string(originator) ||
		json_string_length(originator) > ADDRESS_MAX))
		return object_fault_set(fault, ERR_VALUE, "/originator",
		    "it is no text of %d octets", ADDRESS_MAX);
	if (size != NULL &&
	    (!json_is_integer(size) || json_integer_value(size) < 0))
		return object_fault_set(
		    fault, ERR_VALUE, "/size", "it is no number of octets");
	check->originator = slice_of(
	    json_string_value(originator), json_string_length(originator));
	check->size = (uint64_t)json_integer_value(size);
	check->addresses = addresses;
	return read_addresses(json_object_get(rest, "addresses"), addresses,
	    &check->address_count, fault);
}

/* ask_check - begin to check addresses */
void
ask_check(struct connection *c, struct ask *ask)
{
	struct slice addresses[IPC_CHECK_MAX];
	struct ipc_record record = {.type = IPC_ROUTE_CHECK};
	struct object_fault fault = {.error = 0};
	struct buffer encoded;
	int error = read_check(
	    ask->request.rest, &record.route_check, addresses, &fault);

	if (error < 0) {
		ask_refuse(ask, "invalid", &fault);
		return;
	}
	record.route_check.check = ask->number = ++c->checks;
	buffer_init(&encoded, IPC_RECORD_MAX);
	error = ipc_record_encode(&record, &encoded);
	buffer_fini(&encoded);
	if (error < 0)
		ask_refuse_for(
		    ask, "invalid", "the addresses are too long for one check");
	else
		(void)!handing_give(&c->hand, &record);
}

/* add_way - add to an answer what would become of a message to an address */
static void
add_way(json_t *list, const struct ipc_route_way *way)
{
	json_t *one = json_object();

	if (way->result == IPC_WAY_SERVED) {
		(void)json_object_set_new(one, "result", json_string("served"));
		(void)json_object_set_new(one, "way",
		    json_stringn((const char *)way->link.data, way->link.len));
	} else {
		(void)json_object_set_new(one, "result",
		    json_string(way->result == IPC_WAY_NO_ROUTE ? "no-route"
								: "refused"));
		(void)json_object_set_new(
		    one, "reason", json_integer(way->reason));
		if (way->diagnostic >= 0)
			(void)json_object_set_new(
			    one, "diagnostic", json_integer(way->diagnostic));
		(void)json_object_set_new(one, "text",
		    json_stringn((const char *)way->text.data, way->text.len));
	}
	(void)json_array_append_new(list, one);
}

/* ask_checked - keep the answer to a check */
void
ask_checked(struct connection *c, const struct ipc_route_answer *answer)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);
		json_t *list;

		if (ask->request.op != REQUEST_CHECK ||
		    ask->state != ASK_WAITS || ask->number != answer->check)
			continue;
		list = json_array();
		for (size_t j = 0; j < answer->way_count; j++)
			add_way(list, &answer->ways[j]);
		ask_answer(ask, json_pack("{s:o}", "addresses", list));
	}
}

/* ask_status - begin to look how the application is */
void
ask_status(struct connection *c, struct ask *ask)
{
	/* The next word to qmgr of what is wanted brings the answer. */
	if (c->hand.channel.retire)
		ask_refuse_for(ask, "disabled",
		    "an administrator has disabled the application");
}

/* list_claimed - list the objects that the program has claimed */
static json_t *
list_claimed(struct connection *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->hand.channel.jobs.count; i++) {
		const struct handed *object =
		    (struct handed *)client_jobs_at(&c->hand.channel.jobs, i);
		uint64_t over =
		    object->claimed + c->app.application->answer_timeout;

		if (object->state == HANDED_CLAIMED)
			(void)json_array_append_new(list,
			    json_pack("{s:I, s:i, s:i}", "id",
				(json_int_t)object->given.message, "attempt",
				(int)object->attempt, "seconds",
				clock_remaining(over) / 1000));
	}
	return list;
}

/* ask_status_answered - answer requests for the status that wait for qmgr */
void
ask_status_answered(struct connection *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ask *ask = connection_at(c, i);

		if (ask->request.op != REQUEST_STATUS ||
		    ask->state != ASK_WAITS || ask->number == 0 ||
		    ask->number > c->answered)
			continue;
		ask_answer(ask,
		    json_pack("{s:s, s:I, s:o, s:i}", "application",
			c->app.application->name, "waiting",
			(json_int_t)c->ready, "claimed", list_claimed(c),
			"outstanding", (int)c->app.application->outstanding));
	}
}
