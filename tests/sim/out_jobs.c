/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.c - the jobs of a worker that sends
 */
#include "tests/sim/out_jobs.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/bodies.h"
#include "tests/sim/links.h"
#include "tests/sim/side.h"

/* In one report; the queue manager discards it at the next (qmgr's
 * transfer-retries is 2). */
#define REPORT_CUTS_MAX 2

/* out_is_file - tell whether a worker writes files */
bool
out_is_file(const struct out *out)
{
	return out->link == POSTOFFICE || out->link == PROGRAM;
}

/* out_is_peer - tell whether a worker sends to an MTA */
bool
out_is_peer(const struct out *out)
{
	return out->link < CONNECTORS;
}

/* out_name - make the name of an activity on a connection */
struct transfer_name
out_name(const struct out *out, unsigned connection, uint64_t activity)
{
	return (struct transfer_name){
	    sim_references(out->link, connection), activity};
}

/* out_drop - drop the first job */
void
out_drop(struct out *out)
{
	free(out->jobs[0].body);
	out->count--;
	memmove(out->jobs, out->jobs + 1, out->count * sizeof(out->jobs[0]));
}

/* out_go_on - look at the next job before long */
void
out_go_on(struct out *out)
{
	out->phase = PHASE_IDLE;
	fake_act_between(&out->fake, 0, 1);
}

/* out_report - report on the first job, and drop it */
void
out_report(struct out *out, enum ipc_result result, bool doubtful)
{
	const struct job *job = &out->jobs[0];
	struct ipc_record record = {.type = IPC_OUTCOME};

	record.outcome.job = job->job;
	record.outcome.result = result;
	record.outcome.doubtful = doubtful;
	record.outcome.diagnostic = -1;
	record.outcome.reason = 1;
	record.outcome.text = slice_of_string("so it is");
	if (result == IPC_DELIVERED) {
		answer_put(answer_on(job->message), &record.outcome);
		record.outcome.confirm = true;
	}
	if (result == IPC_TRANSFERRED) {
		record.outcome.confirm = true;
		out->unsettled++;
	}
	fake_send(&out->fake, &record);
	if (result == IPC_TRANSFERRED && job->activity != 0)
		out->told[out->told_count++ % KEPT] =
		    (struct told){job->message,
			job->old_connection != 0 ? job->old_activity
						 : job->activity,
			job->old_connection != 0 ? job->old_connection
						 : out->noted};
	out_drop(out);
}

/* ask_names - ask the queue manager to note names from the first job on */
static void
ask_names(struct out *out)
{
	struct ipc_record record = {.type = IPC_SEQUENCE};

	record.sequence.job = out->naming = out->jobs[0].job;
	record.sequence.name = out_name(out, out->connection, out->next);
	out->phase = PHASE_NAMING;
	fake_send(&out->fake, &record);
}

/* ask_note - have the name of a file noted */
static void
ask_note(struct out *out)
{
	struct ipc_record record = {.type = IPC_DELIVERY_NOTE};

	record.delivery_note.job = out->jobs[0].job;
	record.delivery_note.note = slice_of_string("file");
	out->phase = PHASE_NOTING;
	fake_send(&out->fake, &record);
}

/* ask_body - ask for the next piece of the body, or begin to send */
static void
ask_body(struct out *out)
{
	const struct job *job = &out->jobs[0];
	struct ipc_record record = {.type = IPC_BODY_REQUEST};
	size_t want = job->length - job->have;

	if (want == 0) {
		out->phase = PHASE_SENDING;
		fake_act_between(&out->fake, 0, job->length > 4096 ? 200 : 4);
		return;
	}
	out->phase = PHASE_BODY;
	record.body_request.job = job->job;
	record.body_request.offset = job->have;
	record.body_request.length =
	    (uint32_t)(want < IPC_PIECE_MAX ? want : IPC_PIECE_MAX);
	fake_send(&out->fake, &record);
}

