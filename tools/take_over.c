/* SPDX-License-Identifier: ISC */
/*
 * take_over.c - take over the queue of another host
 *
 * See store/owner.h.
 */
#include "tools/take_over.h"

#include <unistd.h>

#include "store/store.h"
#include "tools/as_owner.h"

/* open_and_close - open the queue as this host, which is all it takes */
static int
open_and_close(const struct as_owner_place *place, enum store_mode mode,
    enum store_owner_rule rule, struct diag *diag)
{
	struct host host;
	const struct store_options options = {.queue_size = STORE_SIZE_MIN,
	    .mode = mode,
	    .identity = place->identity,
	    .host = &host,
	    .owner = rule};
	struct store *store;
	int error;

	host_identify(&host);
	error = store_open(place->queue, &options, &store, diag);
	if (error == 0)
		store_close(store);
	return error;
}

/* take_over_here - make the queue this host's */
static int
take_over_here(const struct as_owner_place *place, struct diag *diag)
{
	int error;

	/* None is made: an empty queue in the place of a volume that is not
	 * there would hide the loss. */
	if (access(place->queue, F_OK) != 0)
		return diag_set(diag, ERR_NOTFOUND,
		    "queue %s: there is none; is its volume mounted?",
		    place->queue);
	error =
	    open_and_close(place, STORE_READ_ONLY, STORE_OWNER_TAKE_OVER, diag);
	if (error == 0)
		error = open_and_close(
		    place, STORE_READ_WRITE, STORE_OWNER_TAKE_OVER, diag);
	return error;
}

/* take_over - make the queue this host's */
int
take_over(const char *state_directory, struct diag *diag)
{
	return as_owner_run(state_directory, take_over_here, diag);
}

/* explain_here - find out whether another host has the queue */
static int
explain_here(const struct as_owner_place *place, struct diag *diag)
{
	int error =
	    open_and_close(place, STORE_READ_ONLY, STORE_OWNER_REFUSE, diag);

	/* Whatever else is wrong stands in the log. */
	return error == ERR_STATE ? error : 0;
}

/* take_over_explain - say whose the queue is */
void
take_over_explain(const char *state_directory)
{
	struct diag diag = {0};

	(void)!as_owner_run(state_directory, explain_here, &diag);
}
