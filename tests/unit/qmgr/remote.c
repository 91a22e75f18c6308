/* SPDX-License-Identifier: ISC */
/*
 * remote.c - the other side of qmgr's connections, in the hands of the test;
 * see remote.h
 */
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

bool
remote_try(struct remote *r, struct ipc_record *record)
{
	struct diag diag = {0};
	int rc = ipc_channel_take(&r->channel, record, &diag);

	if (rc == 0 && !r->closed) {
		int filled = ipc_channel_fill(&r->channel);

		if (filled == ERR_CLOSED || filled == ERR_IO)
			r->closed = true;
		rc = ipc_channel_take(&r->channel, record, &diag);
	}
	ck_assert_msg(rc >= 0, "%s", diag_text(&diag));
	return rc == 1;
}

void
remote_next(struct remote *r, struct ipc_record *record)
{
	for (uint64_t end = clock_after(HARNESS_TIME);
	     clock_monotonic() < end;) {
		if (remote_try(r, record))
			return;
		ck_assert_msg(!r->closed, "qmgr closed the connection");
		harness_step(r->h);
	}
	ck_abort_msg("nothing came");
}

void
remote_expect(struct remote *r, enum ipc_type type, struct ipc_record *record)
{
	remote_next(r, record);
	ck_assert_msg(record->type == type, "%s instead of %s",
	    ipc_type_name(record->type), ipc_type_name(type));
}

void
remote_quiet(struct remote *r)
{
	struct ipc_record record;

	for (int i = 0; i < 20; i++) {
		harness_step(r->h);
		ck_assert_msg(!remote_try(r, &record), "unexpected %s",
		    ipc_type_name(record.type));
	}
}

void
remote_send(struct remote *r, const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_channel_send(&r->channel, record), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
}

void
remote_close(struct remote *r)
{
	ipc_channel_fini(&r->channel);
	r->closed = true;
	harness_steps(r->h, 5);
}

void
remote_dropped(struct remote *r)
{
	struct ipc_record record;

	for (int i = 0; i < 10 && !r->closed; i++) {
		harness_step(r->h);
		ck_assert(!remote_try(r, &record));
	}
	ck_assert(r->closed);
	remote_close(r);
}

void
remote_connect(struct harness *h, struct remote *r, enum client_side side)
{
	int pair[2];

	*r = (struct remote){.h = h};
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(ipc_channel_init(&r->channel, pair[0]), 0);
	ck_assert_ptr_nonnull(client_adopt(&h->qmgr, pair[1], side));
}

void
remote_connect_as(
    struct harness *h, struct remote *r, enum ipc_role role, const char *name)
{
	enum client_side side =
	    role == IPC_ROLE_TOOL ? CLIENT_CONTROL_SOCKET : CLIENT_QMGR_SOCKET;
	struct ipc_hello hello =
	    harness_hello(harness_announce(h, role, name, 0), role, name, 0);
	struct ipc_record record;

	remote_connect(h, r, side);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
	remote_expect(r, IPC_HELLO, &record);
	if (side == CLIENT_QMGR_SOCKET && role != IPC_ROLE_REPORTER)
		remote_expect(r, IPC_SETTINGS, &record);
}

int
remote_listen(const struct harness *h, const char *service)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.60s/%.40s",
	    h->directory, service);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	return fd;
}

bool
remote_accept(struct harness *h, int listener, struct remote *r)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return false;
	*r = (struct remote){.h = h};
	ck_assert_int_eq(ipc_channel_init(&r->channel, fd), 0);
	return true;
}

void
remote_greet(struct remote *r, enum ipc_role role, const char *name)
{
	struct ipc_hello hello =
	    harness_hello(harness_announce(r->h, role, name, 1), role, name, 1);
	struct ipc_record record;

	remote_expect(r, IPC_HELLO, &record);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
	remote_expect(r, IPC_SETTINGS, &record);
}

