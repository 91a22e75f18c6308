/* SPDX-License-Identifier: ISC */
/*
 * mutated_test.c - records of workers that were taken over: nothing dies
 *
 * Workers of each role that are proved and at work (a peer is bound, a job is
 * out, a postoffice is open, a tool asks) send records of every kind, with
 * numbers, lengths and octets changed, cut short, or with others' octets
 * behind them.  Whoever is hung up on comes again.  Afterwards a message goes
 * through as before.
 */
#include <errno.h>

#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define SHORT_COUNT 6000
#define LONG_COUNT  160000

#define S(text)                                           \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static struct harness h;

/* A worker that is proved, and how it becomes that again. */
struct actor {
	enum ipc_role role;
	const char *name;
	bool open;
	struct remote r;
	uint64_t session, job;
};

static struct actor actors[] = {{.role = IPC_ROLE_X400IN, .name = ""},
    {.role = IPC_ROLE_MSMI_IN, .name = "po1"},
    {.role = IPC_ROLE_REPORTER, .name = "rome"},
    {.role = IPC_ROLE_TOOL, .name = "x4queue"},
    {.role = IPC_ROLE_X400OUT, .name = "rome"},
    {.role = IPC_ROLE_APP_IN, .name = "edi"},
    {.role = IPC_ROLE_APP_OUT, .name = "edi"}};

#define ACTORS (sizeof(actors) / sizeof(actors[0]))

static int listener, app_listener;
static uint64_t seed;

/* dice - draw a number below limit, the same in each run */
static uint32_t
dice(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 11) % limit);
}

/* bind_peer - let a peer of an x400in in */
static void
bind_peer(struct actor *a)
{
	static unsigned calls;
	char address[32];
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.authenticated = true,
		.name = S("MTA-PARIS"),
		.password = S("pw-paris"),
		.references = references_of("MTA-PARIS", "261129091831Z", "")}};

	calls++;
	/* From an address that no other bind failed from. */
	snprintf(address, sizeof(address), "127.1.%u.%u:9", calls / 250 % 250,
	    1 + calls % 250);
	record.bind_check.address = slice_of_string(address);
	remote_send(&a->r, &record);
	remote_expect(&a->r, IPC_BIND_ANSWER, &record);
	ck_assert_msg(record.bind_answer.accepted, "%.*s",
	    (int)record.bind_answer.reason.len,
	    (const char *)record.bind_answer.reason.data);
	a->session = record.bind_answer.session;
}

/* call_worker - have qmgr connect to its worker, however often that failed */
static void
call_worker(struct actor *a)
{
	bool is_app = a->role == IPC_ROLE_APP_OUT;
	struct link *link =
	    harness_link(&h, is_app ? "application/edi" : "rome");
	struct ipc_record record;

	for (unsigned i = 0;
	     !remote_accept(&h, is_app ? app_listener : listener, &a->r); i++) {
		ck_assert_uint_lt(i, 100000);
		(void)schedule_event(&h.qmgr, link, LINK_EV_RETRY);
		link_touch(&h.qmgr, link);
		harness_step(&h);
	}
	remote_greet(&a->r, a->role, a->name);
	remote_event(&a->r, IPC_LINK_BOUND, "");
	for (int i = 0; i < 20 && a->job == 0; i++) {
		harness_step(&h);
		while (remote_try(&a->r, &record))
			if (record.type == IPC_JOB)
				a->job = record.job.job;
	}
}

/* open_actor - connect, and be at work */
static void
open_actor(struct actor *a)
{
	a->session = a->job = 0;
	if (a->role == IPC_ROLE_X400OUT || a->role == IPC_ROLE_APP_OUT)
		call_worker(a);
	else
		remote_connect_as(&h, &a->r, a->role, a->name);
	if (a->role == IPC_ROLE_X400IN)
		bind_peer(a);
	a->open = true;
}

/* template_of_submit - make a record of a submission, as the actor could mean
 * it; of another type all zero */
