/* SPDX-License-Identifier: ISC */
/*
 * in_qmgr.c - what mixer-in says to qmgr, and hears from it
 */
#include <stdio.h>

#include "base/clock.h"
#include "client/limits.h"
#include "mixer/in.h"
#include "worker/notice.h"

#define CONNECT_TIMEOUT 3000  /* ms */
#define QMGR_TIMEOUT	60000 /* ms */
#define MOMENT		1000  /* ms for which an answer holds */
#define GATHER_MAX	16384 /* octets of records that wait for others */

/* copy - copy a text of a record, whose octets are gone with the next one */
static void
copy(char to[IN_TEXT_MAX], struct slice text)
{
	(void)snprintf(
	    to, IN_TEXT_MAX, "%.*s", (int)text.len, (const char *)text.data);
}

/* take_ways - note what qmgr says about an address, or room */
static void
take_ways(struct in *in, const struct ipc_route_answer *answer)
{
	if (answer->check != in->check)
		return;
	in->answered = true;
	in->has_room = answer->room;
	copy(in->way_text, answer->text);
	if (answer->way_count == 0)
		return;
	in->way = answer->ways[0];
	copy(in->way_text, in->way.text);
	copy(in->way_link, in->way.link);
}

/* take_refused - set the replies to recipients that were refused at once */
static void
take_refused(struct in *in, const struct ipc_submit_answer *answer)
{
	char text[IN_TEXT_MAX];

	for (size_t i = 0; i < answer->recipient_count; i++) {
		const struct ipc_recipient_outcome *one =
		    &answer->recipients[i];

		if (one->index >= in->pending_count)
			continue;
		copy(text, one->text);
		in_say_refused(&in->recipients[in->pending[one->index]].reply,
		    one->reason, one->diagnostic, text);
	}
	/* Taken before, and the answer was not heard. */
	for (size_t i = 0; i < answer->had.len && i < in->pending_count; i++)
		if (answer->had.data[i] != 0)
			in_say(&in->recipients[in->pending[i]].reply, 250,
			    "2.6.0", "it was taken before");
}

/* in_has_gathered - tell whether records wait for others */
bool
in_has_gathered(const struct in *in)
{
	return !in->away && !in->gone &&
	    ipc_channel_pending(&in->mixer.qmgr) > 0;
}

/* in_flush - write the records that wait for others */
void
in_flush(struct in *in)
{
	int error = 0;

	if (in_has_gathered(in))
		error = worker_flush(&in->mixer.worker, &in->mixer.qmgr,
		    clock_after(LIMITS_SEND));
	/* Records that a stop found waiting were written all the same. */
	if (error < 0 && error != ERR_CANCELLED)
		in->gone = true;
}

/* in_give - give qmgr a record, with those that follow it */
int
in_give(struct in *in, const struct ipc_record *record)
{
	int error;

	if (in->gone)
		return ERR_CLOSED;
	error = ipc_channel_send(&in->mixer.qmgr, record);
	if (error == ERR_LIMIT)
		error = worker_send(&in->mixer.worker, &in->mixer.qmgr, record,
		    clock_after(LIMITS_SEND));
	if (error < 0)
		in->gone = true;
	else if (ipc_channel_pending(&in->mixer.qmgr) > GATHER_MAX)
		in_flush(in);
	return in->gone ? ERR_CLOSED : 0;
}

/* receive - take the next record of qmgr's by a deadline */
static int
receive(struct in *in, uint64_t deadline)
{
	struct ipc_record record;
	struct diag diag = {0};
	int error;

	if (in->gone)
		return ERR_CLOSED;
	error = worker_receive(
	    &in->mixer.worker, &in->mixer.qmgr, &record, deadline, &diag);
	if (error == ERR_CANCELLED)
		return 0; /* an answer that is under way is still awaited */
	if (error == ERR_TIMEOUT)
		return error;
	if (error != 0) {
		in->gone = true;
		return ERR_CLOSED;
	}
	if (record.type == IPC_RETIRE)
		in->mixer.worker.stopping = true;
	if (record.type == IPC_ROUTE_ANSWER)
		take_ways(in, &record.route_answer);
	if (record.type == IPC_MEMORY_ASK)
		in_memory_take(in, &record.memory_ask);
	if (submission_number(&record) == in->submission.number) {
		if (record.type == IPC_SUBMIT_ANSWER)
			take_refused(in, &record.submit_answer);
		submission_take(&in->submission, &record);
	}
	return 0;
}

