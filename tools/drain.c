/* SPDX-License-Identifier: ISC */
/*
 * drain.c - watch a queue that is drained
 */
#include "tools/drain.h"

#include <time.h>

#define LOOK_EVERY 1 /* second */

/* take_figures - take what is left from the row of an answer */
static int
take_figures(void *arg, const struct ipc_row *row)
{
	struct drain_figures *figures = arg;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];

		if (slice_equal_string(field->name, "left"))
			figures->left = field->number;
		if (slice_equal_string(field->name, "held"))
			figures->held = field->number;
	}
	return 0;
}

/* look - ask what is left */
static int
look(struct client *client, struct drain_figures *figures, struct diag *diag)
{
	struct client_done done;
	int error = client_request(client,
	    &(struct client_request){
		.command = "draining", .on_row = take_figures, .arg = figures},
	    &done, diag);

	if (error == 0 && done.status != EXIT_STATUS_DONE)
		error = diag_set(diag, ERR_STATE, "%s", done.text);
	return error;
}

/* drain_wait - wait until nothing is left */
int
drain_wait(struct client *client,
    void (*tell)(void *arg, const struct drain_figures *figures), void *arg,
    struct diag *diag)
{
	const struct timespec pause = {.tv_sec = LOOK_EVERY};
	struct drain_figures now, told = {.left = -1};
	int error;

	for (;;) {
		error = look(client, &now, diag);
		if (error != 0)
			return error;
		if (now.left != told.left)
			tell(arg, &now);
		told = now;
		if (now.left == 0)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
}
