/* SPDX-License-Identifier: ISC */
/*
 * in.c - mixer-in, the worker that takes messages by LMTP
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <linux/tcp.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "client/limits.h"
#include "conf/conf_network.h"
#include "mixer/in.h"

#define CLIENT_TIMEOUT 300000 /* ms, RFC 5321 4.5.3.2 */
#define CLIENT_LEAST   32768  /* octets of a content in that time */
#define STOP_TIMEOUT   5000   /* for a message under way */
#define BYE_TIMEOUT    1000   /* for a client that said QUIT to close */
#define IDLE_TIMEOUT   60000  /* ms for the next client */
#define AWAY_TIMEOUT   6000   /* likewise, where qmgr is away */
#define GATHER_TIME    20     /* ms that records wait for others */
#define CONNECTIONS    100
#define EXIT_FAILED    1

/* give_record - give qmgr a record of a submission */
static int
give_record(void *arg, const struct ipc_record *record)
{
	return in_give(arg, record);
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
	uint64_t deadline = clock_after(CLIENT_TIMEOUT);

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
			got = worker_wait(&in->mixer.worker, &fd, 1, deadline);
		if (got < 0 && got != ERR_CANCELLED)
			return false;
	}
	return true;
}

/* note_progress - give the client time again for something that it did */
static void
note_progress(struct in *in, enum lmtp_event event)
{
	if (event == LMTP_CONTENT)
		in->content += in->server.content.len;
	/* A client that sends an octet now and then holds a worker. */
	if (event == LMTP_CONTENT && in->content < CLIENT_LEAST)
		return;
	in->content = 0;
	in->deadline = clock_after(CLIENT_TIMEOUT);
}

/* is_acknowledged - tell whether the client's host has got all that was
 * written; a local socket says so by having no error */
static bool
is_acknowledged(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);
	int error = 0;
	socklen_t error_size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0 ||
	    error != 0)
		return false;
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0);
}

/* wait_for_client - wait for the client to send something */
static int
wait_for_client(struct in *in, struct pollfd *fd)
{
	uint64_t deadline = clock_after(GATHER_TIME);
	int got;

	/* Records wait for those of the next message, but not for long. */
	if (in_has_gathered(in) && deadline < in->deadline) {
		got = worker_wait(&in->mixer.worker, fd, 1, deadline);
		if (got != ERR_TIMEOUT)
			return got;
		in_flush(in);
	}
	return worker_wait(&in->mixer.worker, fd, 1, in->deadline);
}

/* read_in - read what the client has sent; false: it is gone, or has sent
 * nothing for too long */
static bool
read_in(struct in *in)
{
	struct pollfd fd = {.fd = in->fd, .events = POLLIN};
	size_t room = lmtp_server_room(&in->server);
	uint8_t *octets;
	ssize_t len;
	int got;

	/* A message under way may come to its end. */
	if (in->mixer.worker.stopping &&
	    in->deadline > clock_after(STOP_TIMEOUT))
		in->deadline = clock_after(STOP_TIMEOUT);
	got =
	    FAULT_POINT("lmtp-silent") ? ERR_TIMEOUT : wait_for_client(in, &fd);
	if (got == ERR_TIMEOUT) {
		if (!lmtp_server_between(&in->server))
			in_notice(in, "too slow");
		lmtp_server_give_up(&in->server, "too slow");
		return write_out(in) && false;
	}
	if (got < 0)
		return got == ERR_CANCELLED;
	if (lmtp_server_reserve(&in->server, room, &octets) != 0)
		return false;
	len = read(in->fd, octets, room);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	/* A client that goes on now does so with something else. */
	if (len > 0 && in->quiet && in->heard_count > 0 &&
	    is_acknowledged(in->fd))
		in_forget_heard(in);
	in->quiet = false;
	if (len <= 0)
		return false;
	lmtp_server_commit(&in->server, (size_t)len);
	return true;
}

/* has_ended - tell whether a client that said QUIT has read all replies, and
 * closes: a host whose program has not read all sends a reset */
static bool
has_ended(struct in *in)
{
	struct pollfd fd = {.fd = in->fd, .events = POLLIN};
	uint8_t octets[64];
	int got;

	if (!in->server.quit || in->heard_count == 0)
		return false;
	got = worker_wait(&in->mixer.worker, &fd, 1, clock_after(BYE_TIMEOUT));
	return got > 0 && read(in->fd, octets, sizeof(octets)) == 0 &&
	    is_acknowledged(in->fd);
}

