/* SPDX-License-Identifier: ISC */
/*
 * harness.h - a queue manager in the test's own process
 *
 * A real store in a directory of its own, a real event loop, and the other
 * side of each connection in the hands of the test: workers that listen where
 * qmgr connects, and clients on socket pairs.  Nothing sleeps: the loop turns
 * until what is waited for is there, or a bound is reached and the test
 * fails.
 *
 * The harness plays master too: client_open and remote_greet announce the
 * worker that they play, with a pid of its own (harness_announce), and the
 * harness stands in for the kernel, which names that pid.
 */
#ifndef FOURPOST_TESTS_QMGR_HARNESS_H
#define FOURPOST_TESTS_QMGR_HARNESS_H

#include <event2/event.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "mhs/p1.h"
#include "mhs/report.h"
#include "qmgr/assoc.h"
#include "qmgr/dispatch.h"
#include "qmgr/greet.h"
#include "qmgr/outcome.h"
#include "qmgr/peer.h"
#include "qmgr/qmgr.h"
#include "qmgr/ready.h"
#include "qmgr/route.h"
#include "qmgr/schedule.h"
#include "store/store.h"
#include "tests/unit/test.h"

#define HARNESS_TIME 10000 /* ms */

/* Two connectors that share a country, one elsewhere, a postoffice. */
static const char harness_conf[] =
    "mta {\n"
    " name = \"MTA-TEST\"\n"
    " domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    "}\n"
    "link \"paris\" {\n"
    " remote-mta = \"MTA-PARIS\" remote-password = \"pw-paris\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=FR;A=ATLAS\", \"C=FR;A= ;P=BNP\"} cost = 10\n"
    " threshold = 2 associations = 4 open-interval = \"600\"\n"
    " transfer-retries = 2 transfer-interval = \"0.01\"\n"
    "}\n"
    "link \"lyon\" {\n"
    " remote-mta = \"MTA-LYON\" remote-password = \"pw-lyon\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=FR;A=ATLAS;P=BNP;O=LYON\", \"C=FR\"}\n"
    " cost = 20 extension-tagging = \"explicit\"\n"
    "}\n"
    "link \"rome\" {\n"
    " remote-mta = \"MTA-ROME\" remote-password = \"pw-rome\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=IT\"} refused-message = \"hold\"\n"
    " max-size = \"100K\"\n"
    "}\n"
    "link \"rome2\" {\n"
    " remote-mta = \"MTA-ROME2\" remote-password = \"pw-rome2\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=IT;A=IPT\"} cost = 5\n"
    "}\n"
    "msmail \"po1\" {\n"
    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    "}\n";

/* Addresses, by the link that is the first to serve them. */
#define TO_PARIS "C=FR;A=ATLAS;P=BNP;S=Dupont"
#define TO_LYON	 "C=FR;A=ATLAS;P=BNP;O=LYON;S=Petit"
#define TO_ROME	 "C=IT;A=GARR;S=Rossi"

struct harness {
	char directory[64];
	struct event_base *base;
	struct qmgr qmgr;
	struct arena arena; /* of what a test builds */
	uint64_t next_submit;
	int64_t next_pid; /* of the workers that are played */
};

/* harness_sender - what the kernel would say of a peer: that it is the process
 * that it says it is */
static inline int64_t
harness_sender(const struct peer *peer)
{
	return peer->pid;
}

/* harness_announce - say as master that a worker was started: its pid */
static inline int64_t
harness_announce(
    struct harness *h, enum ipc_role role, const char *name, uint32_t instance)
{
	const struct ipc_worker_started started = {.pid = ++h->next_pid,
	    .role = role == IPC_ROLE_REPORTER ? IPC_ROLE_X400OUT : role,
	    .name = slice_of_string(name),
	    .instance = instance,
	    .ticket = slice_of_string("0123456789abcdef")};

	ck_assert_int_eq(workers_started(&h->qmgr.workers, &started), 0);
	return h->next_pid;
}

/* harness_hello - what the announced worker says first */
static inline struct ipc_hello
harness_hello(
    int64_t pid, enum ipc_role role, const char *name, uint32_t instance)
{
	return (struct ipc_hello){.pid = pid,
	    .role = role,
	    .name = slice_of_string(name),
	    .instance = instance,
	    .ticket = slice_of_string("0123456789abcdef")};
}

