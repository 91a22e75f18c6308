/* SPDX-License-Identifier: ISC */
/*
 * in.c - mixer-in, the worker that takes messages by LMTP
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/limits.h"
#include "mixer/in.h"

#define QMGR_TIMEOUT   60000  /* ms */
#define CLIENT_TIMEOUT 300000 /* ms, RFC 5321 4.5.3.2 */
#define IDLE_TIMEOUT   60000  /* ms for the next client */
#define CONNECTIONS    100
#define PIECE	       16384
#define EXIT_FAILED    1

/* in_receive - take the next record of qmgr's */
int
in_receive(struct in *in)
{
	struct ipc_record record;
	struct diag diag = {0};
	int error;

	if (in->gone)
		return ERR_CLOSED;
	error = worker_receive(&in->mixer.worker, &in->mixer.qmgr, &record,
	    clock_after(QMGR_TIMEOUT), &diag);
	if (error == ERR_CANCELLED)
		return 0; /* an answer that is under way is still awaited */
	if (error != 0) {
		in->gone = true;
		return ERR_CLOSED;
	}
	if (record.type == IPC_RETIRE)
		in->mixer.worker.stopping = true;
	if (record.type == IPC_ROUTE_ANSWER &&
	    record.route_answer.check == in->check &&
	    record.route_answer.way_count == 1) {
		in->way = record.route_answer.ways[0];
		/* The record's octets are gone with the next one. */
		(void)snprintf(in->way_text, sizeof(in->way_text), "%.*s",
		    (int)in->way.text.len, (const char *)in->way.text.data);
		(void)snprintf(in->way_link, sizeof(in->way_link), "%.*s",
		    (int)in->way.link.len, (const char *)in->way.link.data);
		in->way_known = true;
	}
	if (submission_number(&record) == in->submission.number)
		submission_take(&in->submission, &record);
	return 0;
}

/* give_record - send a record of a submission */
static int
give_record(void *arg, const struct ipc_record *record)
{
	struct in *in = arg;
	int error;

	if (in->gone)
		return ERR_CLOSED;
	error = worker_send(&in->mixer.worker, &in->mixer.qmgr, record,
	    clock_after(LIMITS_SEND));
	if (error < 0 && error != ERR_CANCELLED) {
		in->gone = true;
		return ERR_CLOSED;
	}
	return 0;
}

/* wait_for_room - wait for qmgr to commit what it was sent */
static int
wait_for_room(void *arg)
{
	return in_receive(arg);
}

/* write_out - write what the client is to get; false: it is gone */
static bool
write_out(struct in *in)
{
	while (buffer_length(&in->server.out) > 0) {
		struct slice out = buffer_slice(&in->server.out);
		struct pollfd fd = {.fd = in->fd, .events = POLLOUT};
		ssize_t len = write(in->fd, out.data, out.len);
		int got = 0;

		if (len > 0)
			buffer_consume(&in->server.out, (size_t)len);
		else if (len == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		else
			got = worker_wait(&in->mixer.worker, &fd, 1,
			    clock_after(CLIENT_TIMEOUT));
		if (got < 0 && got != ERR_CANCELLED)
			return false;
	}
	return true;
}

/* read_in - read what the client has sent; false: it is gone, or we are told to
 * stop */
static bool
read_in(struct in *in)
{
	struct pollfd fd = {.fd = in->fd, .events = POLLIN};
	uint8_t octets[PIECE];
	size_t room = lmtp_server_room(&in->server);
	ssize_t len;
	int got =
	    worker_wait(&in->mixer.worker, &fd, 1, clock_after(CLIENT_TIMEOUT));

	if (got < 0)
		return false;
	len = read(in->fd, octets, room < PIECE ? room : PIECE);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	return len > 0 &&
	    lmtp_server_push(&in->server, slice_of(octets, (size_t)len)) == 0;
}

/* serve_client - serve one connection */
static void
serve_client(struct in *in)
{
	enum lmtp_event event = LMTP_NOTHING;
	bool there = lmtp_server_init(&in->server, in->mixer.conf->mta.name,
			 in->mixer.section->max_size) == 0;

	while (there && event != LMTP_CLOSE) {
		while (
		    (event = lmtp_server_next(&in->server)) != LMTP_NOTHING &&
		    event != LMTP_CLOSE)
			in_lmtp(in, event);
		there = write_out(in);
		if (there && event != LMTP_CLOSE)
			there = !in->mixer.worker.stopping && read_in(in);
	}
	in_forget(in);
	lmtp_server_fini(&in->server);
	(void)close(in->fd);
	in->fd = -1;
}

/* mixer_in - take messages by LMTP, one connection after the other */
void
mixer_in(struct worker *worker)
{
	static struct in in;
	struct diag diag = {0};
	int error;

	in.mixer.worker = *worker;
	in.fd = -1;
	arena_init(&in.arena, P1_ARENA_MAX);
	buffer_init(&in.content, MIXER_MESSAGE_MAX);
	submitter_init(&in.submitter, give_record, wait_for_room, &in);
	error = worker_qmgr(&in.mixer.worker, &in.mixer.qmgr, IPC_ROLE_MIXER_IN,
	    clock_after(QMGR_TIMEOUT));
	if (error == 0)
		error = mixer_settings(&in.mixer, &diag);
	if (error != 0)
		worker_without_qmgr(&in.mixer.worker, error, &diag);
	worker_confine(&in.mixer.worker, NULL, SANDBOX_NETWORK);
	for (unsigned i = 0; i < CONNECTIONS && !in.gone; i++) {
		in.fd = worker_accept(&in.mixer.worker, IDLE_TIMEOUT);
		if (in.fd < 0)
			break;
		serve_client(&in);
	}
	worker_exit(&in.mixer.worker, in.gone ? EXIT_FAILED : 0);
}
