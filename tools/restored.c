/* SPDX-License-Identifier: ISC */
/*
 * restored.c - accept a copy of a queue as the queue
 *
 * Works in a child, which becomes the user whose the queue is.
 */
#include "tools/restored.h"

#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/snapshot.h"
#include "tools/owner.h"

/* accept_here - accept a copy as the queue, as the user whose it is */
static int
accept_here(const char *queue, struct diag *diag)
{
	const struct store_options options = {
	    .queue_size = STORE_SIZE_MIN, .mode = STORE_READ_WRITE};
	struct store *store;
	int error = owner_become(queue, diag);

	if (error == 0)
		error = store_open(queue, &options, &store, diag);
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
	char queue[PATH_MAX];
	int status;
	pid_t pid;

	if ((size_t)snprintf(queue, sizeof(queue), "%s/queue",
		state_directory) >= sizeof(queue))
		return diag_set(
		    diag, ERR_LIMIT, "%s: too long", state_directory);
	/* A child gives up root for good; this process starts master then. */
	pid = fork();
	if (pid == 0) {
		int error = accept_here(queue, diag);

		if (error != 0)
			(void)fprintf(stderr, "x4ctl: %s\n", diag_text(diag));
		_exit(error == 0 ? 0 : 1);
	}
	if (pid < 0)
		return diag_set(diag, ERR_IO, "fork: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return diag_set(
			    diag, ERR_IO, "wait: %s", strerror(errno));
	/* The child has said why. */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ERR_STATE;
}
