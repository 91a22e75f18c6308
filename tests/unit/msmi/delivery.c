/* SPDX-License-Identifier: ISC */
/*
 * delivery.c - a msmi-out in a process of its own, and its qmgr in the test;
 * see delivery.h
 */
#include "tests/unit/msmi/delivery.h"

/* delivery_work - run the worker in its process */
static void
delivery_work(struct delivery *run, int fd)
{
	static struct out out;

	out.msmi = run->msmi;
	if (run->fault[0] != '\0' && fault_arm(run->fault) < 0)
		_exit(5);
	out_init(&out);
	if (ipc_channel_init(&out.msmi.qmgr, fd) < 0)
		_exit(4);
	while (!out.channel.gone && !out.channel.retire && !out.lost) {
		job_channel_pump(&out.channel);
		if (out.channel.jobs.count > 0 && !out.channel.gone)
			out_batch(&out);
		else if (!out.channel.gone)
			(void)!job_channel_wait(
			    &out.channel, NULL, CLOCK_NEVER);
	}
	_exit(0);
}

void
delivery_start(struct delivery *run)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	run->pid = fork();
	ck_assert_int_ge(run->pid, 0);
	if (run->pid == 0) {
		close(pair[0]);
		run->msmi.addressing.map = &run->msmi.map;
		delivery_work(run, pair[1]);
	}
	close(pair[1]);
	ck_assert_int_eq(ipc_channel_init(&run->channel, pair[0]), 0);
}

void
delivery_init_fault(struct delivery *run, const char *fault)
{
	*run = (struct delivery){.jobs = 0};
	arena_init(&run->arena, 1 << 28);
	buffer_init(&run->body, 1 << 26);
	place_init(&run->place, &run->msmi);
	snprintf(run->fault, sizeof(run->fault), "%s", fault);
	delivery_start(run);
}

void
delivery_init(struct delivery *run)
{
	delivery_init_fault(run, "");
}

void
delivery_fini(struct delivery *run)
{
	int status;

	ipc_channel_fini(&run->channel);
	ck_assert_int_eq(waitpid(run->pid, &status, 0), run->pid);
	ck_assert_int_eq(status, 0);
	place_fini(&run->place, &run->msmi);
	buffer_fini(&run->body);
	arena_fini(&run->arena);
}

/* delivery_give - send a record to the worker */
static void
delivery_give(struct delivery *run, const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_channel_send(&run->channel, record), 0);
	while (ipc_channel_pending(&run->channel) > 0)
		ck_assert_int_eq(ipc_channel_flush(&run->channel), 0);
}

void
delivery_job(struct delivery *run, enum mts_kind kind, uint64_t message,
    const char *note)
{
	struct slice body = buffer_slice(&run->body);
	struct ipc_record record = {.type = IPC_JOB,
	    .job = {.job = ++run->jobs,
		.message = message,
		.kind = kind,
		.priority = 1,
		.envelope_length = run->envelope,
		.content_length = body.len - run->envelope,
		.mts_id = slice_of_string("[C=DE;A=VIAT;x]"),
		.note = slice_of_string(note)}};

	record.job.body = slice_of(
	    body.data, body.len < IPC_PIECE_MAX ? body.len : IPC_PIECE_MAX);
	delivery_give(run, &record);
}

/* delivery_answer_body - send a piece that the worker wants */
static void
delivery_answer_body(
    struct delivery *run, const struct ipc_body_request *request)
{
	struct slice body = buffer_slice(&run->body);

	ck_assert_uint_le(request->offset + request->length, body.len);
	delivery_give(run,
	    &(struct ipc_record){.type = IPC_BODY,
		.body = {.job = request->job,
		    .offset = request->offset,
		    .data = slice_of(
			body.data + request->offset, request->length)}});
}

bool
delivery_outcome(struct delivery *run, struct ipc_outcome *out)
{
	struct ipc_record record;
	struct diag diag = {0};
	int got;

	for (;;) {
		struct pollfd pfd = {.fd = run->channel.fd, .events = POLLIN};

		while ((got = ipc_channel_take(
			    &run->channel, &record, &diag)) == 1) {
			if (record.type == IPC_BODY_REQUEST) {
				struct ipc_body_request request =
				    record.body_request;

				delivery_answer_body(run, &request);
			} else if (record.type == IPC_DELIVERY_NOTE) {
				snprintf(run->note, sizeof(run->note), "%.*s",
				    (int)record.delivery_note.note.len,
				    (const char *)
					record.delivery_note.note.data);
				run->notes++;
				if (run->withhold)
					return false;
				delivery_give(run, &record);
			} else if (record.type == IPC_OUTCOME) {
				*out = record.outcome;
				return true;
			}
		}
		ck_assert_msg(got == 0, "%s", diag_text(&diag));
		ck_assert_int_eq(poll(&pfd, 1, 60000), 1);
		got = ipc_channel_fill(&run->channel);
		if (got != 0 && got != ERR_AGAIN) {
			run->died = true;
			return false;
		}
	}
}

struct or_address
delivery_address(struct delivery *run, const char *text)
{
	struct or_address address;

	ck_assert_int_eq(or_address_parse(slice_of_string(text), &run->arena,
			     &address, NULL),
	    0);
	return address;
}

void
delivery_compose(struct delivery *run, const char *const *to, size_t to_count,
    const struct part *parts, size_t count)
{
	struct draft_recipient *list =
	    arena_array(&run->arena, to_count, sizeof(*list));
	struct ipm_outgoing outgoing[8];
	struct draft draft = {
	    .from = delivery_address(run, "S=Bob;P=BETA;A=ATLAS;C=FR"),
	    .to = list,
	    .to_count = to_count,
	    .subject = slice_of_string("Subject"),
	    .priority = P1_URGENT,
	    .importance = IPM_HIGH,
	    .id = "id",
	    .parts = outgoing,
	    .part_count = count};
	struct ipm_encoder encoder;
	struct diag diag = {0};

	ck_assert(to_count == 0 || list != NULL);
	for (size_t i = 0; i < to_count; i++)
		list[i] = (struct draft_recipient){
		    .address = delivery_address(run, to[i]),
		    .report = DRAFT_NON_DELIVERY};
	for (size_t i = 0; i < count; i++)
		outgoing[i] = parts[i].part;
	buffer_reset(&run->body);
	ck_assert_msg(draft_encode(&draft, run->msmi.conf, &run->arena,
			  &run->body, &encoder, &diag) == 0,
	    "%s", diag_text(&diag));
	run->envelope = buffer_length(&run->body);
	for (size_t i = 0; i == 0 || i < count; i++) {
		struct slice prefix = ipm_encoder_prefix(&encoder, i);

		ck_assert_int_eq(
		    buffer_append(&run->body, prefix.data, prefix.len), 0);
		if (count > 0)
			ck_assert_int_eq(
			    buffer_append(&run->body, parts[i].contents.data,
				parts[i].contents.len),
			    0);
	}
	ipm_encoder_fini(&encoder);
}