/* out_next - begin with the first job, or with what goes before it */
void
out_next(struct out *out)
{
	const struct job *job = &out->jobs[0];

	if (job->cancelled) {
		out_report(out, job->begun ? IPC_TRANSIENT : IPC_UNSTARTED,
		    job->begun);
		out_go_on(out);
	} else if (out_is_file(out) && job->has_note &&
	    peer_has(out->link, 0, job->message) != 0) {
		out_report(out, IPC_DELIVERED, false);
		out_go_on(out);
	} else if (out_is_file(out) && !job->has_note) {
		ask_note(out);
	} else if (!out_is_peer(out)) {
		ask_body(out);
	} else if (job->old_connection != 0) {
		out->phase = PHASE_ASKING;
		fake_act_between(&out->fake, 0, 5);
	} else if (job->activity != out->next || out->noted != out->connection)
		ask_names(out);
	else
		ask_body(out);
}

/* out_asked - take the peer's word on a former name */
void
out_asked(struct out *out)
{
	struct job *job = &out->jobs[0];
	uint64_t has;

	out_withdraw(job->old_connection);
	has = peers[out->link].forgetful
	    ? 0
	    : peer_has(out->link, job->old_connection, job->old_activity);
	if (has != 0 && has != job->message)
		sim_fail("message %llu is asked for by the name of %llu",
		    (unsigned long long)job->message, (unsigned long long)has);
	if (has != 0) {
		out_report(out, IPC_TRANSFERRED, false);
		out_go_on(out);
	} else if (job->only_asked) {
		out_report(out, IPC_TRANSIENT, false);
		out_go_on(out);
	} else
		ask_names(out);
}

/* refuse - do what the mood of an item is, unless it is over; whether */
static bool
refuse(struct out *out)
{
	struct item *item = out->jobs[0].item;

	if (item == NULL)
		return false;
	switch (item->mood) {
	case MOOD_TAKE:
		return false;
	case MOOD_DIE:
		out_cut(out);
		return true;
	case MOOD_REFUSE:
		out->next++;
		item->returned = true;
		out_report(out, IPC_REFUSED, false);
		break;
	case MOOD_LATER:
		if (item->met++ > 0)
			return false;
		out->next++;
		out_report(out, IPC_TRANSIENT, false);
		break;
	}
	out_go_on(out);
	return true;
}

/* out_deliver - have the peer take the first job */
void
out_deliver(struct out *out)
{
	const struct job *job = &out->jobs[0];
	struct passed passed = {.job = job->job};
	const struct answer *answer;

	trace_note("takes", out->fake.index, job->message);
	if (job->item != NULL)
		item_check(job->item, 0,
		    slice_of(job->body + job->envelope,
			job->length - job->envelope));
	if (out_is_file(out))
		peer_take(out->link, 0, job->message, job->message);
	else if (out_is_peer(out))
		peer_take(
		    out->link, out->connection, out->next++, job->message);
	answer = answer_choose(out->link, job->message, job->mask,
	    out_is_peer(out) || peers[out->link].cuts == 0 ? NULL : job->item);
	passed.recipients = ~(answer->later | answer->failed);
	passed.item = items_deliver(out->link, job->kind,
	    slice_of(job->body, job->envelope),
	    slice_of(job->body + job->envelope, job->length - job->envelope),
	    &passed.recipients);
	if (out->link != GATEWAY)
		return;
	/* A mail server does not know what it has had. */
	passed.item->doubt |= passed.recipients;
	out->passed[out->passed_count++ % KEPT] = passed;
}

/* out_take_committed - note that the outcome of a job is committed */
void
out_take_committed(struct out *out, uint64_t job)
{
	if (out_is_peer(out) && out->unsettled > 0)
		out->unsettled--;
	for (unsigned i = 0; i < KEPT && i < out->passed_count; i++)
		if (out->passed[i].job == job)
			out->passed[i].item->doubt &=
			    ~out->passed[i].recipients;
}

