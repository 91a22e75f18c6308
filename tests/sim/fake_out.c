/* SPDX-License-Identifier: ISC */
/*
 * fake_out.c - workers that send: x400out, msmi-out as another role of it, and
 * x400in where the peer takes turns
 *
 * It does what common/traffic/outgoing does, with a peer that is a table: asks
 * for a former name first, has a new one noted, transfers, reports.  When the
 * queue manager is gone it tells the next one what the peer has taken.
 *
 * On a two-way alternate association the peer sends too, between the transfers
 * of ours: whoever of them begins first has the turn.
 */
#include "tests/sim/fake_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/out_jobs.h"
#include "tests/sim/routes.h"
#include "tests/sim/side.h"

static const struct fake_role role;

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
	out->phase = PHASE_GREETING;
	fake_adopt(&out->fake, fd);
	master_started(&out->fake, links[link].role, links[link].name);
	/* The worker says hello when it runs. */
	fake_act_between(&out->fake, 1, chance_one_in(30) ? 3000 : 20);
}

/* out_call - have a peer open a two-way alternate association */
void
out_call(unsigned link, unsigned connection, unsigned recovers)
{
	struct out *out = out_of(fake_begin(&role, sizeof(struct out)));

	out->link = link;
	out->called = true;
	out->connection = connection;
	out->in = (struct receiver){.fake = &out->fake,
	    .link = link,
	    .connection = connection,
	    .two_way = true,
	    .recovers = recovers};
	out->phase = PHASE_CONNECTING;
	master_started(&out->fake, IPC_ROLE_X400IN, "");
	fake_act_between(&out->fake, 1, 20);
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
	if (out->told_count == 0 || !out_is_peer(out)) {
		out_end(out);
		return;
	}
	if (!fake_connect(&out->fake, "qmgr")) {
		fake_act_between(&out->fake, 20, 200);
		return;
	}
	out->phase = PHASE_TELLING;
	fake_hello(&out->fake, IPC_ROLE_REPORTER);
}

/* leave_open - do what is to be done with an association on which nothing is
 * under way */
static void
leave_open(struct out *out)
{
	bool retire = out->retire || out->in.recovers != 0;

	/* A transfer of ours that was cut comes as a job, after a while. */
	if (out->in.recovers != 0 && !out->retire && out->idled++ < 2)
		fake_act_between(&out->fake, 300, 900);
	/* A responder can only abort. */
	else if (retire && out->called && !out->releases)
		out_end_lost(out);
	/* A peer that has released forgets what it has: not before it is
	 * noted. */
	else if ((retire || out->releases) && out->unsettled > 0)
		fake_act_between(&out->fake, 1, 3);
	else if (retire || out->releases)
		out_release(out);
	else if (out->in.two_way)
		fake_act_between(&out->fake, 100, 900);
}

/* idle - begin with what is to be transferred next, by us or by the peer */
static void
idle(struct out *out)
{
	bool peer_first = out->in.two_way && chance_one_in(2);

	routes_perhaps(&out->fake, out->link);
	if (out->in.item != NULL) {
		if (receiver_is_cut(&out->in))
			out_end_lost(out);
		else
			receiver_act(&out->in);
		return;
	}
	/* Only a transfer that was cut goes over an association that was
	 * recovered. */
	while (out->in.recovers != 0 && out->count > 0 && !out->jobs[0].begun &&
	    out->jobs[0].old_connection == 0)
		out_report(out, IPC_UNSTARTED, false);
	if (peer_first && receiver_next(&out->in))
		return;
	if (out->count > 0)
		out_next(out);
	else if (!out->in.two_way || !receiver_next(&out->in))
		leave_open(out);
}

/* out_act - do what is due */
static void
out_act(struct fake *fake)
{
	struct out *out = out_of(fake);

	switch (out->phase) {
	case PHASE_CONNECTING:
		if (fake_connect(fake, "qmgr")) {
			out->phase = PHASE_GREETING;
			fake_hello(fake, IPC_ROLE_X400IN);
		} else
			fake_act_between(fake, 20, 200);
		break;
	case PHASE_GREETING:
		fake_hello(fake, links[out->link].role);
		break;
	case PHASE_OPENING:
		out_open(out);
		break;
	case PHASE_IDLE:
		idle(out);
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
		    out_is_peer(out) ? IPC_TRANSFERRED : IPC_DELIVERED, false);
		out_go_on(out);
		break;
	case PHASE_REOPENING:
		if (peers[out->link].down)
			out_end_lost(out);
		else
			out_reach(out, false);
		break;
	case PHASE_ORPHAN:
		if (out->late)
			take_late(out);
		else
			tell_next(out);
		break;
	case PHASE_BINDING:
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

	/* A worker that was called is not named after its link. */
	if (out->called)
		receiver_claim(&out->in);
	for (; i < out->told_count; i++) {
		const struct told *told = &out->told[i % KEPT];
		struct ipc_record record = {.type = IPC_TAKEN};

		record.taken.message = told->message;
		record.taken.name =
		    out_name(out, told->connection, told->activity);
		fake_send(&out->fake, &record);
	}
	(void)shutdown(out->fake.channel.fd, SHUT_WR);
}

