/* SPDX-License-Identifier: ISC */
/*
 * out_association.c - the association of a worker that sends: how it is opened,
 * cut and released
 */
#include "tests/sim/links.h"
#include "tests/sim/out_jobs.h"
#include "tests/sim/routes.h"
#include "tests/sim/side.h"

static unsigned connections;

/* out_end - end the process of a worker */
void
out_end(struct out *out)
{
	receiver_leave(&out->in);
	while (out->count > 0)
		out_drop(out);
	fake_end(&out->fake);
}

/* out_end_lost - end since the association is lost; the first job, if it was
 * begun, ended it */
void
out_end_lost(struct out *out)
{
	if (out->count > 0 &&
	    (out->phase == PHASE_SENDING || out->phase == PHASE_SENT ||
		out->phase == PHASE_REOPENING || out->jobs[0].begun))
		out_report(out, IPC_INTERRUPTED, true);
	while (out->count > 0)
		out_report(out, IPC_UNSTARTED, false);
	receiver_cut(&out->in);
	fake_event(&out->fake, IPC_LINK_LOST);
	out_end(out);
}

/* out_cut - lose the association; the worker may open another itself */
void
out_cut(struct out *out)
{
	/* A worker that writes files has no association: it dies. */
	if (out_is_file(out)) {
		out_end(out);
		return;
	}
	if (out->count == 0 || out->link == 1 || !out_is_peer(out) ||
	    out->called ||
	    (out->phase != PHASE_SENDING && out->phase != PHASE_SENT) ||
	    out->cuts++ >= 2) {
		out_end_lost(out);
		return;
	}
	fake_event(&out->fake, IPC_LINK_RECOVERING);
	out->jobs[0].begun = true;
	if (out->jobs[0].old_connection == 0) {
		out->jobs[0].old_connection = out->noted;
		out->jobs[0].old_activity = out->jobs[0].activity;
	}
	out->phase = PHASE_REOPENING;
	fake_act_between(&out->fake, 5, 4000);
}

/* bound - say that the association is open; first: not one that the worker has
 * opened again */
static void
bound(struct out *out, bool first)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	out->next = 1;
	/* Jobs that were handed out go by names of the connection before. */
	out->noted = first ? out->connection : 0;
	if (out->in.two_way)
		receiver_open(&out->in);
	else {
		record.link_event.state = IPC_LINK_BOUND;
		record.link_event.stage = slice_of_string("association");
		record.link_event.address = slice_of_string("127.0.0.1");
		if (out_is_peer(out))
			record.link_event.references =
			    out_name(out, out->connection, 0).references;
		out->in.link = out->link;
		out->in.fake = &out->fake;
		out->in.routes = routes_known(out->link) && !chance_one_in(8);
		record.link_event.routes = out->in.routes;
		fake_send(&out->fake, &record);
	}
	out_go_on(out);
}

/* out_reach - have the peer let the worker in; a two-way association is opened
 * if the queue manager finds that the peer is who it should be */
void
out_reach(struct out *out, bool first)
{
	unsigned before = out->connection;

	if (out_is_peer(out))
		out->connection = ++connections;
	if (!out->in.two_way) {
		bound(out, first);
		return;
	}
	out->in.fake = &out->fake;
	out->in.link = out->link;
	out->in.connection = out->connection;
	out->in.recovers = first || chance_one_in(2) ? 0 : before;
	out->phase = PHASE_BINDING;
	receiver_bind(&out->in);
}

/* fail_to_open - say that the peer is not reached, and end */
static void
fail_to_open(struct out *out)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = IPC_LINK_FAILED;
	record.link_event.stage = slice_of_string("transport");
	record.link_event.reason = slice_of_string("it does not answer");
	record.link_event.failure = (enum ipc_failure)chance_number(3);
	fake_send(&out->fake, &record);
	out_end(out);
}

/* out_open - try to reach the peer */
void
out_open(struct out *out)
{
	if (!peers[out->link].down && !chance_one_in(200))
		out_reach(out, true);
	else
		fail_to_open(out);
}

/* out_bind_answered - take the word of the queue manager on a peer that takes
 * turns */
void
out_bind_answered(struct out *out, const struct ipc_bind_answer *answer)
{
	bool again = out->count > 0;

	if (receiver_bound(&out->in, answer))
		bound(out, !again);
	else if (out->called)
		out_end(out);
	else if (again)
		out_end_lost(out);
	else
		fail_to_open(out);
}

/* out_release - release the association, and end */
void
out_release(struct out *out)
{
	if (out->connection != 0)
		peer_release(out->link, out->connection);
	if (out->in.two_way)
		receiver_close(&out->in, true);
	fake_event(&out->fake, IPC_LINK_RELEASED);
	out_end(out);
}
