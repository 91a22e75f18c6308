/* SPDX-License-Identifier: ISC */
/*
 * out_ping.c - try the SMTP server for x4ping, and tell each step
 */
#include "ipc/exit_status.h"
#include "mixer/out.h"
#include "relay/relay_ping.h"

/* show - tell qmgr a step */
static void
show(void *arg, const struct ipc_row *row)
{
	struct out *out = arg;
	const struct ipc_record record = {.type = IPC_ROW, .row = *row};

	(void)!job_channel_give(&out->channel, &record);
}

/* out_ping - try the server, and tell qmgr each step */
void
out_ping(struct out *out)
{
	static struct relay_ping ping;
	struct ipc_record done = {
	    .type = IPC_DONE, .done.status = EXIT_STATUS_REFUSED};
	struct diag diag = {0};

	ping.show = show;
	ping.arg = out;
	relay_init(&ping.relay, out->mixer.section,
	    (struct association_io){out_wait, out});
	/* Names and keys first: confinement takes away what both need. */
	relay_ping_resolve(&ping);
	if (out_secure(out, &diag) != 0) {
		relay_ping_fail(&ping, "tls", diag_text(&diag));
	} else {
		ping.relay.tls = out->relay.tls;
		worker_confine(&out->mixer.worker, NULL, SANDBOX_CONNECT);
		if (relay_ping_run(&ping))
			done.done.status = EXIT_STATUS_DONE;
	}
	(void)!job_channel_give(&out->channel, &done);
}