/* ping - say how a ping went, and end */
static void
ping(struct out *out)
{
	struct ipc_field field = {.name = slice_of_string("step"),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string("transport")};
	struct ipc_record record = {.type = IPC_ROW};

	record.row = (struct ipc_row){&field, 1};
	fake_send(&out->fake, &record);
	record = (struct ipc_record){.type = IPC_DONE};
	record.done.status = peers[out->link].down;
	fake_send(&out->fake, &record);
	out_end(out);
}

/* take_settings - open the association, or ask for the peer that called */
static void
take_settings(struct out *out, const struct ipc_settings *settings)
{
	static const char two_way[] = "two-way-alternate";
	struct slice text = settings->text;

	if (settings->ping) {
		ping(out);
		return;
	}
	if (out->called) {
		out->phase = PHASE_BINDING;
		receiver_bind(&out->in);
		return;
	}
	out->in.two_way =
	    memmem(text.data, text.len, two_way, sizeof(two_way) - 1) != NULL;
	out->phase = PHASE_OPENING;
	fake_act_between(&out->fake, 1, chance_one_in(20) ? 8000 : 30);
}

/* take_received - take an answer on what the peer sends */
static void
take_received(struct out *out, const struct ipc_record *record)
{
	switch (receiver_take(&out->in, record)) {
	case RECEIVER_GOES_ON:
		break;
	case RECEIVER_OVER:
		out_go_on(out);
		break;
	case RECEIVER_LOST:
		out_end_lost(out);
	}
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
		take_settings(out, &record->settings);
		break;
	case IPC_BIND_ANSWER:
		out_bind_answered(out, &record->bind_answer);
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
	case IPC_OUTCOME:
		out_take_committed(out, record->outcome.job);
		break;
	case IPC_CANCEL:
		out_take_cancel(out, record->cancel.job);
		break;
	case IPC_SESSION_DOUBT:
		fake_send(fake, record);
		break;
	case IPC_RETIRE:
		out->retire = true;
		if (out->phase == PHASE_IDLE)
			fake_act_between(fake, 0, 5);
		else if (out->phase <= PHASE_OPENING)
			out_end(out);
		break;
	default:
		take_received(out, record);
	}
}

/* out_gone - begin nothing new: the queue manager is gone */
static void
out_gone(struct fake *fake)
{
	struct out *out = out_of(fake);
	struct job *job = &out->jobs[0];

	if (out->phase == PHASE_TELLING || out->phase <= PHASE_OPENING ||
	    (out->phase == PHASE_BINDING && out->count == 0)) {
		out_end(out);
		return;
	}
	receiver_leave(&out->in);
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
		    !out_of(fake)->called && out_of(fake)->link == link;
	}
	return left;
}

/* out_turns - count the two-way alternate associations of a peer */
unsigned
out_turns(unsigned link)
{
	unsigned turns = 0;

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		turns += fake != NULL && fake->role == &role &&
		    out_of(fake)->link == link && out_of(fake)->in.two_way &&
		    out_of(fake)->phase < PHASE_ORPHAN;
	}
	return turns;
}

/* out_withdraw - have a peer abort a two-way association that it had opened */
void
out_withdraw(unsigned connection)
{
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);

		if (fake != NULL && fake->role == &role &&
		    out_of(fake)->called &&
		    out_of(fake)->connection == connection &&
		    out_of(fake)->late) {
			out_of(fake)->late = false;
			out_drop(out_of(fake));
		}
	}
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
		if (mishap == OUT_RELEASED)
			out->releases = out->called;
		else if (mishap != OUT_CUT) {
			if (mishap == OUT_CRASHED && out->count > 0)
				master_blame(fake, out->jobs[0].message);
			out_end(out);
		} else if (out->phase >= PHASE_IDLE &&
		    out->phase < PHASE_ORPHAN && out->phase != PHASE_REOPENING)
			out_cut(out);
		return;
	}
}

static const struct fake_role role = {
    .name = "out", .take = out_take, .gone = out_gone, .act = out_act};
