/* SPDX-License-Identifier: ISC */
/*
 * fake_out.c - workers that send: x400out, and msmi-out as another role of it
 *
 * It does what common/traffic/outgoing does, with a peer that is a table: asks
 * for a former name first, has a new one noted, transfers, reports.  When the
 * queue manager is gone it tells the next one what the peer has taken.
 */
#include "tests/sim/fake_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/out_jobs.h"
#include "tests/sim/side.h"

static const struct fake_role role;
static unsigned connections;

/* out_of - find the worker that a fake is */
static struct out *
out_of(struct fake *fake)
{
	return (struct out *)(void *)fake;
}

/* out_begin - start a worker of a link for a connection that waits */
void
out_begin(unsigned link, int fd)
{
	struct out *out = out_of(fake_begin(&role, sizeof(struct out)));

	out->link = link;
	fake_adopt(&out->fake, fd);
	master_started(&out->fake,
	    out_is_file(out) ? IPC_ROLE_MSMI_OUT : IPC_ROLE_X400OUT,
	    links[link].name);
	/* The worker says hello when it runs. */
	fake_act_between(&out->fake, 1, chance_one_in(30) ? 3000 : 20);
}

/* end - end the process of a worker */
static void
end(struct out *out)
{
	while (out->count > 0)
		out_drop(out);
	fake_end(&out->fake);
}

/* end_lost - end since the association is lost; the first job, if it was begun,
 * ended it */
static void
end_lost(struct out *out)
{
	if (out->count > 0 &&
	    (out->phase == PHASE_SENDING || out->phase == PHASE_SENT ||
		out->phase == PHASE_REOPENING || out->jobs[0].begun))
		out_report(out, IPC_INTERRUPTED, true);
	while (out->count > 0)
		out_report(out, IPC_UNSTARTED, false);
	fake_event(&out->fake, IPC_LINK_LOST);
	end(out);
}

/* out_cut - lose the association; the worker may open another itself */
void
out_cut(struct out *out)
{
	/* A worker that writes files has no association: it dies. */
	if (out_is_file(out)) {
		end(out);
		return;
	}
	if (out->count == 0 || out->link == 1 ||
	    (out->phase != PHASE_SENDING && out->phase != PHASE_SENT) ||
	    out->cuts++ >= 2) {
		end_lost(out);
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

/* bound - say that the association is open */
static void
bound(struct out *out, bool first)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = IPC_LINK_BOUND;
	record.link_event.stage = slice_of_string("association");
	record.link_event.address = slice_of_string("127.0.0.1");
	out->next = 1;
	if (!out_is_file(out)) {
		out->connection = ++connections;
		record.link_event.references =
		    out_name(out->connection, 0).references;
	}
	/* Jobs that were handed out go by names of the connection before. */
	out->noted = first ? out->connection : 0;
	fake_send(&out->fake, &record);
	out_go_on(out);
}

/* open_association - try to reach the peer */
static void
open_association(struct out *out)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	if (!peers[out->link].down && !chance_one_in(200)) {
		bound(out, true);
		return;
	}
	record.link_event.state = IPC_LINK_FAILED;
	record.link_event.stage = slice_of_string("transport");
	record.link_event.reason = slice_of_string("it does not answer");
	record.link_event.failure = (enum ipc_failure)chance_number(3);
	fake_send(&out->fake, &record);
	end(out);
}

/* release - release the association, and end */
static void
release(struct out *out)
{
	if (out->connection != 0)
		peer_release(out->link, out->connection);
	fake_event(&out->fake, IPC_LINK_RELEASED);
	end(out);
}

/* keep_told - keep that the peer has the first job, for the next queue
 * manager */
static void
keep_told(struct out *out)
{
	out->told[out->told_count++ % KEPT] = (struct told){
	    out->jobs[0].message, out->jobs[0].activity, out->noted};
}

/* take_late - have the peer confirm an activity whose end was sent */
static void
take_late(struct out *out)
{
	out->late = false;
	out_deliver(out);
	keep_told(out);
	out_drop(out);
	fake_act_between(&out->fake, 1, 50);
}

/* tell_next - tell the next queue manager what the peer has */
static void
tell_next(struct out *out)
{
	if (out->told_count == 0 || out_is_file(out)) {
		end(out);
		return;
	}
	if (!fake_connect(&out->fake, "qmgr")) {
		fake_act_between(&out->fake, 20, 200);
		return;
	}
	out->phase = PHASE_TELLING;
	fake_hello(&out->fake, IPC_ROLE_REPORTER);
}

