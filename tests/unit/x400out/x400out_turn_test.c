/* SPDX-License-Identifier: ISC */
/*
 * x400out_turn_test.c - the turn of a two-way alternate association, and
 * transfers that may have been completed before
 */
#include <sys/ioctl.h>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>

#include "osi/association_recovery.h"
#include "osi/association_turn.h"
#include "osi/cotp.h"
#include "osi/session.h"
#include "osi/tpkt.h"
#include "tests/references.h"
#include "tests/unit/x400out/calling.h"

#define SESSION 77

/* An MTA that is called, and does what a test says as a function. */
static struct called {
	void (*run)(struct called *);
	enum association_dialogue dialogue;
	struct association a;
	struct association_event event; /* the last one */
	int fd;
	enum association_end end;
	int reason;
} called;

/* next - receive the next event that is not octets of data */
static int
next(struct called *c)
{
	int error;

	do {
		error = association_receive(
		    &c->a, &c->event, clock_after(STAGE_LIMIT));
	} while (error == 0 && c->event.kind == ASSOCIATION_EVENT_DATA);
	return error == 0 ? (int)c->event.kind : error;
}

/* come - expect the next event to be that */
static bool
come(struct called *c, enum association_event_kind kind)
{
	int got = next(c);

	if (got != (int)kind)
		printf("event %d instead of %d: %s\n", got, (int)kind,
		    c->a.failure.text);
	return got == (int)kind;
}

/* note - note how the association ended */
static void
note(struct called *c)
{
	c->end = c->a.failure.end;
	c->reason = c->a.failure.reason;
}

/* until_over - let the other side end it */
static void
until_over(struct called *c)
{
	while (c->a.phase != ASSOCIATION_OVER && next(c) >= 0)
		if (c->event.kind == ASSOCIATION_EVENT_RELEASE)
			(void)!association_confirm_release(&c->a);
}

static void *
called_thread(void *arg)
{
	const struct association_io io = {association_poll, NULL};
	struct association_parameters parameters = {.window = 5,
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .open_timeout = 60000,
	    .disconnect_timeout = 5000,
	    .transfer_timeout = 60000};
	struct called *c = arg;
	struct association_indication indication;

	parameters.dialogue = c->dialogue;
	c->fd = accept(peer.listener, NULL, NULL);
	if (c->fd >= 0 && association_init(&c->a, io) == 0 &&
	    association_listen(&c->a, c->fd, &parameters, &indication) == 0 &&
	    peer_answer(&peer, &c->a, indication.bind_argument))
		c->run(c);
	note(c);
	association_fini(&c->a);
	close(c->fd);
	return NULL;
}

/* open_with - start a worker and open its association with such an MTA */
static void
open_with(void (*run)(struct called *), enum association_dialogue dialogue,
    const char *more)
{
	char text[256];

	peer_init(&peer);
	peer.checkpoint = strstr(more, "checkpoint-size") == NULL ? 30 : 0;
	called = (struct called){.run = run, .dialogue = dialogue};
	peer.running = true;
	ck_assert_int_eq(
	    pthread_create(&peer.thread, NULL, called_thread, &called), 0);
	snprintf(text, sizeof(text), "%s %s",
	    dialogue == ASSOCIATION_TWO_WAY ? "dialogue = \"two-way-alternate\""
					    : "",
	    more);
	calling_begin(text);
	calling_event(IPC_LINK_CONNECTING);
	(void)stage_receive(&stage, IPC_BIND_CHECK);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = true,
		    .session = dialogue == ASSOCIATION_TWO_WAY ? SESSION : 0}});
	calling_event(IPC_LINK_BOUND);
}

/* turn_job - make a message that qmgr has given this number, and that may have
 * been completed by another */
static void
turn_job(uint64_t number, uint64_t activity, uint64_t old_activity,
    uint64_t content_length)
{
	struct ipc_job job = {.job = number,
	    .message = number + 100,
	    .priority = 1,
	    .activity = activity,
	    .envelope_length = buffer_length(&apdu.octets),
	    .content_length = content_length,
	    .body = buffer_slice(&apdu.octets),
	    .old.activity = old_activity};

	if (old_activity != 0)
		job.old.references =
		    references_of("MTA-BERLIN", "261127091831Z", "ab");
	stage_send(&stage, (struct ipc_record){.type = IPC_JOB, .job = job});
}