static struct ipc_record
template_of_submit(const struct actor *a, enum ipc_type type)
{
	static const struct ipc_file file = {S("po1"), S("1.P1"), 7, -3, 9};
	struct ipc_record r = {.type = type};

	switch ((int)type) {
	case IPC_SUBMIT_START:
		r.submit_start = (struct ipc_submit_start){.submit = dice(4),
		    .kind = (enum mts_kind)dice(3),
		    .origin = (enum ipc_origin)dice(2),
		    .envelope_length = 1 + dice(40),
		    .session = a->session,
		    .activity = dice(5),
		    .has_file = a->role == IPC_ROLE_MSMI_IN,
		    .file = file,
		    .old_session = dice(2),
		    .old_activity = 1};
		if (dice(4) == 0) {
			r.submit_start.parts = true;
			r.submit_start.envelope_length = 0;
		}
		break;
	case IPC_SUBMIT_DATA:
		r.submit_data = (struct ipc_submit_data){dice(4),
		    S("0123456789012345678901234567890123456789abcdefgh")};
		break;
	case IPC_SUBMIT_END:
		r.submit_end = (struct ipc_submit_end){.submit = dice(4),
		    .content_length = dice(20),
		    .key = S("0123456789abcdef"),
		    .too_long = dice(2) == 0};
		if (a->role == IPC_ROLE_APP_IN) {
			r.submit_end.submission_key = slice_of_string("key");
			r.submit_end.digest =
			    slice_of_string("0123456789abcdef0123456789abcdef");
		}
		break;
	case IPC_SUBMIT_SIZE:
		r.submit_size =
		    (struct ipc_submit_size){dice(4), (uint64_t)1 << dice(60),
			dice(2) * dice(100), dice(50), dice(2), dice(2)};
		break;
	case IPC_ROUTES:
		r.routes = (struct ipc_routes){
		    .update = S("\x30\x0e\x80\x01\x01\x81\x01"
				"B\x82\x01\x01\x83\x01\x01")};
		break;
	case IPC_SUBMIT_CANCEL:
		r.submit_cancel =
		    (struct ipc_submit_cancel){dice(4), dice(2) != 0};
		break;
	case IPC_SUBMIT_MARK:
		r.submit_mark =
		    (struct ipc_submit_mark){dice(4), dice(100), S("state")};
		break;
	default: /* most of them none may send */
		break;
	}
	return r;
}