/* cuts_now - choose whether the association is lost in the first job */
static bool
cuts_now(const struct out *out)
{
	const struct job *job = &out->jobs[0];

	if (!chance_one_in(peers[out->link].cuts))
		return false;
	/* A report in which associations end while other mail passes is
	 * discarded at the third, since nobody gets a report on a report: its
	 * item would have no end that could be seen. */
	return job->item != NULL ||
	    answer_on(job->message)->cuts++ < REPORT_CUTS_MAX;
}

/* out_sent - have the peer take the first job, unless it does not */
void
out_sent(struct out *out)
{
	if (out->jobs[0].cancelled) {
		out->next++;
		out_report(out, IPC_TRANSIENT, false);
		out_go_on(out);
		return;
	}
	if (refuse(out))
		return;
	if (cuts_now(out)) {
		out_cut(out);
		return;
	}
	out_deliver(out);
	out->phase = PHASE_SENT;
	if (cuts_now(out))
		out_cut(out);
	else
		fake_act_between(&out->fake, 0, 3);
}

/* out_take_job - take a job */
void
out_take_job(struct out *out, const struct ipc_job *from)
{
	struct job *job = &out->jobs[out->count++];

	trace_note("job", out->fake.index, from->message);
	if (out->count > LIMITS_BATCH)
		sim_fail("more jobs than a batch");
	*job = (struct job){.job = from->job,
	    .message = from->message,
	    .activity = from->activity,
	    .old_activity = from->old.activity,
	    .kind = from->kind,
	    .envelope = (size_t)from->envelope_length,
	    .have = from->body.len,
	    .length = (size_t)(from->envelope_length + from->content_length),
	    .only_asked = from->only_asked,
	    .has_note = from->note.len > 0};
	/* A note goes with the commit of an answer: what lies there without one
	 * is of an earlier try. */
	if (out_is_file(out) && !job->has_note)
		peer_forget(out->link, 0, job->message);
	job->item = item_of_job(from, &job->mask);
	if (from->old.activity != 0)
		job->old_connection = sim_connection(&from->old.references);
	job->body = malloc(job->length);
	memcpy(job->body, from->body.data, from->body.len);
	if (out->phase == PHASE_IDLE)
		fake_act_between(&out->fake, 0, 1);
}

/* out_take_body - take a piece of a body */
void
out_take_body(struct out *out, const struct ipc_body *piece)
{
	struct job *job = &out->jobs[0];

	if (out->count == 0 || out->phase != PHASE_BODY ||
	    piece->job != job->job)
		return;
	if (piece->offset != job->have || piece->data.len == 0 ||
	    piece->data.len > job->length - job->have)
		sim_fail("a piece that was not asked for");
	memcpy(job->body + job->have, piece->data.data, piece->data.len);
	job->have += piece->data.len;
	ask_body(out);
}

/* out_take_names - go on once the names are noted */
void
out_take_names(struct out *out, const struct ipc_sequence *sequence)
{
	if (out->naming == 0 || sequence->job != out->naming)
		sim_fail("names that were not asked for");
	for (unsigned i = 0; i < out->count; i++)
		out->jobs[i].activity = sequence->name.activity + i;
	out->jobs[0].old_connection = 0;
	out->noted = out->connection;
	out->naming = 0;
	if (out->phase == PHASE_NAMING)
		out_go_on(out);
}

/* out_take_cancel - leave a job, if it is not over yet */
void
out_take_cancel(struct out *out, uint64_t job)
{
	for (unsigned i = 0; i < out->count; i++)
		if (out->jobs[i].job == job)
			out->jobs[i].cancelled = true;
}

/* out_take_note - write the file whose name is noted */
void
out_take_note(struct out *out)
{
	if (out->phase != PHASE_NOTING)
		return;
	out->jobs[0].has_note = true;
	ask_body(out);
}