/* answer_sequence - answer as qmgr that it has noted the names */
static void
answer_sequence(uint64_t job, uint64_t activity)
{
	const struct ipc_sequence *asked =
	    &stage_receive(&stage, IPC_SEQUENCE)->sequence;

	ck_assert_uint_eq(asked->job, job);
	ck_assert_uint_eq(asked->name.activity, activity);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SEQUENCE,
		.sequence = {.job = job, .name.activity = activity}});
}

/* state - read the state of the worker's process: 'S' is asleep */
static char
state(void)
{
	char path[64], text[1024], *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", stage.pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	fclose(file);
	at = strrchr(text, ')');
	ck_assert_ptr_nonnull(at);
	return at[2];
}

/* sleeps - wait until the worker was seen asleep so often; a worker that asks
 * poll() again and again never is, however busy the machine, and one that only
 * ticks may have to wait for a processor */
static void
sleeps(void)
{
	uint64_t deadline = clock_after(STAGE_LIMIT);

	for (int asleep = 0; asleep < 50;) {
		asleep += state() == 'S';
		ck_assert_msg(
		    clock_monotonic() < deadline, "the worker does not sleep");
		sched_yield();
	}
}

/* has_read - wait until the worker has read all that qmgr sent */
static void
has_read(void)
{
	uint64_t deadline = clock_after(STAGE_LIMIT);
	int left;

	do {
		ck_assert_int_eq(ioctl(stage.qmgr.fd, SIOCOUTQ, &left), 0);
		ck_assert_msg(clock_monotonic() < deadline, "%d unread", left);
		sched_yield();
	} while (left > 0);
}

/* asks_at_the_end - confirm a transfer and ask for the turn in one write */
static void
asks_at_the_end(struct called *c)
{
	int on = 1, off = 0;

	if (!come(c, ASSOCIATION_EVENT_TRANSFER_START) ||
	    !come(c, ASSOCIATION_EVENT_TRANSFER_END))
		return;
	(void)!setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	if (association_confirm_transfer(&c->a) != 0 ||
	    association_turn_please(&c->a, 2) != 0)
		return;
	(void)!setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	peer_note(&peer, peer.taken++);
	if (come(c, ASSOCIATION_EVENT_TURN_GIVEN))
		peer_note(&peer, peer.bound++);
	until_over(c);
}

/* A request for the turn that came along with a confirmation is heard. */
START_TEST(asked_at_the_end)
{
	open_with(asks_at_the_end, ASSOCIATION_TWO_WAY, "");
	turn_job(1, 0, 0, 0);
	calling_outcome(1, IPC_TRANSFERRED);
	peer_wait(&peer, peer.bound == 1);
	calling_end();
}
END_TEST

/* take_turn - have the turn, and what the initiator says with it */
static bool
take_turn(struct called *c)
{
	if (association_turn_please(&c->a, 2) != 0 ||
	    !come(c, ASSOCIATION_EVENT_TURN_GIVEN))
		return false;
	peer_note(&peer, peer.bound++);
	return true;
}

/* keeps_turn - keep the turn for good */
static void
keeps_turn(struct called *c)
{
	if (take_turn(c))
		until_over(c);
}

/* A worker that wants to release waits for the turn for as long as a peer may
 * take to disconnect, and then aborts. */
START_TEST(turn_not_given)
{
	uint64_t begun = clock_monotonic();

	open_with(
	    keeps_turn, ASSOCIATION_TWO_WAY, "disconnect-timeout = \"1\"");
	peer_wait(&peer, peer.bound == 1);
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	calling_event(IPC_LINK_LOST);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	ck_assert_uint_ge(clock_monotonic() - begun, 1000);
	peer_join(&peer);
	ck_assert_int_eq(called.end, ASSOCIATION_ABORTED_BY_PEER);
	calling_end();
}
END_TEST

