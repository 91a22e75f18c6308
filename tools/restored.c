/* SPDX-License-Identifier: ISC */
/*
 * restored.c - accept a copy of a queue as the queue
 */
#include "tools/restored.h"

#include "store/snapshot.h"
#include "tools/as_owner.h"

/* accept_here - accept a copy as the queue */
static int
accept_here(const struct as_owner_place *place, struct diag *diag)
{
	const struct store_options options = {.queue_size = STORE_SIZE_MIN,
	    .mode = STORE_READ_WRITE,
	    .identity = place->identity};
	struct store *store;
	int error = store_open(place->queue, &options, &store, diag);

	if (error != 0)
		return error;
	error = store_begin(store);
	if (error == 0)
		error = store_copy_accept(store);
	if (error == 0)
		error = store_commit(store);
	if (error != 0)
		(void)diag_set(diag, error, "%s", store_reason(store));
	store_close(store);
	return error;
}

/* restored_accept - accept a copy that stands in the place of the queue */
int
restored_accept(const char *state_directory, struct diag *diag)
{
	return as_owner_run(state_directory, accept_here, diag);
}