/* harness_open - start the queue manager in h->directory */
static inline void
harness_open(struct harness *h)
{
	struct store_options options = {
	    .queue_size = 64 << 20, .mode = STORE_READ_WRITE};
	char path[128];
	struct store *store;
	struct conf *conf;
	struct diag diag = {0};

	snprintf(path, sizeof(path), "%s/queue", h->directory);
	ck_assert_msg(conf_parse_text(slice_of_string(harness_conf), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_msg(store_open(path, &options, &store, &diag) == 0, "%s",
	    diag_text(&diag));
	h->base = event_base_new();
	ck_assert_ptr_nonnull(h->base);
	ck_assert_msg(
	    qmgr_init(&h->qmgr, conf, store, h->base, h->directory, &diag) == 0,
	    "%s", diag_text(&diag));
	h->qmgr.sender = harness_sender;
}

/* harness_close - stop it; the queue stays on disk */
static inline void
harness_close(struct harness *h)
{
	qmgr_fini(&h->qmgr);
	event_base_free(h->base);
}

/* harness_init - a fresh one; the log goes to a file beside the queue */
static inline void
harness_init(struct harness *h)
{
	char path[128];
	int fd;

	*h = (struct harness){0};
	strcpy(h->directory, "/tmp/qmgr-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(h->directory));
	snprintf(path, sizeof(path), "%s/log", h->directory);
	fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
	ck_assert_int_ge(fd, 0);
	log_init("qmgr", fd);
	arena_init(&h->arena, 8 << 20);
	harness_open(h);
}

/* harness_unlink - for nftw: files before their directories */
static inline int
harness_unlink(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

/* harness_fini - stop it and remove the queue */
static inline void
harness_fini(struct harness *h)
{
	harness_close(h);
	arena_fini(&h->arena);
	ck_assert_int_eq(
	    nftw(h->directory, harness_unlink, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* harness_turn - one turn of the loop that does not wait */
static inline void
harness_turn(struct harness *h)
{
	h->qmgr.again = true;
	qmgr_turn(&h->qmgr);
}

/* harness_turns - that many */
static inline void
harness_turns(struct harness *h, int count)
{
	for (int i = 0; i < count; i++)
		harness_turn(h);
}

/* harness_log_has - whether a line of the log holds this text */
static inline bool
harness_log_has(const struct harness *h, const char *text)
{
	char path[128], line[4096];
	bool found = false;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", h->directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (!found && fgets(line, sizeof(line), log) != NULL)
		found = strstr(line, text) != NULL;
	fclose(log);
	return found;
}

/* harness_link - a link of the configuration */
static inline struct link *
harness_link(struct harness *h, const char *name)
{
	struct link *link = link_find(&h->qmgr.links, name);

	ck_assert_msg(link != NULL, "no link %s", name);
	return link;
}

/* --- the other side of a connection --- */

struct remote {
	struct harness *h;
	struct ipc_channel channel;
	bool closed; /* by qmgr */
};

/* remote_try - the next record that is there, without waiting */
static inline bool
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

/* remote_next - the next record; the loop turns until it is there */
static inline void
remote_next(struct remote *r, struct ipc_record *record)
{
	for (uint64_t end = clock_after(HARNESS_TIME);
	     clock_monotonic() < end;) {
		if (remote_try(r, record))
			return;
		ck_assert_msg(!r->closed, "qmgr closed the connection");
		harness_turn(r->h);
	}
	ck_abort_msg("nothing came");
}

/* remote_expect - the next record, which must be of this type */
static inline void
remote_expect(struct remote *r, enum ipc_type type, struct ipc_record *record)
{
	remote_next(r, record);
	ck_assert_msg(record->type == type, "%s instead of %s",
	    ipc_type_name(record->type), ipc_type_name(type));
}

/* remote_quiet - nothing comes */
static inline void
remote_quiet(struct remote *r)
{
	struct ipc_record record;

	for (int i = 0; i < 20; i++) {
		harness_turn(r->h);
		ck_assert_msg(!remote_try(r, &record), "unexpected %s",
		    ipc_type_name(record.type));
	}
}

/* remote_send - and let it be written */
static inline void
remote_send(struct remote *r, const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_channel_send(&r->channel, record), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
}

/* remote_close - go away */
static inline void
remote_close(struct remote *r)
{
	ipc_channel_fini(&r->channel);
	r->closed = true;
	harness_turns(r->h, 5);
}

/* remote_dropped - qmgr says nothing more and closes the connection */
static inline void
remote_dropped(struct remote *r)
{
	struct ipc_record record;

	for (int i = 0; i < 10 && !r->closed; i++) {
		harness_turn(r->h);
		ck_assert(!remote_try(r, &record));
	}
	ck_assert(r->closed);
	remote_close(r);
}

/* client_connect - a client that has said nothing yet */
static inline void
client_connect(struct harness *h, struct remote *r, enum peer_side side)
{
	int pair[2];

	*r = (struct remote){.h = h};
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(ipc_channel_init(&r->channel, pair[0]), 0);
	ck_assert_ptr_nonnull(peer_adopt(&h->qmgr, pair[1], side));
}

/* client_open - a client that has said hello and was answered */
static inline void
client_open(
    struct harness *h, struct remote *r, enum ipc_role role, const char *name)
{
	enum peer_side side =
	    role == IPC_ROLE_TOOL ? PEER_CONTROL_SOCKET : PEER_QMGR_SOCKET;
	struct ipc_hello hello =
	    harness_hello(harness_announce(h, role, name, 0), role, name, 0);
	struct ipc_record record;

	client_connect(h, r, side);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
	remote_expect(r, IPC_HELLO, &record);
	if (side == PEER_QMGR_SOCKET && role != IPC_ROLE_REPORTER)
		remote_expect(r, IPC_SETTINGS, &record);
}

/* service_listen - where qmgr connects to a link's workers */
static inline int
service_listen(const struct harness *h, const char *service)
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

/* service_try - whether qmgr has connected: accept it */
static inline bool
service_try(struct harness *h, int listener, struct remote *r)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return false;
	*r = (struct remote){.h = h};
	ck_assert_int_eq(ipc_channel_init(&r->channel, fd), 0);
	return true;
}

/* remote_greet - a worker that was connected to says hello, and takes its
 * settings */
static inline void
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

/* remote_wait_for - qmgr connects to the service */
static inline void
remote_wait_for(struct harness *h, int listener, struct remote *r)
{
	for (uint64_t end = clock_after(HARNESS_TIME);
	     clock_monotonic() < end;) {
		if (service_try(h, listener, r))
			return;
		harness_turn(h);
	}
	ck_abort_msg("qmgr did not connect");
}

/* remote_bound - how a worker's association does, and by which session
 * connection; additional "": by none */
static inline void
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
		event->references.calling = slice_of_string("MTA-TEST");
		event->references.common = slice_of_string("261127091831Z");
		event->references.additional = slice_of_string(additional);
	}
	remote_send(r, &record);
}

/* remote_event - the worker says how its association does */
static inline void
remote_event(struct remote *r, enum ipc_link_state state, const char *reason)
{
	remote_bound(r, state, reason, "");
}

/* remote_open - a worker of a connector whose association is open */
static inline void
remote_open(struct harness *h, int listener, const char *link, struct remote *r)
{
	remote_wait_for(h, listener, r);
	remote_greet(r, IPC_ROLE_X400OUT, link);
	remote_event(r, IPC_LINK_BOUND, "");
}

/* remote_outcome - of a job */
static inline void
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

/* --- messages --- */

/* address_of - an O/R name from text */
static inline struct or_name
name_of(struct harness *h, const char *text)
{
	struct or_name name = {0};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), &h->arena,
			  &name.address, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	return name;
}

/* envelope_of - a message with these recipients, as a submitter makes it */
static inline void
envelope_of(struct harness *h, struct p1_envelope *e, size_t count,
    const char *const *to)
{
	struct diag diag = {0};

	p1_init(e, P1_MESSAGE);
	ck_assert_int_eq(
	    global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"),
		&h->arena, &e->identifier.domain, &diag),
	    0);
	e->identifier.local = slice_of_string("x");
	e->originator = name_of(h, "C=DE;A=VIAT;P=ACME;O=PO1;S=Sender");
	e->content_type.built_in = P1_CONTENT_P22;
	e->recipients = arena_array(&h->arena, count, sizeof(*e->recipients));
	ck_assert_ptr_nonnull(e->recipients);
	e->recipient_count = count;
	for (size_t i = 0; i < count; i++) {
		e->recipients[i].name = name_of(h, to[i]);
		e->recipients[i].number = (int)i + 1;
		e->recipients[i].explicit_conversion = -1;
		e->recipients[i].indicators = P1_RESPONSIBILITY |
		    P1_MTA_NON_DELIVERY_REPORT |
		    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	}
	ck_assert_int_eq(p1_trace_append(e, &h->arena, &e->identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
}

/* octets_of - an envelope encoded, in the arena */
static inline struct slice
octets_of(struct harness *h, const struct p1_envelope *e)
{
	struct buffer out;
	struct slice copy;

	buffer_init(&out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(e, EXTENSION_IMPLICIT, &out), 0);
	ck_assert_int_eq(arena_slice(&h->arena, buffer_slice(&out), &copy), 0);
	buffer_fini(&out);
	return copy;
}

/* send_data - octets of a body in pieces */
static inline void
send_data(struct remote *r, uint64_t submit, struct slice octets)
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
				harness_turn(r->h);
		}
	}
}

/* submit_begin - SubmitStart and the envelope; the submission's number */
static inline uint64_t
submit_begin(
    struct remote *r, struct ipc_submit_start start, struct slice envelope)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START};

	start.submit = ++r->h->next_submit;
	start.envelope_length = envelope.len;
	record.submit_start = start;
	ck_assert_int_eq(ipc_channel_send(&r->channel, &record), 0);
	send_data(r, start.submit, envelope);
	return start.submit;
}