/* template_of - make a record of a type, as the actor could mean it */
static struct ipc_record
template_of(const struct actor *a, enum ipc_type type)
{
	static const struct slice arguments[] = {S("1"), S("cursor=7")};
	static const char *const commands[] = {"list", "why", "summary", "hold",
	    "retry", "delete", "links", "disable", "reroute", "release"};
	static const struct ipc_recipient_outcome recipients[] = {
	    {.index = 0,
		.reason = 1,
		.diagnostic = -1,
		.text = S("no"),
		.fate = IPC_FATE_DELIVERED},
	    {.index = 0, .reason = 1, .diagnostic = -1, .text = S("no")}};
	static const struct ipc_file file = {S("po1"), S("1.P1"), 7, -3, 9};
	const struct session_references names =
	    references_of("MTA-TEST", "1", "2");
	struct ipc_record r = {.type = type};

	switch ((int)type) {
	case IPC_LINK_EVENT:
		r.link_event = (struct ipc_link_event){
		    .state = (enum ipc_link_state)dice(6),
		    .stage = S("transport"),
		    .reason = S("why"),
		    .address = S("127.0.0.1"),
		    .session = a->session,
		    .references = names,
		    .two_way = dice(2) != 0};
		break;
	case IPC_OUTCOME:
		r.outcome = (struct ipc_outcome){.job = a->job,
		    .result = (enum ipc_result)dice(IPC_RESULTS),
		    .more = dice(4) == 0,
		    .confirm = dice(2) == 0,
		    .text = S("so"),
		    .recipients = &recipients[dice(2)],
		    .recipient_count = dice(2)};
		break;
	case IPC_BODY_REQUEST:
		r.body_request =
		    (struct ipc_body_request){a->job, dice(500), dice(49152)};
		break;
	case IPC_BIND_CHECK:
		r.bind_check =
		    (struct ipc_bind_check){.authenticated = dice(2) != 0,
			.name = S("MTA-ROME"),
			.password = S("pw-rome"),
			.address = S("127.0.0.1:9"),
			.recover = dice(2) != 0,
			.two_way = dice(2) != 0,
			.recovered = references_of("MTA-PARIS", "", "")};
		break;
	case IPC_SESSION_CLOSED:
		r.session_closed =
		    (struct ipc_session_closed){a->session, dice(2) != 0};
		break;
	case IPC_FILE_REMOVED:
		r.file_removed.file = file;
		break;
	case IPC_DELIVERY_NOTE:
		r.delivery_note = (struct ipc_delivery_note){a->job, S("tmp")};
		break;
	case IPC_TAKEN:
		r.taken =
		    (struct ipc_taken){.message = dice(20), .name = {names, 1}};
		break;
	case IPC_RESUME_CHECK:
		r.resume_check = (struct ipc_resume_check){dice(4), a->session,
		    dice(4),
		    {references_of("MTA-PARIS", "261129091831Z", ""), dice(4)}};
		break;
	case IPC_ROUTE_CHECK:
		r.route_check = (struct ipc_route_check){.size = dice(999),
		    .originator = S("C=DE;A=VIAT;P=ACME;O=EDI;S=x"),
		    .addresses = arguments,
		    .address_count = dice(3)};
		break;
	case IPC_HANDSHAKE:
		r.handshake.address = slice_of_string("127.0.0.1:4711");
		break;
	case IPC_SEQUENCE:
		r.sequence = (struct ipc_sequence){a->job, {names, dice(9)}};
		break;
	case IPC_REQUEST:
		r.request = (struct ipc_request){
		    slice_of_string(commands[dice(10)]), arguments, dice(3)};
		break;
	default:
		return template_of_submit(a, type);
	}
	return r;
}

/* The types that each role may send, so that not all ends at the first look. */
static const enum ipc_type kinds[] = {IPC_LINK_EVENT, IPC_OUTCOME,
    IPC_BODY_REQUEST, IPC_BIND_CHECK, IPC_SUBMIT_START, IPC_SUBMIT_DATA,
    IPC_SUBMIT_END, IPC_SUBMIT_CANCEL, IPC_SUBMIT_MARK, IPC_SESSION_CLOSED,
    IPC_FILE_REMOVED, IPC_DELIVERY_NOTE, IPC_TAKEN, IPC_RESUME_CHECK,
    IPC_SEQUENCE, IPC_SUBMIT_SIZE, IPC_ROUTES, IPC_HANDSHAKE, IPC_REQUEST,
    IPC_ROUTE_CHECK};

/* is_fit - tell whether a role may send a type at all */
static bool
is_fit(enum ipc_role role, enum ipc_type type)
{
	switch ((int)role) {
	case IPC_ROLE_X400OUT:
	case IPC_ROLE_X400IN:
		return type != IPC_TAKEN && type != IPC_REQUEST &&
		    type != IPC_FILE_REMOVED && type != IPC_ROUTE_CHECK;
	case IPC_ROLE_APP_OUT:
		return type == IPC_OUTCOME || type == IPC_BODY_REQUEST ||
		    type == IPC_DELIVERY_NOTE;
	case IPC_ROLE_APP_IN:
		if (type == IPC_ROUTE_CHECK)
			return true;
		/* FALLTHROUGH */
	case IPC_ROLE_MSMI_IN:
		return type == IPC_FILE_REMOVED ||
		    (type >= IPC_SUBMIT_START && type <= IPC_SUBMIT_CANCEL);
	case IPC_ROLE_REPORTER:
		return type == IPC_TAKEN;
	case IPC_ROLE_TOOL:
		return type == IPC_REQUEST ||
		    (type >= IPC_SUBMIT_START && type <= IPC_SUBMIT_CANCEL);
	default:
		return false;
	}
}

