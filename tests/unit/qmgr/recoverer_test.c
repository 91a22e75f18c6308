/* SPDX-License-Identifier: ISC */
/*
 * recoverer_test.c - callers that recover a session: who may, and what then
 *
 * The peer MTA-PARIS binds from 127.0.0.1 with references that everybody
 * knows, and transfers; its worker is the test, and so is each caller's.
 */
#include "mhs/bind.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/claim.h"
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define HERE	 "127.0.0.1:4711"
#define STRANGER "127.0.0.66:4711"
#define MARK	 "where the worker stands"

/* A session of MTA-PARIS, and who calls for it. */
struct bound {
	struct harness h;
	struct remote owner, caller;
	uint64_t session, recovered;
	uint8_t token[IPC_TOKEN_MAX];
	size_t token_len;
	struct slice envelope;
	const uint8_t *pin; /* of the caller's key; NULL: it calls without
	                       TLS */
};

/* check_from - make the check of a bind with these references */
static struct ipc_record
check_from(const char *address, const char *calling)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	record.bind_check.address = slice_of_string(address);
	record.bind_check.references =
	    references_of(calling, "261129200000Z", "");
	return record;
}

/* bind_peer - bind MTA-PARIS by its password: the session */
static uint64_t
bind_peer(struct bound *b, struct remote *in, const char *calling)
{
	struct ipc_record record = check_from(HERE, calling);

	remote_connect_as(&b->h, in, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("MTA-PARIS");
	record.bind_check.password = slice_of_string("pw-paris");
	remote_send(in, &record);
	remote_expect(in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	ck_assert_uint_ge(record.bind_answer.token.len, 8);
	b->token_len = record.bind_answer.token.len;
	memcpy(b->token, record.bind_answer.token.data, b->token_len);
	return record.bind_answer.session;
}

/* begin - open the session, and mark a transfer on it; envelopes are
 * kept for others */
static void
begin(struct bound *b)
{
	const char *to = TO_ROME;
	struct ipc_record record = {.type = IPC_SUBMIT_MARK};
	struct p1_envelope e;
	struct slice part = slice_of_string("0123456789");
	uint64_t submit;

	*b = (struct bound){.session = 0};
	harness_init(&b->h);
	harness_envelope(&b->h, &e, 1, &to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	b->envelope = harness_octets(&b->h, &e);
	b->session = bind_peer(b, &b->owner, "victim");
	submit = remote_submit_begin(&b->owner,
	    (struct ipc_submit_start){.kind = MTS_MESSAGE,
		.origin = IPC_TRANSFER,
		.session = b->session,
		.activity = 1},
	    b->envelope);
	remote_data(&b->owner, submit, part);
	record.submit_mark = (struct ipc_submit_mark){.submit = submit,
	    .offset = b->envelope.len + part.len,
	    .state = slice_of_string(MARK)};
	remote_send(&b->owner, &record);
	do
		remote_expect(&b->owner, IPC_SUBMIT_PROGRESS, &record);
	while (record.submit_progress.marked == 0);
}

/* end - check that nothing entered the queue but what the test says */
static void
end(struct bound *b, uint64_t queued)
{
	ck_assert_uint_eq(harness_queued(&b->h), queued);
	remote_close(&b->owner);
	harness_fini(&b->h);
}

/* The session selector that callers call. */
static const char *ssel = "";

/* call - ask as somebody to recover a session, with another's references for
 * its own; the answer is awaited by who wants it */
static void
call(struct bound *b, const char *address, const char *calling)
{
	struct ipc_record record = check_from(address, "the new one");

	remote_connect_as(&b->h, &b->caller, IPC_ROLE_X400IN, "2");
	record.bind_check.recover = true;
	record.bind_check.called_ssel = slice_of_string(ssel);
	record.bind_check.recovered =
	    references_of(calling, "261129200000Z", "");
	if (b->pin != NULL) {
		record.bind_check.tls = true;
		record.bind_check.tls_pin = slice_of(b->pin, TLS_PIN_LEN);
		record.bind_check.tls_problem = slice_of_string("");
	}
	remote_send(&b->caller, &record);
}

/* answered - tell whether the caller was let in; else *error is how it was
 * not */
static bool
answered(struct bound *b, int *error)
{
	struct ipc_record record;

	remote_expect(&b->caller, IPC_BIND_ANSWER, &record);
	*error = record.bind_answer.bind_error;
	b->recovered = record.bind_answer.session;
	if (!record.bind_answer.accepted)
		remote_close(&b->caller);
	return record.bind_answer.accepted;
}

/* refused_for_good - check that a call is refused, for good */
static void
refused_for_good(struct bound *b, const char *address, const char *calling)
{
	int error;

	call(b, address, calling);
	ck_assert(!answered(b, &error));
	ck_assert_int_eq(error, BIND_ERROR_AUTHENTICATION);
}

/* lose - lose the peer's association, and its worker with it */
static void
lose(struct bound *b)
{
	remote_close(&b->owner);
	harness_steps(&b->h, 5);
}

/* resume - ask on the caller's session for an activity of an old one */
static enum ipc_resume_result
resume(struct bound *b, uint64_t submit, const char *calling, uint64_t activity)
{
	struct ipc_record record = {.type = IPC_RESUME_CHECK};

	record.resume_check = (struct ipc_resume_check){.submit = submit,
	    .session = b->recovered,
	    .activity = submit,
	    .old = {.references = references_of(calling, "261129200000Z", ""),
		.activity = activity}};
	remote_send(&b->caller, &record);
	remote_expect(&b->caller, IPC_RESUME_ANSWER, &record);
	return record.resume_answer.result;
}

/* Correct references of a session that is open: nobody else may, and its own
 * address must wait while its worker says that it is at work. */
START_TEST(of_a_live_session)
{
	struct ipc_record record;
	struct bound b;
	int error;

	begin(&b);
	refused_for_good(&b, STRANGER, "victim");
	remote_quiet(&b.owner);
	call(&b, HERE, "victim");
	remote_expect(&b.owner, IPC_SESSION_DOUBT, &record);
	ck_assert_uint_eq(record.session_doubt.session, b.session);
	remote_send(&b.owner, &record);
	ck_assert(!answered(&b, &error));
	ck_assert_int_eq(error, BIND_ERROR_BUSY);
	ck_assert(harness_log_has(&b.h, " 20101 "));
	end(&b, 0);
}
END_TEST

/* The worker finds its association lost: the caller, who waited, has it at
 * once. */
START_TEST(of_one_lost_without_a_word)
{
	struct ipc_record record;
	struct bound b;
	int error;

	begin(&b);
	call(&b, HERE, "victim");
	remote_expect(&b.owner, IPC_SESSION_DOUBT, &record);
	record = (struct ipc_record){.type = IPC_SESSION_CLOSED,
	    .session_closed = {.session = b.session}};
	remote_send(&b.owner, &record);
	ck_assert(answered(&b, &error));
	ck_assert_int_eq(resume(&b, 1, "victim", 1), IPC_RESUME_PARTIAL);
	ck_assert(harness_log_has(&b.h, " 20100 "));
	ck_assert(harness_log_has(&b.h, "address=127.0.0.1:4711"));
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* Of a lost one: from its own address, and from no other. */
START_TEST(of_a_lost_session)
{
	struct bound b;
	int error;

	begin(&b);
	lose(&b);
	refused_for_good(&b, STRANGER, "victim");
	refused_for_good(&b, HERE, "somebody");
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* Of a link that sets selectors of ours: by calling them, as for a bind. */
START_TEST(by_called_selectors)
{
	struct conf_link *conf;
	struct bound b;
	int error;

	begin(&b);
	lose(&b);
	conf = &b.h.qmgr.conf->links[0];
	ck_assert_str_eq(conf->name, "paris");
	conf->local_ssel = slice_of_string("S");
	refused_for_good(&b, HERE, "victim");
	ck_assert(harness_log_has(&b.h, "the session selector that it calls"));
	ssel = "T";
	refused_for_good(&b, HERE, "victim");
	ssel = "S";
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* The recovery timeout is over. */
START_TEST(of_an_old_one)
{
	struct conf_link *conf;
	struct bound b;
	int error;

	begin(&b);
	lose(&b);
	conf = &b.h.qmgr.conf->links[0];
	ck_assert_str_eq(conf->name, "paris");
	/* As if it were lost before that time and the slack. */
	conf->recovery_timeout = 0;
	ck_assert_int_eq(store_begin(b.h.qmgr.store), 0);
	ck_assert_int_eq(store_session_close(b.h.qmgr.store, b.session,
			     STORE_SESSION_LOST, clock_wall() - 31000),
	    0);
	ck_assert_int_eq(store_commit(b.h.qmgr.store), 0);
	refused_for_good(&b, HERE, "victim");
	conf->recovery_timeout = 60000;
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* recovery = "never" */
START_TEST(of_a_link_without)
{
	struct bound b;

	begin(&b);
	lose(&b);
	b.h.qmgr.conf->links[0].recovery = CONF_RECOVERY_NEVER;
	refused_for_good(&b, HERE, "victim");
	end(&b, 0);
}
END_TEST

/* Where TLS is required the certificate proves who recovers: there is no
 * password to it. */
START_TEST(of_a_link_within_tls)
{
	static uint8_t pins[2][TLS_PIN_LEN] = {{1}, {2}};
	struct conf_link *link;
	struct bound b;
	int error;

	begin(&b);
	lose(&b);
	link = &b.h.qmgr.conf->links[0];
	link->tls = CONF_TLS_REQUIRE;
	link->tls_pins = (struct conf_pins){.items = pins, .count = 1};
	refused_for_good(&b, HERE, "victim");
	b.pin = pins[1];
	refused_for_good(&b, HERE, "victim");
	b.pin = pins[0];
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* Two associations were open by the same references. */
START_TEST(of_two)
{
	struct remote second;
	struct bound b;

	begin(&b);
	ck_assert_uint_eq(bind_peer(&b, &second, "victim"), b.session);
	remote_close(&second);
	lose(&b);
	refused_for_good(&b, HERE, "victim");
	end(&b, 0);
}
END_TEST

/* A recovered association carries the transfer that was cut, and nothing
 * else. */
START_TEST(carries_what_was_cut)
{
	struct remote other;
	struct bound b;
	int error;

	begin(&b);
	(void)bind_peer(&b, &other, "another");
	remote_close(&other);
	lose(&b);
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	/* Not of another session of the same peer, by any name. */
	ck_assert_int_eq(resume(&b, 1, "another", 1), IPC_RESUME_REFUSED);
	ck_assert_int_eq(resume(&b, 2, "victim", 1), IPC_RESUME_PARTIAL);
	/* No new transfer, whatever the worker says. */
	(void)remote_submit_begin(&b.caller,
	    (struct ipc_submit_start){.kind = MTS_MESSAGE,
		.origin = IPC_TRANSFER,
		.session = b.recovered,
		.activity = 3},
	    b.envelope);
	remote_dropped(&b.caller);
	end(&b, 0);
}
END_TEST

/* claim - say to another qmgr as a worker which session it has: whether it is
 * believed */
static bool
claim(struct bound *b, struct remote *r, struct slice token)
{
	struct ipc_record record = {.type = IPC_SESSION_CLAIM,
	    .session_claim = {.session = b->session, .token = token}};

	remote_connect_as(&b->h, r, IPC_ROLE_X400IN, "3");
	remote_send(r, &record);
	for (int i = 0; i < 20; i++) {
		harness_step(&b->h);
		if (remote_try(r, &record))
			return record.type == IPC_SESSION_CLAIM &&
			    record.session_claim.session == b->session;
	}
	remote_close(r);
	return false;
}

/* A session outlives qmgr; its number is nobody's proof. */
START_TEST(claimed)
{
	struct ipc_record record;
	struct remote liar, worker;
	struct bound b;
	int error;

	begin(&b);
	harness_close(&b.h);
	remote_close(&b.owner);
	harness_open(&b.h);
	ck_assert(!claim(&b, &liar, slice_of_string("")));
	ck_assert(!claim(&b, &liar, slice_of_string("sixteen octets..")));
	/* No worker has the session yet: the peer that bound it waits, a
	 * stranger does not. */
	call(&b, HERE, "victim");
	ck_assert(!answered(&b, &error));
	ck_assert_int_eq(error, BIND_ERROR_BUSY);
	refused_for_good(&b, STRANGER, "victim");
	ck_assert(claim(&b, &worker, slice_of(b.token, b.token_len)));
	ck_assert(!claim(&b, &liar, slice_of(b.token, b.token_len)));
	b.h.qmgr.claims_until = 1;
	claim_tick(&b.h.qmgr);
	harness_steps(&b.h, 5);
	/* The session is at work, and its worker is the one that is asked. */
	call(&b, HERE, "victim");
	remote_expect(&worker, IPC_SESSION_DOUBT, &record);
	remote_close(&b.caller);
	remote_close(&worker);
	harness_fini(&b.h);
}
END_TEST

/* A session that nobody claims is lost when the time is over, and can be
 * recovered. */
START_TEST(unclaimed)
{
	struct bound b;
	int error;

	begin(&b);
	harness_close(&b.h);
	remote_close(&b.owner);
	harness_open(&b.h);
	b.h.qmgr.claims_until = 1;
	claim_tick(&b.h.qmgr);
	harness_steps(&b.h, 5);
	ck_assert_uint_eq(b.h.qmgr.claims_until, 0);
	call(&b, HERE, "victim");
	ck_assert(answered(&b, &error));
	ck_assert_int_eq(resume(&b, 1, "victim", 1), IPC_RESUME_PARTIAL);
	remote_close(&b.caller);
	harness_fini(&b.h);
}
END_TEST

/* log_lines - count how often a number stands in the log */
static unsigned
log_lines(const struct bound *b, const char *number)
{
	char path[128], *line = NULL;
	unsigned count = 0;
	size_t size = 0;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", b->h.directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (getline(&line, &size, log) > 0)
		count += strstr(line, number) != NULL;
	free(line);
	fclose(log);
	return count;
}

/* 10,000 guesses: each is refused, the tenth and one a second are looked at,
 * and the log is as it was. */
START_TEST(guesses)
{
	struct ipc_record record = check_from(STRANGER, "the new one");
	char guess[32];
	struct bound b;

	begin(&b);
	lose(&b);
	remote_connect_as(&b.h, &b.caller, IPC_ROLE_X400IN, "2");
	record.bind_check.recover = true;
	for (unsigned i = 0; i < 10000; i++) {
		struct ipc_record answer;

		/* The right ones are among them. */
		snprintf(guess, sizeof(guess), i == 5000 ? "victim" : "%u", i);
		record.bind_check.recovered =
		    references_of(guess, "261129200000Z", "");
		remote_send(&b.caller, &record);
		remote_expect(&b.caller, IPC_BIND_ANSWER, &answer);
		ck_assert(!answer.bind_answer.accepted);
		ck_assert_int_eq(
		    answer.bind_answer.bind_error, BIND_ERROR_AUTHENTICATION);
	}
	ck_assert_uint_ge(log_lines(&b, " 20101 "), 1);
	ck_assert_uint_le(log_lines(&b, " 20101 "), 60);
	ck_assert_uint_le(log_lines(&b, " 20102 "), 60);
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

/* bind_wrong - bind with this name and a wrong password: how it is refused */
static int
bind_wrong(struct remote *in, const char *address, const char *name)
{
	struct ipc_record record = check_from(address, "x");

	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(name);
	record.bind_check.password = slice_of_string("wrong");
	remote_send(in, &record);
	remote_expect(in, IPC_BIND_ANSWER, &record);
	ck_assert(!record.bind_answer.accepted);
	return record.bind_answer.bind_error;
}

/* Passwords are guessed at one a second; whose address stands in its
 * remote-addresses does not wait for another there. */
START_TEST(passwords)
{
	struct conf_network here = {.bits = 128};
	struct conf_networks *own;
	struct remote second;
	struct bound b;

	begin(&b);
	remote_connect_as(&b.h, &b.caller, IPC_ROLE_X400IN, "2");
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(bind_wrong(&b.caller, HERE, "MTA-ROME"),
		    BIND_ERROR_AUTHENTICATION);
	ck_assert_int_eq(
	    bind_wrong(&b.caller, HERE, "MTA-LYON"), BIND_ERROR_BUSY);
	ck_assert_int_eq(bind_wrong(&b.caller, STRANGER, "MTA-LYON"),
	    BIND_ERROR_AUTHENTICATION);
	ck_assert(harness_log_has(&b.h, " 20102 "));
	memcpy(here.address,
	    (const uint8_t[16]){[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1},
	    sizeof(here.address));
	own = &b.h.qmgr.conf->links[0].remote_addresses;
	*own = (struct conf_networks){.items = &here, .count = 1};
	(void)bind_peer(&b, &second, "beside");
	*own = (struct conf_networks){.count = 0};
	remote_close(&second);
	remote_close(&b.caller);
	end(&b, 0);
}
END_TEST

TEST_MAIN("qmgr/recoverer", TEST(of_a_live_session);
	  TEST(of_one_lost_without_a_word); TEST(of_a_lost_session);
	  TEST(by_called_selectors); TEST(of_an_old_one);
	  TEST(of_a_link_without); TEST(of_a_link_within_tls); TEST(of_two);
	  TEST(carries_what_was_cut); TEST(claimed); TEST(unclaimed);
	  TEST(guesses); TEST(passwords))
