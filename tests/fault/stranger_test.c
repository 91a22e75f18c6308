/* SPDX-License-Identifier: ISC */
/*
 * stranger_test.c - somebody who knows a peer's references is not that peer
 *
 * The victim is a peer that calls from 127.0.0.1 and is in the middle of a
 * message; the stranger calls from 127.0.0.66, has never said a password and
 * knows the victim's references, as who reads the wire or guesses does.  Both
 * are the test itself, over the real stack.  What counts is what arrives at
 * the far end, by what the sink has noted.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mhs/bind.h"
#include "mhs/mts.h"
#include "mhs/or_address.h"
#include "mhs/p1.h"
#include "mhs/transfer.h"
#include "osi/association_recovery.h"
#include "tests/fault/load.h"
#include "tests/parameters.h"
#include "tests/unit/test.h"

#define CONTENT ((size_t)20000)
#define LIMIT	120000 /* ms for any step */

/* An association of the test's own, from an address of its choice. */
struct caller {
	int fd;
	struct association association;
};

static struct suite tested;
static struct load_sink sink;
static struct buffer prefix;
static uint8_t content[CONTENT];

/* begin - start a suite between callers and a sink that remembers */
static void
begin(const char *name)
{
	char text[4096];
	size_t len;

	suite_begin(name);
	load_sink(&sink, "sink", 0, NULL);
	load_source_link(text, sizeof(text));
	len = strlen(text);
	load_link(text + len, sizeof(text) - len, "sink", sink.port, "");
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", "", text);
	suite_start(&tested);
}

/* prepare - prepare message number n: all that stands before its content */
static void
prepare(unsigned n)
{
	static struct p1_recipient recipient;
	struct p1_envelope envelope;
	struct diag diag = {0};
	struct buffer encoded;
	struct arena arena;
	char local[16];

	arena_init(&arena, 1 << 16);
	buffer_init(&encoded, P1_ENVELOPE_MAX);
	buffer_init(&prefix, P1_ENVELOPE_MAX + 64);
	p1_init(&envelope, MTS_MESSAGE);
	snprintf(local, sizeof(local), "stranger%u", n);
	envelope.identifier.domain =
	    (struct global_domain){.country = slice_of_string("XX"),
		.admd = slice_of_string("LOAD"),
		.prmd = slice_of_string("SOURCE")};
	envelope.identifier.local = slice_of_string(local);
	recipient = (struct p1_recipient){.number = 1,
	    .explicit_conversion = -1,
	    .indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT};
	ck_assert_int_eq(or_address_parse(slice_of_string("C=XX;A=LOAD;S=S"),
			     &arena, &envelope.originator.address, &diag),
	    0);
	ck_assert_int_eq(or_address_parse(slice_of_string("C=YY;A=SINK;S=T"),
			     &arena, &recipient.name.address, &diag),
	    0);
	envelope.content_type.built_in = P1_CONTENT_UNIDENTIFIED;
	envelope.recipients = &recipient;
	envelope.recipient_count = 1;
	ck_assert_int_eq(
	    p1_trace_append(&envelope, &arena, &envelope.identifier.domain,
		clock_wall() / 1000, TRACE_RELAYED, NULL),
	    0);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
	ck_assert_int_eq(transfer_prefix(MTS_MESSAGE, buffer_slice(&encoded),
			     CONTENT, TRANSFER_NO_EXTERNAL, &prefix),
	    0);
	memset(content, 'a' + (int)(n % 26), CONTENT);
	buffer_fini(&encoded);
	arena_fini(&arena);
}

/* hang_up - let the caller's association go without a word */
static void
hang_up(struct caller *caller)
{
	association_fini(&caller->association);
	close(caller->fd);
}

/* call - call the suite from an address, with a password or to recover;
 * return what came of it */
static int
call(struct caller *caller, const char *from,
    const struct session_references *recover)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	struct sockaddr_in there = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(tested.port)};
	const struct mta_bind bind_as = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string("SOURCE"),
	    .password = slice_of_string("s"),
	    .form = BIND_OCTET_STRING};
	struct association_parameters p = parameters_p1(1, 3, LIMIT);
	struct buffer argument;
	struct slice result;
	int error;

	ck_assert_int_eq(inet_pton(AF_INET, from, &here.sin_addr), 1);
	caller->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    bind(caller->fd, (struct sockaddr *)&here, sizeof(here)), 0);
	ck_assert_int_eq(
	    connect(caller->fd, (struct sockaddr *)&there, sizeof(there)), 0);
	ck_assert_int_eq(association_init(&caller->association,
			     (struct association_io){association_poll, NULL}),
	    0);
	session_references_make(&p.references, slice_of_string("victim"));
	p.recover = recover;
	buffer_init(&argument, BIND_OCTETS_MAX);
	ck_assert_int_eq(mta_bind_encode(&bind_as, BIND_BARE, &argument), 0);
	error = association_open(&caller->association, caller->fd, &p,
	    buffer_slice(&argument), &result);
	buffer_fini(&argument);
	return error;
}