/* submit_end - all was sent */
static inline void
submit_end(struct remote *r, uint64_t submit, uint64_t length, const char *key)
{
	struct ipc_record record = {.type = IPC_SUBMIT_END};

	record.submit_end.submit = submit;
	record.submit_end.content_length = length;
	if (key != NULL)
		record.submit_end.key = slice_of(key, 16);
	remote_send(r, &record);
}

/* submit_message - a whole submission; the answer in *record */
static inline void
submit_message(struct remote *r, struct slice envelope, struct slice content,
    struct ipc_record *record)
{
	struct ipc_submit_start start = {
	    .kind = IPC_MESSAGE, .origin = IPC_SUBMISSION};
	uint64_t submit = submit_begin(r, start, envelope);

	send_data(r, submit, content);
	submit_end(r, submit, content.len, NULL);
	do
		remote_next(r, record);
	while (record->type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record->type, IPC_SUBMIT_ANSWER);
	ck_assert_uint_eq(record->submit_answer.submit, submit);
}

/* submit_to - a small message to one recipient; its queue id */
static inline uint64_t
submit_to(struct harness *h, struct remote *r, const char *to)
{
	struct p1_envelope e;
	struct ipc_record record;

	envelope_of(h, &e, 1, &to);
	submit_message(
	    r, octets_of(h, &e), slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* job_envelope - the envelope of a job, decoded */
static inline void
job_envelope(struct harness *h, const struct ipc_job *job, enum p1_kind kind,
    struct p1_envelope *e)
{
	struct diag diag = {0};
	struct slice copy;

	ck_assert_uint_le(job->envelope_length, job->body.len);
	ck_assert_int_eq(
	    arena_slice(&h->arena,
		slice_of(job->body.data, (size_t)job->envelope_length), &copy),
	    0);
	ck_assert_msg(p1_decode(kind, copy, &h->arena, e, &diag) == 0, "%s",
	    diag_text(&diag));
}

/* job_report - the report that is the content of a job, decoded */
static inline void
job_report(struct harness *h, const struct ipc_job *job, struct report *report)
{
	struct diag diag = {0};
	struct slice copy;

	ck_assert_int_eq(job->kind, IPC_REPORT);
	ck_assert_int_eq(arena_slice(&h->arena,
			     slice_of(job->body.data + job->envelope_length,
				 (size_t)job->content_length),
			     &copy),
	    0);
	ck_assert_msg(report_decode(copy, &h->arena, report, &diag) == 0, "%s",
	    diag_text(&diag));
}

/* queued - how many messages there are in all */
static inline uint64_t
queued(const struct harness *h)
{
	return store_total(h->qmgr.store).messages;
}

#endif
