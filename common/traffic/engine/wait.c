/* SPDX-License-Identifier: ISC */
/*
 * wait.c - the one wait for peer and qmgr
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "client/limits.h"
#include "traffic/engine/traffic.h"

#define WORD_INTERVAL \
	2000 /* ms between two words to qmgr of octets that came */

#define KEEP_IDLE     60 /* s; with these a lost machine shows in two minutes */
#define KEEP_INTERVAL 15 /* s */
#define KEEP_COUNT    4

/* traffic_keep_alive - have TCP notice that the peer's machine is gone */
void
traffic_keep_alive(int fd)
{
	const int on = 1, idle = KEEP_IDLE, interval = KEEP_INTERVAL,
		  count = KEEP_COUNT;

	/* Failure is harmless: a lost peer is only noticed later. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* traffic_is_silent - tell whether the association can be taken for lost */
bool
traffic_is_silent(const struct traffic *traffic)
{
	struct pollfd fd = {.fd = traffic->fd, .events = POLLIN | POLLRDHUP};

	/* With no answer from poll nothing can be said for the association. */
	if (traffic->fd == -1 || poll(&fd, 1, 0) < 0)
		return true;
	/* Data that lies before the end of the stream does not count: a peer
	 * that has closed will not read our confirmations. */
	if ((fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0)
		return true;
	/* Unread octets are a sign of life even if they came long ago. */
	return (fd.revents & POLLIN) == 0 &&
	    clock_monotonic() >= traffic->times.arrived + TRAFFIC_SILENCE;
}

/*
 * note_octets - note that the peer is alive, and tell qmgr now and then
 *
 * qmgr sees only whole records of what came: without this a slow peer would
 * look silent to it.
 */
static void
note_octets(struct traffic *traffic)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {
		.state = IPC_LINK_HEARD, .session = traffic->session.number}};
	struct traffic_times *times = &traffic->times;
	uint64_t now = clock_monotonic();

	times->arrived = now;
	if (times->next_word == 0)
		times->next_word = now + WORD_INTERVAL;
	/* Only a responder tells: qmgr asks for silence because the peer may
	 * want to recover on another association. */
	if (traffic->session.number == 0 || traffic->qmgr_gone ||
	    traffic->state == TRAFFIC_GREETING || now < times->next_word ||
	    traffic->association.role == ASSOCIATION_INITIATOR)
		return;
	times->next_word = now + WORD_INTERVAL;
	/* A channel too full for it shows that qmgr has records of the peer. */
	(void)!ipc_channel_send(&traffic->qmgr, &record);
}

/* traffic_wait - wait for a descriptor of the network and for qmgr */
int
traffic_wait(struct traffic *traffic, struct pollfd *network, uint64_t deadline)
{
	struct pollfd fds[2] = {*network, {.fd = -1}};
	/* While the bind is answered, qmgr's records belong to the call that
	 * awaits the answer. */
	bool listening = traffic->state != TRAFFIC_GREETING;
	int n;

	network->revents = 0;
	if (listening)
		traffic_flush(traffic);
	if (listening && !traffic->qmgr_gone) {
		fds[1].fd = traffic->qmgr.fd;
		fds[1].events = POLLIN;
		if (ipc_channel_pending(&traffic->qmgr) > 0)
			fds[1].events |= POLLOUT;
	}
	n = worker_wait(&traffic->worker, fds, 2,
	    deadline < traffic->limit ? deadline : traffic->limit);
	/* Told to stop: what is under way may end, within the time that master
	 * leaves. */
	if (n == ERR_CANCELLED)
		traffic_limit(traffic, LIMITS_STOP_TRANSFER);
	if (n < 0)
		return n;
	/* Read also on errors, so that what qmgr said before it died is
	 * taken. */
	if ((fds[1].revents & ~POLLOUT) != 0)
		traffic_pump(traffic);
	network->revents = fds[0].revents;
	if ((network->revents & POLLIN) != 0)
		note_octets(traffic);
	return 0;
}