/* half - send half a message as the victim, some of it confirmed */
static void
half(struct caller *caller, struct association_resumption *at)
{
	struct association *a = &caller->association;

	ck_assert_int_eq(association_send_start(
			     a, buffer_length(&prefix) + CONTENT, CLOCK_NEVER),
	    0);
	ck_assert_int_eq(association_send_data(a, buffer_slice(&prefix)), 0);
	ck_assert_int_eq(
	    association_send_data(a, slice_of(content, CONTENT / 2)), 0);
	ck_assert_uint_gt(a->serial_confirmed, 0);
	*at = (struct association_resumption){.activity = a->activity_sent,
	    .serial = a->serial_confirmed,
	    .offset = a->confirmed_offset};
}

/* rest - send as the victim what is left of it, and have it confirmed */
static void
rest(struct caller *caller)
{
	struct association *a = &caller->association;

	ck_assert_int_eq(association_send_data(
			     a, slice_of(content + CONTENT / 2, CONTENT / 2)),
	    0);
	ck_assert_int_eq(association_send_end(a), 0);
	ck_assert_int_eq(association_send_finish(a), 0);
}

/* refused - check that the stranger is refused, for good, and hears nothing
 * else */
static void
refused(const struct session_references *known)
{
	struct caller stranger;

	ck_assert_int_eq(call(&stranger, "127.0.0.66", known), ERR_REFUSED);
	ck_assert(stranger.association.failure.cannot_recover);
	ck_assert(!stranger.association.failure.transient);
	ck_assert_int_eq(stranger.association.failure.bind_error, -1);
	hang_up(&stranger);
}

/* log_lines - count how often a number stands in the suite's log */
static unsigned long
log_lines(const char *number)
{
	char *output;
	unsigned long count;

	(void)suite_shell(
	    &output, "grep -c ' %s ' '%s/state/log'", number, tested.directory);
	count = strtoul(output, NULL, 10);
	free(output);
	return count;
}

/* finish - check that so many messages have arrived, each once */
static void
finish(uint64_t messages)
{
	suite_wait_empty(&tested, 20);
	load_wait_noted(&sink, messages, 20);
	ck_assert_uint_eq(load_noted(sink.lines), messages);
	suite_stop(&tested);
	load_sink_stop(&sink);
	ck_assert_uint_eq(load_figure(sink.output, "duplicates"), 0);
	buffer_fini(&prefix);
	suite_end();
}

/* The session is at work: the stranger changes nothing for the victim. */
START_TEST(of_a_live_session)
{
	struct association_resumption at;
	struct caller victim;

	begin("stranger-live");
	prepare(1);
	ck_assert_int_eq(call(&victim, "127.0.0.1", NULL), 0);
	half(&victim, &at);
	refused(&victim.association.references);
	rest(&victim);
	ck_assert_int_eq(association_release(&victim.association), 0);
	hang_up(&victim);
	finish(1);
}
END_TEST

/* resumes - check that who lost it at this address resumes and completes it */
static void
resumes(struct caller *again, const struct session_references *lost,
    struct association_resumption *at)
{
	struct association_event event;
	struct association *a = &again->association;
	size_t before;

	at->references = lost;
	ck_assert_int_eq(association_send_resume(a, at,
			     buffer_length(&prefix) + CONTENT, CLOCK_NEVER),
	    0);
	before = (size_t)at->offset - buffer_length(&prefix);
	ck_assert_int_eq(association_send_data(
			     a, slice_of(content + before, CONTENT - before)),
	    0);
	ck_assert_int_eq(association_send_end(a), 0);
	ck_assert_int_eq(association_send_finish(a), 0);
	/* A recovered association carries what was cut, and nothing new. */
	ck_assert_int_eq(association_send_start(
			     a, buffer_length(&prefix) + CONTENT, CLOCK_NEVER),
	    0);
	(void)!association_send_data(a, buffer_slice(&prefix));
	(void)!association_send_data(a, slice_of(content, CONTENT));
	if (a->phase != ASSOCIATION_OVER)
		ck_assert_int_eq(
		    association_receive(a, &event, clock_after(LIMIT)), 0);
	ck_assert_int_eq(a->phase, ASSOCIATION_OVER);
	ck_assert_int_eq(a->failure.layer, ASSOCIATION_LAYER_RTSE);
	ck_assert_int_eq(a->failure.reason, ASSOCIATION_ABORT_PERMANENT);
	hang_up(again);
}