/* serve_client - serve one connection */
static void
serve_client(struct in *in)
{
	enum lmtp_event event = LMTP_NOTHING;
	bool there = lmtp_server_init(&in->server,
			 in->away ? "localhost" : in->mixer.conf->mta.name,
			 in->away ? 0 : in->mixer.section->max_size) == 0;

	in->heard_count = 0;
	note_progress(in, LMTP_NOTHING);
	while (there && event != LMTP_CLOSE) {
		while (
		    (event = lmtp_server_next(&in->server)) != LMTP_NOTHING &&
		    event != LMTP_CLOSE) {
			note_progress(in, event);
			in_lmtp(in, event);
		}
		if (in->server.why != NULL)
			in_notice(in, in->server.why);
		there = write_out(in);
		in->quiet = lmtp_server_between(&in->server);
		if (there && event != LMTP_CLOSE)
			there = !(in->mixer.worker.stopping &&
				    lmtp_server_between(&in->server)) &&
			    read_in(in);
	}
	in_forget(in);
	if (there && has_ended(in))
		in_forget_heard(in);
	in_flush(in);
	lmtp_server_fini(&in->server);
}

/* is_welcome - tell whether a client may call, by its address */
static bool
is_welcome(struct in *in)
{
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof(from);

	(void)strlcpy(in->peer, "local", sizeof(in->peer));
	if (getpeername(in->fd, (struct sockaddr *)&from, &size) != 0)
		return false;
	if (from.ss_family == AF_UNIX)
		return true;
	if (getnameinfo((struct sockaddr *)&from, size, in->peer,
		sizeof(in->peer), NULL, 0, NI_NUMERICHOST) != 0)
		return false;
	if (in->away || strncmp(in->peer, "127.", 4) == 0 ||
	    strcmp(in->peer, "::1") == 0 ||
	    strncmp(in->peer, "::ffff:127.", 11) == 0 ||
	    (in->mixer.section->lmtp_from.count > 0 &&
		conf_network_match(&in->mixer.section->lmtp_from, in->peer)))
		return true;
	LOG_EVENT(EVENT_LMTP_STRANGER,
	    LOG_STRING("link", in->mixer.worker.service),
	    LOG_STRING("address", in->peer));
	return false;
}

/* prepare - take all that the sandbox would keep from us */
static void
prepare(struct in *in)
{
	struct diag diag = {0};

	in->recipients = calloc(LMTP_RECIPIENTS_MAX, sizeof(*in->recipients));
	in->pending = calloc(LMTP_RECIPIENTS_MAX, sizeof(*in->pending));
	in->heard = calloc(IN_HEARD_MAX, sizeof(*in->heard));
	in->key_state = in_key_new();
	if (in->recipients == NULL || in->pending == NULL ||
	    in->heard == NULL || in->key_state == NULL)
		worker_exit(&in->mixer.worker, EXIT_FAILED);
	in->away = !in_connect(in);
	/* Small messages can be taken without. */
	if (!in->away &&
	    spool_open(
		&in->spool, in->mixer.conf->mta.state_directory, &diag) != 0)
		LOG_EVENT(
		    EVENT_UNEXPECTED, LOG_STRING("reason", diag_text(&diag)));
	worker_confine(&in->mixer.worker, NULL, SANDBOX_SPOOL);
}

/* mixer_in - take messages by LMTP, one connection after the other */
void
mixer_in(struct worker *worker)
{
	static struct in in;
	uint64_t begun = clock_monotonic();

	in.mixer.worker = *worker;
	in.fd = -1;
	arena_init(&in.arena, P1_ARENA_MAX);
	spool_init(&in.spool);
	buffer_init(&in.notes, IPC_PIECE_MAX);
	submitter_init(&in.submitter, give_record, wait_for_room, &in);
	prepare(&in);
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		in.fd = worker_accept(
		    &in.mixer.worker, in.away ? AWAY_TIMEOUT : IDLE_TIMEOUT);
		if (in.fd < 0)
			break;
		if (is_welcome(&in))
			serve_client(&in);
		(void)close(in.fd);
		in.fd = -1;
		/* Another worker finds out whether qmgr is back. */
		if (in.away && clock_monotonic() - begun > AWAY_TIMEOUT)
			break;
	}
	worker_exit(&in.mixer.worker, 0);
}
