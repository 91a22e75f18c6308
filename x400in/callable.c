/* SPDX-License-Identifier: ISC */
/*
 * callable.c - the selectors by which this MTA is called; see callable.h
 */
#include "x400in/callable.h"

/* next_selector - take the next selector off a list; false: the list is at its
 * end, or not well formed */
static bool
next_selector(struct slice *list, struct slice *selector)
{
	if (list->len == 0 || list->len <= list->data[0])
		return false;
	*selector = slice_of(list->data + 1, list->data[0]);
	list->data += 1 + selector->len;
	list->len -= 1 + selector->len;
	return true;
}

/* callable_init - begin with none */
void
callable_init(struct callable *callable)
{
	for (size_t i = 0; i < 3; i++)
		buffer_init(&callable->lists[i], IPC_RECORD_MAX);
}

/* callable_fini - give back what was learned */
void
callable_fini(struct callable *callable)
{
	for (size_t i = 0; i < 3; i++)
		buffer_fini(&callable->lists[i]);
}

/* callable_learn - take what qmgr says with the settings */
int
callable_learn(struct callable *callable, const struct ipc_settings *settings)
{
	const struct slice lists[] = {
	    settings->transport, settings->session, settings->presentation};

	for (size_t i = 0; i < 3; i++) {
		struct slice rest = lists[i], selector;

		/* The whole list is walked before it is kept, so that
		 * callable_is_ours() never meets a length that leads out of
		 * it. */
		while (next_selector(&rest, &selector))
			;
		if (rest.len != 0)
			return ERR_PROTOCOL;
		buffer_reset(&callable->lists[i]);
		if (buffer_append(
			&callable->lists[i], lists[i].data, lists[i].len) < 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* callable_is_ours - tell whether we are reached by a called selector */
bool
callable_is_ours(void *arg, enum association_layer layer, struct slice called)
{
	const struct callable *callable = arg;
	struct slice rest, ours;

	if (layer < ASSOCIATION_LAYER_TRANSPORT ||
	    layer > ASSOCIATION_LAYER_PRESENTATION)
		return true;
	rest =
	    buffer_slice(&callable->lists[layer - ASSOCIATION_LAYER_TRANSPORT]);
	/* An empty list means that qmgr does not look at this layer: any
	 * selector of the caller reaches us. */
	if (rest.len == 0)
		return true;
	while (next_selector(&rest, &ours))
		if (slice_equal(ours, called))
			return true;
	return false;
}