/* back_again - call for a session until it is not refused for the moment */
static void
back_again(struct caller *caller, const struct session_references *lost)
{
	double limit = suite_now() + 30;
	int error;

	while ((error = call(caller, "127.0.0.1", lost)) != 0 &&
	    caller->association.failure.transient && suite_now() < limit) {
		hang_up(caller);
		usleep(200000);
	}
	ck_assert_msg(error == 0, "%s", caller->association.failure.text);
}

/* The session is lost: the stranger is refused, guesses are slowed, and the
 * victim has it back. */
START_TEST(of_a_lost_session)
{
	unsigned guesses = suite_long() ? 10000 : 100;
	struct session_references lost, guess;
	struct association_resumption at;
	struct caller victim, again;

	begin("stranger-lost");
	prepare(2);
	ck_assert_int_eq(call(&victim, "127.0.0.1", NULL), 0);
	half(&victim, &at);
	lost = victim.association.references;
	hang_up(&victim);
	refused(&lost);
	for (unsigned i = 0; i < guesses; i++) {
		guess = lost;
		guess.additional[0] = (uint8_t)i;
		guess.common[0] = (uint8_t)(i >> 8);
		refused(i == guesses / 2 ? &lost : &guess);
	}
	back_again(&again, &lost);
	resumes(&again, &lost, &at);
	ck_assert_uint_le(log_lines("20101"), 60);
	ck_assert_uint_le(log_lines("20102"), 60);
	ck_assert_uint_ge(log_lines("20102"), 1);
	ck_assert_uint_ge(log_lines("20100"), 1);
	finish(1);
}
END_TEST

/* reset - let the caller's association go with an RST */
static void
reset(struct caller *caller)
{
	const struct linger hard = {.l_onoff = 1, .l_linger = 0};

	ck_assert_int_eq(
	    setsockopt(caller->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)),
	    0);
	hang_up(caller);
}

/* The victim has lost it in another way than by a FIN: by an RST, or without
 * that anybody tells the suite, which sees that nothing comes any more. */
START_TEST(lost_otherwise)
{
	struct session_references lost;
	struct association_resumption at;
	struct caller victim, again;

	begin("stranger-otherwise");
	for (unsigned i = 6; i < 8; i++) {
		prepare(i);
		ck_assert_int_eq(call(&victim, "127.0.0.1", NULL), 0);
		half(&victim, &at);
		lost = victim.association.references;
		if (i == 6)
			reset(&victim);
		refused(&lost);
		back_again(&again, &lost);
		resumes(&again, &lost, &at);
		load_wait_noted(&sink, i - 5, 20);
		if (i < 7)
			buffer_fini(&prefix);
	}
	hang_up(&victim);
	finish(2);
}
END_TEST

/* kill_qmgr - kill qmgr, and wait until another one takes over */
static void
kill_qmgr(void)
{
	pid_t before = suite_pid(&tested, "qmgr");

	ck_assert_int_gt(before, 0);
	ck_assert_int_eq(kill(before, SIGKILL), 0);
}

/* qmgr is killed: an association between two transfers goes on, and nobody
 * else gets it. */
START_TEST(across_a_restart)
{
	struct association_resumption at;
	struct caller victim;

	begin("stranger-restart");
	ck_assert_int_eq(call(&victim, "127.0.0.1", NULL), 0);
	for (unsigned i = 3; i < 5; i++) {
		prepare(i);
		half(&victim, &at);
		rest(&victim);
		buffer_fini(&prefix);
		load_wait_noted(&sink, i - 2, 20);
		kill_qmgr();
		refused(&victim.association.references);
	}
	ck_assert_int_eq(association_release(&victim.association), 0);
	hang_up(&victim);
	finish(2);
}
END_TEST

/* qmgr is killed within a transfer: the peer comes again, and resumes it. */
START_TEST(cut_by_a_restart)
{
	struct session_references lost;
	struct association_resumption at;
	struct caller victim, again;

	begin("stranger-cut");
	prepare(5);
	ck_assert_int_eq(call(&victim, "127.0.0.1", NULL), 0);
	half(&victim, &at);
	lost = victim.association.references;
	kill_qmgr();
	hang_up(&victim);
	refused(&lost);
	back_again(&again, &lost);
	resumes(&again, &lost, &at);
	finish(1);
}
END_TEST

TEST_MAIN("fault/stranger", TEST_LONG(of_a_live_session, 60);
	  TEST_LONG(of_a_lost_session, 600); TEST_LONG(lost_otherwise, 60);
	  TEST_LONG(across_a_restart, 60); TEST_LONG(cut_by_a_restart, 60))
