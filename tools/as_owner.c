/* SPDX-License-Identifier: ISC */
/*
 * as_owner.c - work in the queue as the user whose it is, and stay root
 */
#include "tools/as_owner.h"

#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "tools/owner.h"

/* as_owner_run - have a child do some work */
int
as_owner_run(const char *state_directory,
    int (*work)(const struct as_owner_place *place, struct diag *diag),
    struct diag *diag)
{
	char queue[PATH_MAX], identity[PATH_MAX];
	const struct as_owner_place place = {state_directory, queue, identity};
	int status, error;
	pid_t pid;

	if ((size_t)snprintf(identity, sizeof(identity), "%s/" STORE_IDENTITY,
		state_directory) >= sizeof(identity))
		return diag_set(
		    diag, ERR_LIMIT, "%s: too long", state_directory);
	(void)snprintf(queue, sizeof(queue), "%s/queue", state_directory);
	/* A child gives up root for good; this process starts master then. */
	pid = fork();
	if (pid == 0) {
		error = owner_become(queue, diag);
		if (error == 0)
			error = work(&place, diag);
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