/* out_act - do what is due */
static void
out_act(struct fake *fake)
{
	struct out *out = out_of(fake);

	switch (out->phase) {
	case PHASE_GREETING:
		fake_hello(fake,
		    out_is_file(out) ? IPC_ROLE_MSMI_OUT : IPC_ROLE_X400OUT);
		break;
	case PHASE_OPENING:
		open_association(out);
		break;
	case PHASE_IDLE:
		if (out->count > 0)
			out_next(out);
		else if (out->retire)
			release(out);
		break;
	case PHASE_ASKING:
		out_asked(out);
		break;
	case PHASE_SENDING:
		out_sent(out);
		break;
	case PHASE_SENT:
		out->cuts = 0;
		out_report(out,
		    out_is_file(out) ? IPC_DELIVERED : IPC_TRANSFERRED, false);
		out_go_on(out);
		break;
	case PHASE_REOPENING:
		if (peers[out->link].down)
			end_lost(out);
		else
			bound(out, false);
		break;
	case PHASE_ORPHAN:
		if (out->late)
			take_late(out);
		else
			tell_next(out);
		break;
	case PHASE_NAMING:
	case PHASE_NOTING:
	case PHASE_BODY:
	case PHASE_TELLING:
		break;
	}
}

/* tell_all - send what is kept, the oldest first */
static void
tell_all(struct out *out)
{
	unsigned i = out->told_count > KEPT ? out->told_count - KEPT : 0;

	for (; i < out->told_count; i++) {
		const struct told *told = &out->told[i % KEPT];
		struct ipc_record record = {.type = IPC_TAKEN};

		record.taken.message = told->message;
		record.taken.name = out_name(told->connection, told->activity);
		fake_send(&out->fake, &record);
	}
	(void)shutdown(out->fake.channel.fd, SHUT_WR);
}

/* out_take - take a record */
static void
out_take(struct fake *fake, const struct ipc_record *record)
{
	struct out *out = out_of(fake);

	switch ((int)record->type) {
	case IPC_HELLO:
		if (out->phase == PHASE_TELLING)
			tell_all(out);
		break;
	case IPC_SETTINGS:
		out->phase = PHASE_OPENING;
		fake_act_between(fake, 1, chance_one_in(20) ? 8000 : 30);
		break;
	case IPC_JOB:
		out_take_job(out, &record->job);
		break;
	case IPC_SEQUENCE:
		out_take_names(out, &record->sequence);
		break;
	case IPC_BODY:
		out_take_body(out, &record->body);
		break;
	case IPC_DELIVERY_NOTE:
		out_take_note(out);
		break;
	case IPC_OUTCOME: /* it is committed */
		break;
	case IPC_CANCEL:
		out_take_cancel(out, record->cancel.job);
		break;
	case IPC_RETIRE:
		out->retire = true;
		if (out->phase == PHASE_IDLE)
			fake_act_between(fake, 0, 5);
		else if (out->phase <= PHASE_OPENING)
			end(out);
		break;
	default:
		sim_fail("%s to a worker", ipc_type_name(record->type));
	}
}

/* out_gone - begin nothing new: the queue manager is gone */
static void
out_gone(struct fake *fake)
{
	struct out *out = out_of(fake);
	struct job *job = &out->jobs[0];

	if (out->phase == PHASE_TELLING || out->phase <= PHASE_OPENING) {
		end(out);
		return;
	}
	/* An activity whose end was sent is awaited. */
	if (out->phase == PHASE_SENT && job->activity != 0)
		keep_told(out);
	out->late = out->phase == PHASE_SENDING && job->activity != 0 &&
	    (job->item == NULL || job->item->mood == MOOD_TAKE) &&
	    chance_one_in(2);
	while (out->count > out->late)
		free(out->jobs[--out->count].body);
	out->phase = PHASE_ORPHAN;
	fake->act_at = SIM_NEVER;
	fake_act_between(fake, 5, chance_one_in(10) ? 8000 : 300);
}

/* out_left - count the workers of a link that worked for the life before */
unsigned
out_left(unsigned link)
{
	unsigned left = 0;

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		left += fake != NULL && fake->role == &role &&
		    out_of(fake)->link == link;
	}
	return left;
}

/* out_mishap - have something happen to a worker, chosen by chance */
void
out_mishap(enum out_mishap mishap)
{
	unsigned from = (unsigned)chance_number(FAKES_MAX);

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at((from + i) % FAKES_MAX);
		struct out *out;

		if (fake == NULL || fake->role != &role)
			continue;
		out = out_of(fake);
		trace_note("mishap", fake->index, mishap);
		if (mishap != OUT_CUT) {
			if (mishap == OUT_CRASHED && out->count > 0)
				master_blame(fake, out->jobs[0].message);
			end(out);
		} else if (out->phase >= PHASE_IDLE &&
		    out->phase < PHASE_ORPHAN && out->phase != PHASE_REOPENING)
			out_cut(out);
		return;
	}
}

static const struct fake_role role = {
    .name = "out", .take = out_take, .gone = out_gone, .act = out_act};
