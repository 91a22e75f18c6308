/* SPDX-License-Identifier: ISC */
/*
 * ask.c - the requests of a connection in their order, and their answers
 */
#include "app/connection.h"

/* connection_at - find the request of that place */
struct ask *
connection_at(struct connection *c, size_t place)
{
	return &c->asks[(c->first + place) % CONNECTION_ASKS_MAX];
}

/* connection_is_over - tell whether qmgr or the program is gone */
bool
connection_is_over(const struct connection *c)
{
	return c->hand.channel.gone || c->program.lost;
}

/* ask_end - forget the first request */
void
ask_end(struct connection *c)
{
	struct ask *ask = connection_at(c, 0);

	request_fini(&ask->request);
	submitted_fini(&ask->submitted);
	json_decref(ask->answer);
	*ask = (struct ask){.job = 0};
	c->first = (c->first + 1) % CONNECTION_ASKS_MAX;
	c->count--;
}

/* ask_answer - keep the answer to a request */
void
ask_answer(struct ask *ask, json_t *answer)
{
	json_t *whole = json_object();

	/* The tag stands first, for people. */
	if (ask->request.tag != NULL)
		(void)json_object_set(whole, "tag", ask->request.tag);
	(void)json_object_set_new(whole, "ok", json_true());
	if (answer != NULL)
		(void)json_object_update(whole, answer);
	json_decref(answer);
	ask->answer = whole;
	ask->state = ASK_ANSWERED;
}

/* ask_refuse - keep as the answer why a request is refused */
void
ask_refuse(struct ask *ask, const char *error, const struct object_fault *fault)
{
	json_t *whole = json_object();

	if (ask->request.tag != NULL)
		(void)json_object_set(whole, "tag", ask->request.tag);
	(void)json_object_set_new(whole, "ok", json_false());
	(void)json_object_set_new(whole, "error", json_string(error));
	if (fault->pointer[0] != '\0')
		(void)json_object_set_new(
		    whole, "field", json_string(fault->pointer));
	(void)json_object_set_new(whole, "text",
	    json_string(fault->text[0] != '\0' ? fault->text
					       : error_strerror(fault->error)));
	ask->answer = whole;
	ask->state = ASK_ANSWERED;
}

/* ask_refuse_for - likewise, with a text alone */
void
ask_refuse_for(struct ask *ask, const char *error, const char *text)
{
	struct object_fault fault = {.error = ERR_REFUSED};

	(void)strlcpy(fault.text, text, sizeof(fault.text));
	ask_refuse(ask, error, &fault);
}

/* connection_bind - tell qmgr that this connection takes objects */
void
connection_bind(struct connection *c)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = IPC_LINK_BOUND,
		.link = slice_of_string(c->app.worker.service)}};

	if (!c->bound)
		(void)!handing_give(&c->hand, &record);
	c->bound = true;
}