/* in_receive - take the next record of qmgr's */
int
in_receive(struct in *in)
{
	if (receive(in, clock_after(QMGR_TIMEOUT)) == 0)
		return 0;
	in->gone = true;
	return ERR_CLOSED;
}

/* in_connect - connect to qmgr and read the settings */
bool
in_connect(struct in *in)
{
	struct diag diag = {0};
	int error = worker_qmgr(&in->mixer.worker, &in->mixer.qmgr,
	    IPC_ROLE_MIXER_IN, clock_after(CONNECT_TIMEOUT));

	in->receive = receive;
	/* A client that gets no greeting takes the host for dead, and keeps
	 * all mail for it back. */
	if (error == ERR_TIMEOUT)
		return false;
	if (error == 0)
		error = mixer_settings(&in->mixer, &diag);
	if (error == ERR_CLOSED || error == ERR_TIMEOUT)
		return false;
	if (error != 0)
		worker_without_qmgr(&in->mixer.worker, error, &diag);
	notice_through(&in->mixer.qmgr);
	return true;
}

/* in_reconnect - connect to the qmgr that comes in place of one that is gone */
bool
in_reconnect(struct in *in)
{
	struct ipc_record record;
	int error;

	if (in->away)
		return false;
	notice_through(NULL);
	ipc_channel_fini(&in->mixer.qmgr);
	error = worker_qmgr(&in->mixer.worker, &in->mixer.qmgr,
	    IPC_ROLE_MIXER_IN, clock_after(CONNECT_TIMEOUT));
	if (error == 0)
		error = worker_receive(&in->mixer.worker, &in->mixer.qmgr,
		    &record, clock_after(CONNECT_TIMEOUT), NULL);
	/* The settings are the same: where they change, master retires us. */
	if (error != 0 || record.type != IPC_SETTINGS)
		return false;
	in->gone = false;
	notice_through(&in->mixer.qmgr);
	return true;
}

/* check - send a RouteCheck, and wait for its answer; false: qmgr is gone */
static bool
check(struct in *in, uint64_t size, const struct slice *addresses, size_t count)
{
	const struct ipc_record record = {.type = IPC_ROUTE_CHECK,
	    .route_check = {.check = ++in->check,
		.size = size,
		.addresses = addresses,
		.address_count = count}};

	in->answered = false;
	if (in->away || in->gone ||
	    worker_send(&in->mixer.worker, &in->mixer.qmgr, &record,
		clock_after(LIMITS_SEND)) != 0) {
		in->gone = true;
		return false;
	}
	while (!in->answered)
		if (in_receive(in) != 0)
			return false;
	return true;
}

/* in_knows_way - tell whether a recipient was served a moment ago */
bool
in_knows_way(const struct in *in, const struct in_recipient *recipient)
{
	const struct in_way *way = &in->ways[recipient->hash[0]];

	return way->until > clock_monotonic() &&
	    way->size >= in->server.mail.size &&
	    memcmp(way->hash, recipient->hash, sizeof(way->hash)) == 0;
}

/* in_note_way - note that a recipient is served */
void
in_note_way(struct in *in, const struct in_recipient *recipient)
{
	struct in_way *way = &in->ways[recipient->hash[0]];

	memcpy(way->hash, recipient->hash, sizeof(way->hash));
	way->size = in->server.mail.size;
	way->until = clock_after(MOMENT);
}

/* in_ask_way - ask qmgr for the way of an address */
bool
in_ask_way(struct in *in, const struct or_address *address)
{
	const char *text =
	    or_address_format(address, OR_STYLE_F401, &in->arena);
	struct slice addresses[1];

	if (text == NULL)
		return false;
	addresses[0] = slice_of_string(text);
	return check(in, in->server.mail.size, addresses, 1);
}

/* in_ask_room - ask qmgr for room */
bool
in_ask_room(struct in *in, uint64_t octets)
{
	return check(in, octets, NULL, 0);
}

/* in_forget_heard - tell qmgr that the client has heard all answers */
void
in_forget_heard(struct in *in)
{
	for (size_t i = 0; i < in->heard_count && !in->gone; i++) {
		const struct in_heard *heard = &in->heard[i];
		const struct ipc_record record = {.type = IPC_SUBMISSION_HEARD,
		    .submission_heard = {
			slice_of_string(heard->key), heard->message}};

		(void)!in_give(in, &record);
	}
	in->heard_count = 0;
}