/* Told to stop without the turn: it says so, and does not just go. */
START_TEST(stopped_without_the_turn)
{
	open_with(keeps_turn, ASSOCIATION_TWO_WAY, "");
	peer_wait(&peer, peer.bound == 1);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	calling_event(IPC_LINK_LOST);
	calling_gone(STAGE_LIMIT);
	ck_assert_int_eq(called.end, ASSOCIATION_ABORTED_BY_PEER);
	calling_end();
}
END_TEST

/* A job that is cancelled is returned without the turn. */
START_TEST(cancelled_without_the_turn)
{
	open_with(keeps_turn, ASSOCIATION_TWO_WAY, "");
	peer_wait(&peer, peer.bound == 1);
	turn_job(1, 0, 0, 0);
	turn_job(2, 0, 0, 0);
	for (uint64_t i = 1; i <= 2; i++)
		stage_send(&stage,
		    (struct ipc_record){
			.type = IPC_CANCEL, .cancel = {.job = i}});
	calling_outcome(1, IPC_UNSTARTED);
	calling_outcome(2, IPC_UNSTARTED);
	calling_end();
}
END_TEST

/* keeps_transferring - begin a transfer whose end does not come */
static void
keeps_transferring(struct called *c)
{
	static uint8_t content[100000];
	struct buffer prefix;

	buffer_init(&prefix, 4 * (size_t)P1_ENVELOPE_MAX);
	if (take_turn(c) && come(c, ASSOCIATION_EVENT_TURN_WANTED) &&
	    transfer_prefix(MTS_MESSAGE, buffer_slice(&apdu.octets), 1000000,
		TRANSFER_NO_EXTERNAL, &prefix) == 0 &&
	    association_send_start(&c->a, buffer_length(&prefix) + 1000000,
		clock_after(60000)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&prefix)) == 0 &&
	    association_send_data(&c->a, slice_of(content, sizeof(content))) ==
		0) {
		peer_note(&peer, peer.taken++);
		peer_pause(&peer);
	}
	buffer_fini(&prefix);
}

/* The time in which a peer gives the turn: enough of it for one that a busy
 * machine keeps from running. */
#define GIVING "disconnect-timeout = 6 "

/* outlast - let that time pass; to wake up later does no harm */
static void
outlast(void)
{
	usleep(6100 * 1000);
}

/* The time in which the turn should be given says nothing of a transfer that
 * has begun: that is waited for, without haste. */
START_TEST(transfer_before_release)
{
	open_with(keeps_transferring, ASSOCIATION_TWO_WAY,
	    GIVING "checkpoint-size = \"0\"");
	peer_wait(&peer, peer.bound == 1);
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	peer_wait(&peer, peer.taken == 1);
	(void)stage_receive(&stage, IPC_SUBMIT_START);
	outlast();
	sleeps();
	peer_go(&peer);
	calling_end();
}
END_TEST

/* takes_all - take all transfers in monologue */
static void
takes_all(struct called *c)
{
	int kind;

	while ((kind = next(c)) >= 0 && c->a.phase != ASSOCIATION_OVER) {
		if (kind == ASSOCIATION_EVENT_TRANSFER_END &&
		    association_confirm_transfer(&c->a) == 0)
			peer_note(&peer, peer.taken++);
		if (kind == ASSOCIATION_EVENT_RELEASE)
			(void)!association_confirm_release(&c->a);
	}
}

/* A job that is cancelled while its name is noted: the answer is that to the
 * question, and the next job has another. */
START_TEST(cancelled_while_named)
{
	const struct ipc_sequence *asked;

	open_with(takes_all, ASSOCIATION_MONOLOGUE, "");
	turn_job(1, 5, 0, 0);
	turn_job(2, 6, 0, 0);
	asked = &stage_receive(&stage, IPC_SEQUENCE)->sequence;
	ck_assert_uint_eq(asked->job, 1);
	ck_assert_uint_eq(asked->name.activity, 1);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 1}});
	has_read();
	sleeps();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SEQUENCE,
		.sequence = {.job = 1, .name.activity = 1}});
	calling_outcome(1, IPC_UNSTARTED);
	answer_sequence(2, 1);
	calling_outcome(2, IPC_TRANSFERRED);
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	calling_event(IPC_LINK_RELEASED);
	calling_end();
}
END_TEST