void
remote_wait_for(struct harness *h, int listener, struct remote *r)
{
	for (uint64_t end = clock_after(HARNESS_TIME);
	     clock_monotonic() < end;) {
		if (remote_accept(h, listener, r))
			return;
		harness_step(h);
	}
	ck_abort_msg("qmgr did not connect");
}

void
remote_bound(struct remote *r, enum ipc_link_state state, const char *reason,
    const char *additional)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};
	struct ipc_link_event *event = &record.link_event;

	event->state = state;
	event->stage = slice_of_string("association");
	event->reason = slice_of_string(reason);
	event->address = slice_of_string("127.0.0.1");
	if (*additional != '\0') {
		event->references =
		    references_of("MTA-TEST", "261127091831Z", additional);
	}
	remote_send(r, &record);
}

void
remote_event(struct remote *r, enum ipc_link_state state, const char *reason)
{
	remote_bound(r, state, reason, "");
}

void
remote_open(struct harness *h, int listener, const char *link, struct remote *r)
{
	remote_wait_for(h, listener, r);
	remote_greet(r, IPC_ROLE_X400OUT, link);
	remote_event(r, IPC_LINK_BOUND, "");
}

void
remote_outcome(struct remote *r, uint64_t job, enum ipc_result result)
{
	struct ipc_record record = {.type = IPC_OUTCOME};

	record.outcome.job = job;
	record.outcome.result = result;
	record.outcome.doubtful = result == IPC_INTERRUPTED;
	record.outcome.reason = REASON_UNABLE_TO_TRANSFER;
	record.outcome.diagnostic = DIAGNOSTIC_RECIPIENT_UNAVAILABLE;
	record.outcome.text = slice_of_string("so the worker says");
	remote_send(r, &record);
}

void
remote_data(struct remote *r, uint64_t submit, struct slice octets)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA};

	record.submit_data.submit = submit;
	while (octets.len > 0) {
		size_t n = octets.len < 30000 ? octets.len : 30000;

		record.submit_data.data = slice_of(octets.data, n);
		octets.data += n;
		octets.len -= n;
		ck_assert_int_eq(ipc_channel_send(&r->channel, &record), 0);
		while (ipc_channel_pending(&r->channel) > 0) {
			ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
			if (ipc_channel_pending(&r->channel) > 0)
				harness_step(r->h);
		}
	}
}

uint64_t
remote_submit_begin(
    struct remote *r, struct ipc_submit_start start, struct slice envelope)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};

	start.submit = ++r->h->next_submit;
	start.envelope_length = envelope.len;
	record.submit_start = start;
	ck_assert_int_eq(ipc_channel_send(&r->channel, &record), 0);
	remote_data(r, start.submit, envelope);
	return start.submit;
}

void
remote_submit_end(
    struct remote *r, uint64_t submit, uint64_t length, const char *key)
{
	struct ipc_record record = {.type = IPC_SUBMIT_END};

	record.submit_end.submit = submit;
	record.submit_end.content_length = length;
	if (key != NULL)
		record.submit_end.key = slice_of(key, 16);
	remote_send(r, &record);
}

void
remote_submit(struct remote *r, struct slice envelope, struct slice content,
    struct ipc_record *record)
{
	struct ipc_submit_start start = {
	    .kind = MTS_MESSAGE, .origin = IPC_SUBMISSION};
	uint64_t submit = remote_submit_begin(r, start, envelope);

	remote_data(r, submit, content);
	remote_submit_end(r, submit, content.len, NULL);
	do
		remote_next(r, record);
	while (record->type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record->type, IPC_SUBMIT_ANSWER);
	ck_assert_uint_eq(record->submit_answer.submit, submit);
}

uint64_t
remote_submit_to(struct harness *h, struct remote *r, const char *to)
{
	struct p1_envelope e;
	struct ipc_record record;

	harness_envelope(h, &e, 1, &to);
	remote_submit(
	    r, harness_octets(h, &e), slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}
