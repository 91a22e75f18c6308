/* SPDX-License-Identifier: ISC */
/*
 * steps.c - open an association for x4ping, release it, and tell each step
 *
 * traffic/ping.h goes the way; qmgr, which alone knows the peer's password,
 * judges the responder as in any bind.  Nothing is transferred, and traffic
 * serves for its waits and its channel only: a qmgr that goes, or a stop, ends
 * the ping.
 */
#include "x400out/steps.h"

#include "ipc/exit_status.h"
#include "traffic/ping.h"
#include "x400out/outbound.h"

#define CHECK_TIMEOUT 30000 /* ms for qmgr to check a bind */

/* show - tell qmgr a step */
static void
show(void *arg, const struct ipc_row *row)
{
	const struct ipc_record record = {.type = IPC_ROW, .row = *row};

	traffic_tell(arg, &record);
}

/* judge - have qmgr judge the responder */
static int
judge(void *arg, const struct mta_bind *bind, struct diag *diag)
{
	struct traffic *traffic = arg;
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.link = slice_of_string(traffic->link->name),
		.authenticated = bind->credentials == BIND_SIMPLE,
		.name = bind->name,
		.password = bind->password}};
	uint64_t deadline = clock_after(CHECK_TIMEOUT);
	int error =
	    worker_send(&traffic->worker, &traffic->qmgr, &record, deadline);

	if (error == 0)
		error = worker_receive(
		    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (error != 0)
		return error;
	if (record.type != IPC_BIND_ANSWER)
		return diag_set(diag, ERR_CANCELLED, "%s instead of an answer",
		    ipc_type_name(record.type));
	return record.bind_answer.accepted
	    ? 0
	    : diag_set(diag, ERR_DENIED, "%.*s",
		  (int)record.bind_answer.reason.len,
		  (const char *)record.bind_answer.reason.data);
}

/* steps_run - ping the link of the settings */
void
steps_run(struct traffic *traffic)
{
	const struct ping_wishes wishes = {.conf = traffic->conf,
	    .link = traffic->link,
	    .io = traffic->io,
	    .judge = judge,
	    .show = show,
	    .arg = traffic};
	struct ipc_record done = {
	    .type = IPC_DONE, .done.status = EXIT_STATUS_REFUSED};
	static struct ping ping;
	struct diag diag = {0};

	ping_init(&ping, &wishes);
	/* Names and keys first: confinement takes away what both need. */
	ping_resolve(&ping);
	if (open_secure(traffic, &diag) != 0) {
		ping_fail(&ping, "tls", diag_text(&diag));
	} else {
		if (traffic->link->tls == CONF_TLS_REQUIRE)
			ping.tls = traffic->tls;
		worker_confine(&traffic->worker, NULL, SANDBOX_CONNECT);
		if (ping_run(&ping))
			done.done.status = EXIT_STATUS_DONE;
	}
	traffic_tell(traffic, &done);
}