/* asks_too_late - ask for the turn when the release is under way already */
static void
asks_too_late(struct called *c)
{
	const struct session_pdu please = {.kind = SESSION_PLEASE_TOKENS,
	    .has = SESSION_HAS_TOKEN_ITEM,
	    .token_item = SESSION_TOKEN_DATA};
	uint8_t octets[64];
	struct buffer pdu;
	size_t length;

	buffer_init(&pdu, sizeof(octets) - TPKT_HEADER - COTP_DATA_HEADER);
	if (come(c, ASSOCIATION_EVENT_RELEASE) &&
	    session_encode(&please, &pdu) == 0) {
		length = COTP_DATA_HEADER + buffer_length(&pdu);
		tpkt_encode(octets, length);
		cotp_encode_data(octets + TPKT_HEADER, COTP_LAST);
		memcpy(octets + TPKT_HEADER + COTP_DATA_HEADER,
		    buffer_slice(&pdu).data, buffer_length(&pdu));
		(void)!write(c->fd, octets, TPKT_HEADER + length);
		(void)!association_confirm_release(&c->a);
	}
	buffer_fini(&pdu);
}

/* A request for the turn that crosses with the release is told to qmgr. */
START_TEST(asked_in_the_release)
{
	open_with(asks_too_late, ASSOCIATION_TWO_WAY, "");
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	(void)stage_receive(&stage, IPC_SESSION_CLOSED);
	ck_assert(calling_event(IPC_LINK_RELEASED)->two_way);
	calling_gone(STAGE_LIMIT);
	calling_end();
}
END_TEST

#define SLOW 20000 /* us, of the seconds that it has */

/* sends_and_gives - send a transfer, give the turn slowly, take a transfer */
static void
sends_and_gives(struct called *c)
{
	struct buffer prefix;

	buffer_init(&prefix, 4 * (size_t)P1_ENVELOPE_MAX);
	if (take_turn(c) && come(c, ASSOCIATION_EVENT_TURN_WANTED) &&
	    transfer_prefix(MTS_MESSAGE, buffer_slice(&apdu.octets),
		buffer_length(&apdu.content), TRANSFER_NO_EXTERNAL,
		&prefix) == 0 &&
	    association_send_start(&c->a,
		buffer_length(&prefix) + buffer_length(&apdu.content),
		clock_after(STAGE_LIMIT)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&prefix)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&apdu.content)) == 0 &&
	    association_send_end(&c->a) == 0 &&
	    association_send_finish(&c->a) == 0 && usleep(SLOW) == 0 &&
	    association_turn_give(&c->a) == 0 &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_START) &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_END) &&
	    association_confirm_transfer(&c->a) == 0)
		until_over(c);
	buffer_fini(&prefix);
}

/* submitted - expect all of a transfer of the peer's; return its number */
static uint64_t
submitted(void)
{
	struct diag diag = {0};

	do
		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
	while (stage.record.type != IPC_SUBMIT_END);
	return stage.record.submit_end.submit;
}

/* While a peer waits for qmgr its time for the turn does not run, however long
 * that takes. */
START_TEST(turn_while_qmgr_commits)
{
	uint64_t submit;

	open_with(sends_and_gives, ASSOCIATION_TWO_WAY, GIVING);
	peer_wait(&peer, peer.bound == 1);
	turn_job(1, 0, 0, 0);
	submit = submitted();
	outlast();
	sleeps();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_ANSWER,
		.submit_answer = {
		    .submit = submit, .result = IPC_SUBMIT_ACCEPTED}});
	calling_outcome(1, IPC_TRANSFERRED);
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	(void)stage_receive(&stage, IPC_SESSION_CLOSED);
	ck_assert(!calling_event(IPC_LINK_RELEASED)->two_way);
	calling_end();
}
END_TEST