/* choose - choose a type for a role: nine of ten times one that it may send */
static enum ipc_type
choose(enum ipc_role role)
{
	enum ipc_type type;

	if (dice(10) == 0)
		return (enum ipc_type)dice(IPC_TYPE_COUNT);
	do
		type = kinds[dice(sizeof(kinds) / sizeof(kinds[0]))];
	while (!is_fit(role, type));
	return type;
}

/* mutate - change some octets of a record, cut it short, or let it be */
static size_t
mutate(uint8_t *octets, size_t len)
{
	for (uint32_t changes = dice(4); changes > 0 && len > 0; changes--)
		switch (dice(4)) {
		case 0:
			octets[dice((uint32_t)len)] ^= (uint8_t)(1U << dice(8));
			break;
		case 1:
			octets[dice((uint32_t)len)] = (uint8_t)dice(256);
			break;
		case 2:
			octets[dice((uint32_t)len)] =
			    dice(2) != 0 ? 0xff : 0x7f;
			break;
		default:
			if (dice(8) == 0)
				len = dice((uint32_t)len);
			break;
		}
	return len;
}

/* act - send one record, changed, and hear what comes of it */
static void
act(struct actor *a)
{
	struct ipc_record record = template_of(a, choose(a->role));
	struct buffer out;
	size_t len;

	buffer_init(&out, IPC_RECORD_MAX);
	ck_assert_int_eq(ipc_record_encode(&record, &out), 0);
	len = mutate(out.data + out.start, buffer_length(&out));
	if (send(a->r.channel.fd, out.data + out.start, len, MSG_NOSIGNAL) < 0)
		ck_assert(errno == EPIPE || errno == ECONNRESET);
	buffer_fini(&out);
	harness_steps(&h, 2);
	while (remote_try(&a->r, &record))
		if (record.type == IPC_JOB)
			a->job = record.job.job;
	if (a->r.closed) {
		remote_close(&a->r);
		a->open = false;
	}
}

/* work_left - keep something to do for the worker that is called */
static void
work_left(void)
{
	struct remote tool;

	if (harness_queued(&h) > 20)
		return;
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, TO_ROME);
	(void)remote_submit_to(&h, &tool, "C=DE;A=VIAT;P=ACME;O=EDI;S=Orders");
	remote_close(&tool);
}

START_TEST(nothing_dies)
{
	int count =
	    getenv("FOURPOST_TEST_LONG") != NULL ? LONG_COUNT : SHORT_COUNT;
	static char conf[8192];
	struct remote tool;
	unsigned again = 0;
	uint64_t before;

	seed = 0x9e3779b97f4a7c15;
	snprintf(conf, sizeof(conf),
	    "%sapplication \"edi\" {\n"
	    " path = \"/tmp\" address-space = {\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n"
	    "}\n",
	    harness_conf);
	harness_init_conf(&h, conf);
	app_listener = remote_listen(&h, "app-out.edi");
	listener = remote_listen(&h, "x400out.rome");
	for (int i = 0; i < count; i++) {
		struct actor *a = &actors[dice(ACTORS)];

		if (i % 64 == 0)
			work_left();
		if (!a->open) {
			open_actor(a);
			again++;
		}
		act(a);
	}
	for (size_t i = 0; i < ACTORS; i++)
		if (actors[i].open)
			remote_close(&actors[i].r);
	printf("figure: %d changed records, %u connections\n", count, again);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	before = harness_queued(&h);
	(void)remote_submit_to(&h, &tool, TO_ROME);
	ck_assert_uint_eq(harness_queued(&h), before + 1);
	remote_close(&tool);
	close(listener);
	close(app_listener);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/mutated", TEST_LONG(nothing_dies, 900))