/* sends_narrow - send a large transfer with a window of one, give the turn */
static void
sends_narrow(struct called *c)
{
	static uint8_t content[150000];
	struct buffer prefix;

	buffer_init(&prefix, 4 * (size_t)P1_ENVELOPE_MAX);
	c->a.window = 1;
	if (take_turn(c) && come(c, ASSOCIATION_EVENT_TURN_WANTED) &&
	    transfer_prefix(MTS_MESSAGE, buffer_slice(&apdu.octets),
		sizeof(content), TRANSFER_NO_EXTERNAL, &prefix) == 0 &&
	    association_send_start(&c->a,
		buffer_length(&prefix) + sizeof(content),
		clock_after(STAGE_LIMIT)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&prefix)) == 0 &&
	    association_send_data(&c->a, slice_of(content, sizeof(content))) ==
		0 &&
	    association_send_end(&c->a) == 0 &&
	    association_send_finish(&c->a) == 0 &&
	    association_turn_give(&c->a) == 0 &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_START) &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_END) &&
	    association_confirm_transfer(&c->a) == 0)
		until_over(c);
	buffer_fini(&prefix);
}

/* submitted_marked - commit each mark of a transfer of the peer's, up to its
 * end; its number */
static uint64_t
submitted_marked(void)
{
	while (stage_next(&stage) != IPC_SUBMIT_END) {
		const struct ipc_submit_mark *mark = &stage.record.submit_mark;

		if (stage.record.type == IPC_SUBMIT_MARK)
			stage_send(&stage,
			    (struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
				.submit_progress = {.submit = mark->submit,
				    .offset = mark->offset,
				    .marked = mark->offset}});
	}
	return stage.record.submit_end.submit;
}

/* A peer whose window is smaller than the agreed one has its checkpoints
 * confirmed by a caller, too. */
START_TEST(smaller_window)
{
	uint64_t submit;

	open_with(sends_narrow, ASSOCIATION_TWO_WAY, "");
	peer_wait(&peer, peer.bound == 1);
	turn_job(1, 0, 0, 0);
	submit = submitted_marked();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_ANSWER,
		.submit_answer = {
		    .submit = submit, .result = IPC_SUBMIT_ACCEPTED}});
	calling_outcome(1, IPC_TRANSFERRED);
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	(void)stage_receive(&stage, IPC_SESSION_CLOSED);
	(void)calling_event(IPC_LINK_RELEASED);
	calling_end();
}
END_TEST

/* knows_nothing - answer that a resumed transfer is not known */
static void
knows_nothing(struct called *c)
{
	if (come(c, ASSOCIATION_EVENT_TRANSFER_RESUMED))
		(void)!association_resume_unknown(&c->a);
}

/* A peer that knows nothing of what it is asked is not asked again, also
 * where the association is not opened once more within the transfer; that
 * speaks against the message as little as a cut. */
START_TEST(unknown_and_not_recovered)
{
	open_with(
	    knows_nothing, ASSOCIATION_MONOLOGUE, "recovery-timeout = \"0\"");
	turn_job(1, 1, 7, 0);
	ck_assert(!calling_outcome(1, IPC_INTERRUPTED)->doubtful);
	calling_event(IPC_LINK_LOST);
	calling_end();
}
END_TEST

/* had_completed - answer that a resumed transfer had been completed */
static void
had_completed(struct called *c)
{
	if (come(c, ASSOCIATION_EVENT_TRANSFER_RESUMED) &&
	    association_resume_completed(&c->a) == 0) {
		peer_note(&peer, peer.bound++);
		until_over(c);
	}
}

/* A transfer that is cancelled, but that the peer had completed before, was
 * transferred. */
START_TEST(cancelled_but_completed)
{
	open_with(had_completed, ASSOCIATION_MONOLOGUE, "");
	turn_job(1, 1, 7, 10000000);
	for (int i = 0; i < 2; i++) {
		(void)stage_receive(&stage, IPC_BODY_REQUEST);
		calling_answer_body(1);
	}
	peer_wait(&peer, peer.bound == 1);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 1}});
	while (stage_next(&stage) != IPC_OUTCOME)
		continue;
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	calling_end();
}
END_TEST

TEST_MAIN("x400out/turn", TEST(asked_at_the_end); TEST(asked_in_the_release);
	  TEST(turn_while_qmgr_commits); TEST(smaller_window);
	  TEST(turn_not_given); TEST(stopped_without_the_turn);
	  TEST(cancelled_without_the_turn); TEST(transfer_before_release);
	  TEST(cancelled_while_named); TEST(unknown_and_not_recovered);
	  TEST(cancelled_but_completed))
